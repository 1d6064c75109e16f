"""WebSocket: the transport for the channel `websocket`, blocking and asyncio, over the same pool as HTTP.

Law: as `http`: a request whose connection had rested and died before anything came is sent once more, and nothing else
is ever sent twice. Requests share a connection where their `Lane` says how, else each has one of its own. Only requests
with the same address, headers and credentials meet, as those are the handshake's.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import UnsupportedTransport
from chat_core.transport.alinks import AsyncLink
from chat_core.transport.client import AsyncLine, Line
from chat_core.transport.duplex import Declined
from chat_core.transport.handshake import Plan, Refused, Unheard, asking, speaks
from chat_core.transport.http import KEEPALIVE, MAX_CONNECTIONS, Held, HTTPTransport
from chat_core.transport.lanes import MAX_QUEUE, Recent
from chat_core.transport.lines import AllLines
from chat_core.transport.links import Link
from chat_core.transport.redaction import plain_url
from chat_core.transport.speaker import MAX_MESSAGE, Speaker
from chat_core.transport.talking import Habits, Talking

if TYPE_CHECKING:
    import asyncio
    import ssl

    from chat_core.codec.wire import Outgoing, WireResponse
    from chat_core.transport.client import Certificate, ClientName
    from chat_core.transport.exchange import Message
    from chat_core.transport.pool import Counts
    from chat_core.transport.protocol import AsyncConnection, AsyncStream, Connection, Stream
    from chat_core.transport.talking import Speaker as AnySpeaker

MAX_AGE = 55 * 60.0
"""Seconds after which a connection takes no further requests: services close one after an hour."""

PING_INTERVAL, PING_TIMEOUT = 20.0, 20.0
"""Seconds of silence before a ping, and seconds that its answer may take."""


class WebSocketTransport:
    """Sends requests over WebSockets, from threads and from event loops; safe to share between all of them.

    What has an address of HTTP, as model lists have, is sent over HTTP.
    """

    channel = "websocket"

    def __init__(  # noqa: PLR0913 - one keyword per thing that networks differ in
        self,
        *,
        proxy: str | None = None,
        verify: bool | str | ssl.SSLContext = True,
        cert: Certificate | None = None,
        max_connections: int = MAX_CONNECTIONS,
        keepalive: float = KEEPALIVE,
        max_age: float = MAX_AGE,
        ping_interval: float | None = PING_INTERVAL,
        ping_timeout: float = PING_TIMEOUT,
        max_message: int = MAX_MESSAGE,
        max_queue: int = MAX_QUEUE,
        compression: bool = False,
        client: ClientName = "httpx",
        beside: HTTPTransport | None = None,
    ) -> None:
        """Set up; nothing is loaded or connected before the first request.

        Args:
            proxy: as `HTTPTransport`.
            verify: as `HTTPTransport`.
            cert: as `HTTPTransport`.
            max_connections: most connections at once; further requests wait, see `Outgoing.pool`.
            keepalive: seconds that a connection rests before it is closed; 0 = it serves once.
            max_age: seconds after which a connection takes no further requests; services close them after an hour.
            ping_interval: seconds of silence before the other side is asked for a sign of life; `None` = never.
            ping_timeout: seconds that its answer may take.
            max_message: most bytes of one message.
            max_queue: most bytes unread of one request; beyond, it fails if others share its connection, or else waits.
            compression: offer to compress messages.
            client: makes the handshake: `httpx`, or its successor `httpx2`.
            beside: a transport whose proxy, certificates and client are used instead.
        """
        self._owns_http = beside is None
        self._http = beside or HTTPTransport(
            proxy=proxy,
            verify=verify,
            cert=cert,
            max_connections=max_connections,
            keepalive=keepalive,
            client=client,
        )
        self._habits = Habits(
            max_age=max_age, ping_interval=ping_interval, ping_timeout=ping_timeout, max_queue=max_queue
        )
        self._speaking = (max_message, compression)
        self._lines: AllLines[Link, AsyncLink] = AllLines(max_connections, keepalive)
        self._recent: Recent[Link] = Recent()
        self._recent_of_loops: Recent[AsyncLink] = Recent()

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """Send a request over HTTP and read its whole reply; over a WebSocket there are only streams.

        Raises:
            UnsupportedTransport: its address is that of a WebSocket.
        """
        return self._http.send(_whole(request), until)

    def open(self, request: Outgoing, until: float | None) -> Stream:
        """Send a request, and wait for the first frame of its reply; as `protocol.Transport.open`."""
        if not speaks(request.wire.url):
            return self._http.open(request, until)
        plan = self._planned(request)
        lines = self._lines.threads()
        again = True
        while True:
            lease = lines.take(plan.key, plan.to.peer, request.pool, until, self._recent.get(plan.conversation))
            held = Held(lines, lease)
            try:
                link = held.line(lambda: Link(Line(plan.to, plan.settings), plan))
                _share(held, link, request)
                if link.fit and link.open(request.connect, until):
                    if link.refusal is None:
                        self._recent.note(plan.conversation, link)
                        return link.send(held, request, until)
                    held.leave(rest=False)
                    return Refused(link.refusal)
                held.leave(rest=False)
            except Unheard as unheard:
                held.leave(rest=False)
                if not again:
                    raise unheard.error from None
                again = False
            except BaseException:
                held.leave(rest=False)
                raise

    def connect(self, request: Outgoing, until: float | None) -> Connection:
        """Make a connection for a live session; as `protocol.LiveTransport.connect`."""
        plan = self._own(request)
        lines = self._lines.threads()
        held = Held(lines, lines.take(plan.key, plan.to.peer, request.pool, until))
        try:
            link = held.line(lambda: Link(Line(plan.to, plan.settings), plan))
            link.open(request.connect, until)
            if link.refusal is None:
                return link.converse(held)
        except BaseException:
            held.leave(rest=False)
            raise
        held.leave(rest=False)
        return Declined(link.refusal)

    def close(self) -> None:
        """Close all connections of this process's threads, those in use as well."""
        self._lines.threads().abort()
        if self._owns_http:
            self._http.close()

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `send`."""
        return await self._http.asend(_whole(request), until)

    async def aopen(self, request: Outgoing, until: float | None) -> AsyncStream:
        """As `open`."""
        if not speaks(request.wire.url):
            return await self._http.aopen(request, until)
        plan = self._planned(request)
        lines = await self._lines.loop()
        again = True
        while True:
            lease = await lines.take(
                plan.key, plan.to.peer, request.pool, until, self._recent_of_loops.get(plan.conversation)
            )
            held = Held(lines, lease)
            try:
                link = held.line(lambda: AsyncLink(AsyncLine(plan.to, plan.settings), plan))
                _share(held, link, request)
                if link.fit and await link.open(request.connect, until):
                    if link.refusal is None:
                        self._recent_of_loops.note(plan.conversation, link)
                        return await link.send(held, request, until)
                    held.leave(rest=False)
                    return Refused(link.refusal)
                held.leave(rest=False)
            except Unheard as unheard:
                held.leave(rest=False)
                if not again:
                    raise unheard.error from None
                again = False
            except BaseException:
                held.leave(rest=False)
                raise

    async def aconnect(self, request: Outgoing, until: float | None) -> AsyncConnection:
        """As `connect`."""
        plan = self._own(request)
        lines = await self._lines.loop()
        held = Held(lines, await lines.take(plan.key, plan.to.peer, request.pool, until))
        try:
            link = held.line(lambda: AsyncLink(AsyncLine(plan.to, plan.settings), plan))
            await link.open(request.connect, until)
            if link.refusal is None:
                return link.converse(held)
        except BaseException:
            held.leave(rest=False)
            raise
        held.leave(rest=False)
        return Declined(link.refusal)

    async def aclose(self) -> None:
        """Close all connections of the running loop, those in use as well."""
        await self._lines.leave_loop()
        if self._owns_http:
            await self._http.aclose()

    def counts(self, loop: asyncio.AbstractEventLoop | None = None) -> Counts:
        """Count the WebSockets of this process's threads, or those of a loop."""
        return self._lines.counts(loop)

    def _own(self, request: Outgoing) -> Plan:
        """Plan a connection that serves nobody else: nothing has its key."""
        if not speaks(request.wire.url):
            url = plain_url(request.wire.url)
            raise UnsupportedTransport(f"a live session needs the address of a WebSocket, not {url}")
        plan = self._planned(request)
        return replace(plan, key=(*plan.key, object()), conversation=None)

    def _planned(self, request: Outgoing) -> Plan:
        """Find out where a request goes, and how; raises `ConfigurationError` as `HTTPTransport.prepared`."""
        wire, lasting = request.wire, asking(request)
        to, settings, _ = self._http.prepared(lasting)
        proof = sha256(repr(sorted({**lasting.headers, **lasting.credentials}.items())).encode()).digest()
        key = (wire.url, settings.proxy, wire.lane, proof)

        def speaker() -> AnySpeaker:
            return Speaker(wire.url, to.peer, max_message=self._speaking[0], compression=self._speaking[1])

        def message(speaker: AnySpeaker) -> Message:
            return self._http.prepared(asking(request, speaker))[2]

        def talking(speaker: AnySpeaker) -> Talking:
            return Talking(speaker, wire.lane, self._habits, to.peer, monotonic())

        conversation = None if wire.affinity is None else (key, wire.affinity)
        return Plan(key, conversation, to, settings, speaker, message, talking)


L = TypeVar("L", Link, AsyncLink)


def _share(held: Held[L], link: L, request: Outgoing) -> None:
    """Let other requests on a connection, also on one that is not open yet."""
    if link.fit and request.wire.lane is not None:
        held.share(request.wire.lane.limit)


def _whole(request: Outgoing) -> Outgoing:
    """Return a request that a whole reply can be had for."""
    if speaks(request.wire.url):
        raise UnsupportedTransport("a WebSocket has no whole replies: open a stream, or use the transport `httpx`")
    return request
