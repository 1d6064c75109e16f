"""How a live session gets its connection: a handshake over the same path as any call.

Law: credential, retries, time limits, watcher and errors are those of a call, and the key is renewed once when it is
refused. To its driver a handshake is a stream that has a head only; the connection outlives it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chat_core.codec.effects import close, open_stream
from chat_core.errors import ChatError, TimedOut, UnsupportedTransport
from chat_core.flow.attempts import Attempts
from chat_core.flow.call import named, no_notices
from chat_core.flow.outgoing import conceal
from chat_core.flow.refusals import refusal
from chat_core.flow.timeouts import earliest, moment
from chat_core.transport.handshake import SWITCHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import Outgoing, WireRequest, WireResponse
    from chat_core.setup import Setup
    from chat_core.transport.protocol import AsyncConnection, AsyncLiveTransport, Connection, LiveTransport


def handshake(setup: Setup, wire: WireRequest) -> Flow[None]:
    """Have a connection made.

    Raises:
        ProviderError: the service said no.
        TransportError: no connection could be made in time.
        UnsupportedContent: under `strict`, something of the configuration cannot be sent as asked.
    """
    no_notices(wire, setup.settings)
    attempts = Attempts(setup.provider, setup.settings, wire)

    def once(outgoing: Outgoing) -> Flow[None]:
        limit = earliest(attempts.limit("connect"), attempts.limit("first_byte"))
        try:
            opened = yield from open_stream(outgoing, until=moment(limit))
        except TimedOut as error:
            raise named(error, limit) from None
        if opened.head.status != SWITCHED:
            raise refusal(setup.provider, outgoing.wire, opened.head)
        yield from close(opened.stream, reuse=True)

    return (yield from attempts.run(once))


class Opening:
    """Makes the connection of a session in its driver's colour; to that driver it is a transport.

    Attributes:
        connection, async_connection: the connection, once there is one.
    """

    channel = "websocket"

    def __init__(self, setup: Setup, *, blocking: bool) -> None:
        """Take the client's transport.

        Raises:
            UnsupportedTransport: it makes no connections for live sessions.
        """
        if not hasattr(setup.transport, "connect" if blocking else "aconnect"):
            kind = type(setup.transport).__name__
            raise UnsupportedTransport(f"{kind} makes no connections for live sessions: use transport='websocket'")
        self.connection: Connection | None = None
        self.async_connection: AsyncConnection | None = None
        self._inner = setup.transport
        self._credentials: Mapping[str, str] = {}

    def open(self, request: Outgoing, until: float | None) -> _Shaken:
        """Connect, and show the head of the handshake; as `protocol.Transport.open`."""
        self._credentials = request.credentials
        connection = cast("LiveTransport", self._inner).connect(request, until)
        self.connection = connection
        return _Shaken(connection.head, connection=connection)

    async def aopen(self, request: Outgoing, until: float | None) -> _Shaken:
        """As `open`."""
        self._credentials = request.credentials
        connection = await cast("AsyncLiveTransport", self._inner).aconnect(request, until)
        self.async_connection = connection
        return _Shaken(connection.head, async_connection=connection)

    def hide(self, error: Exception) -> None:
        """Take out of an error what the service repeats of the credentials of the handshake."""
        if isinstance(error, ChatError):
            conceal(error, self._credentials.values())

    def send(self, request: Outgoing, until: float | None) -> WireResponse:  # noqa: ARG002 - the protocol's parameters
        """Refuse: there are no whole replies."""
        raise UnsupportedTransport("a live session has no whole replies")

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `send`."""
        return self.send(request, until)

    def close(self) -> None:
        """Do nothing: the connection is the session's."""

    async def aclose(self) -> None:
        """Do nothing: the connection is the session's."""


class _Shaken:
    """The handshake as a stream. Closed for reuse, the connection goes on."""

    def __init__(
        self,
        head: WireResponse,
        *,
        connection: Connection | None = None,
        async_connection: AsyncConnection | None = None,
    ) -> None:
        self.head = head
        self._connection = connection
        self._async_connection = async_connection

    def receive(self, until: float | None) -> None:
        """Say that there is nothing more."""

    async def areceive(self, until: float | None) -> None:
        """Say that there is nothing more."""

    def close(self, *, reuse: bool) -> None:
        """Let the connection go on, or close it."""
        if not reuse and self._connection is not None:
            self._connection.close()

    async def aclose(self, *, reuse: bool) -> None:
        """Let the connection go on, or close it."""
        if not reuse and self._async_connection is not None:
            await self._async_connection.aclose()
