"""Connections straight to a server that speaks HTTP/1.1: our own protocol on our own sockets, without a client library.

Law: as `client`: one exchange at a time, nothing is pooled, tried again or limited here.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from chat_core.transport.deadline import Deadline
from chat_core.transport.exchange import Answer, AsyncAnswer
from chat_core.transport.http11 import Incoming, spelled
from chat_core.transport.sockets import Dialer

if TYPE_CHECKING:
    import ssl
    from typing import Self

    from chat_core.transport.asockets import AsyncSocket
    from chat_core.transport.exchange import Address, Message
    from chat_core.transport.sockets import Socket

READ = 64 * 1024
"""Bytes asked of a socket at once."""

TOGETHER = 64 * 1024
"""A body up to this many bytes goes out with its head."""


class Unsent(Exception):
    """The other side took no more of the request; it may have answered why."""


class DirectLine:
    """One connection for threads, open or not; as `exchange.HTTPLine`.

    Attributes:
        reusable: whether the last reply has left the connection fit for another one.
    """

    __slots__ = ("_tls", "deadline", "dialer", "reusable")

    def __init__(self, to: Address, tls: ssl.SSLContext | None) -> None:
        """Prepare; the first exchange connects. `tls` is `None` for plain HTTP."""
        self.deadline = Deadline(to.peer)
        self.dialer = Dialer(self.deadline, Unsent)
        self._tls = tls
        self.reusable = True

    @property
    def moved(self) -> tuple[int, int]:
        """As `HTTPLine.moved`."""
        return self.dialer.dialled, 0 if self.dialer.socket is None else self.dialer.socket.received

    @property
    def fit(self) -> bool:
        """As `HTTPLine.fit`."""
        return self.reusable and self.dialer.socket is not None and not self.dialer.socket.closed

    def exchange(self, message: Message) -> Answer:
        """As `HTTPLine.exchange`."""
        request = spelled(message)
        sock = self._connected(message.to)
        self.reusable = False
        incoming = Incoming(message.method, message.to.peer)
        with contextlib.suppress(Unsent):
            if len(message.body) <= TOGETHER:
                sock.write(request + message.body)
            else:
                sock.write(request)
                sock.write(message.body)
        first = b""
        while not incoming.status:
            first = incoming.feed(sock.read(READ))
        body = Body(self, incoming, sock, first)
        return Answer(incoming.status, incoming.headers, body, body.end)

    def abort(self) -> None:
        """As `HTTPLine.abort`."""
        if self.dialer.socket is not None:
            self.dialer.socket.close()

    def forget(self) -> None:
        """As `HTTPLine.forget`."""
        if self.dialer.socket is not None:
            self.dialer.socket.forget()

    def _connected(self, to: Address) -> Socket:
        """Return the open socket, or a new one: what a resting connection has to say can only be the end."""
        sock = self.dialer.socket
        if sock is not None and self.fit and not sock.get_extra_info("is_readable"):
            return sock
        self.abort()
        sock = self.dialer.connect_tcp(to.host, to.port)
        return sock if self._tls is None else sock.start_tls(self._tls, to.host.rstrip("."))


class Body:
    """The body of a reply that a thread reads."""

    __slots__ = ("_first", "_incoming", "_line", "_socket")

    def __init__(self, line: DirectLine, incoming: Incoming, socket: Socket, first: bytes) -> None:
        """`first` came along with the head."""
        self._line = line
        self._incoming = incoming
        self._socket = socket
        self._first = first

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        piece, self._first = self._first, b""
        while not piece:
            if self._incoming.over:
                raise StopIteration
            piece = self._incoming.feed(self._socket.read(READ))
        return piece

    def end(self) -> None:
        """Tell the connection that the reply is over, and whether it can serve again."""
        self._line.reusable = self._incoming.over and self._incoming.reusable


class AsyncDirectLine:
    """One connection for the tasks of a loop, open or not; as `exchange.AsyncHTTPLine`.

    Attributes:
        reusable: as `DirectLine.reusable`.
    """

    __slots__ = ("_dialled", "_socket", "_tls", "deadline", "reusable", "shared")

    def __init__(self, to: Address, tls: ssl.SSLContext | None) -> None:
        """As `DirectLine`."""
        self.shared = False
        self.deadline = Deadline(to.peer)
        self._socket: AsyncSocket | None = None
        self._dialled = 0
        self._tls = tls
        self.reusable = True

    @property
    def moved(self) -> tuple[int, int]:
        """As `HTTPLine.moved`."""
        return self._dialled, 0 if self._socket is None else self._socket.received

    @property
    def fit(self) -> bool:
        """As `HTTPLine.fit`."""
        return self.reusable and self._socket is not None and not self._socket.closed

    async def exchange(self, message: Message) -> AsyncAnswer:
        """As `HTTPLine.exchange`."""
        request = spelled(message)
        sock = await self._connected(message.to)
        self.reusable = False
        incoming = Incoming(message.method, message.to.peer)
        with contextlib.suppress(Unsent):
            if len(message.body) <= TOGETHER:
                await sock.write(request + message.body)
            else:
                await sock.write(request)
                await sock.write(message.body)
        first = b""
        while not incoming.status:
            first = incoming.feed(await sock.read(READ))
        body = AsyncBody(self, incoming, sock, first)
        return AsyncAnswer(incoming.status, incoming.headers, body, body.end)

    def abort(self) -> None:
        """As `HTTPLine.abort`."""
        if self._socket is not None:
            self._socket.abort()

    def forget(self) -> None:
        """Leave the socket alone: it belongs to a loop of the parent process."""

    async def _connected(self, to: Address) -> AsyncSocket:
        """As `DirectLine._connected`."""
        from chat_core.transport.asockets import connected_socket  # noqa: PLC0415 - threads do without asyncio

        sock = self._socket
        if sock is not None and self.fit and not sock.get_extra_info("is_readable"):
            return sock
        self.abort()
        self._dialled += 1
        self._socket = sock = await connected_socket(self.deadline, Unsent, to.host, to.port)
        return sock if self._tls is None else await sock.start_tls(self._tls, to.host.rstrip("."))


class AsyncBody:
    """The body of a reply that a task reads."""

    __slots__ = ("_first", "_incoming", "_line", "_socket")

    def __init__(self, line: AsyncDirectLine, incoming: Incoming, socket: AsyncSocket, first: bytes) -> None:
        """As `Body`."""
        self._line = line
        self._incoming = incoming
        self._socket = socket
        self._first = first

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece, self._first = self._first, b""
        while not piece:
            if self._incoming.over:
                raise StopAsyncIteration
            piece = self._incoming.feed(await self._socket.read(READ))
        return piece

    async def end(self) -> None:
        """As `Body.end`."""
        self._line.reusable = self._incoming.over and self._incoming.reusable
