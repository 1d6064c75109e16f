"""A real server on loopback that answers as it is told, and a transport that takes every request there.

Law: it speaks plain HTTP/1.1 and knows no wire. What it was asked is kept, and so is whether the client left.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from http.client import responses
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Literal, Self, TypeAlias, cast
from urllib.parse import urlsplit

from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chat_core.codec.wire import Outgoing, WireResponse
    from chat_core.transport.protocol import AsyncStream, Stream

Ending: TypeAlias = Literal["complete", "lost", "silent"]
"""How a reply ends: as HTTP says, by a connection that breaks off, or not at all: nothing more comes."""

PATIENCE = 5.0
"""Seconds after which something that should have happened is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server says to one request.

    Attributes:
        status, headers: the head.
        pieces: the body, each piece an HTTP chunk.
        ending: how it ends.
        headless: not even the head comes.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    pieces: tuple[bytes, ...] = ()
    ending: Ending = "complete"
    headless: bool = False

    @classmethod
    def of(cls, reply: WireResponse) -> Answer:
        """Return the answer that is a whole reply."""
        return cls(status=reply.status, headers={**_JSON, **reply.headers}, pieces=(reply.body,))


_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as the server read it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class Loopback:
    """A server; `with` starts and stops it.

    Attributes:
        asked: the requests, in order.
        left: set when a client closed a connection on which an answer was `silent`.
    """

    def __init__(self, *answers: Answer) -> None:
        """Get ready to give these answers, in order; the last one is given again and again."""
        self.asked: list[Asked] = []
        self.left = threading.Event()
        self._answers = deque(answers)
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)

    @property
    def address(self) -> str:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def answers(self, answers: Iterable[Answer]) -> None:
        """Give these answers from now on."""
        self._answers = deque(answers)

    def next(self) -> Answer:
        """Take the next answer."""
        return self._answers.popleft() if len(self._answers) > 1 else self._answers[0]


class _Server(ThreadingTCPServer):
    """Listens on a free port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients of tests break connections on purpose."""


class _Connection(StreamRequestHandler):
    """Serves one connection."""

    def handle(self) -> None:
        """Answer request after request."""
        while (asked := self._asked()) is not None:
            loopback = cast("_Server", self.server).loopback
            loopback.asked.append(asked)
            answer = loopback.next()
            if not answer.headless:
                self._say(answer)
            if answer.ending == "silent":
                if not self.rfile.read(1):
                    loopback.left.set()
                return
            if answer.ending == "lost":
                return

    def _asked(self) -> Asked | None:
        line = self.rfile.readline().decode("latin-1").split(" ")
        if len(line) < 2:  # noqa: PLR2004 - a method and a path
            return None
        headers: dict[str, str] = {}
        while row := self.rfile.readline().decode("latin-1").strip():
            name, _, value = row.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        return Asked(method=line[0], path=line[1], headers=headers, body=body)

    def _say(self, answer: Answer) -> None:
        rows = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items() if name not in _FRAMING)
        head = (
            f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}\r\n{rows}transfer-encoding: chunked\r\n\r\n"
        )
        chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in answer.pieces if piece]
        end = b"0\r\n\r\n" if answer.ending == "complete" else b""
        self.wfile.write(head.encode("latin-1") + b"".join(chunks) + end)


_FRAMING = frozenset({"content-length", "transfer-encoding", "content-encoding", "connection"})
"""Headers that say how a body travels; a recorded reply travels otherwise here."""


class Redirected:
    """HTTP in both colours, with every request taken to one server, whatever its address says.

    Attributes:
        channel: the channel of HTTP.
        sent: the requests as they left.
    """

    channel = "http"

    def __init__(self, address: str) -> None:
        """Take requests to `address`."""
        self.sent: list[Outgoing] = []
        self._address = address
        self._inner = HTTPTransport(proxy="")

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `protocol.Transport.send`."""
        return self._inner.send(self._moved(request), until)

    def open(self, request: Outgoing, until: float | None) -> Stream:
        """As `protocol.Transport.open`."""
        return self._inner.open(self._moved(request), until)

    def close(self) -> None:
        """Close all connections."""
        self._inner.close()

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `protocol.AsyncTransport.asend`."""
        return await self._inner.asend(self._moved(request), until)

    async def aopen(self, request: Outgoing, until: float | None) -> AsyncStream:
        """As `protocol.AsyncTransport.aopen`."""
        return await self._inner.aopen(self._moved(request), until)

    async def aclose(self) -> None:
        """Close all connections of the running loop."""
        await self._inner.aclose()

    def _moved(self, request: Outgoing) -> Outgoing:
        self.sent.append(request)
        parts = urlsplit(request.wire.url)
        query = f"?{parts.query}" if parts.query else ""
        return replace(request, wire=replace(request.wire, url=f"{self._address}{parts.path or '/'}{query}"))
