"""Payloads alike: an event whose bytes are those of the one before, but for its text, is that text and nothing else.

Law: pure speed. A payload is taken here only if its wire has just taken its like by the direct way, so that it would
take this one too; whatever is in doubt is parsed. Members that may differ are named by the wire: they say nothing, or
are read from the last payload.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias, cast

from chat_core.errors import DecodeError
from chat_core.jsonvalue import glance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat_core.codec.wire import Frame

PATIENCE = 16
"""How many payloads are learnt whose like does not come, before a stream counts as one of which none are alike."""

RUN, FEW = 256, 8
"""How many frames are looked at together: at most, and behind one that was not alike."""

SHAPES, MOST = 64, 16
"""How many shapes are kept, and how many values one may have: to make one takes as long as to parse a hundred payloads,
and longer with each value."""

Say: TypeAlias = "Callable[[Sequence[str]], object]"
"""Does with the texts of events what the direct way of a wire does with each."""

_TEXT = rb'([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)'
"""The inside of a string; whether its escapes are right is for the parser to say. It keeps no way back, which takes a
hundred bytes for each escape."""

_WORD = rb"[ !#-\[\]-~]*+"
"""The inside of a string that nobody reads."""

_NUMBER = rb"(?:0|[1-9][0-9]{0,14}+)"
"""A whole number, and one that no parser finds too large."""

_ODD = re.compile(rb"[\\\n]")
"""What a payload must not have beside its text: it could be a key in disguise, or begin another line."""


class Alike:
    """What the events of one stream have in common."""

    __slots__ = ("_form", "_fruitless", "_members", "_run", "_values", "_varied")

    def __init__(self, texts: tuple[str, ...] = (), beside: tuple[str, ...] = ()) -> None:
        """Begin a stream.

        Args:
            texts: members that may hold the text of an event; without any nothing is ever learnt.
            beside: members whose values may differ, as long as they stay words, or whole numbers of no sign.
        """
        self._members = _members(texts, beside) if texts else None
        self._form: _Form | None = None
        self._values: dict[bytes, bytes] = {}
        self._varied: frozenset[bytes] = frozenset()
        self._fruitless = 0
        self._run = RUN

    def take(self, frames: Sequence[Frame], at: int) -> int:
        """Say the texts of the frames at a place, as many as are like the one before, and return how many they are.

        The frame that comes then is to be parsed, and the like learnt again.
        """
        form, end = self._form, at
        if form is not None:
            while end < len(frames) and (texts := form.texts(frames[end : end + self._run])):
                form.say(texts)
                end += len(texts)
                self._fruitless = 0
                if self._run < RUN:
                    self._run *= 2
            if end < len(frames):
                self._form, self._run = None, FEW
        return end - at

    def learn(self, frame: Frame, say: Say) -> None:
        """Remember a frame that the direct way has taken: `say` does what that did with its text."""
        payload, members = frame.data, self._members
        if members is None or not isinstance(payload, bytes) or self._fruitless > PATIENCE:
            return
        self._fruitless += 1
        around: list[bytes] = []
        values: list[bytes] = []
        at = 0
        for found in members.finditer(payload):
            is_text, name, value = found["text"] is not None, found["name"], found["value"]
            if is_text or self._is_varied(name, value):
                quote = value[:1] == b'"'
                values.append(_NUMBER if not quote else _TEXT if is_text else _WORD)
                around.append(payload[at : found.start("value") + quote])
                at = found.end("value") - quote
        around.append(payload[at:])
        if values.count(_TEXT) == 1 and len(values) <= MOST and not _ODD.search(b"".join(around)):
            self._form = _Form(tuple(around), tuple(values), frame.event, say)

    def _is_varied(self, name: bytes, value: bytes) -> bool:
        """Tell whether a member has ever differed from what it was first."""
        if self._values.setdefault(name, value) != value:
            self._varied |= {name}
        return name in self._varied


class _Form:
    """The bytes of an event, but for the values in it that may differ; one of these is its text.

    Attributes:
        say: what is done with texts.
    """

    __slots__ = ("_around", "_event", "_shape", "_values", "say")

    def __init__(self, around: tuple[bytes, ...], values: tuple[bytes, ...], event: str | None, say: Say) -> None:
        """Remember what stands around the values, and the patterns of these."""
        self._around = around
        self._values = values
        self._event = event
        self._shape: _Shape | None = None
        self.say = say

    def texts(self, frames: Sequence[Frame]) -> Sequence[str]:
        """Return the texts of the first frames, as many as are of this form."""
        payloads = self._payloads(frames) if len(frames) > 1 else []
        if len(payloads) > 1 and (shape := self._shape or self._shaped(payloads[0])) is not None:
            rows = shape.line.findall(b"\n".join(payloads))
            if len(rows) == len(payloads):  # else one has several lines
                around = list(map(shape.around_in, rows))
                if around.count(self._around) < len(rows):
                    del rows[next(at for at, found in enumerate(around) if found != self._around) :]
                return _read(list(map(shape.text_in, rows)))
        return (text,) if (text := self._text(frames[0])) else ()

    def _text(self, frame: Frame) -> str:
        """Return the text of a frame of this form; nothing of another one."""
        payload = frame.data
        if frame.event != self._event or not isinstance(payload, bytes):
            return ""
        shape = self._shape or self._shaped(payload)
        found = None if shape is None else shape.line.fullmatch(payload)
        if shape is None or found is None or found.group(*shape.around) != self._around:
            return ""
        inside = found[shape.text]
        return _plain(inside) or "".join(_read([inside]))

    def _payloads(self, frames: Sequence[Frame]) -> list[bytes]:
        """Return the payloads of the first frames, as many as can be of this form."""
        event, payloads = self._event, list[bytes]()
        for frame in frames:
            payload = frame.data
            if frame.event != event or not isinstance(payload, bytes):
                break
            payloads.append(payload)
        return payloads

    def _shaped(self, payload: bytes) -> _Shape | None:
        """Find what payloads are looked at with, which takes long to make, if one can be of this form."""
        if payload.startswith(self._around[0]) and payload.endswith(self._around[-1]):
            self._shape = _shape(tuple(map(len, self._around)), self._values)
        return self._shape


class _Shape:
    """What lines of some lengths are looked at with. Lengths are the same in many streams, where bytes are not.

    Attributes:
        line: matches any line. Its groups are what stands around the values, of those lengths, and the text; they are
            empty in a line that is too short, or has no such values.
        around, text: the groups.
        around_in, text_in: take them from what `line` finds in many lines.
    """

    __slots__ = ("around", "around_in", "line", "text", "text_in")

    def __init__(self, lengths: tuple[int, ...], values: tuple[bytes, ...]) -> None:
        """Make a pattern of the lengths of what stands around values, and of the patterns of these."""
        pieces = [b"(.{%d})" % length for length in lengths]
        line = b"".join(chain.from_iterable(zip(pieces, (*values, b""), strict=True)))
        self.line: re.Pattern[bytes] = re.compile(b"^(?:%b|.*)$" % line, re.MULTILINE)
        self.text = values.index(_TEXT) + 2
        self.around = tuple(group for group in range(1, len(lengths) + 2) if group != self.text)
        self.text_in = itemgetter(self.text - 1)
        self.around_in = itemgetter(*(group - 1 for group in self.around))


_shape = lru_cache(maxsize=SHAPES)(_Shape)


@cache
def _members(texts: tuple[str, ...], beside: tuple[str, ...]) -> re.Pattern[bytes]:
    """Return what finds members by their names. A quote behind a comma or a bracket, and blanks, opens a key."""
    text, other = "|".join(texts), "|".join(beside) or "(?!)"
    string, number = r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"', r"[0-9]++(?=\s*[,}\]])"
    key = rf'(?P<name>(?P<text>(?:{text})(?="\s*:\s*"))|(?:{other}))'
    return re.compile(rf'[{{,]\s*"{key}"\s*:\s*(?P<value>{string}|{number})'.encode())


def _read(insides: list[bytes]) -> list[str]:
    """Return the strings of which these are the insides, up to one that is none, or is empty."""
    if (plain := _plain(b'"'.join(insides))) is not None:
        texts = plain.split('"')
    elif (found := _strings(insides)) is not None:
        texts = found
    elif len(insides) > 1:
        half = len(insides) // 2
        texts = _read(insides[:half])
        return texts if len(texts) < half else texts + _read(insides[half:])
    else:
        return []
    return texts if "" not in texts else texts[: texts.index("")]


def _plain(inside: bytes) -> str | None:
    """Return what stands inside of strings where it is what they say: nothing is escaped, and all of it prints."""
    if inside.isascii() and inside.find(b"\\") < 0 and (text := inside.decode()).isprintable():
        return text
    return None


def _strings(insides: list[bytes]) -> list[str] | None:
    """Parse strings; nothing of what is none."""
    try:
        return cast("list[str]", glance(b'["%b"]' % b'","'.join(insides)))
    except DecodeError:
        return None
