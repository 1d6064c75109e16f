"""A store stays fast as it grows: opening, appending and searching cost the same, a history costs its length.

Law: counted in steps of SQLite's machine, which are the same on every computer; clocks only bound what is absurd.
"""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from chat_core.messages import assistant, user
from chat_core.response import Response, Usage
from chat_core.stores.records import Entry
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

pytestmark = pytest.mark.endurance
SIZES = (2_000, 20_000)
BATCH = 1_000
STEP = 20
"""How many steps of the machine are counted at a time."""


def turn(number: int) -> list[Entry]:
    message = assistant(f"answer {number}, of the common words: lorem ipsum dolor sit amet {number % 97} consectetur")
    response = Response(message=message, usage=Usage(input_tokens=9, output_tokens=9), id=f"r{number}", model="m")
    return [Entry(message=user(f"question {number}"), at=float(number)), Entry(message=message, response=response)]


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("growth")
    return {size: filled(folder / f"{size}.db", size) for size in SIZES}


def filled(path: Path, size: int) -> Path:
    with closing(SqliteStore(path)) as store:
        store.create(now=0.0, id="a")
        head = None
        for first in range(0, size, BATCH):
            entries = [entry for number in range(first, first + BATCH) for entry in turn(number)]
            head = store.append("a", entries, head=head, now=1.0)
    return path


def steps(store: SqliteStore, work: Callable[[], object]) -> int:
    """Count the steps of the machine that something takes."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    with store.file.reading() as connection:
        connection.set_progress_handler(step, STEP)
    work()
    with store.file.reading() as connection:
        connection.set_progress_handler(None, 0)
    return count


def growth(stores: dict[int, Path], work: Callable[[SqliteStore], object]) -> list[int]:
    found: list[int] = []
    for path in stores.values():
        with closing(SqliteStore(path)) as store:
            work(store)  # once before, for the caches
            start = time.perf_counter()
            found.append(steps(store, partial(work, store)))
            assert time.perf_counter() - start < 2.0
    return found


def append(store: SqliteStore) -> object:
    return store.append("a", turn(0), head=store.conversation("a").head, now=2.0)


WORK: Mapping[str, Callable[[SqliteStore], object]] = {
    "append": append,
    "search one": lambda store: store.search("question 1999"),
    "search common": lambda store: store.search("lorem ipsum"),
    "search prefix": lambda store: store.search("answ* 17"),
    "search none": lambda store: store.search("nowhere"),
    "list": lambda store: store.conversations(),
    "fork": lambda store: store.fork("a", store.conversation("a").head, now=1.0),
}


@pytest.mark.parametrize("name", WORK)
def test_the_cost_does_not_grow_with_the_store(stores: dict[int, Path], name: str) -> None:
    small, large = growth(stores, WORK[name])
    assert large <= 2 * small + 10


def test_opening_does_not_grow_with_the_store(stores: dict[int, Path]) -> None:
    for path in stores.values():
        start = time.perf_counter()
        with closing(SqliteStore(path)):
            assert time.perf_counter() - start < 0.5


def test_a_history_costs_its_length(stores: dict[int, Path]) -> None:
    def read(store: SqliteStore) -> int:
        with store.file.reading() as connection:
            (node,) = connection.execute("SELECT id FROM nodes WHERE branch = 1 AND depth = 1000").fetchone()
        return len(store.history(node.hex()))

    small, large = growth(stores, read)
    assert large <= 2 * small + 10


def test_a_store_takes_little_more_room_than_its_words(stores: dict[int, Path]) -> None:
    sizes = [path.stat().st_size / size for size, path in stores.items()]
    assert max(sizes) < 1.5 * min(sizes)
    assert max(sizes) < 2_000
