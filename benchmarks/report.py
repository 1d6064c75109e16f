"""A run as tables: what each contender needs, in units and in shares of the floor, and what has to hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import bounds
from benchmarks.figures import Figures, load
from benchmarks.roster import AIOHTTP, HTTPX, OPENAI, ROSTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RESULTS = Path(__file__).parent / "results"

BEGIN, END = "<!-- made by benchmarks -->", "<!-- end -->"
"""What tables stand between on a page."""

TITLES = {
    "import": "Import",
    "cold": "A fresh process up to the first text: CPU",
    "cold-wall": "A fresh process up to the first text: time",
    "stream": "Streaming: CPU a chunk, each an HTTP chunk of its own",
    "together": "Streaming: CPU a chunk, 16 in an HTTP chunk",
    "websocket": "Streaming over a WebSocket: CPU a chunk",
    "first": "The first text on a warm connection: CPU",
    "first-wall": "The first text on a warm connection: time",
    "unary": "A whole answer, one after the other: CPU a request",
    "at-once": "A whole answer, 100 at once: CPU a request",
    "many": "Paced streams at once",
    "long": "A long stream of which nothing is kept",
    "call": "A tool call whose arguments are read with each fragment",
    "history": "A long history encoded",
    "embed": "Embeddings",
}
FLOORS = {"many": OPENAI, "together": HTTPX, "import": HTTPX, "call": "", "history": "", "long": ""}
"""Whose share is written beside each value; httpx where nothing is said."""


def tables(figures: Figures) -> str:
    """Return everything as markdown."""
    parts = [table(figures, measure) for measure in figures.measures()]
    parts.append("## What has to hold\n\n" + "\n".join(promised(figures)))
    parts.append("## Who took part\n\n" + "\n".join(versions(figures)))
    if figures.failed:
        rows = "\n".join(f"- {name}: {'; '.join(whys)}" for name, whys in figures.failed.items())
        parts.append(f"## Left out\n\n{rows}")
    return "\n\n".join(parts) + "\n"


def table(figures: Figures, measure: str) -> str:
    """Return one measure: a row for each contender, its share of the floor in brackets."""
    cases = figures.cases(measure)
    units = {case: figure.unit for (subject, case, _), figure in figures.found.items() if subject == measure}
    one = len(set(units.values())) == 1
    title = TITLES.get(measure, measure) + (f" ({units[cases[0]]})" if one else "")
    head = ["", *(case if one else f"{case}, {units[case]}" for case in cases)]
    order = [entry.name for entry in ROSTER]
    names = sorted(figures.contenders(measure), key=lambda name: order.index(name) if name in order else -1)
    body = [[name, *(cell(figures, measure, case, name) for case in cases)] for name in names]
    return f"## {title}\n\n" + "\n".join(markdown([head, *body]))


def cell(figures: Figures, measure: str, case: str, name: str) -> str:
    """Return a value, with its share of the floor."""
    value = figures.get(measure, case, name)
    if value is None:
        return ""
    ratio = figures.ratio(measure, case, name, FLOORS.get(measure, HTTPX))
    return short(value) if ratio is None else f"{short(value)} ({ratio:.2f})"


def short(value: float) -> str:
    """Return a number with three digits that count."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits


def promised(figures: Figures) -> Iterator[str]:
    """Yield the promises as a table."""
    rows = bounds.rows(figures)
    body = [
        [row.words, f"{'≥' if row.least else '≤'} {short(row.bound)}", short(row.value), "yes" if row.met else "**no**"]
        for row in rows
        if row.value is not None
    ]
    yield from markdown([["what", "bound", "measured", "holds"], *body])
    if len(body) < len(rows):
        yield f"\n{len(rows) - len(body)} others were not measured in this run."


def versions(figures: Figures) -> Iterator[str]:
    """Yield the versions as a table."""
    rows = [
        [name, ", ".join(f"{library} {version}" for library, version in found.items())]
        for name, found in figures.versions.items()
    ]
    yield from markdown([["contender", "versions"], *rows])


def markdown(rows: list[list[str]]) -> Iterator[str]:
    """Yield a table; the first row is its head."""
    for number, row in enumerate(rows):
        yield "| " + " | ".join(row) + " |"
        if number == 0:
            yield "|" + "---|" * len(row)


def save(figures: Figures, name: str) -> Path:
    """Save figures and tables under a name, and return the path of the tables."""
    RESULTS.mkdir(exist_ok=True)
    saved = RESULTS / f"{name}.json"
    saved.write_text(json.dumps(figures.dump(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = saved.with_suffix(".md")
    page.write_text(tables(figures), encoding="utf-8")
    return page


def put_into(page: Path, figures: Figures) -> None:
    """Write the tables of a page anew, between its marks.

    Raises:
        ValueError: the page has no marks.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{page} has no {BEGIN} … {END}")
    shown = tables(figures).replace("## ", "### ")
    page.write_text(f"{before}{begin}\n\n{shown}\n{end}{after}", encoding="utf-8")


def saved(name: str) -> Figures:
    """Load the figures of a name or of a path."""
    path = Path(name) if name.endswith(".json") else RESULTS / f"{name}.json"
    return load(json.loads(path.read_text(encoding="utf-8")))


def compared(before: Figures, after: Figures) -> str:
    """Return how two runs differ, in shares of the floor of each where there is one."""
    body = [list(row) for row in _differences(before, after)]
    return "\n".join(markdown([["measure", "case", "contender", "before", "after", "after ÷ before"], *body])) + "\n"


def _differences(before: Figures, after: Figures) -> Iterable[tuple[str, ...]]:
    for measure, case, name in after.found:
        floor = FLOORS.get(measure, HTTPX)
        shares = [run.ratio(measure, case, name, floor) for run in (before, after)]
        values = [run.get(measure, case, name) for run in (before, after)]
        old, new = values if None in shares or name in (floor, AIOHTTP) else shares
        if old is not None and new is not None:
            change = f"{new / old:.2f}" if old else ""
            yield measure, case, name, short(old), short(new), change
