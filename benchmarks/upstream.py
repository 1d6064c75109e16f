"""The other side: a server on this machine, in a process of its own, that speaks the wires with bytes made beforehand.

    python -m benchmarks.upstream

prints its port and serves until its input ends. The first part of a path is a recipe of `benchmarks.replies`, what
follows is the service's own path: `/text.10000.1.0/v1/chat/completions`.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from typing import TYPE_CHECKING

from benchmarks import replies
from benchmarks.frames import FIN_TEXT, accepted, frame, unframed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.replies import Recipe

WIRES = {
    "/chat/completions": "chat",
    "/responses": "responses",
    "/messages": "messages",
    ":generateContent": "gemini",
    ":streamGenerateContent": "gemini",
    "/api/chat": "ollama",
    "/embeddings": "embeddings",
}
"""What a request's path ends with, without its query."""

SLICE = 1 << 16
"""Bytes that one network write holds."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_KEY = re.compile(rb"\r\nsec-websocket-key: *([^\r]+)", re.IGNORECASE)
_STREAM = re.compile(rb'"stream": *true')
_WHOLE = re.compile(rb'"stream": *false')
_BASE64 = re.compile(rb'"encoding_format": *"base64"')


class Upstream(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._received = b""
        self._left: Iterator[memoryview] | None = None
        self._paused = False
        self._recipe: Recipe | None = None  # of a WebSocket
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._received += data
        if self._recipe is not None:
            self._spoken()
            return
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[: end + 2]
            last = end_of(self._received, head, end + 4)
            if last is None:
                return
            body, self._received = self._received[end + 4 : last], self._received[last:]
            self._answer(head, body)

    def pause_writing(self) -> None:
        """Wait: the client reads more slowly."""
        self._paused = True

    def resume_writing(self) -> None:
        """Write on."""
        self._paused = False
        self._pump()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature of asyncio
        """Write no more."""
        self._left = None

    def _answer(self, head: bytes, body: bytes) -> None:
        path = head.split(b" ", 2)[1].decode().partition("?")[0]
        _, part, rest = path.split("/", 2)
        recipe = replies.read(part)
        if key := _KEY.search(head):
            self.transport.write(accepted(key[1]))
            self._recipe = recipe
            return
        wire = next((name for ending, name in WIRES.items() if f"/{rest}".endswith(ending)), None)
        if wire is None:
            self.transport.write(replies.NOT_FOUND)
        elif wire == "embeddings":
            self._write(replies.embedded(recipe.count, base64=_BASE64.search(body) is not None))
        elif not streams(wire, rest, body):
            self.transport.write(replies.unary(wire))
        elif recipe.pace:
            Paced(self, wire, recipe).begin()
        else:
            self._write(replies.streamed(wire, recipe))

    def _spoken(self) -> None:
        """Answer each message of a WebSocket with a stream."""
        while (found := unframed(self._received)) is not None:
            kind, payload, self._received = found
            if kind == FIN_TEXT and b"response.create" in payload and self._recipe is not None:
                self._write(b"".join(frame(message) for message in replies.messages(self._recipe)))

    def _write(self, reply: bytes) -> None:
        view = memoryview(reply)
        self._left = (view[at : at + SLICE] for at in range(0, len(view), SLICE))
        self._pump()

    def _pump(self) -> None:
        while self._left is not None and not self._paused:
            piece = next(self._left, None)
            if piece is None:
                self._left = None
                return
            self.transport.write(piece)


def end_of(received: bytes, head: bytes, body: int) -> int | None:
    """Return where a request ends whose body begins at `body`; `None` = not yet received."""
    if _CHUNKED.search(head):
        end = received.find(b"0\r\n\r\n", body)
        return None if end < 0 else end + 5
    length = _LENGTH.search(head)
    last = body + (int(length[1]) if length else 0)
    return last if len(received) >= last else None


def streams(wire: str, path: str, body: bytes) -> bool:
    """Tell whether a request wants a stream."""
    if wire == "gemini":
        return path.endswith(":streamGenerateContent")
    return not _WHOLE.search(body) if wire == "ollama" else _STREAM.search(body) is not None


class Paced:
    """A stream whose chunks come at set times, each with the time at which it was sent as its text."""

    def __init__(self, to: Upstream, wire: str, recipe: Recipe) -> None:
        self._shape = replies.shape(wire, recipe)
        self._write: Callable[[bytes], None] = to.transport.write
        self._recipe = recipe
        self._number = 0
        self._texts: list[bytes] = []
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()

    def begin(self) -> None:
        """Send what comes before the text."""
        opening = b"".join(replies.chunk(event) for event in self._shape.opening)
        self._write(replies.head(self._shape.type) + opening)
        self._later()

    def _later(self) -> None:
        self._loop.call_at(self._began + (self._number + 1) * self._recipe.pace / 1000, self._send)

    def _send(self) -> None:
        text = b"%017.6f" % time.monotonic()
        self._texts.append(text)
        piece = replies.chunk(self._shape.said(self._number, text))
        self._number += 1
        if self._number < self._recipe.count:
            self._write(piece)
            self._later()
        else:
            self._write(piece + self._end())

    def _end(self) -> bytes:
        whole = {b"text": b"".join(self._texts)}
        return b"".join(replies.chunk(event % whole) for event in self._shape.closing) + replies.LAST


async def serve() -> None:
    """Serve until the input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
