"""Bounds of what a chat template may make: texts, lists, numbers, and the time of one run.

Law: a bound is looked at before something is made. What was made on the way is added up.
"""

from __future__ import annotations

from contextvars import ContextVar
from itertools import islice
from re import compile as pattern
from time import monotonic
from typing import TYPE_CHECKING, cast

from jinja2.exceptions import SecurityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SECONDS = 2.0
"""How long a template may run; real ones take less than a thousandth of it."""

MAX_TEXT = 16 * 1024 * 1024
"""Most characters of a prompt, and of every text on the way to it."""

MAX_MADE = 4 * MAX_TEXT
"""Most characters of all texts that filters and functions make in one run."""

MAX_ITEMS = 1_000_000
"""Most items of a list that a template makes."""

MAX_NUMBER = 100_000
"""The greatest number that says how much a filter or function makes, such as the width of a column."""

MAX_BITS = 100_000
"""Most bits of a number that a template calculates."""

_WIDE = pattern(r"\d{5,}|%[^a-zA-Z%]*\*|\{[^{}]*\{")
"""A width in the description of a format, or one that stands elsewhere."""


class Budget:
    """What one run of a template may still take."""

    __slots__ = ("_made", "_until", "_written")

    def __init__(self) -> None:
        """Begin a run."""
        self._until = monotonic() + SECONDS
        self._written = 0
        self._made = 0

    def tick(self) -> None:
        """Look at the clock."""
        if monotonic() > self._until:
            raise SecurityError(f"it runs for more than {SECONDS:g} s")

    def made(self, value: object) -> None:
        """Add up what a filter or function has made."""
        match value:
            case str():
                require_size(len(value))
                self._made += len(value)
                if self._made > MAX_MADE:
                    raise SecurityError(f"it makes texts of more than {MAX_MADE} characters")
            case list() | tuple() | dict():
                require_length(len(cast("Sequence[object]", value)))
            case _:
                pass
        self.tick()

    def wrote(self, text: str) -> str:
        """Add up the prompt."""
        self._written += len(text)
        require_size(self._written)
        self.tick()
        return text


budget: ContextVar[Budget] = ContextVar("budget")
"""What the run that is going on may take."""


def listed(values: Iterable[object]) -> list[object]:
    """Return what something iterable gives, as a list."""
    items = [*islice(values, MAX_ITEMS + 1)]
    require_length(len(items))
    return items


def size_of(value: object) -> int:
    """Return about how many characters a value has when it is written; enormous ones are refused on the way."""
    total, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        match one:
            case str():
                total += len(one)
            case dict():
                held = cast("Mapping[object, object]", one)
                waiting += [*held, *held.values()]
            case list() | tuple():
                waiting += cast("Sequence[object]", one)
            case _:
                total += 8
        total += 2
        require_size(total + 2 * len(waiting))
    return total


def require_bounded(text: str, method: str, arguments: Sequence[object], named: Mapping[str, object]) -> None:
    """Refuse a method of texts whose result would be enormous."""
    match method, arguments:
        case "replace", [str(old), str(new), *_]:
            require_size(len(text) + text.count(old) * len(new))
        case "format" | "format_map", _:
            require_narrow(text, arguments, named)
        case "join", [values, *_] if isinstance(values, list | tuple):
            items = cast("Sequence[object]", values)
            require_size(len(text) * len(items) + size_of(items))
        case "center" | "ljust" | "rjust" | "zfill" | "expandtabs", _:
            for value in arguments:
                require_small(value)
            require_size(text.count("\t") * MAX_NUMBER if method == "expandtabs" else 0)
        case "translate" | "encode", _:
            raise SecurityError(f"it uses {method}")
        case _:
            pass


def require_size(size: float) -> None:
    """Refuse a text of so many characters."""
    if size > MAX_TEXT:
        raise SecurityError(f"it makes a text of more than {MAX_TEXT} characters")


def require_length(length: int) -> None:
    """Refuse a list of so many items."""
    if length > MAX_ITEMS:
        raise SecurityError(f"it makes a list of more than {MAX_ITEMS} items")


def require_bits(bits: int) -> None:
    """Refuse a number of so many bits."""
    if bits > MAX_BITS:
        raise SecurityError("it calculates an enormous number")


def require_small(value: object) -> None:
    """Refuse a number that says how much to make."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > MAX_NUMBER:
        raise SecurityError("it uses an enormous number")


def require_narrow(form: str, *values: object) -> None:
    """Refuse a format that would write much: by its widths, or by what it writes again and again."""
    if _WIDE.search(form):
        raise SecurityError("it writes a column of enormous width")
    fields = form.count("%") + form.count("{")
    widths = sum(int(digits) for digits in _DIGITS.findall(form))
    require_size(len(form) + widths + fields * sum(map(size_of, values)))


_DIGITS = pattern(r"\d+")
