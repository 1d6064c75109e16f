"""Pieces of what a model writes, and the marks that may stand between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from chat_local.literals import Call

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Words:
    """More text for people."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model thinks."""

    text: str


Read: TypeAlias = Words | Thought | Call


class Waiting:
    """Text that says nothing before a mark comes, in pieces: each is looked at once, however many there are."""

    __slots__ = ("_edge", "_longest", "_marks", "_pieces")

    def __init__(self) -> None:
        """Wait for nothing."""
        self._marks: Sequence[str] = ()
        self._longest = 0
        self._edge = ""
        self._pieces: list[str] = []

    def begin(self, held: str, marks: Sequence[str]) -> None:
        """Wait for one of some marks, of which `held` may have the beginning."""
        self._marks, self._longest = marks, max(map(len, marks), default=0)
        self._edge = held[-self._longest :]

    def keeps(self, text: str) -> bool:
        """Keep a piece, unless it completes a mark or nothing is waited for."""
        if not self._marks:
            return False
        seen = self._edge + text
        if any(mark in seen for mark in self._marks):
            return False
        self._edge = seen[-self._longest :]
        self._pieces.append(text)
        return True

    def take(self) -> str:
        """Return what was kept, and wait for nothing more."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._marks = ()
        return text


def nearest(text: str, marks: Sequence[str]) -> tuple[int, str | None]:
    """Return the first mark in a text and its place; of two at one place the longer one."""
    found = [(place, -len(mark), mark) for mark in marks if (place := text.find(mark)) >= 0]
    if not found:
        return len(text), None
    place, _, mark = min(found)
    return place, mark


def kept(text: str, marks: Sequence[str], *, spaces: bool = True) -> int:
    """Return how long the end of a text is that may become a mark; white space before one is kept with it."""
    longest = max((_overlap(text, mark) for mark in marks), default=0)
    rest = text[: len(text) - longest]
    return len(text) - len(rest.rstrip()) if spaces else longest


def _overlap(text: str, mark: str) -> int:
    size = min(len(text), len(mark) - 1)
    return next((length for length in range(size, 0, -1) if text.endswith(mark[:length])), 0)
