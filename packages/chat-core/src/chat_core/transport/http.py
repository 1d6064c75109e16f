"""HTTP: the transport for the channel `http`, blocking and asyncio, over a pool of our own.

Law: a request whose connection had rested and died before any byte of the reply is sent once more; nothing else is
ever sent twice. Redirects are not followed: they would carry the credentials along. A stream that is left closes its
socket at once.
"""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Generic, TypeVar

from chat_core.codec.wire import WireResponse
from chat_core.errors import ConnectFailed, TimedOut
from chat_core.transport.client import AsyncLine, Line, Settings, address, context, message
from chat_core.transport.deadline import late
from chat_core.transport.direct import AsyncDirectLine, DirectLine
from chat_core.transport.inflate import inflater
from chat_core.transport.lines import AllLines
from chat_core.transport.protocol import FAILED
from chat_core.transport.proxies import proxy_for
from chat_core.transport.replies import AsyncReply, Reply, failure

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable

    from chat_core.codec.wire import Outgoing
    from chat_core.transport.client import Certificate, ClientName
    from chat_core.transport.deadline import Deadline
    from chat_core.transport.exchange import Address, Answer, AsyncAnswer, AsyncHTTPLine, HTTPLine, Message
    from chat_core.transport.lines import Line as AnyLine
    from chat_core.transport.lines import Lines
    from chat_core.transport.pool import Counts, Lease
    from chat_core.transport.protocol import AsyncConnection, Connection
    from chat_core.transport.websocket import WebSocketTransport

MAX_CONNECTIONS = 2_000
"""Connections at once, per process and per event loop: a thousand streams need no setting."""

KEEPALIVE = 60.0
"""Seconds that a connection rests before it is closed."""

NEW = (0, 0)
"""What a connection has moved that was never made."""

STREAMS = 100
"""Exchanges at once on one HTTP/2 connection; what services allow."""


class HTTPTransport:
    """Sends requests over HTTP/1.1 or HTTP/2, from threads and from event loops; safe to share between all of them."""

    channel = "http"

    def __init__(  # noqa: PLR0913 - one keyword per thing that networks differ in
        self,
        *,
        proxy: str | None = None,
        verify: bool | str | ssl.SSLContext = True,
        cert: Certificate | None = None,
        http2: bool = False,
        max_connections: int = MAX_CONNECTIONS,
        keepalive: float = KEEPALIVE,
        client: ClientName = "httpx",
    ) -> None:
        """Set up; nothing is loaded or connected before the first request.

        Args:
            proxy: URL of a proxy; `None` = what the environment says for each address, `""` = none.
            verify: whether servers must prove who they are; a file or folder of certificates, or a context.
            cert: a client certificate: file, or file and key, or file, key and password.
            http2: offer HTTP/2; the tasks of a loop then share connections.
            max_connections: most connections at once; further requests wait, see `Outgoing.pool`.
            keepalive: seconds that a connection rests before it is closed; 0 = it serves once.
            client: who makes connections through proxies and over HTTP/2: `httpx`, or its successor `httpx2`.
        """
        self._proxy = proxy
        self._verify = verify
        self._cert = cert
        self._http2 = http2
        self._client: ClientName = client
        self._context: ssl.SSLContext | None = None
        self._most = max_connections
        self._lines: AllLines[HTTPLine, AsyncHTTPLine] = AllLines(max_connections, keepalive)
        self._websockets: WebSocketTransport | None = None

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """Send a request and read its whole reply; as `protocol.Transport.send`."""
        reply = self.open(request, until)
        return reply.head if reply.head.status >= FAILED else reply.whole(until)

    def open(self, request: Outgoing, until: float | None) -> Reply:
        """Send a request and read the head of its reply; as `protocol.Transport.open`."""
        to, settings, wanted = self.prepared(request)
        lines = self._lines.threads()
        held = Held(lines, lines.take((to.key, settings.proxy), to.peer, request.pool, until))
        try:
            answer = _answer(held, lambda: self.line(to, settings), wanted, (request.connect, until))
            head = WireResponse(status=answer.status, headers=answer.headers)
            reply = Reply(head, answer.chunks, answer.end, held, inflater(head.headers))
        except Exception as error:  # noqa: BLE001 - whatever the HTTP client raises becomes an error of ours
            held.leave(rest=False)
            raise failure(error, to.peer) from None
        except BaseException:
            held.leave(rest=False)
            raise
        if head.status >= FAILED:
            reply.failed(until)
        return reply

    def connect(self, request: Outgoing, until: float | None) -> Connection:
        """Make a connection for a live session, with the same proxy and certificates; as `protocol.LiveTransport`."""
        return self._beside().connect(request, until)

    def close(self) -> None:
        """Close all connections of this process's threads, those in use as well."""
        self._lines.threads().abort()
        if self._websockets is not None:
            self._websockets.close()

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """Send a request and read its whole reply; as `protocol.Transport.send`."""
        reply = await self.aopen(request, until)
        return reply.head if reply.head.status >= FAILED else await reply.whole(until)

    async def aopen(self, request: Outgoing, until: float | None) -> AsyncReply:
        """Send a request and read the head of its reply; as `protocol.Transport.open`."""
        to, settings, wanted = self.prepared(request)
        lines = await self._lines.loop()
        held = Held(lines, await lines.take((to.key, settings.proxy), to.peer, request.pool, until))
        try:
            answer = await _async_answer(held, lambda: self.async_line(to, settings), wanted, (request.connect, until))
            head = WireResponse(status=answer.status, headers=answer.headers)
            reply = AsyncReply(head, answer.chunks, answer.end, held, inflater(head.headers))
        except Exception as error:  # noqa: BLE001 - whatever the HTTP client raises becomes an error of ours
            held.leave(rest=False)
            raise failure(error, to.peer) from None
        except BaseException:
            held.leave(rest=False)
            raise
        if head.status >= FAILED:
            await reply.failed(until)
        return reply

    async def aconnect(self, request: Outgoing, until: float | None) -> AsyncConnection:
        """As `connect`."""
        return await self._beside().aconnect(request, until)

    def counts(self, loop: asyncio.AbstractEventLoop | None = None) -> Counts:
        """Count the connections of this process's threads, or those of a loop."""
        return self._lines.counts(loop)

    async def aclose(self) -> None:
        """Close all connections of the running loop, those in use as well."""
        await self._lines.leave_loop()
        if self._websockets is not None:
            await self._websockets.aclose()

    def prepared(self, request: Outgoing) -> tuple[Address, Settings, Message]:
        """Find out where a request goes, how, and as what.

        Raises:
            ConfigurationError: its address or a header cannot be sent.
        """
        to = address(self._client, request.wire.url)
        proxy = proxy_for(to.scheme, to.host, to.port, os.environ) if self._proxy is None else self._proxy
        settings = Settings(client=self._client, http2=self._http2, proxy=proxy or None, tls=self._tls)
        return to, settings, message(to, request)

    def line(self, to: Address, settings: Settings) -> HTTPLine:
        """Make a connection for threads: the client library's where there is more to it than HTTP/1.1.

        A subclass may make others.
        """
        if settings.http2 or settings.proxy is not None:
            return Line(to, settings)
        return DirectLine(to, settings.tls() if to.scheme == "https" else None)

    def async_line(self, to: Address, settings: Settings) -> AsyncHTTPLine:
        """Make a connection for the tasks of a loop; as `line`."""
        if settings.http2 or settings.proxy is not None:
            return AsyncLine(to, settings)
        return AsyncDirectLine(to, settings.tls() if to.scheme == "https" else None)

    def _beside(self) -> WebSocketTransport:
        """Return what makes WebSockets out of this transport's connections, when there is need of one."""
        from chat_core.transport.websocket import WebSocketTransport  # noqa: PLC0415 - live sessions only

        with self._lines.lock:
            if self._websockets is None:
                self._websockets = WebSocketTransport(beside=self, max_connections=self._most)
            return self._websockets

    def _tls(self) -> ssl.SSLContext:
        """Return the TLS settings, which cost 20 ms to make."""
        with self._lines.lock:
            if self._context is None:
                self._context = context(self._client, self._verify, self._cert)
                if not self._http2:  # else the client library offers both
                    self._context.set_alpn_protocols(["http/1.1"])
            return self._context


L = TypeVar("L", bound="AnyLine")


class Held(Generic[L]):
    """A connection in use. To `replies` it is what a reply holds."""

    __slots__ = ("_lease", "_lines", "alone", "deadline")

    deadline: Deadline
    _lines: Lines[L]
    _lease: Lease[L]

    def __init__(self, lines: Lines[L], lease: Lease[L]) -> None:
        """Own a lease, which is given back once."""
        self._lines = lines
        self._lease = lease
        self.alone = True

    def line(self, make: Callable[[], L]) -> L:
        """Return the connection; make it if the lease is for a new one."""
        line = self._lease.line
        if line is None:
            line = make()
            self._lines.hold(self._lease, line)
        self.deadline = line.deadline
        return line

    def replace(self, line: L) -> None:
        """Throw a connection away that died; the place stays ours."""
        self._lease.line = None
        self._lines.discard(line)

    def share(self, most: int = STREAMS) -> None:
        """Let other exchanges use the connection as well, up to `most` at once."""
        self.alone = False
        self._lines.share(self._lease, most)

    def leave(self, *, rest: bool) -> None:
        """Give the connection back, to rest or to be closed at once; only the first call counts."""
        self._lines.give_back(self._lease, rest=rest)


def _answer(
    held: Held[HTTPLine], make: Callable[[], HTTPLine], wanted: Message, limits: tuple[float | None, float | None]
) -> Answer:
    """Send a request and wait for the head of its reply; `limits` are those of `Deadline.begin`."""
    while True:
        line = held.line(make)
        line.deadline.begin(connect=limits[0], until=limits[1])
        before = line.moved
        try:
            return line.exchange(wanted)
        except Exception as error:
            if before == NEW or isinstance(error, TimedOut | ConnectFailed) or line.moved != before:
                raise
            held.replace(line)  # it died while it rested


async def _async_answer(
    held: Held[AsyncHTTPLine],
    make: Callable[[], AsyncHTTPLine],
    wanted: Message,
    limits: tuple[float | None, float | None],
) -> AsyncAnswer:
    """As `_answer`."""
    while True:
        line = held.line(make)
        if line.shared:  # also one that has rested: from now on others may join again
            held.share()
            return await _in_time(line, wanted, limits[1])
        line.deadline.begin(connect=limits[0], until=limits[1])
        before = line.moved
        try:
            answer = await line.exchange(wanted)
        except Exception as error:
            if before == NEW or isinstance(error, TimedOut | ConnectFailed) or line.moved != before:
                raise
            held.replace(line)  # it died while it rested
        else:
            if answer.http2:
                line.shared = True
                line.deadline.begin(connect=None, until=None)
                held.share()
            return answer


async def _in_time(line: AsyncHTTPLine, wanted: Message, until: float | None) -> AsyncAnswer:
    """Exchange without touching the connection's deadline: others use it."""
    import asyncio  # noqa: PLC0415 - threads do without

    seconds = None if until is None else until - monotonic()
    try:
        async with asyncio.timeout(seconds):
            return await line.exchange(wanted)
    except TimeoutError:
        raise late("read", seconds or 0.0, line.deadline.peer) from None
