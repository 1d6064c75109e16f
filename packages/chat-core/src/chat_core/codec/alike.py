"""Payloads alike: an event whose bytes are those of the one before, but for its text, is that text and nothing else.

Law: pure speed. A payload is taken here only if its wire has just taken its like by the direct way, so that it would
take this one too; whatever is in doubt is parsed. Members that may differ are named by the wire: they say nothing, or
are read from the last payload.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias, cast

from chat_core.errors import DecodeError
from chat_core.jsonvalue import glance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat_core.codec.wire import Frame
    from chat_core.jsonvalue import JSON

PATIENCE = 16
"""How many payloads are learnt whose like does not come, before a stream counts as one of which none are alike."""

RUN, FEW = 256, 4
"""How many frames are looked at together: at most, and so few that they are rather looked at one by one."""

Say: TypeAlias = "Callable[[Sequence[str]], object]"
"""Does with the texts of events what the direct way of a wire does with each."""

Found: TypeAlias = "Callable[[bytes, int], re.Match[bytes] | None]"

_TEXT: Found = re.compile(rb'[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+(?=")').match
"""The inside of a string; whether its escapes are right is for the parser to say. It keeps no way back, which takes a
hundred bytes for each escape."""

_WORD: Found = re.compile(rb"[ !#-\[\]-~]*(?=\")").match
"""The inside of a string that nobody reads."""

_NUMBER: Found = re.compile(rb"(?:0|[1-9][0-9]{0,14})(?=[,}])").match
"""A whole number, and one that no parser finds too large."""


class Alike:
    """What the events of one stream have in common."""

    __slots__ = ("_event", "_fruitless", "_members", "_pieces", "_rest", "_run", "_say", "_values", "_varied")

    def __init__(self, texts: tuple[str, ...] = (), beside: tuple[str, ...] = ()) -> None:
        """Begin a stream.

        Args:
            texts: members that may hold the text of an event; without any nothing is ever learnt.
            beside: members whose values may differ, as long as they stay words, or whole numbers of no sign.
        """
        self._members = _members(texts, beside) if texts else None
        self._say: Say | None = None
        self._event: str | None = None
        self._pieces: tuple[tuple[bytes, Found], ...] = ()
        self._rest = b""
        self._values: dict[bytes, bytes] = {}
        self._varied: frozenset[bytes] = frozenset()
        self._fruitless = 0
        self._run = RUN

    def take(self, frames: Sequence[Frame], at: int) -> int:
        """Say the texts of the frames at a place, as many as are like the one before, and return how many they are.

        The frame that comes then is to be parsed, and the like learnt again.
        """
        say, end = self._say, at
        if say is not None:
            while end < len(frames) and (texts := self._texts(frames[end : end + self._run])):
                say(texts)
                end += len(texts)
                self._fruitless = 0
            if end < len(frames):
                self._say = None
        return end - at

    def learn(self, frame: Frame, say: Say) -> None:
        """Remember a frame that the direct way has taken: `say` does what that did with its text."""
        payload, members = frame.data, self._members
        if members is None or not isinstance(payload, bytes) or self._fruitless > PATIENCE:
            return
        self._fruitless += 1
        pieces: list[tuple[bytes, Found]] = []
        at = texts = 0
        for found in members.finditer(payload):
            name, value = found["name"], found["value"]
            if found["text"] is not None:
                texts += 1
                match = _TEXT
            elif self._is_varied(name, value):
                match = _WORD if value[:1] == b'"' else _NUMBER
            else:
                continue
            quote = match is not _NUMBER
            pieces.append((payload[at : found.start("value") + quote], match))
            at = found.end("value") - quote
        if texts == 1 and b"\\" not in payload[at:] + b"".join(before for before, _ in pieces):  # no key in disguise
            self._pieces, self._rest, self._event, self._say = tuple(pieces), payload[at:], frame.event, say

    def _is_varied(self, name: bytes, value: bytes) -> bool:
        """Tell whether a member has ever differed from what it was first."""
        if self._values.setdefault(name, value) != value:
            self._varied |= {name}
        return name in self._varied

    def _texts(self, frames: Sequence[Frame]) -> Sequence[str]:
        """Return the texts of the first frames, as many as are alike: of all or half of them at once, or one by one."""
        if len(frames) == 1:
            return (text,) if (text := self._text(frames[0])) else ()
        if len(self._pieces) == 1:
            event = self._event
            alike = [frame.data for frame in frames if frame.event == event and isinstance(frame.data, bytes)]
            while len(alike) == len(frames) > FEW:
                if (texts := self._at_once(alike)) is not None:
                    self._run = min(2 * len(texts), RUN)
                    return texts
                frames = frames[: len(frames) // 2]
                del alike[len(frames) :]
            self._run = 2 * FEW
        return list(takewhile(bool, map(self._text, frames)))

    def _at_once(self, payloads: list[bytes]) -> list[str] | None:
        """Return the texts of payloads that differ in nothing else; `None` where one does, or may."""
        head, rest = self._pieces[0][0], self._rest
        begin, end = len(head), -len(rest)
        found = [payload[begin:end] for payload in payloads if payload.startswith(head) and payload.endswith(rest)]
        insides = b'"'.join(found)
        if len(found) < len(payloads) or insides.count(b'"') >= len(
            found
        ):  # one holds a quote, and so more than a text
            return None
        if insides.isascii() and b"\\" not in insides and (text := insides.decode()).isprintable():
            texts: JSON = [*text.split('"')]
        else:  # a quote behind a backslash may be one of a text
            texts = None if b'\\"' in insides + b'"' else _parsed(b'["%b"]' % insides.replace(b'"', b'","'))
        return cast("list[str]", texts) if isinstance(texts, list) and "" not in texts else None

    def _text(self, frame: Frame) -> str:
        """Return the text of a frame, if the rest of it is as learnt; else nothing."""
        payload = frame.data
        if frame.event != self._event or not isinstance(payload, bytes):
            return ""
        text, at = b"", 0
        for before, match in self._pieces:
            if not payload.startswith(before, at):
                return ""
            begin = at + len(before)
            if match is _TEXT and payload.find(b"\\", begin) < 0:
                at = payload.find(b'"', begin)
            elif (found := match(payload, begin)) is None:
                return ""
            else:
                at = found.end()
            if match is _TEXT:
                text = payload[begin:at]
        return _read(text) if payload[at:] == self._rest else ""


@cache
def _members(texts: tuple[str, ...], beside: tuple[str, ...]) -> re.Pattern[bytes]:
    """Return what finds members by their names. A quote behind a comma or a bracket, and blanks, opens a key."""
    text, other = "|".join(texts), "|".join(beside) or "(?!)"
    string = r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"'
    key = rf'(?P<name>(?P<text>(?:{text})(?="\s*:\s*"))|(?:{other}))'
    return re.compile(rf'[{{,]\s*"{key}"\s*:\s*(?P<value>{string}|[0-9]+)'.encode())


def _read(text: bytes) -> str:
    """Return the inside of a JSON string as text; nothing of one that is none."""
    if text.isascii() and text.find(b"\\") < 0 and (said := text.decode()).isprintable():
        return said
    read = _parsed(b'"%b"' % text)
    return read if isinstance(read, str) else ""


def _parsed(data: bytes) -> JSON:
    """Parse JSON; nothing of what is none."""
    try:
        return glance(data)
    except DecodeError:
        return None
