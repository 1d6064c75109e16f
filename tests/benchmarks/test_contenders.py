"""Each contender that needs no environment of its own does each of its jobs, and is refused when it loses text."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import contender, jobs
from benchmarks.bench import TINY, Bench, speaking
from benchmarks.environments import interpreter
from benchmarks.measures import fresh, growth, requests, streams
from benchmarks.processes import Contender, SpoiltError, Upstream, lived, surroundings
from benchmarks.replies import ANSWER, LENGTH, Recipe
from benchmarks.roster import ENTRIES, OURS, ROSTER, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = [entry for entry in ROSTER if entry.kind != "peer"]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


def orders(entry: Entry, upstream: Upstream) -> Iterator[dict[str, Any]]:
    """Yield small orders for what a contender can do."""
    for wire in entry.wires:
        for together in (1, 16):
            base = upstream.base(Recipe("text", 30, together))
            yield {"job": "stream", "wire": wire, "base": base, "length": 30 * LENGTH}
        if not entry.socket:
            base = upstream.base(Recipe("answer"))
            more = {"number": 4, "at_once": 2, "length": len(ANSWER)}
            yield {"job": "unary", "wire": wire, "base": base, **more}
    base = upstream.base(Recipe("text", 5))
    yield {"job": "first", "wire": entry.wires[0], "base": base, "number": 2}
    if not entry.socket:
        yield {"job": "long", "wire": "chat", "base": base}
    if not (entry.socket or entry.blocking):
        base = upstream.base(Recipe("text", 2, 1, 20))
        yield {"job": "many", "wire": "chat", "base": base, "streams": 2, "count": 2}


@pytest.mark.parametrize("entry", HERE, ids=lambda entry: entry.name)
def test_a_contender_does_its_jobs(entry: Entry, upstream: Upstream) -> None:
    if interpreter(entry) is None:
        pytest.skip(f"{entry.name} needs {', '.join(entry.needs)}")
    process = Contender(entry)
    try:
        answers = [(order, process.ask(order, 20)) for order in orders(entry, upstream)]
    finally:
        process.end()
    for order, answer in answers:
        assert "failed" not in answer, order
        assert answer["cpu"] > 0
        assert answer.get("failed_streams", 0) == answer.get("missing_chunks", 0) == 0


@pytest.mark.parametrize("measure", [growth.call, growth.history, growth.long, requests.embed, streams.websocket])
def test_a_measure_has_figures_of_ours(measure: Callable[[Bench], None], upstream: Upstream) -> None:
    bench = Bench(upstream, (ENTRIES[OURS],), TINY)
    measure(bench)
    assert bench.figures.failed == {}
    assert bench.figures.contenders(bench.figures.measures()[0]) == [OURS]


def test_a_fresh_process_tells_when_its_first_text_came(upstream: Upstream) -> None:
    python = interpreter(ENTRIES[OURS])
    assert python is not None
    cpu, wall = fresh.fresh(ENTRIES[OURS], python, "chat", upstream.base(Recipe("text", 3)))
    bare = lived(python, "-c", "pass", variables=surroundings(ENTRIES[OURS]))
    assert 0 < bare.cpu < cpu
    assert wall > 0


class Forgetful:
    """Shows every second chunk."""

    async def stream(self, wire: str, base: str, seen: contender.Seen) -> None:
        for number in range(int(base)):
            if number % 2:
                seen(wire)

    async def unary(self, wire: str, base: str) -> str:
        return base + wire


def test_who_loses_text_has_no_figure() -> None:
    job = contender.worked(jobs.stream(Forgetful(), wire="text", base="10", length=40))
    assert asyncio.run(job) == {"failed": "WrongAnswerError: 20 came, 40 was sent"}
    kept = contender.worked(jobs.stream(Forgetful(), wire="text", base="10", length=20))
    assert asyncio.run(kept).keys() == {"cpu", "wall"}


def test_who_fails_leaves_the_race_and_the_reason_is_kept(upstream: Upstream) -> None:
    bench = Bench(upstream, (ENTRIES[OURS],), TINY)
    with bench.contenders() as started:
        order = {"job": "stream", "wire": "chat", "base": upstream.base(Recipe("text", 3)), "length": 1}
        assert bench.turns(speaking(started, "chat"), order) == {}
    assert bench.figures.failed == {OURS: ["stream chat: WrongAnswerError: 15 came, 1 was sent"]}


def test_what_cannot_start_is_left_out_with_what_it_needs(upstream: Upstream) -> None:
    entry = Entry(name="other", kind="floor", module="benchmarks.floors.raw", needs=("no_such_library",))
    with pytest.raises(SpoiltError, match="needs no_such_library"):
        Contender(entry)
    bench = Bench(upstream, (entry,), TINY)
    with bench.contenders() as started:
        assert started == []
    assert bench.figures.failed == {"other": ["needs no_such_library"]}
