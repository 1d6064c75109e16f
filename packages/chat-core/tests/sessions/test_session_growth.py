"""A session stays fast as it grows: a step costs what is said and sent in it, not what was said before.

Law: counted in lines of Python that run, in all threads, which are the same on every computer; clocks only bound what
is absurd.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from scripted import said
from talking import COLOURS, Wire

from chat_core import DropOldest
from chat_core.messages import assistant, user
from chat_core.response import Response, Usage
from chat_core.stores.records import Entry
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

    from _typeshed import TraceFunction

pytestmark = pytest.mark.endurance
SIZES = (1_000, 10_000)


def turn(number: int) -> list[Entry]:
    message = assistant(f"answer {number}")
    response = Response(message=message, usage=Usage(input_tokens=9, output_tokens=9))
    return [Entry(message=user(f"question {number}"), at=float(number)), Entry(message=message, response=response)]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("growth")
    paths = [folder / f"{size}.db" for size in SIZES]
    for path, size in zip(paths, SIZES, strict=True):
        with closing(SqliteStore(path)) as store:
            store.create(now=0.0, id="a")
            store.append("a", [entry for number in range(size // 2) for entry in turn(number)], head=None, now=1.0)
    return paths


def lines_in(work: Callable[[], object]) -> int:
    """Count the lines that something runs."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> TraceFunction:
        nonlocal count
        count += event == "line"
        return seen

    before = sys.gettrace()
    threading.settrace(seen)
    sys.settrace(seen)
    try:
        work()
    finally:
        sys.settrace(before)
        threading.settrace(before)
    return count


def test_the_cost_of_a_step_does_not_grow_with_the_history(stores: list[Path]) -> None:
    costs: list[int] = []
    for path in stores:
        with closing(SqliteStore(path)) as store:
            session = COLOURS[0].open(Wire(*(said("ok") for _ in range(5))), store, "a", trim=DropOldest(500))
            session.send("the first cut looks at all")
            start = time.perf_counter()
            costs.append(lines_in(lambda opened=session: [opened.send("x") for _ in range(3)]))  # type: ignore[misc] # a default binds the loop's session
            assert time.perf_counter() - start < 5.0
            session.undo(2)
            assert len(session.fork().held.messages) == len(session.held.messages)
    small, large = costs
    assert large <= 1.2 * small


def test_opening_costs_the_length_of_the_history(stores: list[Path]) -> None:
    costs: list[int] = []
    for path in stores:
        with closing(SqliteStore(path)) as store:
            costs.append(lines_in(lambda opened=store: COLOURS[0].open(Wire(), opened, "a")))  # type: ignore[misc] # as above
    small, large = costs
    assert large <= 1.2 * small * SIZES[1] / SIZES[0]
