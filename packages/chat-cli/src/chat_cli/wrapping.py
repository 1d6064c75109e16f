"""Lines broken between words while they come, for the width that the terminal has at that moment.

Law: a break takes the place of spaces and nothing else changes; what is written is never written again, so a terminal
that is resized shows old lines as they were and breaks new ones where they now have to end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Callable

_TOKEN = re.compile(r"\x1b\[[0-9;]*m|.", re.DOTALL)
_TAB = 8


def width_of(char: str) -> int:
    """Return how many columns a character takes."""
    if combining(char) or char in "\u200b\u200d\ufe0f":
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


class Wrapping:
    """Breaks the lines of one text, which may hold styles."""

    def __init__(self, width: Callable[[], int]) -> None:
        """Begin in the first column.

        Args:
            width: returns the columns that there are.
        """
        self._width = width
        self._column = 0
        self._word = ""  # what comes without a space so far, styles included
        self._size = 0  # its columns
        self._spaces = ""  # what comes before it

    def feed(self, text: str, *, breaks: bool = True) -> str:
        """Take a piece and return what can be shown of it; without `breaks`, at once and as it is."""
        if not breaks:
            return self.finish() + self._as_it_is(text)
        return "".join(self._take(item[0]) for item in _TOKEN.finditer(text))

    def finish(self) -> str:
        """Return what was held back."""
        shown = self._flushed()
        spaces, self._spaces = self._spaces, ""
        self._column += len(spaces)
        return shown + spaces

    def _take(self, item: str) -> str:
        if item == "\n":
            shown, self._column = self.finish(), 0
            return shown + item
        if item in {" ", "\t"}:
            shown = self._flushed()
            self._spaces += item
            return shown
        if item.startswith("\x1b"):
            self._word += item
            return ""
        size = width_of(item)
        shown = self._flushed() if size > 1 else ""
        self._word += item
        self._size += size
        if size > 1:  # such scripts break between any two characters
            return shown + self._flushed(anywhere=True)
        return self._flushed() if self._size >= self._width() else ""

    def _flushed(self, *, anywhere: bool = False) -> str:
        """Write the word, on the next line if it does not fit on this one and comes after a space."""
        word, self._word = self._word, ""
        if not word:
            return ""
        size, self._size = self._size, 0
        spaces, self._spaces = self._spaces, ""
        before = sum(_TAB if space == "\t" else 1 for space in spaces)
        if self._column and size and self._column + before + size > self._width() and (spaces or anywhere):
            self._column = size
            return f"\n{word}"
        self._column += before + size
        while self._column > self._width():  # the terminal breaks what is too long
            self._column -= self._width()
        return spaces + word

    def _as_it_is(self, text: str) -> str:
        self._column = 0 if text.endswith("\n") else self._column + len(text)
        return text
