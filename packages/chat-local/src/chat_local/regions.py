"""Reads what a model writes: text for people, thoughts, and calls of tools, as it comes.

Law: how the text was cut changes nothing but the size of the pieces. A text that may become a mark is held back, and
given out when it is none. What was taken for calls and is none is text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from chat_local.fields import FieldReader
from chat_local.formats import Region, row
from chat_local.literals import Unreadable, read_calls
from chat_local.pieces import Thought, Waiting, Words, kept, nearest
from chat_local.response_template import read_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.formats import Format, Spelling
    from chat_local.pieces import Read


_BARE = re.compile(r'^(?:\[\s*)?\{\s*"(?:name|type|function|id|arguments|parameters)"|^\[\s*[A-Za-z_][\w.]*\s*\(')
"""How calls begin that have no mark."""

_SURE = 64
"""Characters after which it is known whether calls without a mark have begun."""


class Reader(Protocol):
    """Reads one answer."""

    @property
    def apart(self) -> bool:
        """Whether the answer is at what is no text for people."""
        ...

    def feed(self, text: str) -> list[Read]:
        """Read on."""
        ...

    def finish(self) -> list[Read]:
        """Read what was held back, at the end of the answer."""
        ...


def reader(form: JSON, tail: str, schemas: Mapping[str, JSONObject]) -> Reader:
    """Make what reads one answer.

    Args:
        form: the name of the model's format, or its response template.
        tail: the end of the prompt, which may have begun a thought.
        schemas: the schemas of the tools that were offered, by name.

    Raises:
        UnsupportedContent: it is a template that cannot be read.
    """
    if isinstance(form, dict):
        return FieldReader(read_template(form), tail, schemas)
    known = row(form)
    return ChannelReader(tail, schemas) if known.channels else RegionReader(known, tail, schemas)


class RegionReader:
    """Reads text in which thoughts and calls stand between marks."""

    def __init__(self, row: Format, tail: str, schemas: Mapping[str, JSONObject]) -> None:
        """Begin an answer."""
        self._row = row
        self._schemas = schemas
        self._held: str = ""
        self._waiting = Waiting()
        self._region = begun(row.regions, tail)
        self._space = self._region is not None
        self._fresh = self._region is None and row.bare is not None and bool(schemas)
        self._gap: str = ""  # white space before what may be calls

    @property
    def apart(self) -> bool:
        """Whether the answer is at what is no text for people."""
        return self._region is not None

    def feed(self, text: str) -> list[Read]:
        """Read on."""
        if self._waiting.keeps(text):
            return []
        self._held += self._waiting.take() + text
        return list(self._read(last=False))

    def finish(self) -> list[Read]:
        """Read what was held back, at the end of the answer."""
        self._held += self._waiting.take()
        return list(self._read(last=True))

    def _read(self, *, last: bool) -> Iterator[Read]:
        while True:
            before = (self._held, self._fresh)
            if self._fresh:
                yield from self._first(last=last)
            elif self._region is None:
                yield from self._text(last=last)
            elif self._region.holds == "thoughts":
                yield from self._thought(self._region, last=last)
            else:
                yield from self._calls(self._region, last=last)
            if (self._held, self._fresh) == before or not self._held:
                return

    def _first(self, *, last: bool) -> Iterator[Read]:
        """Look whether the answer begins with calls that have no mark."""
        self._held = self._held.lstrip()
        if not last and (not self._held or (self._held[0] in "{[" and len(self._held) < _SURE)):
            return
        self._fresh = False
        if _BARE.match(self._held[:_SURE]):
            self._region = Region(open="", close=self._row.drop, spelling=_bare(self._row))
        yield from ()

    def _text(self, *, last: bool) -> Iterator[Read]:
        if self._space:
            self._held = self._held.lstrip()
        marks = (*(region.open for region in self._row.regions if region.open), *self._row.drop)
        place, mark = nearest(self._held, marks)
        if mark is None:
            keep = 0 if last else kept(self._held, marks)
            yield from self._words(self._held[: len(self._held) - keep])
            self._held = self._held[len(self._held) - keep :]
            return
        region = next((region for region in self._row.regions if region.open == mark), None)
        words = self._held[:place]
        before = words.rstrip() if region is not None and region.holds == "calls" else words
        yield from self._words(before)
        self._gap = words[len(before) :]
        self._held = self._held[place + len(mark) :]
        self._region, self._space = region, region is not None or self._space

    def _words(self, text: str) -> Iterator[Read]:
        if text:
            self._space = False
            yield Words(text)

    def _thought(self, region: Region, *, last: bool) -> Iterator[Read]:
        if self._space:
            self._held = self._held.lstrip()
        place, mark = nearest(self._held, region.close)
        if mark is None:
            keep = 0 if last else kept(self._held, region.close, spaces=True)
            text = self._held[: len(self._held) - keep]
            self._held = self._held[len(self._held) - keep :]
        else:
            text = self._held[:place].rstrip()
            self._held = self._held[place + len(mark) :]
            self._region = None
        if last and mark is None:
            text = text.rstrip()
        self._space = (self._space and not text) or mark is not None
        if text:
            yield Thought(text)

    def _calls(self, region: Region, *, last: bool) -> Iterator[Read]:
        place, mark = nearest(self._held, region.close)
        if mark is None and not last:
            self._waiting.begin(self._held, region.close)
            return
        inside = self._held if mark is None else self._held[:place]
        self._region, self._space = None, True
        self._held = "" if mark is None else self._held[place + len(mark) :]
        if mark is not None and mark == region.open:  # the next one begins where this one ends
            self._held = mark + self._held
        try:
            yield from read_calls(inside, region.spelling, region.mark, self._schemas)
        except Unreadable:
            self._space = False
            ended = "" if mark is None or mark in {region.open, *self._row.drop} else mark
            yield Words(self._gap + region.open + inside + ended)


class ChannelReader:
    """Reads answers that are a row of messages with headers: `<|channel|>analysis<|message|>…<|end|>`."""

    _ENDS = ("<|end|>", "<|call|>", "<|return|>", "<|start|>")
    _MESSAGE = "<|message|>"
    _TO = re.compile(r"\bto=(?:functions\.)?([\w.-]+)")
    _CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)")
    _WORDS_OF_HEADERS = re.compile(r"<\|(?:start|channel|constrain)\|>\s*\w*|<\|\w+\|>")

    def __init__(self, tail: str, schemas: Mapping[str, JSONObject]) -> None:
        """Begin an answer, whose first header the prompt may have begun."""
        self._schemas = schemas
        place = tail.rfind("<|start|>")
        self._begun: str = tail[place:] if place >= 0 else ""
        self._held: str = ""
        self._waiting = Waiting()
        self._header: str | None = None
        self._body: str = ""

    @property
    def apart(self) -> bool:
        """Whether the answer is at what is no text for people: a header, a thought or a call."""
        return self._header is None or not self._is_text(self._header)

    def feed(self, text: str) -> list[Read]:
        """Read on."""
        if self._waiting.keeps(text):
            return []
        self._held += self._waiting.take() + text
        return list(self._read(last=False))

    def finish(self) -> list[Read]:
        """Read what was held back, at the end of the answer."""
        self._held += self._waiting.take()
        return list(self._read(last=True))

    def _read(self, *, last: bool) -> Iterator[Read]:
        while True:
            before = self._held
            if self._header is None:
                yield from self._head(last=last)
            if self._header is not None:
                yield from self._inside(self._header, last=last)
            if self._held == before or not self._held:
                return

    def _head(self, *, last: bool) -> Iterator[Read]:
        """Read a header; where none comes to its end, what stands there is text."""
        self._held = self._held.removeprefix("<|start|>")
        place, mark = nearest(self._held, (self._MESSAGE, *self._ENDS))
        if mark == self._MESSAGE:
            self._header = self._begun + self._held[:place]
        elif mark is None and not last:
            self._waiting.begin(self._held, (self._MESSAGE, *self._ENDS))
            return
        elif words := self._WORDS_OF_HEADERS.sub("", self._held[:place]).strip():
            yield Words(words)
        self._begun, self._held = "", self._held[place + len(mark or "") :]

    def _inside(self, header: str, *, last: bool) -> Iterator[Read]:
        place, mark = nearest(self._held, self._ENDS)
        keep = 0 if last or mark is not None else kept(self._held, self._ENDS)
        end = place if mark is not None else len(self._held) - keep
        text, self._held = self._held[:end], self._held[end + len(mark or "") :]
        called = self._TO.search(header)
        if called is not None and called[1] in self._schemas:
            self._body += text
            if mark is not None or last:
                yield from self._call(called[1])
        elif text:
            yield Words(text) if self._is_text(header) else Thought(text)
        if mark is not None or last:
            self._header, self._body = None, ""

    def _is_text(self, header: str) -> bool:
        channel, called = self._CHANNEL.search(header), self._TO.search(header)
        offered = called is not None and called[1] in self._schemas
        return not offered and (channel is None or channel[1] != "analysis")

    def _call(self, name: str) -> Iterator[Read]:
        try:
            yield from read_calls(f"{name}\0{self._body}", "named", "\0", self._schemas)
        except Unreadable:
            yield Words(self._body)


def begun(regions: Sequence[Region], tail: str) -> Region | None:
    """Return the region that the end of a prompt is in: it has begun, and not ended."""
    for region in regions:
        if region.open and region.holds == "thoughts":
            place = tail.rfind(region.open)
            if place >= 0 and not any(mark in tail[place:] for mark in region.close):
                return region
    return None


def _bare(row: Format) -> Spelling:
    return row.bare if row.bare is not None else "json"
