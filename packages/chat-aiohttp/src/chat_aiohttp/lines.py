"""Connections of aiohttp: the one file that knows it. Its client speaks HTTP/1.1, its parser is written in C.

Law: one client and one connection per line; the client connects, pools, limits, redirects and tries again nothing.
Errors quote nothing of what was sent or received.
"""

from __future__ import annotations

import asyncio
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from aiohttp import BaseConnector, ClientError, ClientOSError, ClientSession, ClientTimeout, DummyCookieJar
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from chat_core.errors import ConfigurationError, TransportError
from chat_core.transport.alarm import Alarm
from chat_core.transport.deadline import Deadline
from chat_core.transport.dialling import connected
from chat_core.transport.exchange import AsyncAnswer
from chat_core.transport.headers import received
from chat_core.transport.reasons import broken

if TYPE_CHECKING:
    import ssl
    from typing import Self

    from aiohttp import ClientRequest, ClientResponse, StreamReader
    from aiohttp.tracing import Trace

    from chat_core.errors import ChatError, TimedOut
    from chat_core.transport.exchange import Address, Message

MAX_LINE = 64 * 1024
"""Most bytes of a header of a reply."""

MAX_HEADERS = 1024
"""Most headers of a reply."""

_AT_ONCE = 1024 * 1024
"""A body of more bytes is handed to aiohttp in pieces, else it warns."""

_UNENDING = ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)
_OURS = ("accept", "accept-encoding", "content-type", "user-agent")
_SWITCHING = 101


class AiohttpLine:
    """One connection for the tasks of a loop, open or not; as `exchange.AsyncHTTPLine`."""

    def __init__(self, to: Address, tls: ssl.SSLContext | None) -> None:
        """Prepare; the first exchange connects. `tls` is `None` for plain HTTP."""
        self.shared = False
        self.deadline = Deadline(to.peer)
        self._to = to
        self._tls = tls
        self._dialled = 0
        self._connector = _Connector()
        self._alarm = Alarm(asyncio.get_running_loop(), self.deadline, self._late)
        self._waited_for: StreamReader | _Protocol | None = None
        self._client = ClientSession(
            connector=self._connector,
            cookie_jar=DummyCookieJar(),
            timeout=_UNENDING,
            auto_decompress=False,
            skip_auto_headers=_OURS,
            max_line_size=MAX_LINE,
            max_field_size=MAX_LINE,
            max_headers=MAX_HEADERS,
        )

    @property
    def moved(self) -> tuple[int, int]:
        """As `AsyncHTTPLine.moved`."""
        return self._dialled, 0 if self._connector.protocol is None else self._connector.protocol.received

    @property
    def fit(self) -> bool:
        """As `AsyncHTTPLine.fit`."""
        protocol = self._connector.protocol
        return protocol is not None and protocol.rests and protocol.is_connected() and not protocol.should_close

    async def exchange(self, message: Message) -> AsyncAnswer:
        """As `AsyncHTTPLine.exchange`."""
        headers = [_text(name, value) for name, value in message.headers]
        url = URL(f"{message.to.scheme}://{message.to.header}{message.to.target.decode('ascii')}", encoded=True)
        protocol = await self._connected()
        self._alarm.set()
        self._waited_for = protocol
        try:
            response = await self._client.request(
                message.method, url, headers=headers, data=_body(message.body), allow_redirects=False
            )
        except (ClientError, OSError) as error:
            raise _failure(error, self.deadline.peer) from None
        finally:
            self._waited_for = None
        if response.status == _SWITCHING:
            raise TransportError(f"{self.deadline.peer} switches to a protocol that nobody asked for")
        return AsyncAnswer(response.status, received(response.raw_headers), _Body(self, response), _Ending(response))

    async def more(self, content: StreamReader) -> bytes:
        """Wait for what comes next of a body; `b""` at its end."""
        self._alarm.set()
        self._waited_for = content
        try:
            return await content.readany()
        except (ClientError, HttpProcessingError, OSError) as error:
            raise _failure(error, self.deadline.peer) from None
        finally:
            self._waited_for = None

    def abort(self) -> None:
        """As `AsyncHTTPLine.abort`."""
        self._alarm.rest()
        self._client.detach()
        if self._connector.protocol is not None:
            self._connector.protocol.end()

    def forget(self) -> None:
        """Leave the socket alone: it belongs to a loop of the parent process."""
        self._client.detach()

    async def _connected(self) -> _Protocol:
        """Return the open connection, or a new one: what a resting one has to say can only be the end."""
        protocol = self._connector.protocol
        if protocol is not None and self.fit:
            return protocol
        if protocol is not None:
            protocol.end()
        self._dialled += 1
        loop = asyncio.get_running_loop()
        made = await connected(partial(_Protocol, loop), self.deadline, self._to.host, self._to.port, self._tls)
        self._connector.protocol = made
        return made

    def _late(self, error: TimedOut) -> None:
        if self._waited_for is not None:
            self._waited_for.set_exception(error)


class _Protocol(ResponseHandler):
    """The bytes of one connection.

    Attributes:
        received: how many came.
        rests: whether no exchange is going on.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.received = 0
        self.rests = True

    def data_received(self, data: bytes) -> None:
        """Count what came."""
        self.received += len(data)
        super().data_received(data)

    def end(self) -> None:
        """Close the socket at once."""
        if self.transport is not None and not self._loop.is_closed():
            self.transport.abort()


class _Connector(BaseConnector):
    """Hands out the one connection of a line."""

    def __init__(self) -> None:
        super().__init__(limit=0, keepalive_timeout=None)
        self.protocol: _Protocol | None = None

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ARG002, ASYNC109 - aiohttp's signature
        """Return the connection, which is open."""
        if self.protocol is None:
            raise TransportError("the connection is not open")
        self.protocol.rests = False
        return Connection(self, req.connection_key, self.protocol, self._loop)

    def _release(self, key: object, protocol: ResponseHandler, *, should_close: bool = False) -> None:  # noqa: ARG002 - aiohttp's signature
        """Take the connection back."""
        if isinstance(protocol, _Protocol):
            protocol.rests = True
            if should_close or protocol.should_close:
                protocol.end()


class _Body:
    """The body of a reply."""

    __slots__ = ("_content", "_line")

    def __init__(self, line: AiohttpLine, response: ClientResponse) -> None:
        self._line = line
        self._content = response.content

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        content = self._content
        if piece := content.read_nowait() or (b"" if content.at_eof() else await self._line.more(content)):
            return piece
        raise StopAsyncIteration


class _Ending:
    """Tells aiohttp that a reply is over."""

    __slots__ = ("_response",)

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def __call__(self) -> None:
        self._response.release()


def _body(body: bytes) -> bytes | BytesIO | None:
    if len(body) > _AT_ONCE:
        return BytesIO(body)
    return body or None


def _text(name: bytes, value: bytes) -> tuple[str, str]:
    """Return a header as aiohttp takes it: it sends text as UTF-8."""
    try:
        return name.decode("ascii"), value.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"aiohttp cannot carry the value of the header {name.decode('ascii')!r}: it is no UTF-8; "
            "leave out transport='aiohttp'"
        ) from None


def _failure(error: Exception, peer: str) -> ChatError:
    """Return the error of ours for one of aiohttp, whose text may quote what came."""
    if isinstance(error, OSError) and error.errno is not None:
        return broken(peer, error)
    if isinstance(error, ClientOSError):
        return TransportError(f"the connection to {peer} broke")
    return TransportError(f"the connection to {peer} ended before the reply was complete, or what came is not HTTP")
