"""Replies: streams whose head has come, over a connection of the HTTP client.

Law: a reply gives its connection back exactly once: to rest when it was read to its end, else to be closed at once.
After an error, a time limit included, it is over.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from chat_core.errors import ChatError, TimedOut, TransportError
from chat_core.transport.deadline import late

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from chat_core.codec.wire import WireResponse
    from chat_core.transport.deadline import Deadline
    from chat_core.transport.inflate import Inflater

MAX_ERROR = 1024 * 1024
"""Most bytes read of a reply that says that the request failed."""

MAX_REPLY = 256 * 1024 * 1024
"""Most bytes of a reply that is read whole."""

DRAIN_BYTES, DRAIN_SECONDS = 16 * 1024, 0.1
"""What is read beyond the end of meaning to keep a connection."""

ERROR_SECONDS = 10.0
"""How long the rest of a failure's body is waited for."""


class Holding(Protocol):
    """A connection that a reply holds."""

    deadline: Deadline
    alone: bool

    def leave(self, *, rest: bool) -> None:
        """Give the connection back, to rest or to be closed at once; only the first call counts."""
        ...


class Reply:
    """A reply that is read by a thread. `close` may be called from another one."""

    __slots__ = ("_chunks", "_closed", "_end", "_holding", "_inflate", "head")

    def __init__(
        self,
        head: WireResponse,
        chunks: Iterator[bytes],
        end: Callable[[], None],
        holding: Holding,
        inflate: Inflater | None,
    ) -> None:
        """`end` tells the HTTP client that the reply is over."""
        self.head = head
        self._chunks = chunks
        self._end = end
        self._holding: Holding | None = holding
        self._inflate = inflate
        self._closed = False

    def receive(self, until: float | None) -> bytes | None:
        """Wait for the next piece; as `protocol.Stream.receive`."""
        holding = self._holding
        if holding is None:
            over(closed=self._closed)
            return None
        holding.deadline.until = until
        try:
            data = next(self._chunks, None)
            if data is None:
                over(closed=self._closed)  # a socket that was closed here looks like the end of input
                self._end()
                self._leave(rest=True)
                if self._inflate is not None:
                    self._inflate.finish()
                return None
            return data if self._inflate is None else self._inflate(data)
        except Exception as error:  # noqa: BLE001 - whatever the HTTP client raises becomes an error of ours
            self._leave(rest=False)
            raise failure(error, holding.deadline.peer, closed=self._closed) from None
        except BaseException:
            self._leave(rest=False)
            raise

    def close(self, *, reuse: bool) -> None:
        """End the stream; as `protocol.Stream.close`."""
        if reuse and self._holding is not None:
            with contextlib.suppress(TransportError):
                until, size = monotonic() + DRAIN_SECONDS, 0
                while size <= DRAIN_BYTES and (data := self.receive(until)) is not None:
                    size += len(data)
        self._closed = True
        self._leave(rest=False)

    def whole(self, until: float | None) -> WireResponse:
        """Read the rest and return the reply with it."""
        body = bytearray()
        while (data := self.receive(until)) is not None:
            body += data
            if len(body) > MAX_REPLY:
                self.close(reuse=False)
                raise too_long()
        return replace(self.head, body=bytes(body))

    def failed(self, until: float | None) -> None:
        """Read the body of a failure into the head: what of it comes in time, up to the bound."""
        body = bytearray()
        until = nearer(until, monotonic() + ERROR_SECONDS)
        with contextlib.suppress(TransportError):
            while len(body) < MAX_ERROR and (data := self.receive(until)) is not None:
                body += data
        self._leave(rest=False)
        self.head = replace(self.head, body=bytes(body[:MAX_ERROR]))

    def _leave(self, *, rest: bool) -> None:
        holding, self._holding = self._holding, None
        if holding is not None:
            holding.leave(rest=rest)
            if not rest:
                with contextlib.suppress(Exception):  # the socket is closed: whatever the client thinks of that
                    self._end()


class AsyncReply:
    """A reply that is read by a task; as `Reply`."""

    __slots__ = ("_chunks", "_closed", "_end", "_holding", "_inflate", "head")

    def __init__(
        self,
        head: WireResponse,
        chunks: AsyncIterator[bytes],
        end: Callable[[], Awaitable[None]],
        holding: Holding,
        inflate: Inflater | None,
    ) -> None:
        """`end` tells the HTTP client that the reply is over."""
        self.head = head
        self._chunks = chunks
        self._end = end
        self._holding: Holding | None = holding
        self._inflate = inflate
        self._closed = False

    async def areceive(self, until: float | None) -> bytes | None:
        """Wait for the next piece; as `protocol.Stream.receive`."""
        holding = self._holding
        if holding is None:
            over(closed=self._closed)
            return None
        try:
            try:
                if holding.alone:
                    holding.deadline.until = until
                    data = await anext(self._chunks)
                else:
                    data = await self._in_time(holding, until)
            except StopAsyncIteration:
                await self._ended()
                return None
            return data if self._inflate is None else self._inflate(data)
        except Exception as error:  # noqa: BLE001 - whatever the HTTP client raises becomes an error of ours
            await self._leave(rest=False)
            raise failure(error, holding.deadline.peer, closed=self._closed) from None
        except BaseException:
            await self._leave(rest=False)
            raise

    async def aclose(self, *, reuse: bool) -> None:
        """End the stream; as `protocol.Stream.close`."""
        if reuse and self._holding is not None:
            with contextlib.suppress(TransportError):
                until, size = monotonic() + DRAIN_SECONDS, 0
                while size <= DRAIN_BYTES and (data := await self.areceive(until)) is not None:
                    size += len(data)
        self._closed = True
        await self._leave(rest=False)

    async def whole(self, until: float | None) -> WireResponse:
        """Read the rest and return the reply with it."""
        body = bytearray()
        while (data := await self.areceive(until)) is not None:
            body += data
            if len(body) > MAX_REPLY:
                await self.aclose(reuse=False)
                raise too_long()
        return replace(self.head, body=bytes(body))

    async def failed(self, until: float | None) -> None:
        """Read the body of a failure into the head: what of it comes in time, up to the bound."""
        body = bytearray()
        until = nearer(until, monotonic() + ERROR_SECONDS)
        with contextlib.suppress(TransportError):
            while len(body) < MAX_ERROR and (data := await self.areceive(until)) is not None:
                body += data
        await self._leave(rest=False)
        self.head = replace(self.head, body=bytes(body[:MAX_ERROR]))

    async def _ended(self) -> None:
        """Give the connection back to rest: the reply was read to its end."""
        over(closed=self._closed)  # a socket that was closed here looks like the end of input
        await self._end()
        await self._leave(rest=True)
        if self._inflate is not None:
            self._inflate.finish()

    async def _in_time(self, holding: Holding, until: float | None) -> bytes:
        """Wait without touching the connection's deadline: other replies are read from it."""
        import asyncio  # noqa: PLC0415 - threads do without

        seconds = None if until is None else until - monotonic()
        try:
            async with asyncio.timeout(seconds):
                return await anext(self._chunks)
        except TimeoutError:
            raise late("read", seconds or 0.0, holding.deadline.peer) from None

    async def _leave(self, *, rest: bool) -> None:
        holding, self._holding = self._holding, None
        if holding is not None:
            holding.leave(rest=rest)
            if not rest:
                with contextlib.suppress(Exception):
                    # The socket is closed, so this unwinds the client's generators now, not when they are collected.
                    while holding.alone:
                        await anext(self._chunks)
                with contextlib.suppress(Exception):
                    await self._end()


_MEANINGS = {
    "RemoteProtocolError": "the connection to {peer} ended before the reply was complete, or what came is not HTTP",
    "LocalProtocolError": "the request to {peer} is not valid HTTP",
    "ProxyError": "the proxy refused to connect to {peer}",
    "WriteError": "the connection to {peer} broke while the request was sent",
}


def failure(error: Exception, peer: str, *, closed: bool = False) -> ChatError:
    """Return the error of ours for one of the HTTP client; its text is left behind, it may quote what was sent."""
    if closed and not isinstance(error, TimedOut):
        return TransportError("the stream was closed while it was read")
    if isinstance(error, ChatError):
        return error
    meaning = _MEANINGS.get(type(error).__name__, "the connection to {peer} failed (" + type(error).__name__ + ")")
    return TransportError(meaning.format(peer=peer))


def over(*, closed: bool) -> None:
    """Answer whoever reads on after the end.

    Raises:
        TransportError: the stream was closed before it was read to its end.
    """
    if closed:
        raise TransportError("the stream is closed")


def too_long() -> TransportError:
    """Return the error for a reply that passes all bounds."""
    return TransportError(f"the reply is longer than {MAX_REPLY} bytes")


def nearer(until: float | None, moment: float) -> float:
    """Return the earlier of two moments."""
    return moment if until is None else min(until, moment)
