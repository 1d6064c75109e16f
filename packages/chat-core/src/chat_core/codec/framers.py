"""Framers: bytes of a stream → frames, incrementally and bounded.

Law: how the bytes are cut never changes the frames, nor which one is too long, but for `Pieces`. Lines end at CR, LF or
CRLF and nowhere else: U+2028 and U+0085 are text. Nothing is decoded here, so a character may be cut anywhere.
"""

from __future__ import annotations

import re
from itertools import takewhile

from chat_core.codec.cutting import Cutting, Tail, frames_of, too_long
from chat_core.codec.usual import Usual
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError

MAX_FRAME = 64 * 1024 * 1024
"""Longest frame, in bytes; one generated image as base64 is about 4 MiB."""

_BOM = b"\xef\xbb\xbf"
_DATA = b"data: "


class Whole:
    """The whole body as one frame."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        """Bound the body to `limit` bytes."""
        self._tail = Tail(limit)

    def feed(self, data: bytes) -> list[Frame]:
        """Keep the bytes."""
        self._tail.add(data)
        return []

    def finish(self) -> list[Frame]:
        """Return the body, unless it is blank."""
        body = self._tail.take().strip()
        return [Frame(body)] if body else []


class Pieces:
    """Bytes as they come, a frame each read: for sound, whose cuts mean nothing."""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the bytes."""
        return [Frame(data)] if data else []

    def finish(self) -> list[Frame]:
        """Return nothing: nothing is kept."""
        return []


class NDJSON(Cutting):
    """One JSON document a line; blank lines say nothing."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        """Bound each line to `limit` bytes."""
        super().__init__()
        self._limit = limit
        self._tail = Tail(limit)

    def _cut(self, data: bytes, frames: list[Frame]) -> None:
        *lines, rest = data.split(b"\n")
        if lines and self._tail.size:
            self._tail.add(lines[0])
            lines[0] = self._tail.take()
        fit = lines
        if max(map(len, lines), default=0) > self._limit:
            fit = list(takewhile(lambda line: len(line) <= self._limit, lines))
        frames += frames_of([text for line in fit if (text := line.strip())])
        if len(fit) < len(lines):
            raise too_long(self._limit)
        if rest:
            self._tail.add(rest)

    def _rest(self) -> list[Frame]:
        line = self._tail.take().strip()
        return [Frame(line, cut=True)] if line else []


class SSE(Cutting):
    """Server-sent events, after the WHATWG specification, with two things that real servers need.

    A body that begins with a JSON or HTML document instead of a field arrives as one whole frame, and a line
    `error: …`, which the specification has no field for, is a frame of the event `error`.
    """

    def __init__(self, limit: int = MAX_FRAME) -> None:
        """Bound the data of each event to `limit` bytes, and all else that a line holds."""
        super().__init__()
        self._limit = limit
        self._tail = Tail(limit, len(_DATA))
        self._after_cr = False
        self._started = False
        self._whole: Whole | None = None
        self._event: str | None = None
        self._id: str | None = None
        self._data: list[bytes] = []
        self._size = 0
        self._usual = Usual()

    def _cut(self, data: bytes, frames: list[Frame]) -> None:
        if not self._started:
            data = self._begin(self._tail.take() + data)
        if self._whole is not None:
            self._whole.feed(data)
            return
        usual, begun = self._usual, self._tail.size or self._after_cr or self._event is not None or self._data
        if not begun and data.endswith(usual.gap):
            self._events(data, frames)
            return
        usual.find_gap(data)
        if begun:
            first, gap, data = data.partition(usual.gap)
            self._lines(self._line_feeds(first + gap), frames)
        events, gap, rest = data.rpartition(usual.gap)
        if gap:
            self._events(events + gap, frames)
        if rest:
            self._lines(self._line_feeds(rest), frames)

    def _rest(self) -> list[Frame]:
        if self._whole is not None:
            return self._whole.finish()
        frames: list[Frame] = []
        if line := self._tail.take():
            self._line(line, frames)
        cut = Frame(b"\n".join(self._data), event=self._event, id=self._id, cut=True)
        return [*frames, cut] if cut.data else frames

    def _begin(self, data: bytes) -> bytes:
        """Skip a byte-order mark and white space; look whether fields or a document follow."""
        if _BOM.startswith(data):
            self._tail.add(data)
            return b""
        text = data.removeprefix(_BOM)
        if not text.strip():
            line = max(text.rfind(b"\n"), text.rfind(b"\r"), 0)
            self._tail.add(text[line : line + 2])  # all that the next line can need: its blanks are as good as one
            return b""
        self._started = True
        document = text.lstrip()
        if document[:1] in {b"{", b"[", b"<"}:
            self._whole = Whole(self._limit)
            return document
        return text

    def _line_feeds(self, data: bytes) -> bytes:
        """Write every line end as LF; a CRLF may be cut in its middle."""
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if data.find(b"\r") < 0:  # `in` takes twice as long
            return data
        self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _events(self, events: bytes, frames: list[Frame]) -> None:
        """Read whole events: as a run of usual ones, or each half, or line by line where it is one event."""
        run = self._usual.frames(events, self._id) if len(events) < self._limit else None
        if run is not None:
            frames += run
        elif middle := self._usual.middle(events):
            self._events(events[:middle], frames)
            self._events(events[middle:], frames)
        else:
            event = self._line_feeds(events)
            self._lines(event, frames)
            self._usual.learn(event)

    def _lines(self, text: bytes, frames: list[Frame]) -> None:
        """Read lines, of which the last one may go on."""
        *lines, rest = text.split(b"\n")
        for line in lines:
            if self._tail.size:
                self._tail.add(line)
                self._line(self._tail.take(), frames)
            else:
                self._line(line, frames)
        if rest:
            self._tail.add(rest)

    def _line(self, line: bytes, frames: list[Frame]) -> None:
        if not line:
            if any(self._data):
                frames.append(Frame(b"\n".join(self._data), event=self._event, id=self._id))
            self._event, self._data, self._size = None, [], 0
            return
        if len(line) > self._limit + len(_DATA):
            raise too_long(self._limit)
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._size += len(value) + bool(self._data)
                if self._size > self._limit:
                    raise too_long(self._limit)
                self._data.append(value)
            case b"event":
                self._event = value.decode("utf-8", "replace")
            case b"id":
                self._id = value.decode("utf-8", "replace")
            case b"error":
                frames.append(Frame(value, event="error"))
            case _:  # a comment, `retry`, or a field that the specification does not have
                pass


_STRUCTURE = re.compile(rb'["{}\[\]]')
_NO_ARRAY = "the stream is no JSON array of objects: something else stands outside of them"
_STRING_END = re.compile(rb'["\\]')


class JSONArray(Cutting):
    """The objects of one JSON array, each as soon as it is complete; an object in place of the array is one frame."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        """Bound each object to `limit` bytes."""
        super().__init__()
        self._tail = Tail(limit)
        self._depth = 0
        self._in_array = False
        self._in_string = False
        self._escaped = False
        self._inside = False

    def _cut(self, data: bytes, frames: list[Frame]) -> None:
        start = at = 0
        if self._escaped and data:
            self._escaped, at = False, 1
        while found := (_STRING_END if self._in_string else _STRUCTURE).search(data, at):
            if not self._inside:
                _require_nothing(data[at : found.start()])
            at = found.end()
            mark = found.group()
            if mark == b"\\":
                self._escaped = at >= len(data)
                at += 1
            elif mark == b'"' and self._inside:
                self._in_string = not self._in_string
            elif mark in b"{[":
                start = self._open(mark, found.start(), start)
            elif self._close(mark):
                self._tail.add(data[start:at])
                frames.append(Frame(self._tail.take()))
        if self._inside:
            self._tail.add(data[start:])
        else:
            _require_nothing(data[at:])

    def _rest(self) -> list[Frame]:
        rest = self._tail.take()
        return [Frame(rest, cut=True)] if rest else []

    def _open(self, mark: bytes, at: int, start: int) -> int:
        """Enter a bracket; return where the object that is being read starts."""
        if self._inside:
            self._depth += 1
            return start
        if mark == b"[":
            if self._in_array:
                raise DecodeError(_NO_ARRAY)
            self._in_array = True
            return start
        self._inside, self._depth = True, 1
        return at

    def _close(self, mark: bytes) -> bool:
        """Leave a bracket; tell whether that completes an object."""
        if not self._inside:
            if not self._in_array or mark != b"]":
                raise DecodeError(_NO_ARRAY)
            self._in_array = False
            return False
        self._depth -= 1
        self._inside = self._depth > 0
        return not self._inside


def _require_nothing(between: bytes) -> None:
    if between.strip(b" \t\r\n,"):
        raise DecodeError(_NO_ARRAY)
