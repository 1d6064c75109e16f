"""Whole answers: what a request costs one after the other, and a hundred at once; and embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.bench import say, speaking
from benchmarks.replies import ANSWER, DIMENSIONS, Recipe
from benchmarks.roster import WIRES

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.roster import Entry

AT_ONCE = 100


def unary(bench: Bench) -> None:
    """Measure requests one after the other, on every wire."""
    with bench.contenders() as contenders:
        for wire in WIRES:
            say(f"  unary: {wire}")
            number = bench.sizes.requests
            order = asked(bench, wire, number, 1)
            for name, told in bench.turns(speaking(contenders, wire), order).items():
                bench.figures.add("unary", wire, name, "µs CPU", (answer["cpu"] / number * 1e6 for answer in told))


def at_once(bench: Bench) -> None:
    """Measure a hundred requests at once, on the connections of the round before."""
    with bench.contenders(lambda entry: not (entry.socket or entry.blocking)) as contenders:
        for wire in ("chat", "messages", "gemini"):
            say(f"  at-once: {wire}")
            number = 5 * bench.sizes.requests
            order = asked(bench, wire, number, AT_ONCE)
            for name, told in bench.turns(speaking(contenders, wire), order).items():
                bench.figures.add("at-once", wire, name, "µs CPU", (answer["cpu"] / number * 1e6 for answer in told))


def asked(bench: Bench, wire: str, number: int, at_once: int) -> dict[str, object]:
    """Return the order for so many requests."""
    base = bench.upstream.base(Recipe("answer"))
    return {
        "job": "unary", "wire": wire, "base": base, "number": number, "at_once": at_once, "length": len(ANSWER),
    }  # fmt: skip


def embed(bench: Bench) -> None:
    """Measure embeddings, as JSON numbers and in base64."""
    names = {"chat-core", "chat-core, aiohttp", "httpx", "openai", "litellm"}

    def wanted(entry: Entry) -> bool:
        return entry.name in names

    with bench.contenders(wanted) as contenders:
        for encoding in ("float", "base64"):
            say(f"  embed: {encoding}")
            count = bench.sizes.vectors
            base = bench.upstream.base(Recipe("vectors", count))
            order = {"job": "embed", "base": base, "encoding": encoding, "count": count, "numbers": count * DIMENSIONS}
            for name, told in bench.turns(contenders, order, max(1, bench.sizes.rounds // 2)).items():
                bench.figures.add("embed", encoding, name, "ms CPU", (answer["cpu"] * 1e3 for answer in told))
                memory = [answer["memory"] / 1024 for answer in told]
                bench.figures.add("embed", f"{encoding}, memory", name, "MB", memory)
