"""The async driver: it runs a flow and does what the flow asks for, as part of the caller's task.

Law: as `drive`. Cancelling the task closes what is open before the cancellation goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from chat_core.codec.effects import (
    Close,
    Emit,
    Handle,
    Join,
    Now,
    Open,
    Opened,
    Receive,
    Send,
    Sleep,
    Start,
    instant_at,
)
from chat_core.errors import ChatError
from chat_core.flow.leaving import leave
from chat_core.transport.framing import Framing
from chat_core.transport.protocol import FAILED

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from chat_core.codec.effects import Flow
    from chat_core.events import Event
    from chat_core.flow.ajobs import AsyncJobs
    from chat_core.transport.protocol import AsyncStream, AsyncTransport

T = TypeVar("T")

Rare: TypeAlias = Send | Open | Close | Sleep | Start | Join
"""Effects that do not come for every piece of an answer."""

_GONE = None, Framing(None)
"""A stream that is closed."""

_closing: set[asyncio.Task[None]] = set()
"""Tasks that close what a driver held that nobody closed; the loop itself holds tasks weakly."""


async def arun(flow: Flow[T], transport: AsyncTransport) -> T:
    """Run a flow to its end and return its result; its events go nowhere."""
    return await ADrive(flow, transport).finish()


class ADrive(Generic[T]):
    """A flow being run: an async iterator of its events, and of its result at the end.

    Iterate it, with or without `async with`; the end of the iteration closes it. One task iterates; any task of the
    same loop may close.
    """

    def __init__(self, flow: Flow[T], transport: AsyncTransport) -> None:
        """Get ready; nothing happens before the first event is asked for."""
        self._flow = flow
        self._transport = transport
        self._events: deque[Event] = deque()
        self._streams: dict[int, tuple[AsyncStream, Framing]] = {}
        self._jobs: AsyncJobs | None = None
        self._opened = 0
        self._over = False
        self._leaving = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._result: tuple[T, ...] = ()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._over:
                raise StopAsyncIteration
            await self._advance()
        return self._events.popleft()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        if not getattr(self, "_streams", None) and getattr(self, "_jobs", None) is None:
            return
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):  # the loop closed meanwhile
                loop.call_soon_threadsafe(_close_later, list(self._streams.values()), self._jobs)

    @property
    def ended(self) -> bool:
        """Whether the flow has returned its result."""
        return bool(self._result)

    @property
    def result(self) -> T:
        """What the flow returned; of a conversation that was left early, how far it had come.

        Raises:
            RuntimeError: it has not ended, or failed.
        """
        if not self._result:
            raise RuntimeError("no result yet: iterate to the end, or call finish()")
        return self._result[0]

    @property
    def abandoned(self) -> tuple[str, ...]:
        """The jobs that went on after they were told to stop."""
        return self._jobs.abandoned if self._jobs is not None else ()

    async def finish(self) -> T:
        """Run to the end, let the remaining events go, and return the result."""
        while not self._over:
            self._events.clear()
            await self._advance()
        self._events.clear()
        return self.result

    async def aclose(self) -> None:
        """Stop: close what is open and let go of the events not taken. May be called by any task, and twice."""
        await self._end()
        self._events.clear()

    async def _advance(self) -> None:
        """Run the flow until it emits or ends."""
        self._loop = asyncio.get_running_loop()
        reply: object = None
        failure: Exception | None = None
        try:
            while not self._over:
                effect = self._flow.send(reply) if failure is None else self._flow.throw(failure)
                reply = failure = None
                try:
                    if isinstance(effect, Emit):
                        self._events.extend(effect.events)
                        return
                    if isinstance(effect, Receive):  # what runs for every piece of an answer: no call more
                        stream, framing = self._streams.get(effect.stream.number, _GONE)
                        if stream is not None and not framing.ended:
                            reply = framing.frames(await stream.areceive(effect.until))
                    elif isinstance(effect, Now):
                        reply = instant_at(time.monotonic(), time.time())
                    else:
                        reply = await self._perform(effect)
                except Exception as error:  # noqa: BLE001 - whatever happened, the flow decides about it
                    failure = error
        except StopIteration as stop:
            self._result = (stop.value,)
            self._leaving = True  # there is nothing left to do for a flow that has ended
            await self._end()
        except BaseException:
            await self._end()
            raise
        finally:
            failure = None  # else its traceback and this frame would hold each other

    async def _perform(self, effect: Rare) -> object:
        match effect:
            case Send(request, until):
                return await self._transport.asend(request, until)
            case Open():
                return await self._open(effect)
            case Close(stream, reuse):
                if reuse:  # at a good end the pieces of other streams go before what is left to do
                    await asyncio.sleep(0)
                await self._close(stream.number, reuse=reuse)
            case Sleep(seconds):
                await asyncio.sleep(seconds)
            case Start(jobs):
                return self._own_jobs().start(jobs)
            case Join(until):
                return await self._own_jobs().join(until)
        return None

    async def _open(self, effect: Open) -> Opened:
        stream = await self._transport.aopen(effect.request, effect.until)
        self._opened += 1
        handle = Handle(self._opened)
        self._streams[handle.number] = (stream, Framing(effect.request.wire.framer))
        if stream.head.status >= FAILED:
            await self._close(handle.number, reuse=True)
        elif self._over:  # closed by another task meanwhile
            await self._close(handle.number, reuse=False)
        return Opened(handle, stream.head)

    async def _close(self, number: int, *, reuse: bool) -> None:
        if number in self._streams:
            with contextlib.suppress(ChatError):  # a stream that is over cannot fail any more
                await self._streams[number][0].aclose(reuse=reuse)
            self._streams.pop(number, None)  # last: a cancelled close is repeated at the end

    def _own_jobs(self) -> AsyncJobs:
        if self._jobs is None:
            from chat_core.flow.ajobs import AsyncJobs  # noqa: PLC0415 - most flows have none

            self._jobs = AsyncJobs()
        return self._jobs

    async def _end(self) -> None:
        """Close everything."""
        self._over = True
        for number in list(self._streams):
            await self._close(number, reuse=False)
        with contextlib.suppress(ValueError):  # it is running: `_end` was called from inside of it
            await self._leave()
        if self._jobs is not None:
            await self._jobs.aclose()

    async def _leave(self) -> None:
        """Tell the flow, if it has not ended, that nobody waits for it, and do what it has left to do: once."""
        if self._leaving:
            return
        self._leaving = True
        flow, jobs = leave(self._flow), None
        try:
            effect = next(flow)
            from chat_core.flow.ajobs import AsyncJobs  # noqa: PLC0415 - as in `_own_jobs`

            jobs = AsyncJobs()  # of its own: another task may still wait for those that the flow had
            while True:
                reply = jobs.start(effect.jobs) if isinstance(effect, Start) else await jobs.join(effect.until)
                effect = flow.send(reply)
        except StopIteration as stop:
            self._result += tuple(stop.value)
        finally:
            if jobs is not None:
                await jobs.aclose()


def _close_later(streams: list[tuple[AsyncStream, Framing]], jobs: AsyncJobs | None) -> None:
    task = asyncio.get_running_loop().create_task(_close_all(streams, jobs))
    _closing.add(task)
    task.add_done_callback(_closing.discard)


async def _close_all(streams: list[tuple[AsyncStream, Framing]], jobs: AsyncJobs | None) -> None:
    for stream, _ in streams:
        with contextlib.suppress(ChatError):
            await stream.aclose(reuse=False)
    if jobs is not None:
        await jobs.aclose()
