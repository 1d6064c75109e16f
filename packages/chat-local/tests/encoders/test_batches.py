"""Batches: every row to its own text, turns for all callers, and an end for each."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from chat_local.encoders.batches import Batches
from chat_local.encoders.texts import Reading, Stopped
from chat_local.engine.scheduler import Unloaded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from chat_local.encoders.graph import Graph

    Floats = NDArray[np.float32]

NEVER = threading.Event()


def reading(*ids: int) -> Reading:
    return Reading(np.array(ids, np.int64), np.zeros(len(ids), np.int64), cut=False)


def texts(*lengths: int) -> list[Reading]:
    """Return texts of such lengths, each with another first token."""
    return [reading(place, *[7] * (length - 1)) for place, length in enumerate(lengths)]


def as_given(found: Floats, _lengths: NDArray[np.int64]) -> Floats:
    return found


class Adding:
    """Stands for a graph: gives of every text its first token, and the sum of all."""

    def __init__(self) -> None:
        self.batches: list[list[Reading]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.refused: int | None = None
        self.last: int | None = None

    def run(self, readings: Sequence[Reading]) -> Floats:
        self.entered.set()
        self.gate.wait(10)
        self.batches.append([*readings])
        if any(text.length == self.last for text in readings):
            self.gate.clear()
        if any(text.ids[0] == self.refused for text in readings):
            raise RuntimeError("refused")
        return np.array([[text.ids[0], text.ids.sum()] for text in readings], np.float32)


@pytest.fixture
def graph() -> Adding:
    return Adding()


def made(graph: Adding, budget: int = 64) -> Batches:
    return Batches(cast("Graph", graph), budget=budget)


@pytest.fixture
def batches(graph: Adding) -> Iterator[Batches]:
    found = made(graph)
    yield found
    graph.gate.set()
    found.close()


def in_thread(batches: Batches, readings: list[Reading], stop: threading.Event = NEVER) -> tuple[threading.Thread, Any]:
    """Run texts in a thread, and return what comes of it."""
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["rows"] = batches.run(readings, as_given, stop)
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            outcome["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def waiting(batches: Batches, count: int) -> None:
    """Wait until so many texts wait."""
    until = time.monotonic() + 10
    while len(batches._waiting) != count:  # pyright: ignore[reportPrivateUsage] - nothing else shows it
        assert time.monotonic() < until
        time.sleep(0.001)


@pytest.mark.parametrize("budget", [1, 16, 64, 100_000])
def test_rows_come_in_the_order_of_their_texts_whatever_the_budget(graph: Adding, budget: int) -> None:
    lengths = np.random.default_rng(3).integers(1, 60, 200).tolist()
    readings = texts(*lengths)
    found = made(graph, budget)
    rows = found.run(readings, as_given, NEVER)
    found.close()
    assert rows.tolist() == [[text.ids[0], text.ids.sum()] for text in readings]
    assert sum(map(len, graph.batches)) == 200


def test_a_batch_keeps_to_the_budget_and_the_longest_goes_first(graph: Adding, batches: Batches) -> None:
    batches.run(texts(*[3, 30, 8, 20, 9] * 8), as_given, NEVER)
    longest = [max(text.length for text in batch) for batch in graph.batches]
    assert all(len(batch) * most <= 64 for batch, most in zip(graph.batches, longest, strict=True))
    assert all(one >= next_one for one, next_one in pairwise(longest))


def test_short_texts_are_not_padded_to_long_ones(graph: Adding) -> None:
    batches = made(graph, 1000)
    batches.run(texts(*[40, 40, *[3] * 20]), as_given, NEVER)
    batches.close()
    assert [len(batch) for batch in graph.batches] == [2, 20]


def test_callers_share_a_batch(graph: Adding, batches: Batches) -> None:
    graph.gate.clear()
    first = in_thread(batches, texts(50))  # while this one is read, the others come
    assert graph.entered.wait(10)
    others = [in_thread(batches, texts(5, 5)) for _ in range(3)]
    waiting(batches, 6)
    graph.gate.set()
    for thread, outcome in (first, *others):
        thread.join(10)
        assert [row[0] for row in outcome["rows"]] == list(range(len(outcome["rows"])))
    assert [len(batch) for batch in graph.batches] == [1, 6]


def test_a_short_job_is_not_behind_a_long_one(graph: Adding, batches: Batches) -> None:
    graph.gate.clear()
    long, slow = in_thread(batches, texts(*[60] * 100))
    waiting(batches, 99)
    short, quick = in_thread(batches, texts(2))
    waiting(batches, 100)
    graph.last = 2  # after the short one, no more is read
    graph.gate.set()
    short.join(10)
    assert "rows" in quick
    assert not slow
    graph.gate.set()
    long.join(10)
    assert "rows" in slow
    place = next(place for place, batch in enumerate(graph.batches) if batch[0].length == 2)
    assert place <= 2


def test_who_leaves_is_not_worked_for(graph: Adding, batches: Batches) -> None:
    graph.gate.clear()
    stop = threading.Event()
    thread, outcome = in_thread(batches, texts(*[60] * 50), stop)
    waiting(batches, 49)
    stop.set()
    graph.gate.set()
    thread.join(10)
    assert isinstance(outcome["error"], Stopped)
    assert len(graph.batches) == 1
    assert batches.run(texts(3), as_given, NEVER).tolist() == [[0, 14]]


def test_a_run_that_fails_ends_one_caller_only(graph: Adding, batches: Batches) -> None:
    graph.refused = 99
    graph.gate.clear()
    first, _ = in_thread(batches, texts(50))
    assert graph.entered.wait(10)
    bad, failed = in_thread(batches, [reading(99, 7, 7), reading(1, 7, 7)])
    good, fine = in_thread(batches, texts(3, 3))
    waiting(batches, 4)
    graph.gate.set()
    for thread in (first, bad, good):
        thread.join(10)
    assert isinstance(failed["error"], RuntimeError)
    assert fine["rows"].tolist() == [[0, 14], [1, 15]]
    assert not batches._waiting  # pyright: ignore[reportPrivateUsage] - as above


def test_the_end_is_told_to_all_who_wait(graph: Adding, batches: Batches) -> None:
    graph.gate.clear()
    thread, outcome = in_thread(batches, texts(*[60] * 5))
    waiting(batches, 4)
    closing = threading.Thread(target=batches.close)
    closing.start()
    graph.gate.set()
    closing.join(10)
    thread.join(10)
    assert isinstance(outcome["error"], Unloaded)
    with pytest.raises(Unloaded):
        batches.run(texts(3), as_given, NEVER)


def test_it_retires_only_when_nothing_waits(graph: Adding, batches: Batches) -> None:
    graph.gate.clear()
    thread, _ = in_thread(batches, texts(60, 60))
    waiting(batches, 1)
    assert not batches.retire()
    graph.gate.set()
    thread.join(10)
    until = time.monotonic() + 10
    while batches.busy and time.monotonic() < until:
        time.sleep(0.001)
    assert batches.retire()


def test_it_does_not_retire_while_a_caller_has_more_to_come(batches: Batches) -> None:
    with batches.held():
        batches.run(texts(3), as_given, NEVER)
        until = time.monotonic() + 10
        while batches.busy and time.monotonic() < until:
            time.sleep(0.001)
        assert not batches.retire()
        batches.run(texts(3), as_given, NEVER)
    while not batches.retire() and time.monotonic() < until:
        time.sleep(0.001)
    with pytest.raises(Unloaded):
        batches.run(texts(3), as_given, NEVER)


def test_a_reader_that_fails_ends_its_caller(batches: Batches) -> None:
    def fail(_found: Floats, _lengths: NDArray[np.int64]) -> Floats:
        raise ValueError("shapes do not fit")

    with pytest.raises(ValueError, match="shapes do not fit"):
        batches.run(texts(3), fail, NEVER)


def test_a_fault_of_the_thread_ends_all_callers_and_is_not_taken_for_an_unloaded_model(batches: Batches) -> None:
    class Exit(BaseException):
        pass

    def fail(_found: Floats, _lengths: NDArray[np.int64]) -> Floats:
        raise Exit

    for read in (fail, as_given):
        with pytest.raises(RuntimeError, match="has ended by a fault: Exit"):
            batches.run(texts(3), read, NEVER)
