"""What there is to say about a plugin: its state, what it offers, what is wrong and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.jsonvalue import JSONObject
    from chat_core.plugins.loading import State

_GRAVITY: tuple[State, ...] = ("blocked", "broken", "conflict", "outdated")


class PluginWarning(UserWarning):
    """A plugin that nobody asked for cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a plugin.

    Attributes:
        state: the sort of trouble.
        why: what is wrong.
        fix: what to do about it.
    """

    state: State
    why: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginReport:
    """The state of one plugin.

    Attributes:
        distribution, version: the package that it comes from.
        target: its module.
        entries: the names under which metadata lists it: `claude`, `transport.fast`.
        offers: the names that it offers, in the same spelling.
        problems: what is wrong; the rest of it can be used, unless it is broken or blocked.
        notes: what is as the user wants it, and good to know.
    """

    distribution: str
    version: str
    target: str
    entries: tuple[str, ...]
    offers: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The gravest of its problems; `ready` when there is none."""
        found = {problem.state for problem in self.problems}
        for state in _GRAVITY:
            if state in found:
                return state
        return "ready"


def as_json(reports: Iterable[PluginReport]) -> JSONObject:
    """Return reports as JSON."""
    return {
        "plugins": [
            {
                "distribution": report.distribution,
                "version": report.version,
                "target": report.target,
                "state": report.state,
                "entries": list(report.entries),
                "offers": list(report.offers),
                "problems": [
                    {"state": problem.state, "why": problem.why, "fix": problem.fix} for problem in report.problems
                ],
                "notes": list(report.notes),
            }
            for report in reports
        ]
    }


def as_text(reports: Iterable[PluginReport]) -> str:
    """Return reports for people: a line for each plugin, below it what is wrong and how to mend it."""
    rows = sorted(reports, key=lambda report: (report.distribution, report.target))
    heads = [
        (f"{row.distribution} {row.version}".rstrip(), row.state, ", ".join(row.offers or row.entries)) for row in rows
    ]
    package, state = (max((len(head[column]) for head in heads), default=0) for column in (0, 1))
    lines: list[str] = []
    for head, row in zip(heads, rows, strict=True):
        lines.append(f"{head[0]:<{package}}  {head[1]:<{state}}  {head[2]}")
        for problem in row.problems:
            lines += [f"    {problem.state}: {problem.why}", f"    fix: {problem.fix}"]
        lines += [f"    note: {note}" for note in row.notes]
    return "\n".join(lines)
