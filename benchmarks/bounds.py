"""What has to hold: one row for each promise, with its bound and what was measured.

Law: a bound that was written in microseconds of one machine counts in shares of a floor of the same run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.roster import (
    AIOHTTP,
    BLOCKING,
    ENTRIES,
    FAST,
    HTTPX,
    HTTPX_BLOCKING,
    OFFICIAL,
    OPENAI,
    OURS,
    WIRES,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from benchmarks.figures import Figures

FLOOR_THEN = 8.3
"""Microseconds that a chunk of the chat wire cost on bare httpx where the bounds were written."""

COSTLY = 60.0
"""Microseconds a chunk, there, from which an official library counts as slow."""


@dataclass(frozen=True, slots=True)
class Row:
    """A promise.

    Attributes:
        words: what is compared.
        bound: what it has to be at most, or at `least`.
        value: what was measured; `None` = nothing.
    """

    words: str
    bound: float
    value: float | None
    least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it holds; `None` = not measured."""
        if self.value is None:
            return None
        return self.value >= self.bound if self.least else self.value <= self.bound


def rows(figures: Figures) -> list[Row]:
    """Return all promises."""
    return [
        *_streaming(figures),
        *_sdks(figures),
        *_requests(figures),
        *_fresh(figures),
        *_many(figures),
        *_growth(figures),
    ]


def _streaming(figures: Figures) -> Iterator[Row]:
    for measure, where in (("stream", ""), ("together", ", 16 events a read")):
        for wire in WIRES:
            ratio = figures.ratio(measure, wire, OURS, HTTPX)
            yield Row(f"a chunk ÷ bare httpx: {wire}{where}", 1.5, ratio)
        for wire in WIRES:
            ratio = figures.ratio(measure, wire, BLOCKING, HTTPX_BLOCKING)
            yield Row(f"a chunk, blocking ÷ bare httpx, blocking: {wire}{where}", 1.5, ratio)
        for wire in WIRES:
            ratio = figures.ratio(measure, wire, FAST, AIOHTTP)
            yield Row(f"a chunk over aiohttp ÷ bare aiohttp: {wire}{where}", 4 / 2.4, ratio)


def _sdks(figures: Figures) -> Iterator[Row]:
    floor = figures.get("stream", "chat", HTTPX)
    costly = None if floor is None else COSTLY * floor / FLOOR_THEN
    for wire, name in OFFICIAL.items():
        spent = figures.get("stream", wire, name)
        if spent is not None and costly is not None and spent >= costly:
            yield Row(f"a chunk of {name} ÷ ours: {wire}", 5, figures.ratio("stream", wire, name, OURS), least=True)
            fast = figures.ratio("stream", wire, name, FAST)
            yield Row(f"a chunk of {name} ÷ ours over aiohttp: {wire}", 15, fast, least=True)
    for wire in WIRES:
        yield Row(f"a chunk ÷ the cheapest other library: {wire}", 1, _to_cheapest(figures, "stream", wire))
        yield Row(f"a request ÷ the cheapest other library: {wire}", 1, _to_cheapest(figures, "unary", wire))


def _to_cheapest(figures: Figures, measure: str, case: str, contender: str = OURS) -> float | None:
    """Return our share of what the cheapest peer of the same colour needs."""
    own = figures.get(measure, case, contender)
    others = [figures.get(measure, case, name) for name in peers(figures.contenders(measure, case))]
    best = min((value for value in others if value), default=None)
    return None if own is None or best is None else own / best


def peers(names: Iterable[str]) -> list[str]:
    """Keep the other libraries that run in a loop over HTTP."""
    found = [ENTRIES[name] for name in names if name in ENTRIES]
    return [entry.name for entry in found if entry.kind == "peer" and not entry.blocking and not entry.socket]


def _requests(figures: Figures) -> Iterator[Row]:
    for wire in WIRES:
        yield Row(f"CPU to the first text ÷ bare httpx: {wire}", 1.15, figures.ratio("first", wire, OURS, HTTPX))
    for wire in WIRES:
        yield Row(f"a request ÷ bare httpx: {wire}", 1.25, figures.ratio("unary", wire, OURS, HTTPX))
    ratio = figures.ratio("at-once", "chat", OURS, HTTPX)
    yield Row("a request, 100 at once ÷ bare httpx: chat", 700 / 1734, ratio)
    for wire in figures.cases("at-once"):
        share = _to_cheapest(figures, "at-once", wire)
        yield Row(f"a request, 100 at once ÷ the cheapest other library: {wire}", 1, share)
    yield Row("a chunk, blocking ÷ async: chat", 1, figures.ratio("stream", "chat", BLOCKING, OURS))
    yield Row("a request, blocking ÷ async: chat", 1, figures.ratio("unary", "chat", BLOCKING, OURS))


def _fresh(figures: Figures) -> Iterator[Row]:
    yield Row("import of chat_core, ms CPU over Python", 60, figures.get("import", "CPU", OURS))
    for wire in WIRES:
        share = _to_cheapest(figures, "cold", wire)
        yield Row(f"fresh process to the first text ÷ the best other library: {wire}", 0.5, share)


def _many(figures: Figures) -> Iterator[Row]:
    yield Row("paced streams at once: failures", 0, figures.get("many", "failed", OURS))
    yield Row("paced streams at once: CPU ÷ openai", 0.5, figures.ratio("many", "CPU", OURS, OPENAI))
    yield Row("paced streams at once: p99 added, ms", 200, figures.get("many", "p99", OURS))
    memory = figures.get("many", "memory", OPENAI)
    bound = 50.0 if memory is None else memory
    yield Row("paced streams at once: kB a stream, below openai's", bound, figures.get("many", "memory", OURS))


def _growth(figures: Figures) -> Iterator[Row]:
    yield Row("long stream: memory ÷ the text", 3, figures.get("long", "memory", OURS))
    for wire in ("chat", "messages"):
        yield Row(f"tool call: exponent of growth: {wire}", 1.1, figures.get("call", wire, OURS))
    for wire in WIRES:
        share = figures.get("history", f"{wire}, one more", OURS)
        yield Row(f"history: one message more, % of encoding it cold: {wire}", 5, share)
