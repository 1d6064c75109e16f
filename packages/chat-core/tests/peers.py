"""A real server on loopback whose behaviour each test writes, and one face for both colours of a transport."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

from chat_core.codec.wire import Outgoing, WireRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import trustme

    from chat_core.codec.wire import WireResponse
    from chat_core.transport.http import HTTPTransport
    from chat_core.transport.pool import Counts
    from chat_core.transport.protocol import Read
    from chat_core.transport.replies import AsyncReply

PATIENCE = 20.0
"""Seconds after which a test gives up on something that should have happened."""


@dataclass
class Got:
    """A request as the server read it."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """One connection, from the server's side; `gone` is done when its script is over."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int
    gone: Future[None] = field(default_factory=Future[None])

    async def request(self) -> Got:
        """Read one request; the end of the connection ends the test's script."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rows = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Got(line, headers, body)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, body: bytes, status: str = "200 OK", **headers: str) -> None:
        rows = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        await self.write(f"HTTP/1.1 {status}\r\n{rows}content-length: {len(body)}\r\n\r\n".encode() + body)

    async def start(self, kind: str = "text/event-stream") -> None:
        await self.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode())

    async def chunk(self, data: bytes) -> None:
        await self.write(b"%x\r\n%s\r\n" % (len(data), data))

    async def end(self) -> None:
        await self.write(b"0\r\n\r\n")

    async def wait_gone(self) -> None:
        """Wait until the client has closed the connection."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """Break the connection off with a reset."""
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Server:
    """Serves every connection by a script, in a thread with its own loop."""

    def __init__(self, script: Callable[[Peer], Awaitable[None]], tls: ssl.SSLContext | None = None) -> None:
        self.peers: list[Peer] = []
        self.port = 0
        self._script = script
        self._tls = tls
        self._ready: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def address(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._ready.result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls, backlog=2048)
        self._ready.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        self._loop.remove_reader(server.sockets[0])  # asyncio drops what it has just accepted when a server closes
        for _ in range(5):  # whoever was accepted in this moment becomes a peer, to be closed as well
            await asyncio.sleep(0)
        server.close()
        for peer in self.peers:
            peer.writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer, len(self.peers))
        self.peers.append(peer)
        try:
            await self._script(peer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.CancelledError:
            return
        finally:
            peer.gone.set_result(None)
            with contextlib.suppress(Exception):
                writer.close()


def outgoing(  # noqa: PLR0913 - what tests vary
    url: str,
    body: bytes = b'{"a":1}',
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
    connect: float | None = PATIENCE,
    pool: float | None = PATIENCE,
) -> Outgoing:
    return Outgoing(
        wire=WireRequest(url=url, method=method),
        body=body,
        headers=headers or {},
        credentials=credentials or {},
        connect=connect,
        pool=pool,
    )


def soon(seconds: float = PATIENCE) -> float:
    """Return a moment."""
    return time.monotonic() + seconds


class Stream(Protocol):
    """A stream of either colour, seen from blocking code."""

    @property
    def head(self) -> WireResponse: ...
    def receive(self, until: float | None) -> Read: ...
    def close(self, *, reuse: bool) -> None: ...


class Colour(Protocol):
    """A transport of either colour, seen from blocking code."""

    transport: HTTPTransport

    def send(self, request: Outgoing, until: float | None) -> WireResponse: ...
    def open(self, request: Outgoing, until: float | None) -> Stream: ...
    def counts(self) -> Counts: ...


class Blocking:
    """The blocking colour as it is."""

    def __init__(self, transport: HTTPTransport) -> None:
        self.transport = transport

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        return self.transport.send(request, until)

    def open(self, request: Outgoing, until: float | None) -> Stream:
        return self.transport.open(request, until)

    def counts(self) -> Counts:
        return self.transport.counts()

    def close(self) -> None:
        self.transport.close()


class Looped:
    """The asyncio colour, whose loop runs while something is asked of it."""

    def __init__(self, transport: HTTPTransport) -> None:
        self.transport = transport
        self._runner = asyncio.Runner()

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        return self._runner.run(self.transport.asend(request, until))

    def open(self, request: Outgoing, until: float | None) -> Stream:
        return LoopedStream(self._runner, self._runner.run(self.transport.aopen(request, until)))

    def counts(self) -> Counts:
        return self.transport.counts(self._runner.get_loop())

    def close(self) -> None:
        self._runner.run(self.transport.aclose())
        self._runner.close()


class LoopedStream:
    """A stream of `Looped`."""

    def __init__(self, runner: asyncio.Runner, inner: AsyncReply) -> None:
        self._runner = runner
        self._inner = inner

    @property
    def head(self) -> WireResponse:
        return self._inner.head

    def receive(self, until: float | None) -> Read:
        return self._runner.run(self._inner.areceive(until))

    def close(self, *, reuse: bool) -> None:
        self._runner.run(self._inner.aclose(reuse=reuse))


def rest(stream: Stream, seconds: float = PATIENCE) -> list[bytes]:
    """Read a stream to its end."""
    pieces: list[bytes] = []
    while (read := stream.receive(soon(seconds))) is not None:
        assert isinstance(read, bytes)
        pieces.append(read)
    return pieces


# pyright cannot see one of the two kinds of context that trustme takes: it belongs to a package that is not here.


def certified(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    """Return a server's TLS settings."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)  # pyright: ignore[reportUnknownMemberType]
    return context


def trusting(authority: trustme.CA, context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a context trust an authority."""
    authority.configure_trust(context)  # pyright: ignore[reportUnknownMemberType]
    return context
