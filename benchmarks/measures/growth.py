"""How cost grows with the work: many streams, a long one, a large tool call, a long history."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from benchmarks.bench import say, speaking
from benchmarks.replies import Recipe, fragments
from benchmarks.roster import WIRES

if TYPE_CHECKING:
    from benchmarks.bench import Bench
    from benchmarks.processes import Contender
    from benchmarks.roster import Entry

STEP = 4
"""How many times as long a tool call is as the next shorter one."""


def together(entry: Entry) -> bool:
    """Tell whether a contender can do many things at once over HTTP."""
    return not (entry.socket or entry.blocking)


def many(bench: Bench) -> None:
    """Measure a thousand streams at once whose chunks come at set times."""
    sizes = bench.sizes
    order = paced(bench, sizes.streams, sizes.paced)
    warm = paced(bench, 2, 2)  # what is loaded at first use is no stream's memory
    with bench.contenders(together) as contenders:
        for contender in speaking(contenders, "chat"):
            say(f"  many: {contender.entry.name}")
            bench.turns([contender], warm, 1, warm=False)
            for name, (told,) in bench.turns([contender], order, 1, warm=False).items():
                add = bench.figures.add
                add("many", "failed", name, "streams", [told["failed_streams"]])
                add("many", "CPU", name, "s", [told["cpu"]])
                add("many", "wall", name, "s", [told["wall"]])
                add("many", "p50", name, "ms added", [told["p50"] * 1e3])
                add("many", "p99", name, "ms added", [told["p99"] * 1e3])
                add("many", "memory", name, "kB a stream", [told["memory"] / sizes.streams])
                if told["error"]:
                    bench.fail(name, f"many: {told['failed_streams']} failed, the first one: {told['error']}")


def paced(bench: Bench, streams: int, count: int) -> dict[str, object]:
    """Return the order for paced streams."""
    base = bench.upstream.base(Recipe("text", count, 1, bench.sizes.pace))
    return {"job": "many", "wire": "chat", "base": base, "streams": streams, "count": count}


def long(bench: Bench) -> None:
    """Measure one long stream of which nothing is kept; a short one has gone before it."""
    with bench.contenders(lambda entry: not entry.socket and entry.kind != "peer") as contenders:
        say("  long")
        for count, rounds in ((bench.sizes.long // 10, 1), (bench.sizes.long, 1)):
            order = {"job": "long", "wire": "chat", "base": bench.upstream.base(Recipe("text", count))}
            answers = bench.turns(speaking(contenders, "chat"), order, rounds, warm=False)
            if count == bench.sizes.long:
                for name, told in answers.items():
                    growth = [answer["memory"] * 1024 / answer["length"] for answer in told]
                    bench.figures.add("long", "memory", name, "times the text", growth)
                    each = [answer["cpu"] / count * 1e6 for answer in told]
                    bench.figures.add("long", "CPU", name, "µs a chunk", each)


def call(bench: Bench) -> None:
    """Measure a tool call whose arguments are read with each fragment, at three sizes; others leave out the longest.

    The exponent is that of the two longest of each: 1 = twice the work costs twice as much, 2 = four times as much.
    """
    names = {"chat-core", "chat-core, aiohttp", "openai", "anthropic"}
    with bench.contenders(lambda entry: entry.name in names) as contenders:
        for wire in ("chat", "messages"):
            spent: dict[str, list[float]] = {}
            for count in (bench.sizes.fragments // STEP**2, bench.sizes.fragments // STEP, bench.sizes.fragments):
                say(f"  call: {wire}, {count} fragments")
                racing = [one for one in speaking(contenders, wire) if count < bench.sizes.fragments or is_ours(one)]
                for name, seconds in called(bench, racing, wire, count).items():
                    spent.setdefault(name, []).append(seconds)
                    bench.figures.add("call", f"{wire}, {count:,} fragments", name, "s CPU", [seconds])
            for name, found in spent.items():
                if len(found) > 1:
                    bench.figures.add("call", wire, name, "exponent", [log(found[-1] / found[-2], STEP)])


def is_ours(contender: Contender) -> bool:
    """Tell whether a contender is this workspace."""
    return contender.entry.kind == "ours"


def called(bench: Bench, contenders: list[Contender], wire: str, count: int) -> dict[str, float]:
    """Return what a call of so many fragments cost each at its best."""
    length = sum(map(len, fragments(count)))
    base = bench.upstream.base(Recipe("call", count))
    order = {"job": "call", "wire": wire, "base": base, "length": length}
    answers = bench.turns(contenders, order, max(1, bench.sizes.rounds // 2))
    return {name: min(answer["cpu"] for answer in told) for name, told in answers.items()}


def history(bench: Bench) -> None:
    """Measure the encoding of a long history, and of the same one with one turn more."""
    with bench.contenders(lambda entry: entry.name == "chat-core") as contenders:
        for wire in WIRES:
            say(f"  history: {wire}")
            order = {"job": "history", "wire": wire, "messages": bench.sizes.messages}
            for name, told in bench.turns(contenders, order).items():
                cold = [answer["cold"] * 1e3 for answer in told]
                bench.figures.add("history", f"{wire}, cold", name, "ms CPU", cold)
                share = [100 * answer["appended"] / answer["cold"] for answer in told]
                bench.figures.add("history", f"{wire}, one more", name, "% of that", share)
