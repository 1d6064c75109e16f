"""Connections of aiohttp: the one file that knows it. Its parser of HTTP/1.1, which is written in C, reads the replies.

Law: one exchange at a time, nothing is pooled, limited, redirected or tried again here. Errors quote nothing of what
was sent or received.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import ClientError, EofStream
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from chat_core.errors import TransportError
from chat_core.transport.alarm import Alarm
from chat_core.transport.deadline import Deadline
from chat_core.transport.dialling import connected
from chat_core.transport.exchange import AsyncAnswer
from chat_core.transport.headers import received
from chat_core.transport.http11 import spelled
from chat_core.transport.reasons import broken

if TYPE_CHECKING:
    import ssl
    from typing import Self

    from aiohttp import StreamReader
    from aiohttp.http import RawResponseMessage

    from chat_core.errors import ChatError, TimedOut
    from chat_core.transport.exchange import Address, Message

MAX_LINE = 64 * 1024
"""Most bytes of a header of a reply."""

MAX_HEADERS = 1024
"""Most headers of a reply."""

READ = 64 * 1024
"""Most bytes of a body that are handed on at once: what is made of more leaves the processor's cache."""

_SWITCHING, _FINAL = 101, 200
_CHUNKED = "chunked"
_Broken = (ClientError, HttpProcessingError, EofStream, OSError)


class AiohttpLine:
    """One connection for the tasks of a loop, open or not; as `exchange.AsyncHTTPLine`."""

    def __init__(self, to: Address, tls: ssl.SSLContext | None) -> None:
        """Prepare; the first exchange connects. `tls` is `None` for plain HTTP."""
        self.shared = False
        self.deadline = Deadline(to.peer)
        self._to = to
        self._tls = tls
        self._dialled = 0
        self._protocol: _Protocol | None = None
        self._alarm = Alarm(asyncio.get_running_loop(), self.deadline, self._late)
        self._waited_for: StreamReader | _Protocol | None = None

    @property
    def moved(self) -> tuple[int, int]:
        """As `AsyncHTTPLine.moved`."""
        return self._dialled, 0 if self._protocol is None else self._protocol.received

    @property
    def fit(self) -> bool:
        """As `AsyncHTTPLine.fit`."""
        return self._protocol is not None and self._protocol.fit

    async def exchange(self, message: Message) -> AsyncAnswer:
        """As `AsyncHTTPLine.exchange`."""
        request = spelled(message)
        protocol = await self._connected()
        protocol.send(request, message.body, bodiless=message.method == "HEAD")
        head, content = await self._head(protocol)
        if head.code == _SWITCHING:
            raise TransportError(f"{self.deadline.peer} switches to a protocol that nobody asked for")
        headers = received(head.raw_headers)
        if headers.get("transfer-encoding", _CHUNKED).lower() != _CHUNKED:  # aiohttp would hand on what is packed in it
            raise TransportError(f"{self.deadline.peer} sends in a transfer encoding that is not known")
        return AsyncAnswer(head.code, headers, _Body(self, content), protocol.over)

    async def more(self, content: StreamReader) -> bytes:
        """Wait for what comes next of a body; `b""` at its end."""
        self._alarm.set()
        self._waited_for = content
        try:
            return await content.read(READ)
        except _Broken as error:
            raise _failure(error, self.deadline.peer) from None
        finally:
            self._waited_for = None

    def abort(self) -> None:
        """As `AsyncHTTPLine.abort`."""
        self._alarm.rest()
        if self._protocol is not None:
            self._protocol.end()

    def forget(self) -> None:
        """Leave the socket alone: it belongs to a loop of the parent process."""

    async def _connected(self) -> _Protocol:
        """Return the open connection, or a new one: what a resting one has to say can only be the end."""
        if self._protocol is not None:
            if self._protocol.fit:
                return self._protocol
            self._protocol.end()
        self._dialled += 1
        make = partial(_Protocol, asyncio.get_running_loop())
        self._protocol = await connected(make, self.deadline, self._to.host, self._to.port, self._tls)
        return self._protocol

    async def _head(self, protocol: _Protocol) -> tuple[RawResponseMessage, StreamReader]:
        """Wait for the head of a reply, and pass over those that announce another one."""
        self._alarm.set()
        self._waited_for = protocol
        try:
            while True:
                head, content = await protocol.read()
                if head.code >= _FINAL or head.code == _SWITCHING:
                    return head, content
        except _Broken as error:
            raise _failure(error, self.deadline.peer) from None
        finally:
            self._waited_for = None

    def _late(self, error: TimedOut) -> None:
        if self._waited_for is not None:
            self._waited_for.set_exception(error)


class _Protocol(ResponseHandler):
    """The bytes of one connection.

    Attributes:
        received: how many came.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.received = 0
        self._rests = True

    @property
    def fit(self) -> bool:
        """Whether the connection can serve again."""
        return self._rests and self.is_connected() and not self.should_close

    def send(self, request: bytes, body: bytes, *, bodiless: bool) -> None:
        """Send a request, without waiting for the other side to take it: it may answer before. A reply comes then."""
        self._rests = False
        self.set_response_params(
            skip_payload=bodiless,
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
            max_headers=MAX_HEADERS,
        )
        if self.is_connected() and self.transport is not None:
            self.transport.writelines([request, body])

    async def over(self) -> None:
        """Rest, as the reply is over; close the connection if it cannot serve again."""
        self._rests = True
        if self.should_close:
            self.end()

    def data_received(self, data: bytes) -> None:
        """Count what came; what nobody asked for is the end of the connection, whole or not."""
        self.received += len(data)
        if self._rests:
            self.force_close()
        super().data_received(data)

    def end(self) -> None:
        """Close the socket at once."""
        if self.transport is not None and not self._loop.is_closed():
            self.transport.abort()


class _Body:
    """The body of a reply."""

    __slots__ = ("_content", "_line")

    def __init__(self, line: AiohttpLine, content: StreamReader) -> None:
        self._line = line
        self._content = content

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        content = self._content
        if piece := content.read_nowait(READ) or (b"" if content.at_eof() else await self._line.more(content)):
            return piece
        raise StopAsyncIteration


def _failure(error: Exception, peer: str) -> ChatError:
    """Return the error of ours for one of aiohttp, whose text may quote what came."""
    if isinstance(error, OSError) and error.errno is not None:
        return broken(peer, error)
    if isinstance(error, OSError):
        return TransportError(f"the connection to {peer} broke")
    return TransportError(f"the connection to {peer} ended before the reply was complete, or what came is not HTTP")
