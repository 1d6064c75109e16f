"""Marks around control tokens in the words of people, so that they stay words.

Law: a text is marked before a template is run, and the prompt taken apart at the marks afterwards. The marks are
characters of private use that none of the texts holds, so nobody can set one. A text that a tokenizer may read as a
control token after it has made it plainer, by the width or case of its letters, is marked letter by letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.errors import UnsupportedContent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.jsonvalue import JSON

_PRIVATE = range(0xE000, 0xF8FF)
"""Characters that mean nothing by themselves."""

_MARKS = re.compile(r"[\ue000-\uf8fe]|\\u[0-9A-Fa-f]{4}")
"""They, and how JSON may write them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a prompt.

    Attributes:
        text: its characters.
        trusted: whether the template wrote it, so that control tokens in it are meant.
    """

    text: str
    trusted: bool = True


class Marks:
    """The marks of one prompt."""

    def __init__(self, controls: Sequence[str], texts: Iterable[str]) -> None:
        """Choose marks.

        Args:
            controls: the control tokens of the model, the longest first.
            texts: all texts that will be in the prompt.
        """
        used = {mark for text in texts for mark in _MARKS.findall(text)}
        free = (chr(number) for number in _PRIVATE if not used & {chr(number), *_escapes(number)})
        try:
            self._open, self._close = next(free), next(free)
        except StopIteration:
            raise UnsupportedContent("the conversation uses every character of private use") from None
        self._controls = re.compile("|".join(map(re.escape, controls))) if controls else None
        self._plainer = [plain for control in controls if (plain := _plain(control))]
        self._apart = re.compile(f"{self._open}([^{self._open}{self._close}]*){self._close}")

    def mark(self, text: str) -> str:
        """Mark the control tokens in a text."""
        if self._controls is None:
            return text
        marked, count = self._controls.subn(lambda found: f"{self._open}{found[0]}{self._close}", text)
        if count < _occurrences(_plain(text), self._plainer):
            return "".join(f"{self._open}{letter}{self._close}" for letter in text)  # wherever a template may cut it
        return marked

    def marked(self, value: JSON) -> JSON:
        """Mark all texts of a JSON value, names of members included."""
        match value:
            case str():
                return self.mark(value)
            case Mapping():
                return {self.mark(name): self.marked(item) for name, item in value.items()}
            case list():
                return [self.marked(item) for item in value]
            case _:
                return value

    def pieces(self, prompt: str) -> tuple[Piece, ...]:
        """Take a prompt apart; marks that a template has written as escapes count as well."""
        for mark in (self._open, self._close):
            for escape in _escapes(ord(mark)):
                prompt = prompt.replace(escape, mark)
        found = self._apart.split(prompt)  # texts between the marks are at odd places
        return tuple(Piece(self._without(text), number % 2 == 0) for number, text in enumerate(found) if text)

    def _without(self, text: str) -> str:
        """Return a text without single marks, of which a template has cut off the other half."""
        return text.replace(self._open, "").replace(self._close, "")


def _escapes(number: int) -> tuple[str, str]:
    """Return how JSON may write a character."""
    return f"\\u{number:04x}", f"\\u{number:04X}"


def _plain(text: str) -> str:
    """Return a text as the plainest tokenizer reads it: one width and case of letters, nothing that is not seen."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded if folded.isascii() else "".join(each for each in folded if unicodedata.category(each)[0] != "C")


def _occurrences(text: str, controls: Sequence[str]) -> int:
    """Count control tokens, the longest first, each character once."""
    count = 0
    for control in controls:
        count += text.count(control)
        text = text.replace(control, "\0")
    return count


def texts_of(value: JSON) -> Iterable[str]:
    """Yield all texts of a JSON value."""
    match value:
        case str():
            yield value
        case Mapping():
            yield from value
            for item in value.values():
                yield from texts_of(item)
        case list():
            for item in value:
                yield from texts_of(item)
        case _:
            pass
