"""Connections on which both sides speak whenever they like, for threads and for tasks.

Law: a connection is its owner's alone, and is closed, never rested. Its place in the pool is given back exactly once.
What is sent waits for the socket, and not for what has come to be read. Who sends over a connection that was lost is
told why it was.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from chat_core.errors import ChatError, TransportError
from chat_core.transport.replies import over

if TYPE_CHECKING:
    import threading

    from chat_core.codec.wire import Frame, WireResponse
    from chat_core.transport.alinks import AsyncLink, Turn
    from chat_core.transport.http import Held
    from chat_core.transport.lanes import Inbox
    from chat_core.transport.links import Link


class LinkConnection:
    """A connection of threads; as `protocol.Connection`."""

    def __init__(
        self, head: WireResponse, held: Held[Link], link: Link, inbox: Inbox, turn: threading.Condition
    ) -> None:
        """Own a connection, and its place in the pool."""
        self.head = head
        self._held: Held[Link] | None = held
        self._link = link
        self._inbox = inbox
        self._turn = turn
        self._closed = False
        self._why: ChatError | None = None

    def send(self, message: bytes, until: float | None, *, text: bool) -> None:
        """Send a message; as `protocol.Connection.send`."""
        if self._held is None:
            raise _closed() if self._why is None else copy.copy(self._why)
        self._link.say(message, until, text=text)

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next messages; as `protocol.Connection.receive`."""
        if self._held is None:
            over(closed=self._closed)
            return None
        try:
            self._link.wait(self._inbox, self._turn, until)
            frames = self._link.take(self._inbox)
        except BaseException as error:
            self._why = error if isinstance(error, ChatError) else None
            self._leave()
            raise
        if frames is None:
            self._leave()
        return frames

    def close(self, code: int = 1000) -> None:
        """Close at once; as `protocol.Connection.close`."""
        self._closed = True
        self._link.part(code)
        self._leave()

    def _leave(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._link.leave(self._inbox, self._turn, done=False)
            held.leave(rest=False)


class AsyncLinkConnection:
    """A connection of tasks; as `protocol.AsyncConnection`."""

    def __init__(self, head: WireResponse, held: Held[AsyncLink], link: AsyncLink, inbox: Inbox, turn: Turn) -> None:
        """Own a connection, and its place in the pool."""
        self.head = head
        self._held: Held[AsyncLink] | None = held
        self._link = link
        self._inbox = inbox
        self._turn = turn
        self._closed = False
        self._why: ChatError | None = None

    async def asend(self, message: bytes, until: float | None, *, text: bool) -> None:
        """Send a message; as `protocol.Connection.send`."""
        if self._held is None:
            raise _closed() if self._why is None else copy.copy(self._why)
        await self._link.say(message, until, text=text)

    async def areceive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next messages; as `protocol.Connection.receive`."""
        if self._held is None:
            over(closed=self._closed)
            return None
        try:
            await self._link.wait(self._inbox, self._turn, until)
            frames = self._link.take(self._inbox)
        except BaseException as error:
            self._why = error if isinstance(error, ChatError) else None
            self._leave()
            raise
        if frames is None:
            self._leave()
        return frames

    async def aclose(self, code: int = 1000) -> None:
        """Close at once; as `protocol.Connection.close`."""
        self._closed = True
        self._link.part(code)
        self._leave()

    def _leave(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._link.leave(self._inbox, self._turn, done=False)
            held.leave(rest=False)


class Declined:
    """A connection that there is none of: the head says why. It serves both colours."""

    def __init__(self, head: WireResponse) -> None:
        """Be over."""
        self.head = head

    def send(self, message: bytes, until: float | None, *, text: bool) -> None:  # noqa: ARG002 - the protocol's parameters
        """Say that there is nobody to send to."""
        raise _closed()

    def receive(self, until: float | None) -> None:  # noqa: ARG002 - the protocol's parameter
        """Say that there is nothing."""
        over(closed=False)

    def close(self, code: int = 1000) -> None:
        """Do nothing: the connection is closed."""

    async def asend(self, message: bytes, until: float | None, *, text: bool) -> None:
        """As `send`."""
        self.send(message, until, text=text)

    async def areceive(self, until: float | None) -> None:
        """As `receive`."""
        self.receive(until)

    async def aclose(self, code: int = 1000) -> None:
        """As `close`."""


def _closed() -> TransportError:
    error = TransportError("the connection is closed")
    error.retryable = False
    return error
