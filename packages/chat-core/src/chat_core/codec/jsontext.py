"""The tokens of JSON that a cut can go through: strings, escapes, numbers and literals.

Law: a cut token is told from a wrong one as early as the text allows, and no token costs more than its length.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STEADY = 4096
"""The length, in characters, up to which an open string is shown whole; a longer one is shown in steps of 1/64."""

_SPACE = re.compile(r"[ \t\n\r]*")
_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))')
_CUT_ESCAPE = re.compile(r"(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z")
_DIGITS = re.compile(r"[0-9]+")

_PLAIN: Mapping[str, str] = {
    '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
}  # fmt: skip

_HIGH, _LOW, _BEYOND = 0xD800, 0xDC00, 0xE000
"""Where the first halves of surrogate pairs begin, the second halves, and what comes after them."""

_NEXT: Mapping[str, Mapping[str, str]] = {
    "start": {"-": "sign", "0": "zero", "1": "integer"},
    "sign": {"0": "zero", "1": "integer"},
    "zero": {".": "point", "e": "exponent"},
    "integer": {"0": "integer", "1": "integer", ".": "point", "e": "exponent"},
    "point": {"0": "fraction", "1": "fraction"},
    "fraction": {"0": "fraction", "1": "fraction", "e": "exponent"},
    "exponent": {"0": "power", "1": "power", "-": "power sign", "+": "power sign"},
    "power sign": {"0": "power", "1": "power"},
    "power": {"0": "power", "1": "power"},
}
"""How a number goes on: state, kind of character, next state. `1` stands for 1 to 9, `e` for both cases."""

_RUNS = frozenset({"integer", "fraction", "power"})
_WHOLE = frozenset({"zero", *_RUNS})
_KINDS = str.maketrans("23456789E", "11111111e")


def escape(text: str, at: int) -> tuple[str, int] | None:
    """Read the escape that begins at `at`: its character, and where it ends.

    `None` when more text has to come: the escape is cut, or it is half of a surrogate pair whose other half may follow.

    Raises:
        ValueError: there is no such escape.
    """
    found = _ESCAPE.match(text, at)
    if found is None:
        if _CUT_ESCAPE.match(text, at) is not None:
            return None
        raise ValueError("no such escape")
    if found[1] is not None:
        return _PLAIN[found[1]], found.end()
    code = int(found[2], 16)
    return (chr(code), found.end()) if not _HIGH <= code < _LOW else _pair(code, text, found.end())


def _pair(high: int, text: str, at: int) -> tuple[str, int] | None:
    """Join the first half of a pair with the second, if that follows."""
    if _CUT_ESCAPE.match(text, at) is not None:
        return None
    second = _ESCAPE.match(text, at)
    low = 0 if second is None or second[2] is None else int(second[2], 16)
    if second is None or not _LOW <= low < _BEYOND:
        return chr(high), at
    return chr(0x10000 + ((high - _HIGH) << 10) + low - _LOW), second.end()


class Number:
    """A number that is still arriving."""

    __slots__ = ("_pieces", "_state")

    def __init__(self) -> None:
        """Begin before the first character."""
        self._pieces: list[str] = []
        self._state = "start"

    @property
    def text(self) -> str:
        """What has been read."""
        return "".join(self._pieces)

    @property
    def whole(self) -> bool:
        """Whether it may end here."""
        return self._state in _WHOLE

    def read(self, text: str, at: int) -> int:
        """Read on; return where the number stops."""
        start, end = at, len(text)
        while at < end:
            if self._state in _RUNS and (run := _DIGITS.match(text, at)) is not None:
                at = run.end()
                continue
            state = _NEXT[self._state].get(text[at].translate(_KINDS))
            if state is None:
                break
            self._state = state
            at += 1
        self._pieces.append(text[start:at])
        return at


class Growing:
    """A string that is still arriving."""

    __slots__ = ("_pieces", "_shown", "_size")

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pieces: list[str] = []
        self._size = 0
        self._shown = 0

    def add(self, text: str) -> None:
        """Take a piece, with its escapes read."""
        self._pieces.append(text)
        self._size += len(text)

    def whole(self) -> str:
        """Return all of it."""
        return "".join(self._pieces)

    def more(self, *, closed: bool = False) -> str | None:
        """Return as much as is shown by now; `None` when that is no more than the last time.

        Showing more means joining the pieces again, so a long string grows in steps that are in proportion to its
        length. The steps are the same for every way to cut the text.
        """
        shown = self._size
        if shown > STEADY and not closed:
            step = 1 << (shown.bit_length() - 7)
            shown = shown // step * step
        if shown == self._shown:
            return None
        text = self.whole()
        self._pieces, self._shown = [text], shown
        return text[:shown]


def common(word: str, text: str, at: int) -> int:
    """Count the characters of `word` that stand at `at`."""
    if text.startswith(word, at):
        return len(word)
    pairs = zip(word, text[at : at + len(word)], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def skip(text: str, at: int) -> int:
    """Return where the white space at `at` ends."""
    space = _SPACE.match(text, at)
    return at if space is None else space.end()
