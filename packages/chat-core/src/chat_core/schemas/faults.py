"""Faults of a value, in words: where it is wrong, what was expected, what was there.

Law: a place is a path into the value that was sent, so that whoever sent it finds it. What was there is shown, bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chat_core.jsonvalue import excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from chat_core.jsonvalue import JSON

MAX_FAULTS = 20
"""Most faults of one value that are told."""

_SHOWN = 80
"""Longest excerpt of what was there, in characters."""


class Unfit(ValueError):
    """A value does not fit its type.

    Attributes:
        faults: what is wrong, one line each: where, what was expected, what was there.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        """Keep the faults."""
        super().__init__("\n".join(faults))
        self.faults = faults


def told(found: Sequence[Mapping[str, object]], data: JSON, *, root: str) -> tuple[str, ...]:
    """Return a line for each fault of `data`, `MAX_FAULTS` at most.

    Args:
        found: pydantic's errors; their `input` as text.
        data: the value that is wrong.
        root: what it is called as a whole.
    """
    lines = [_fault(fault, data, root) for fault in found[:MAX_FAULTS]]
    more = len(found) - MAX_FAULTS
    return (*lines, f"and {more} more") if more > 0 else tuple(lines)


def unwanted(names: AbstractSet[str]) -> tuple[str, ...]:
    """Return a line for each argument that may not be given; said as pydantic says it."""
    return tuple(f"{_step(name).removeprefix('.')}: Extra inputs are not permitted" for name in sorted(names))


def _fault(fault: Mapping[str, object], data: JSON, root: str) -> str:
    kind, where, message = fault["type"], cast("tuple[int | str, ...]", fault["loc"]), fault["msg"]
    line = f"{_path(where, data, last=kind == 'missing') or root}: {message}"
    if kind in {"missing", "extra_forbidden"}:
        return line
    return f"{line}; got {excerpt(str(fault['input']), _SHOWN)}"


def _path(where: tuple[int | str, ...], data: JSON, *, last: bool) -> str:
    """Spell where a fault is: only what leads into the data, not the tags of unions; `last` keeps a missing key."""
    path = ""
    for number, step in enumerate(where):
        match data, step:
            case dict(), str() if step in data or (last and number == len(where) - 1):
                data = data.get(step)
                path += _step(step)
            case list(), int() if step < len(data):
                data = data[step]
                path += f"[{step}]"
            case _:
                pass
    return path.removeprefix(".")


def _step(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{excerpt(name, _SHOWN)!r}]"
