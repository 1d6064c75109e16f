"""Reads what a model writes by its own response template.

Law: as `regions`: how the text was cut changes nothing but the size of the pieces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_local.literals import Unreadable
from chat_local.pieces import Thought, Words, kept, nearest
from chat_local.response_template import THOUGHTS, calls_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.jsonvalue import JSONObject
    from chat_local.pieces import Read
    from chat_local.response_template import Field, ResponseTemplate

MAX_MARK = 1000
"""Most characters that a pattern's text may have; what is longer is none."""


class FieldReader:
    """Reads text in which the fields of a template stand between marks."""

    def __init__(self, template: ResponseTemplate, tail: str, schemas: Mapping[str, JSONObject]) -> None:
        """Begin an answer, whose first fields the prompt may have begun."""
        self._template = template
        self._schemas = schemas
        self._field: Field | None = template.rest
        self._held = self._body = self._mark = ""
        self._captured: Mapping[str, str] = {}
        self._fresh = True
        ends = [place + len(anchor) for anchor in template.anchors if (place := tail.rfind(anchor)) >= 0]
        if ends:
            self.feed(tail[max(ends) :])

    @property
    def apart(self) -> bool:
        """Whether the answer is at what is no text for people."""
        return self._field is not None and (self._field.name in THOUGHTS or self._field.name == "tool_calls")

    def feed(self, text: str) -> list[Read]:
        """Read on."""
        self._held += text
        return list(self._read(last=False))

    def finish(self) -> list[Read]:
        """Read what was held back, at the end of the answer."""
        return [*self._read(last=True), *self._left(ended="")]

    def _read(self, *, last: bool) -> Iterator[Read]:
        while self._held:
            inside = self._field is not None and bool(self._field.opens)
            step = self._closed(last=last) if inside else self._opened(last=last)
            place, size, going = step
            ends = bool(size) or last
            yield from self._inside(self._held[:place].rstrip() if ends else self._held[:place])
            mark, self._held = self._held[place : place + size], self._held[place + size :]
            if not size:
                return
            yield from self._left(ended=mark if inside else "")
            self._field, self._mark = going, mark

    def _closed(self, *, last: bool) -> tuple[int, int, Field | None]:
        """Look for the end of a field: its place and length, and the field after it."""
        closes = self._field.closes if self._field is not None else ()
        place, mark = nearest(self._held, closes)
        if mark is None:
            return len(self._held) - (0 if last else kept(self._held, closes)), 0, None
        return place, len(mark), self._template.rest

    def _opened(self, *, last: bool) -> tuple[int, int, Field | None]:
        """Look for the beginning of a field."""
        rest = self._template.rest
        texts = [text for each in self._template.fields for text in each.opens] + [*(rest.closes if rest else ())]
        place = 0
        while True:
            at, mark = nearest(self._held[place:], texts)
            if mark is None:
                return len(self._held) - (0 if last else kept(self._held, texts)), 0, None
            place += at
            told = next((each for each in self._template.fields if mark in each.opens), None)
            if told is None or told.pattern is None:
                self._captured = {}
                return place, len(mark), told if told is not None else rest
            found = told.pattern.match(self._held, place)
            open_end = not last and len(self._held) - place < MAX_MARK
            if found is not None and (found.end() < len(self._held) or not open_end):
                self._captured = {name: text for name, text in found.groupdict().items() if text is not None}
                return place, found.end() - place, told
            if open_end:
                return len(self._held[:place].rstrip()), 0, None
            place += len(mark)

    def _inside(self, text: str) -> Iterator[Read]:
        name = self._field.name if self._field is not None else ""
        if name == "tool_calls":
            self._body += text
            return
        if self._fresh:
            text = text.lstrip()
        if text:
            self._fresh = False
            yield Thought(text) if name in THOUGHTS else Words(text)

    def _left(self, ended: str) -> Iterator[Read]:
        """Leave a field: calls are read when they are whole."""
        told, body = self._field, self._body
        self._field, self._body, self._fresh = self._template.rest, "", True
        if told is None or told.name != "tool_calls" or not body:
            return
        try:
            yield from calls_in(body, told, self._captured, self._schemas)
        except Unreadable:
            self._fresh = False
            yield Words(self._mark + body + ended)
