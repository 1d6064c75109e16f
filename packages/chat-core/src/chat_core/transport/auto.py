"""WebSockets where a service and the way to it have them, and HTTP where not, for those who ask for it.

Law: it moves bytes as its two halves do, and decides nothing: to go on over HTTP is the flow's business, before the
first event. A service that would have no WebSocket is not asked for one again for a while, which the error says.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from chat_core.errors import ConnectFailed, TimedOut
from chat_core.transport.closings import ELSEWHERE_TOO
from chat_core.transport.handshake import REFUSED, speaks
from chat_core.transport.websocket import WebSocketTransport

if TYPE_CHECKING:
    from chat_core.codec.wire import Outgoing, WireResponse
    from chat_core.errors import TransportError
    from chat_core.transport.protocol import AsyncConnection, AsyncStream, Connection, Stream

AGAIN = 300.0
"""Seconds after which a service that would have no WebSocket is asked for one again."""

S = TypeVar("S", bound="Stream | AsyncStream")


class AutoTransport:
    """Offers WebSockets first, then HTTP; safe to share between threads and event loops."""

    channel = "websocket"
    channels = ("websocket", "http")

    def __init__(self, inner: WebSocketTransport | None = None) -> None:
        """Set up; `inner` carries both, with its settings."""
        self._inner = inner if inner is not None else WebSocketTransport()
        self._refusing: dict[str, tuple[float, str]] = {}

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """Send a request over HTTP; as `protocol.Transport.send`."""
        return self._inner.send(request, until)

    def open(self, request: Outgoing, until: float | None) -> Stream:
        """Send a request; as `protocol.Transport.open`.

        Raises:
            ConnectFailed: also when the service would have no WebSocket a while ago.
        """
        self._require(request)
        try:
            return self._noted(request, self._inner.open(request, until))
        except (ConnectFailed, TimedOut) as error:
            self._failed(request, error)
            raise

    def connect(self, request: Outgoing, until: float | None) -> Connection:
        """Make a connection for a live session; as `protocol.LiveTransport.connect`."""
        return self._inner.connect(request, until)

    def close(self) -> None:
        """Close all connections of this process's threads, those in use as well."""
        self._inner.close()

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `send`."""
        return await self._inner.asend(request, until)

    async def aopen(self, request: Outgoing, until: float | None) -> AsyncStream:
        """As `open`."""
        self._require(request)
        try:
            return self._noted(request, await self._inner.aopen(request, until))
        except (ConnectFailed, TimedOut) as error:
            self._failed(request, error)
            raise

    async def aconnect(self, request: Outgoing, until: float | None) -> AsyncConnection:
        """As `connect`."""
        return await self._inner.aconnect(request, until)

    async def aclose(self) -> None:
        """Close all connections of the running loop, those in use as well."""
        await self._inner.aclose()

    def _require(self, request: Outgoing) -> None:
        """Fail at once where it failed a while ago."""
        found = self._refusing.get(_host(request))
        if found is not None and speaks(request.wire.url) and monotonic() < found[0]:
            raise ConnectFailed(f"{found[1]}; this was less than {AGAIN:g} s ago")

    def _noted(self, request: Outgoing, stream: S) -> S:
        """Remember whether the service would have a WebSocket."""
        status = stream.head.status
        if not speaks(request.wire.url) or status in ELSEWHERE_TOO:
            return stream
        if status >= REFUSED:
            self._note(request, f"{_host(request)} would have no WebSocket (HTTP {status})")
        else:
            self._refusing.pop(_host(request), None)
        return stream

    def _failed(self, request: Outgoing, error: TransportError) -> None:
        if speaks(request.wire.url) and not (isinstance(error, TimedOut) and error.phase != "connect"):
            self._note(request, error.message)

    def _note(self, request: Outgoing, message: str) -> None:
        while len(self._refusing) >= _MOST:
            self._refusing.pop(next(iter(self._refusing), ""), None)
        self._refusing[_host(request)] = (monotonic() + AGAIN, message)


_MOST = 1000
"""Most services that are remembered."""


def _host(request: Outgoing) -> str:
    return urlsplit(request.wire.url).netloc.rpartition("@")[2]
