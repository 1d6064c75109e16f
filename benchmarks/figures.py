"""Figures: what a run has found, kept by measure, case and contender."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEY = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        measure: the subject: `stream`, `unary`, …
        case: which of its columns: a wire, or what is counted.
        contender: the name in the roster.
        unit: of the values.
        values: one a round, the warm-up left out.
    """

    measure: str
    case: str
    contender: str
    unit: str
    values: tuple[float, ...]

    @property
    def value(self) -> float:
        """The middle one."""
        return median(self.values)


@dataclass(slots=True)
class Figures:
    """The figures of a run, what failed in it, and the versions that took part."""

    found: dict[KEY, Figure] = field(default_factory=dict[KEY, Figure])
    failed: dict[str, list[str]] = field(default_factory=dict[str, "list[str]"])
    versions: dict[str, dict[str, str]] = field(default_factory=dict[str, "dict[str, str]"])
    sizes: dict[str, int] = field(default_factory=dict[str, int])

    def add(self, measure: str, case: str, contender: str, unit: str, values: Iterable[float]) -> None:
        """Keep a figure, unless no round gave one."""
        kept = tuple(values)
        if kept:
            self.found[measure, case, contender] = Figure(measure, case, contender, unit, kept)

    def get(self, measure: str, case: str, contender: str) -> float | None:
        """Return a value; `None` = not measured."""
        figure = self.found.get((measure, case, contender))
        return None if figure is None else figure.value

    def ratio(self, measure: str, case: str, contender: str, to: str) -> float | None:
        """Return how many times as much one contender needs as another; `None` = one was not measured."""
        over, under = self.get(measure, case, contender), self.get(measure, case, to)
        return over / under if over is not None and under else None

    def contenders(self, measure: str, case: str | None = None) -> list[str]:
        """List who has a figure."""
        found = [name for subject, column, name in self.found if subject == measure and case in (None, column)]
        return list(dict.fromkeys(found))

    def cases(self, measure: str) -> list[str]:
        """List the columns of a measure."""
        return list(dict.fromkeys(case for subject, case, _ in self.found if subject == measure))

    def measures(self) -> list[str]:
        """List what was measured."""
        return list(dict.fromkeys(measure for measure, _, _ in self.found))

    def dump(self) -> dict[str, Any]:
        """Return all as JSON."""
        rows = [asdict(figure) for figure in self.found.values()]
        return {"sizes": self.sizes, "versions": self.versions, "failed": self.failed, "figures": rows}


def load(saved: dict[str, Any]) -> Figures:
    """Return the figures of a dump."""
    figures = Figures(failed=saved["failed"], versions=saved["versions"], sizes=saved["sizes"])
    for row in saved["figures"]:
        figures.add(row["measure"], row["case"], row["contender"], row["unit"], row["values"])
    return figures


def merged(parts: Sequence[Figures]) -> Figures:
    """Return the figures of several runs as one; a later one's stand for an earlier one's."""
    whole = Figures()
    for part in parts:
        whole.found |= part.found
        whole.failed |= part.failed
        whole.versions |= part.versions
        whole.sizes |= part.sizes
    return whole
