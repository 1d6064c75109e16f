"""HTTP/1.1 from the client's side: a request as bytes, and bytes as the head and the body of its reply.

Law: pure and incremental: how the bytes were cut changes nothing. Every buffer is bounded. What is not HTTP is an error
that quotes nothing of it, and a reply that ends early is never whole. What one call was fed comes out in one piece.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from chat_core.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.transport.exchange import Message

MAX_HEAD = 100 * 1024
"""Most bytes of a reply's head, and of the trailer behind its body."""

MAX_SIZE_LINE = 16 * 1024
"""Most bytes of the line before a chunk: its size, and extensions that nobody uses."""

_SWITCHING, _FINAL = 101, 200
_BODILESS = frozenset({204, 304})
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: [^\x00\r\n]*)?")
_FIELD = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]++):([^\x00\r\n]*+)\r*+\n", re.MULTILINE)
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_LINE_BREAK = b"\r\n"
_FOLD = re.compile(rb"\r?\n[ \t]+")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
_LENGTH = re.compile(r"[0-9]{1,18}")


def spelled(message: Message) -> bytes:
    """Return the head of a request as bytes."""
    rows = b"".join([b"%b: %b\r\n" % header for header in message.headers])
    return b"%b %b HTTP/1.1\r\n%b\r\n" % (message.method.encode("ascii"), message.to.target, rows)


class Incoming:
    """A reply on its way in.

    Attributes:
        status: of the head, 0 until it has come.
        headers: by lower-case name; those sent twice are joined as HTTP says.
        over: whether the reply is complete.
        reusable: whether the connection may serve again once it is.
    """

    __slots__ = ("_asked", "_left", "_lines", "_peer", "_rest", "_step", "headers", "over", "reusable", "status")

    def __init__(self, method: str, peer: str) -> None:
        """Begin the reply to a request; `peer` names the other side in errors."""
        self.status = 0
        self.headers: dict[str, str] = {}
        self.over = False
        self.reusable = False
        self._asked = method
        self._peer = peer
        self._lines = bytearray()  # of a head or a trailer that has not come whole
        self._rest: bytes = b""  # of the line before a chunk
        self._left: int | None = 0  # what the body, or a chunk of it, still lacks; None = it ends with the connection
        self._step: Callable[[Incoming, bytes], bytes] = Incoming._head  # what comes next

    def feed(self, data: bytes) -> bytes:
        """Take what was read, `b""` at the end of input, and return what it brings of the body.

        Raises:
            TransportError: it is not HTTP, or the input ended before the reply was complete.
        """
        if data:
            return self._step(self, data)
        if self._left is not None and not self.over:
            raise TransportError(f"the connection to {self._peer} ended before the reply was complete")
        self.over, self.reusable = True, False
        return b""

    def _wrong(self, what: str) -> NoReturn:
        raise TransportError(f"what came from {self._peer} is not HTTP: {what}")

    def _more(self, data: bytes) -> tuple[bytes, bytes] | None:
        """Return what comes up to an empty line, and what comes behind it; `None` = it has not come."""
        before = len(self._lines)
        self._lines += data
        found = _EMPTY_LINE.search(self._lines, max(before - 3, 0))
        end = len(self._lines) if found is None else found.end()
        if end > MAX_HEAD:
            self._wrong("its head or trailer is too long")
        if found is None:
            return None
        head, rest = bytes(self._lines[:end]), bytes(self._lines[end:])
        self._lines.clear()
        return head, rest

    # The head

    def _head(self, data: bytes) -> bytes:
        while data and (found := self._more(data)) is not None:
            head, data = found
            self._understand(head)
            if self.status:
                return self._step(self, data) if data else b""
        return b""

    def _understand(self, head: bytes) -> None:
        line, _, rows = head.partition(b"\n")
        found = _STATUS.fullmatch(line.rstrip(b"\r"))
        if found is None:
            self._wrong("its first line says no status")
        status = int(found[2])
        rows = rows.removesuffix(b"\n").removesuffix(b"\r")  # without the empty line
        headers = self._fields(_FOLD.sub(b" ", rows))
        if status == _SWITCHING:
            self._wrong("it switches to a protocol that nobody asked for")
        if status >= _FINAL:  # else there is more to come
            self.status, self.headers = status, headers
            self.reusable = found[1] == b"1" and "close" not in _words(headers.get("connection", ""))
            self._measure(headers)

    def _fields(self, rows: bytes) -> dict[str, str]:
        headers: dict[str, str] = {}
        between, *pieces = _FIELD.split(rows.decode("latin-1"))
        if between or any(pieces[2::3]):
            self._wrong("a line of its head is no header")
        for name, value in zip(map(str.lower, pieces[::3]), pieces[1::3], strict=True):
            value = value.strip(" \t")  # noqa: PLW2901 - as it is kept
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return headers

    def _measure(self, headers: dict[str, str]) -> None:
        """Find out where the body ends."""
        coding, length = headers.get("transfer-encoding"), headers.get("content-length")
        if self._asked == "HEAD" or self.status in _BODILESS:
            self._end()
        elif coding is not None:
            if coding.lower() != "chunked":
                self._wrong("its transfer encoding is not known")
            self.reusable = self.reusable and length is None  # two lengths: somebody is confused
            self._step = Incoming._chunks
        elif length is not None:
            lengths = set(_words(length))
            if len(lengths) > 1 or not _LENGTH.fullmatch(length := lengths.pop()):
                self._wrong("its length is no number")
            self._left, self._step = int(length), Incoming._plain
            if not self._left:
                self._end()
        else:
            self._left, self.reusable, self._step = None, False, Incoming._plain

    # The body

    def _plain(self, data: bytes) -> bytes:
        if self._left is None:
            return data
        piece = data[: self._left]
        self._left -= len(piece)
        if not self._left:
            self._end(data[len(piece) :])
        return piece

    def _chunks(self, data: bytes) -> bytes:
        """Join what chunks hold. What a chunk lacks includes the line break behind it."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        pieces: list[bytes] = []
        at, left = 0, self._left or 0
        while (end := at + left) <= len(data):
            if left:
                if data[end - len(_LINE_BREAK) : end] != _LINE_BREAK:
                    self._wrong("a chunk is longer than it says")
                pieces.append(data[at : end - len(_LINE_BREAK)])
            if (size := _SIZE.match(data, end)) is None:
                self._left, self._rest = 0, self._size_so_far(data[end:])
                return b"".join(pieces)
            at, left = size.end(), int(size[1], 16) + len(_LINE_BREAK)
            if left == len(_LINE_BREAK):  # the last chunk is empty
                self._left, self._step = 0, Incoming._trailer
                self._lines += b"\n"
                self._trailer(data[at:])
                return b"".join(pieces)
        piece = data[at : at + min(len(data) - at, left - len(_LINE_BREAK))]
        self._left, self._rest = left - len(piece), data[at + len(piece) :]
        return b"".join([*pieces, piece])

    def _size_so_far(self, line: bytes) -> bytes:
        if b"\n" in line or len(line) > MAX_SIZE_LINE:
            self._wrong("a chunk has no size")
        return line

    def _trailer(self, data: bytes) -> bytes:
        """Pass over what comes behind the last chunk."""
        if (found := self._more(data)) is not None:
            self._end(found[1])
        return b""

    def _end(self, rest: bytes = b"") -> None:
        """Be complete; what comes behind the end belongs to no reply."""
        self.over, self._step = True, Incoming._unasked
        self.reusable = self.reusable and not rest

    def _unasked(self, data: bytes) -> bytes:
        self._end(data)
        return b""


def _words(value: str) -> list[str]:
    return [word.strip().lower() for word in value.split(",")]
