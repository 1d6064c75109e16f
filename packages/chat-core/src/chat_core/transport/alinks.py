"""WebSocket connections of an event loop: each is opened once, read by a task of its own, and written to by many.

Law: as `links`. The reading task ends with the connection, and with the loop.
"""

from __future__ import annotations

import asyncio
import copy
from contextvars import Context
from time import monotonic
from typing import TYPE_CHECKING

from chat_core.codec.wire import WireResponse
from chat_core.errors import ChatError, TimedOut, TransportError
from chat_core.transport.deadline import Deadline, late
from chat_core.transport.duplex import AsyncLinkConnection
from chat_core.transport.handshake import SWITCHED, Unheard, arefusal, closed_here
from chat_core.transport.lanes import Ended
from chat_core.transport.links import READ
from chat_core.transport.linkstreams import AsyncLinkStream
from chat_core.transport.replies import failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import Frame, Outgoing
    from chat_core.transport.asockets import AsyncSocket
    from chat_core.transport.client import AsyncLine
    from chat_core.transport.exchange import AsyncNetwork
    from chat_core.transport.handshake import Plan
    from chat_core.transport.http import Held
    from chat_core.transport.lanes import Inbox
    from chat_core.transport.talking import Talking


class AsyncLink:
    """One connection, open or not; as `Link`."""

    def __init__(self, line: AsyncLine, plan: Plan) -> None:
        """Prepare; the first `open` connects."""
        self.deadline = line.deadline
        self.refusal: WireResponse | None = None
        self.headers: Mapping[str, str] = {}
        self._line = line
        self._plan: Plan | None = plan
        self._new = True
        self._gone = False
        self._failed: ChatError | None = None
        self._talking: Talking | None = None
        self._sock: AsyncSocket | None = None
        self._opening = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._drained = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def fit(self) -> bool:
        """Whether it may take a request."""
        if self._gone:
            return False
        return self._talking is None or self._talking.fit(monotonic())

    async def open(self, connect: float | None, until: float | None) -> bool:
        """Connect, or wait until another task has; as `Link.open`."""
        if self._talking is None:
            limits = Deadline(self.deadline.peer)
            limits.begin(connect=connect, until=until)
            try:
                async with asyncio.timeout(limits.left(connecting=True)):
                    await self._opening.acquire()
            except TimeoutError:
                raise limits.late(connecting=True) from None
            try:
                if self._new:
                    self._new = False
                    await self._shake(connect, until)
            finally:
                self._opening.release()
        if self._failed is not None:
            raise copy.copy(self._failed)
        return self._talking is not None or self.refusal is not None

    async def send(self, held: Held[AsyncLink], request: Outgoing, until: float | None) -> AsyncLinkStream:
        """Send a request and wait for the first thing that comes for it; as `Link.send`."""
        talking, sock = self._talking, self._sock
        if talking is None or sock is None:
            raise TransportError("the connection is not open")
        rested = talking.resting
        turn = Turn()
        try:
            inbox = talking.join(request, turn.wake)
        except TransportError as error:
            raise Unheard(error) from None
        sock.put(talking.to_send())  # at once, so that the order is the one in which it was made
        stream = AsyncLinkStream(
            WireResponse(status=SWITCHED, headers=self._own_headers(talking)), held, self, inbox, turn
        )
        try:
            await self._sent(sock, until)
            await self.wait(inbox, turn, until)
            if not inbox.came:
                inbox.take()
        except BaseException as error:
            await stream.aclose(reuse=False)
            if rested and not inbox.came and type(error) is TransportError and error.retryable:
                raise Unheard(error) from None
            raise
        return stream

    def converse(self, held: Held[AsyncLink]) -> AsyncLinkConnection:
        """Speak both ways over a connection that serves nobody else; as `Link.converse`."""
        talking = self._talking
        if talking is None:
            raise TransportError("the connection is not open")
        turn = Turn()
        inbox = talking.begin(turn.wake)
        return AsyncLinkConnection(WireResponse(status=SWITCHED, headers=self.headers), held, self, inbox, turn)

    async def say(self, message: bytes, until: float | None, *, text: bool) -> None:
        """Send a message; raises as `protocol.Connection.send`."""
        talking, sock = self._talking, self._sock
        if talking is None or sock is None:
            raise TransportError("the connection is not open")
        talking.say(message, text=text)
        sock.put(talking.to_send())  # at once, so that the order is the one in which it was made
        await self._sent(sock, until)

    def part(self, code: int) -> None:
        """Say farewell, if that can be sent at once."""
        if self._talking is not None and self._sock is not None:
            self._talking.part(code)
            self._sock.put(self._talking.to_send())

    async def wait(self, inbox: Inbox, turn: Turn, until: float | None) -> None:
        """Wait until there is something to take; raises `TimedOut` as `protocol.Stream.receive`."""
        if inbox.ready:
            return
        seconds = None if until is None else until - monotonic()
        try:
            async with asyncio.timeout(seconds):
                while not inbox.ready:
                    await turn.come()
        except TimeoutError:
            raise late("read", max(seconds or 0.0, 0.0), self.deadline.peer) from None

    def take(self, inbox: Inbox) -> tuple[Frame, ...] | None:
        """Take what has come; the task that reads goes on if it had paused."""
        frames = inbox.take()
        self._drained.set()
        return frames

    def leave(self, inbox: Inbox, turn: Turn, *, done: bool) -> bool:
        """End a request, wake whoever waits for it, and tell whether the connection may serve on."""
        talking, sock = self._talking, self._sock
        if talking is None or sock is None:
            return False
        rest = talking.leave(inbox, done=done)
        inbox.end(Ended(closed_here))
        turn.wake()
        self._drained.set()
        sock.put(talking.to_send())
        return rest

    def abort(self) -> None:
        """Close the socket at once, with a farewell if it can be sent at once."""
        self._gone = True
        if self._timer is not None:
            self._timer.cancel()
        if self._talking is not None and self._sock is not None and not self._talking.over:
            self._sock.put(self._talking.farewell())
        self._drained.set()
        self._line.abort()

    def forget(self) -> None:
        """Leave the socket alone: it belongs to a loop of the parent process."""

    # Opening

    async def _shake(self, connect: float | None, until: float | None) -> None:
        """Connect and shake hands."""
        try:
            await self._agree(connect, until)
        except Exception as error:  # noqa: BLE001 - whatever the HTTP client raises becomes an error of ours
            self._gone = True
            self._line.abort()
            found = failure(error, self.deadline.peer)
            if isinstance(found, TimedOut):  # a limit of this request, and not of those who wait beside it
                raise found from None
            self._failed = found
        except BaseException:
            self._gone = True
            self._line.abort()
            raise

    async def _agree(self, connect: float | None, until: float | None) -> None:
        plan, self._plan = self._plan, None  # it knows the request
        if plan is None:
            return
        speaker = plan.speaker()
        message = plan.message(speaker)
        self.deadline.begin(connect=connect, until=until)
        answer = await self._line.exchange(message)
        if answer.status != SWITCHED:
            self._gone = True
            self.refusal = await arefusal(answer, self._line, until)
            return
        speaker.accept(answer.headers)
        self.headers = answer.headers
        self.deadline.begin(connect=None, until=None)
        self._sock = sock = self._line.dialer.socket
        if sock is not None and answer.network is not None:
            sock.rest()
            self._talking = talking = plan.talking(speaker)
            loop = asyncio.get_running_loop()
            self._reader = loop.create_task(self._read(talking, sock, answer.network), context=Context())
            self._beat()

    def _own_headers(self, talking: Talking) -> Mapping[str, str]:
        """Return the handshake's headers for the request that made it: they say nothing about later ones."""
        headers, self.headers = self.headers, {}
        return {} if talking.served else headers

    # Reading

    async def _read(self, talking: Talking, sock: AsyncSocket, network: AsyncNetwork) -> None:
        """Read until the connection is over."""
        try:
            while not talking.over:
                talking.came(await network.read(READ), monotonic())
                sock.put(talking.to_send())
                while talking.lanes.paused and not talking.over:
                    self._drained.clear()
                    await self._drained.wait()
        except ChatError as error:
            talking.broke(error)
        finally:
            talking.broke(closed_here())
            self.abort()

    def _beat(self) -> None:
        """Ping if it is time to, and look again when it may be."""
        talking, sock = self._talking, self._sock
        if talking is None or sock is None or talking.over:
            return
        if not talking.lanes.paused:  # then nothing is read, answers to pings neither
            talking.beat(monotonic())
            sock.put(talking.to_send())
        if talking.over:
            self.abort()
        elif talking.pulse.at is not None:
            seconds = max(talking.pulse.at - monotonic(), _SHORTEST)
            self._timer = asyncio.get_running_loop().call_later(seconds, self._beat)

    # Writing

    async def _sent(self, sock: AsyncSocket, until: float | None) -> None:
        """Wait until what was sent is on its way."""
        seconds = None if until is None else until - monotonic()
        try:
            async with asyncio.timeout(seconds), self._writing:
                await sock.write(b"")
        except TimeoutError:
            raise late("read", max(seconds or 0.0, 0.0), self.deadline.peer) from None
        except ChatError:
            raise
        except Exception as error:  # noqa: BLE001 - the HTTP client's own, when the socket is closed
            raise failure(error, self.deadline.peer) from None


class Turn:
    """Wakes the one task that waits for something."""

    __slots__ = ("_waiter",)

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._waiter: asyncio.Future[None] | None = None

    def wake(self) -> None:
        """Wake who waits."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def come(self) -> None:
        """Wait to be woken."""
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


_SHORTEST = 0.01
"""Least seconds between two looks at the pulse."""
