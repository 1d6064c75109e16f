"""Sockets of an event loop, under the connections for tasks.

Law: as `sockets`: no wait without asking the connection's `Deadline`; closing is at once and wakes whoever reads. What
nobody has read yet is bounded.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from chat_core.transport.alarm import Alarm
from chat_core.transport.dialling import connected
from chat_core.transport.reasons import broken, no_connection, ours, prepare

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Iterable

    from chat_core.errors import TimedOut
    from chat_core.transport.deadline import Deadline

HIGH_WATER = 256 * 1024
"""Bytes that may lie unread before the socket stops reading."""


class AsyncDialer:
    """Makes the asyncio sockets of one connection; as `Dialer`."""

    __slots__ = ("_write_error", "deadline", "dialled", "socket")

    def __init__(self, deadline: Deadline, write_error: type[Exception]) -> None:
        """As `Dialer`."""
        self.deadline = deadline
        self.socket: AsyncSocket | None = None
        self.dialled = 0
        self._write_error = write_error

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as in Dialer
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[object] | None = None,  # noqa: ARG002
    ) -> AsyncSocket:
        """Connect to the address that answers first; raises as `Dialer.connect_tcp`."""
        self.dialled += 1
        self.socket = await connected_socket(self.deadline, self._write_error, host, port)
        return self.socket

    async def sleep(self, seconds: float) -> None:
        """Wait; the HTTP client asks it between its own attempts, of which there are none."""
        await asyncio.sleep(seconds)


async def connected_socket(deadline: Deadline, write_error: type[Exception], host: str, port: int) -> AsyncSocket:
    """Return a socket that is connected to the address that answers first; raises as `Dialer.connect_tcp`."""
    new = AsyncSocket(asyncio.get_running_loop(), deadline, write_error)
    return await connected(lambda: new, deadline, host, port)


class AsyncSocket(asyncio.Protocol):
    """A connected asyncio socket: one reader, one writer, a bounded buffer."""

    __slots__ = (
        "_alarm", "_deadline", "_ended", "_full", "_loop", "_lost", "_pieces", "_reader", "_size", "_transport",
        "_write_error", "_writer", "received",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, deadline: Deadline, write_error: type[Exception]) -> None:
        """Wait for `connection_made`."""
        self.received = 0
        self._loop = loop
        self._deadline = deadline
        self._write_error = write_error
        self._transport: asyncio.Transport | None = None
        self._pieces: list[bytes] = []
        self._size = 0
        self._ended = False
        self._lost: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None
        self._full = False
        self._alarm = Alarm(loop, deadline, self._late)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            sock: socket.socket | None = transport.get_extra_info("socket")
            if sock is not None:
                prepare(sock)

    def data_received(self, data: bytes) -> None:
        """Keep what came and wake the reader; stop reading when nobody takes it."""
        self._pieces.append(data)
        self._size += len(data)
        self.received += len(data)
        if self._size > HIGH_WATER and self._transport is not None:
            self._transport.pause_reading()
        self._wake(self._reader)

    def eof_received(self) -> None:
        """Note the end."""
        self._ended = True
        self._wake(self._reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end and wake both."""
        self._ended = True
        self._lost = exc
        self._full = False
        self._wake(self._reader)
        self._wake(self._writer)

    def pause_writing(self) -> None:
        """Note that the other side takes no more at the moment."""
        self._full = True

    def resume_writing(self) -> None:
        """Wake the writer."""
        self._full = False
        self._wake(self._writer)

    # What the HTTP client calls

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109
        """Read what is there, waiting for the first byte, and no more at once; `b""` at the end."""
        if not self._pieces and not self._ended:
            self._alarm.set()
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        if not self._pieces:
            if self._lost is not None:
                raise broken(self._deadline.peer, self._lost) from None
            return b""
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        rest = data[max_bytes:]
        self._pieces = [rest] if rest else []
        before, self._size = self._size, len(rest)
        if before > HIGH_WATER >= self._size and self._transport is not None and not self._ended:
            self._transport.resume_reading()
        return data[:max_bytes] if rest else data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        """Write everything."""
        if self._ended or self._transport is None:
            raise self._write_error
        self._pass_on(self._transport, buffer)
        while self._full:
            self._alarm.set()
            self._writer = self._loop.create_future()
            try:
                await self._writer
            finally:
                self._writer = None

    def put(self, data: bytes) -> None:
        """Send without waiting, if the connection still stands: answers to pings, farewells."""
        if not self._ended and self._transport is not None and not self._loop.is_closed():
            self._pass_on(self._transport, data)

    @staticmethod
    def _pass_on(transport: asyncio.Transport, data: bytes) -> None:
        """Send; on a connection that is lost and does not say so yet, asyncio would complain to the log."""
        if not transport.is_closing():
            transport.write(data)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
    ) -> AsyncSocket:
        """Shake hands."""
        if self._transport is None:
            raise broken(self._deadline.peer, OSError())
        try:
            async with asyncio.timeout(self._deadline.left(connecting=True)):
                secure = await self._loop.start_tls(self._transport, self, ssl_context, server_hostname=server_hostname)
        except (OSError, ValueError) as error:
            self.abort()
            if ours(error):
                raise self._deadline.late(connecting=True) from None
            raise no_connection(self._deadline.peer, error) from None
        if secure is None:
            raise no_connection(self._deadline.peer, ConnectionResetError())
        self._transport = secure
        return self

    async def aclose(self) -> None:
        """Close at once."""
        self.abort()

    def abort(self) -> None:
        """Close at once, without a farewell that somebody would have to wait for."""
        self.rest()
        self._ended = True
        self._pieces.clear()
        if self._transport is not None and not self._loop.is_closed():
            self._transport.abort()
        self._wake(self._reader)

    @property
    def closed(self) -> bool:
        """Whether it is closed, by this side or the other."""
        return self._ended

    def rest(self) -> None:
        """Forget the timer: no exchange is going on."""
        self._alarm.rest()

    def get_extra_info(self, info: str) -> object:
        """Answer what the HTTP client asks."""
        if info == "is_readable":
            return bool(self._pieces) or self._ended
        return None if self._transport is None else self._transport.get_extra_info(info)

    def _late(self, error: TimedOut) -> None:
        for waiter in (self._reader, self._writer):
            if waiter is not None and not waiter.done():
                waiter.set_exception(error)

    @staticmethod
    def _wake(waiter: asyncio.Future[None] | None) -> None:
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
