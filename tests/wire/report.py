"""What the session prints: a line per api, a line per wire that has no codec yet, a total.

Law: nothing fails silently and nothing is skipped silently.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.wire.checks import Result

    from chat_core.jsonvalue import JSON, JSONObject

WIDTH = 240
SHOWN = 12
"""Faults of one exchange that are shown."""


def shortened(text: str, width: int = WIDTH) -> str:
    """Cut a text in its middle."""
    half = (width - 3) // 2
    return text if len(text) <= width else f"{text[:half]} … {text[-half:]}"


def lines(results: Sequence[Result], *, verbose: bool) -> Iterable[str]:
    """Yield the report."""
    if verbose:
        yield from _details(results)
    by_api: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.in_scope:
            by_api[result.api].append(result)
    for api in sorted(by_api):
        yield _line(api, by_api[api])
        if verbose:
            yield from _lost(by_api[api])
    if verbose:
        yield from _stated(results)
    yield from _out_of_scope(results)
    yield from _skipped(results)
    yield _line("total", results)


def _line(name: str, results: Sequence[Result]) -> str:
    judged = [result for result in results if result.in_scope]
    failed = sum(bool(result.faults) for result in judged)
    lost = sum(len(result.lost) for result in judged)
    return (
        f"{name}: {len(judged)} cases, {len(judged) - failed} passed, {failed} failed, {lost} lost leaves, "
        f"{len(results) - len(judged)} out of scope"
    )


def _details(results: Sequence[Result]) -> Iterable[str]:
    for result in results:
        for check, words in result.faults[:SHOWN]:
            yield f"FAILED {result.id} [{check}] {shortened(words)}"
        if len(result.faults) > SHOWN:
            yield f"FAILED {result.id} … and {len(result.faults) - SHOWN} more"


def _lost(results: Sequence[Result]) -> Iterable[str]:
    paths = Counter(path for result in results for path in result.lost)
    where = {path: result.id for result in results for path in result.lost}
    for path, count in paths.most_common():
        yield f"    lost {count} x {path}   (such as in {where[path]})"


def _stated(results: Sequence[Result]) -> Iterable[str]:
    """Show what the tables of ignored leaves cost, and which of their rows no exchange of this run needed."""
    for wire in sorted({result.wire for result in results}):
        judged = [result for result in results if result.wire == wire]
        needed = Counter(row for result in judged for row in result.stated)
        where = {row: result.id for result in judged for row in result.stated}
        for row, count in needed.most_common():
            yield f"ignored as stated, {wire}: {count} x {row}   (such as in {where[row]})"
        idle = set[str]().union(*(result.rows for result in judged)) - needed.keys()
        if idle:
            yield f"ignored, and never needed in this run, {wire}: {', '.join(sorted(idle))}"


def _out_of_scope(results: Sequence[Result]) -> Iterable[str]:
    outside = Counter(result.wire for result in results if not result.in_scope)
    for wire, count in sorted(outside.items()):
        yield f"out of scope, no codec yet: {wire}, {count} cases"


def _skipped(results: Sequence[Result]) -> Iterable[str]:
    for why, count in sorted(Counter(words for result in results for words in result.skipped).items()):
        yield f"skipped, {count} cases: {why}"


def times(results: Sequence[Result]) -> str:
    """Say where the time went."""
    total: dict[str, float] = defaultdict(float)
    for result in results:
        for name, seconds in result.seconds.items():
            total[name] += seconds
    longest = sorted(total.items(), key=lambda item: -item[1])
    return "processor seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in longest)


def as_json(results: Sequence[Result], facts: JSONObject) -> JSONObject:
    """Return the whole report as JSON."""
    rows: list[JSON] = [
        {
            "id": result.id,
            "wire": result.wire,
            "in_scope": result.in_scope,
            "faults": [{"check": check, "words": words} for check, words in result.faults],
            "lost": [*result.lost],
            "stated": [*result.stated],
            "skipped": [*result.skipped],
        }
        for result in results
    ]
    return {**facts, "results": rows}
