"""What comes over a WebSocket for one request, for threads and for tasks.

Law: a stream gives its place on the connection back exactly once. After an error, a time limit included, it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.transport.replies import over

if TYPE_CHECKING:
    import threading

    from chat_core.codec.wire import Frame, WireResponse
    from chat_core.transport.alinks import AsyncLink, Turn
    from chat_core.transport.http import Held
    from chat_core.transport.lanes import Inbox
    from chat_core.transport.links import Link


class LinkStream:
    """What comes for one request; as `protocol.Stream`. `close` may be called from another thread."""

    def __init__(
        self, head: WireResponse, held: Held[Link], link: Link, inbox: Inbox, turn: threading.Condition
    ) -> None:
        """Own a place on a connection, which is given back once."""
        self.head = head
        self._held: Held[Link] | None = held
        self._link = link
        self._inbox = inbox
        self._turn = turn
        self._closed = False

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next frames; as `protocol.Stream.receive`."""
        if self._held is None:
            over(closed=self._closed)
            return None
        try:
            self._link.wait(self._inbox, self._turn, until)
            frames = self._link.take(self._inbox)
        except BaseException:
            self._leave(done=False)
            raise
        if frames is None:
            self._leave(done=False)
        return frames

    def close(self, *, reuse: bool) -> None:
        """End the stream; as `protocol.Stream.close`."""
        self._closed = True
        self._leave(done=reuse)

    def _leave(self, *, done: bool) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.leave(rest=self._link.leave(self._inbox, self._turn, done=done))


class AsyncLinkStream:
    """What comes for one request; as `protocol.AsyncStream`."""

    def __init__(self, head: WireResponse, held: Held[AsyncLink], link: AsyncLink, inbox: Inbox, turn: Turn) -> None:
        """Own a place on a connection, which is given back once."""
        self.head = head
        self._held: Held[AsyncLink] | None = held
        self._link = link
        self._inbox = inbox
        self._turn = turn
        self._closed = False

    async def areceive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next frames; as `protocol.Stream.receive`."""
        if self._held is None:
            over(closed=self._closed)
            return None
        try:
            await self._link.wait(self._inbox, self._turn, until)
            frames = self._link.take(self._inbox)
        except BaseException:
            self._leave(done=False)
            raise
        if frames is None:
            self._leave(done=False)
        return frames

    async def aclose(self, *, reuse: bool) -> None:
        """End the stream; as `protocol.Stream.close`."""
        self._closed = True
        self._leave(done=reuse)

    def _leave(self, *, done: bool) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.leave(rest=self._link.leave(self._inbox, self._turn, done=done))
