"""Sockets of an event loop, under the HTTP client's connections for tasks.

Law: as `sockets`: no wait without asking the connection's `Deadline`; closing is at once and wakes whoever reads. What
nobody has read yet is bounded.
"""

from __future__ import annotations

import asyncio
import socket
from time import monotonic
from typing import TYPE_CHECKING

from chat_core.transport.reasons import broken, no_connection, ours, prepare

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from chat_core.transport.deadline import Deadline

HIGH_WATER = 256 * 1024
"""Bytes that may lie unread before the socket stops reading."""

STAGGER = 0.25
"""Seconds after which the next address of a name is tried beside those before it."""


class AsyncDialer:
    """Makes the asyncio sockets of one connection; as `Dialer`."""

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
        loop = asyncio.get_running_loop()
        new = AsyncSocket(loop, self.deadline, self._write_error)
        try:
            async with asyncio.timeout(self.deadline.left(connecting=True)):
                sock = await _first_to_answer(loop, host, port)
                await loop.create_connection(lambda: new, sock=sock)
        except (OSError, UnicodeError) as error:
            if ours(error):
                raise self.deadline.late(connecting=True) from None
            raise no_connection(self.deadline.peer, error) from None
        self.socket = new
        return new

    async def sleep(self, seconds: float) -> None:
        """Wait; the HTTP client asks it between its own attempts, of which there are none."""
        await asyncio.sleep(seconds)


class AsyncSocket(asyncio.Protocol):
    """A connected asyncio socket: one reader, one writer, a bounded buffer."""

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
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

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
        """Read what is there, waiting for the first byte; `b""` at the end."""
        if not self._pieces and not self._ended:
            self._reader = self._loop.create_future()
            try:
                await self._in_time(self._reader)
            finally:
                self._reader = None
        if not self._pieces:
            if self._lost is not None:
                raise broken(self._deadline.peer, self._lost) from None
            return b""
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        if self._size > HIGH_WATER and self._transport is not None and not self._ended:
            self._transport.resume_reading()
        self._size = 0
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        """Write everything."""
        if self._ended or self._transport is None:
            raise self._write_error
        self._transport.write(buffer)
        while self._full:
            self._writer = self._loop.create_future()
            try:
                await self._in_time(self._writer)
            finally:
                self._writer = None

    def put(self, data: bytes) -> None:
        """Send without waiting, if the connection still stands: answers to pings, farewells."""
        if not self._ended and self._transport is not None and not self._loop.is_closed():
            self._transport.write(data)

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
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def get_extra_info(self, info: str) -> object:
        """Answer what the HTTP client asks."""
        if info == "is_readable":
            return bool(self._pieces) or self._ended
        return None if self._transport is None else self._transport.get_extra_info(info)

    # Waiting

    async def _in_time(self, waiter: asyncio.Future[None]) -> None:
        """Wait, with one timer for the whole stream: a deadline that moves on costs nothing until the timer fires."""
        seconds = self._deadline.left()
        if seconds is not None:
            until = monotonic() + seconds
            if self._timer is None or until < self._timer_at:
                self._arm(seconds, until)
        await waiter

    def _arm(self, seconds: float, until: float) -> None:
        self.rest()
        self._timer_at = until
        self._timer = self._loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        until = self._deadline.until
        waiters = [w for w in (self._reader, self._writer) if w is not None and not w.done()]
        if until is None or not waiters:
            return
        if (seconds := until - monotonic()) > 0:
            self._arm(seconds, until)
            return
        for waiter in waiters:
            waiter.set_exception(self._deadline.late())

    @staticmethod
    def _wake(waiter: asyncio.Future[None] | None) -> None:
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


async def _first_to_answer(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    """Connect to a name's addresses, each a little after the one before, and return the first that answers.

    Not the standard library's way, whose race loses an open socket when it is cancelled as it ends.
    """
    addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError | None = None
    running: set[asyncio.Task[socket.socket]] = set()
    try:
        for number, (family, kind, protocol, _, address) in enumerate(addresses, 1):
            attempt = _dialled(loop, (family, kind, protocol), address)
            if len(addresses) == 1:
                return await attempt
            running.add(loop.create_task(attempt))
            while running:
                seconds = None if number == len(addresses) else STAGGER
                done, _ = await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    running.discard(task)
                    if (error := task.exception()) is None:
                        return task.result()
                    failure = error if isinstance(error, OSError) else failure
                if number < len(addresses):
                    break
    finally:
        for task in running:
            task.add_done_callback(_close_late)
            task.cancel()
    raise failure or OSError


async def _dialled(
    loop: asyncio.AbstractEventLoop, kind: tuple[int, int, int], address: tuple[object, ...]
) -> socket.socket:
    sock = socket.socket(*kind)
    try:
        sock.setblocking(False)  # noqa: FBT003 - the standard library's own parameter
        await loop.sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    """Close the socket of an address that answered after another one had."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()
