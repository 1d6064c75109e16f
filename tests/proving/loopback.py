"""A server on loopback that misbehaves, from whose side a test sees what becomes of its connections.

The first segment of the path says how: `http://127.0.0.1:PORT/comments/v1/…`.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from typing import Self

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_CHUNK = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    b'"delta":{"role":"assistant","content":"more "},"finish_reason":null}]}\n\n'
)
_BEGUN = (
    b'data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m",'
    b'"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n'
    b'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
)
_DELTA = b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"more "}}\n\n'

_CREATED = b'data: {"type":"response.created","response":{"id":"r","model":"m","status":"in_progress","output":[]}}\n\n'
_SAID = b'data: {"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"more "}\n\n'

_PARTS = b'data: {"candidates":[{"content":{"role":"model","parts":[{"text":"more "}]},"index":0}]}\r\n\r\n'

CONTENT = {
    "openai-chat": (_CHUNK, _CHUNK),
    "openai": (_CREATED + _SAID, _SAID),
    "claude": (_BEGUN + _DELTA, _DELTA),
    "gemini": (_PARTS, _PARTS),
}
"""The first piece of an answer, and every further one."""

PINGS = {
    "openai-chat": b": ping\n\n",
    "openai": b": ping\n\n",
    "claude": b'event: ping\ndata: {"type":"ping"}\n\n: ping\n\n',
    "gemini": b": ping\r\n\r\n",
}
WHOLE = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
    b'{"role":"assistant","content":"whole"},"finish_reason":"stop"}]}'
)
STEP = 0.02
"""Seconds between two pieces."""


@dataclass
class Visit:
    """One connection, from the server's side; `left` is set when it is over."""

    requests: list[str] = field(default_factory=list[str])
    left: threading.Event = field(default_factory=threading.Event)


class Loopback:
    """The server; each connection has a thread."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.visits.append(Visit())
                threading.Thread(target=self._serve, args=(connection, self.visits[-1]), daemon=True).start()

    def _serve(self, connection: socket.socket, visit: Visit) -> None:
        with connection, contextlib.suppress(OSError), connection.makefile("rb") as incoming:
            while (manner := _request(incoming)) is not None:
                visit.requests.append(manner)
                said = False
                for piece in self._pieces(manner, visit):
                    said = True
                    connection.sendall(piece)
                    if _closed(connection):
                        break
                if not said:
                    break
        visit.left.set()

    def _pieces(self, manner: str, visit: Visit) -> Iterator[bytes]:
        """Say something, as the manner of the path is; empty pieces look after the client, none at all hangs up."""
        provider = next((name for name in ("claude", "gemini", "openai") if manner.endswith(f"-{name}")), "openai-chat")
        first, more = CONTENT[provider]
        match manner.removesuffix(f"-{provider}"):
            case "whole":
                yield b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(WHOLE)
                yield WHOLE
            case "dying" if visit is self.visits[0] and len(visit.requests) == 1:
                yield from self._pieces("whole", visit)
            case "dying-once" if visit is not self.visits[0] or len(visit.requests) == 1:
                yield from self._pieces("whole", visit)
            case "silent":
                yield from self._every(b"")
            case "comments":
                yield HEAD
                yield from self._every(_chunk(PINGS[provider]))
            case "one":
                yield HEAD + _chunk(first)
                yield from self._every(_chunk(PINGS[provider]))
            case "drip":
                yield HEAD + _chunk(first)
                yield from self._every(_chunk(more))
            case _:
                pass

    def _every(self, piece: bytes) -> Iterator[bytes]:
        while not self._over.wait(STEP):
            yield piece


def _request(incoming: BufferedReader) -> str | None:
    """Read a request and return the first segment of its path; `None` at the end."""
    line = incoming.readline()
    if not line:
        return None
    length = 0
    while (row := incoming.readline()).strip():
        name, _, value = row.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    incoming.read(length)
    return line.split(b"/")[1].decode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _closed(connection: socket.socket) -> bool:
    """Tell whether the client has closed: it has nothing to say while it is answered."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


def soon(event: threading.Event, seconds: float = 1.0) -> float:
    """Wait for an event and return how long that took."""
    began = time.monotonic()
    assert event.wait(seconds)
    return time.monotonic() - began
