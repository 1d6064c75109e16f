"""What a transport is: it moves the bytes of a request and of its reply, and knows no vendor.

Law: a transport never edits a body, never retries (but for a pooled connection that died before any byte of the reply)
and never hides how bytes were cut. Times are moments of `time.monotonic()`.

One class may implement both colours: the names differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from chat_core.codec.wire import Frame

if TYPE_CHECKING:
    from chat_core.codec.wire import Channel, Outgoing, WireResponse

Read: TypeAlias = bytes | tuple[Frame, ...] | None
"""What one network read gave: bytes to be framed, messages that are frames already, or `None` at the end of input."""

FAILED = 400
"""The first status that says that a request failed: such a reply is read whole, into its head."""


class Stream(Protocol):
    """A reply whose head has come."""

    @property
    def head(self) -> WireResponse:
        """Status and headers; of a status ≥ 400 also the body, read whole and bounded."""
        ...

    def receive(self, until: float | None) -> Read:
        """Wait for the next network read.

        Raises:
            TimedOut: `until` passed; its phase is `read`.
            TransportError: the connection broke.
        """
        ...

    def close(self, *, reuse: bool) -> None:
        """End the stream; `reuse`: it was read to its end of meaning, so the connection may serve again."""
        ...


class Transport(Protocol):
    """Sends requests and blocks; safe to share between threads."""

    @property
    def channel(self) -> Channel:
        """The channel that providers encode for.

        A transport that carries several also has `channels`, the preferred one first: a call that finds no way through
        goes on over the next one.
        """
        ...

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """Send a request and read its whole reply.

        Raises:
            ConnectFailed: no connection could be made.
            TimedOut: the phase `connect`, `pool`, or `read` when `until` passed.
            TransportError: the connection broke.
        """
        ...

    def open(self, request: Outgoing, until: float | None) -> Stream:
        """Send a request and read the head of its reply; raises as `send`."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncStream(Protocol):
    """A reply whose head has come; as `Stream`."""

    @property
    def head(self) -> WireResponse:
        """Status and headers; of a status ≥ 400 also the body, read whole and bounded."""
        ...

    async def areceive(self, until: float | None) -> Read:
        """Wait for the next network read; raises as `Stream.receive`."""
        ...

    async def aclose(self, *, reuse: bool) -> None:
        """End the stream."""
        ...


class AsyncTransport(Protocol):
    """Sends requests from any event loop; as `Transport`."""

    @property
    def channel(self) -> Channel:
        """The channel that providers encode for."""
        ...

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """Send a request and read its whole reply; raises as `Transport.send`."""
        ...

    async def aopen(self, request: Outgoing, until: float | None) -> AsyncStream:
        """Send a request and read the head of its reply; raises as `Transport.send`."""
        ...

    async def aclose(self) -> None:
        """Close all connections of the running loop."""
        ...


class Connection(Protocol):
    """A connection on which both sides speak whenever they like. Any thread may send and close; one receives."""

    @property
    def head(self) -> WireResponse:
        """Status and headers of the handshake: 101, or of a refusal also the body, read whole and bounded."""
        ...

    def send(self, message: bytes, until: float | None, *, text: bool) -> None:
        """Send a message, and wait until it is on its way; that never waits for what has come to be received.

        Raises:
            TimedOut: `until` passed; the connection may then be of no more use.
            TransportError: the connection broke, or was closed.
        """
        ...

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next messages; `None` once the other side has closed the connection in order.

        Raises:
            TimedOut: `until` passed; the connection is then closed.
            TransportError: the connection broke.
        """
        ...

    def close(self, code: int = 1000) -> None:
        """Close at once, with this code where it can be sent."""
        ...


class LiveTransport(Protocol):
    """Makes connections for live sessions; a `Transport` may do that beside its requests."""

    def connect(self, request: Outgoing, until: float | None) -> Connection:
        """Make a connection that serves nobody else. A refusal is a connection whose `head` says so.

        Raises:
            ConnectFailed: no connection could be made.
            TimedOut: the phase `connect`, `pool`, or `read` when `until` passed.
            UnsupportedTransport: the address is none of a WebSocket.
        """
        ...


class AsyncConnection(Protocol):
    """A connection on which both sides speak whenever they like; as `Connection`, for the tasks of one loop."""

    @property
    def head(self) -> WireResponse:
        """Status and headers of the handshake: 101, or of a refusal also the body, read whole and bounded."""
        ...

    async def asend(self, message: bytes, until: float | None, *, text: bool) -> None:
        """Send a message; as `Connection.send`."""
        ...

    async def areceive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next messages; as `Connection.receive`."""
        ...

    async def aclose(self, code: int = 1000) -> None:
        """Close at once, with this code where it can be sent."""
        ...


class AsyncLiveTransport(Protocol):
    """Makes connections for live sessions; as `LiveTransport`."""

    async def aconnect(self, request: Outgoing, until: float | None) -> AsyncConnection:
        """Make a connection that serves nobody else; as `LiveTransport.connect`."""
        ...
