"""Streams: what a chunk costs at full speed, over HTTP and over a WebSocket, and the time to the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import say, speaking
from benchmarks.replies import LENGTH, Recipe
from benchmarks.roster import WIRES

if TYPE_CHECKING:
    from benchmarks.bench import Answers, Bench
    from benchmarks.processes import Contender
    from benchmarks.roster import Entry

TOGETHER = 16
"""Events that an HTTP chunk holds where several arrive together."""


def stream(bench: Bench) -> None:
    """Measure streams with an event in each HTTP chunk, on every wire."""
    with bench.contenders() as contenders:
        for wire in WIRES:
            one_wire(bench, contenders, wire)


def together(bench: Bench) -> None:
    """Measure streams whose events arrive in heaps; the floors and this workspace alone."""
    with bench.contenders(lambda entry: not entry.socket and entry.kind != "peer") as contenders:
        for wire in WIRES:
            one_wire(bench, contenders, wire, "together", TOGETHER)


def one_wire(bench: Bench, contenders: list[Contender], wire: str, measure: str = "stream", together: int = 1) -> None:
    """Measure one wire."""
    say(f"  {measure}: {wire}")
    answers = streamed(bench, speaking(contenders, wire), wire, together)
    keep(bench, measure, wire, answers)


def streamed(bench: Bench, contenders: list[Contender], wire: str, together: int = 1) -> Answers:
    """Have all read the same stream."""
    chunks = bench.sizes.chunks
    base = bench.upstream.base(Recipe("text", chunks, together))
    return bench.turns(contenders, {"job": "stream", "wire": wire, "base": base, "length": chunks * LENGTH})


def keep(bench: Bench, measure: str, case: str, answers: Answers) -> None:
    """Keep what a chunk cost each."""
    for name, told in answers.items():
        each = [answer["cpu"] / bench.sizes.chunks * 1e6 for answer in told]
        bench.figures.add(measure, case, name, "µs CPU a chunk", each)


def websocket(bench: Bench) -> None:
    """Measure the Responses wire over a WebSocket, against HTTP."""

    def wanted(entry: Entry) -> bool:
        return entry.socket or (not entry.blocking and entry.kind != "peer") or "responses" in entry.official

    with bench.contenders(wanted) as contenders:
        say("  websocket")
        answers = streamed(bench, speaking(contenders, "responses"), "responses")
        keep(bench, "websocket", "responses", answers)


def first(bench: Bench) -> None:
    """Measure the time to the first text of a stream on a warm connection."""
    with bench.contenders() as contenders:
        for wire in WIRES:
            say(f"  first: {wire}")
            base = bench.upstream.base(Recipe("text", 5))
            number = max(3, bench.sizes.requests // 4)
            order = {"job": "first", "wire": wire, "base": base, "number": number}
            answers = bench.turns(speaking(contenders, wire), order)
            for name, told in answers.items():
                bench.figures.add("first", wire, name, "µs CPU", (answer["cpu"] * 1e6 for answer in told))
                bench.figures.add("first-wall", wire, name, "µs", (answer["wall"] * 1e6 for answer in told))
