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
