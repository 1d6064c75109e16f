"""The blocking driver: it runs a flow and does what the flow asks for, in the caller's thread and without any loop.

Law: flows own nothing, so the driver owns every stream and job, and all of them are over when it is. A flow that is
left early never returns its connection to a pool; it is told so, and its result says how far it had come.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

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

    from chat_core.codec.effects import Effect, Flow
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.flow.jobs import Jobs
    from chat_core.transport.protocol import Stream, Transport

T = TypeVar("T")


def run(flow: Flow[T], transport: Transport) -> T:
    """Run a flow to its end and return its result; its events go nowhere."""
    return Drive(flow, transport).finish()


class Drive(Generic[T]):
    """A flow being run: an iterator of its events, and of its result at the end.

    Iterate it, with or without `with`; the end of the iteration closes it. One thread iterates; any thread may close.
    """

    def __init__(self, flow: Flow[T], transport: Transport) -> None:
        """Get ready; nothing happens before the first event is asked for."""
        self._flow = flow
        self._transport = transport
        self._events: deque[Event] = deque()
        self._streams: dict[int, tuple[Stream, Framing]] = {}
        self._jobs: Jobs | None = None
        self._opened = 0
        self._over = threading.Event()
        self._entered = threading.Lock()  # held while the flow runs: two threads in one generator can crash CPython
        self._leaving = threading.Lock()
        self._result: list[T] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        while not self._events:
            if self._over.is_set():
                raise StopIteration
            self._advance()
        return self._events.popleft()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_result"):
            self._flow.close()
            self._end(grace=0)

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

    def finish(self) -> T:
        """Run to the end, let the remaining events go, and return the result."""
        while not self._over.is_set():
            self._events.clear()
            self._advance()
        self._events.clear()
        return self.result

    def close(self) -> None:
        """Stop: close what is open and let go of the events not taken. May be called from any thread, and twice."""
        self._end(grace=None)
        self._events.clear()

    def _advance(self) -> None:
        """Run the flow until it emits or ends."""
        reply: object = None
        failure: Exception | None = None
        try:
            while True:
                with self._entered:
                    if self._over.is_set():
                        break
                    effect = self._flow.send(reply) if failure is None else self._flow.throw(failure)
                reply = failure = None
                try:
                    if isinstance(effect, Emit):
                        self._events.extend(effect.events)
                        if self._over.is_set():  # closed meanwhile, by another thread that could not leave the flow
                            continue
                        return
                    if isinstance(effect, Receive):
                        reply = self._receive(effect.stream, effect.until)
                    elif isinstance(effect, Now):
                        reply = instant_at(time.monotonic(), time.time())
                    else:
                        reply = self._perform(effect)
                except Exception as error:  # noqa: BLE001 - whatever happened, the flow decides about it
                    failure = error
            self._end(grace=None)  # another thread closed this driver, perhaps before it saw the last stream or job
        except StopIteration as stop:
            self._result.append(stop.value)
            self._leaving.acquire(blocking=False)  # there is nothing left to do for a flow that has ended
            self._end(grace=None)
        except BaseException:
            self._end(grace=None)
            raise
        finally:
            failure = None  # else its traceback and this frame would hold each other

    def _perform(self, effect: Effect) -> object:
        match effect:
            case Receive(stream, until):
                return self._receive(stream, until)
            case Now():
                return instant_at(time.monotonic(), time.time())
            case Send(request, until):
                return self._transport.send(request, until)
            case Open():
                return self._open(effect)
            case Close(stream, reuse):
                self._close(stream.number, reuse=reuse)
            case Sleep(seconds):
                self._over.wait(seconds)
            case Start(jobs):
                return self._own_jobs().start(jobs)
            case Join(until):
                return self._own_jobs().join(until)
            case Emit(events):
                self._events.extend(events)
        return None

    def _open(self, effect: Open) -> Opened:
        stream = self._transport.open(effect.request, effect.until)
        self._opened += 1
        handle = Handle(self._opened)
        self._streams[handle.number] = (stream, Framing(effect.request.wire.framer))
        if stream.head.status >= FAILED:
            self._close(handle.number, reuse=True)
        elif self._over.is_set():  # closed by another thread meanwhile
            self._close(handle.number, reuse=False)
        return Opened(handle, stream.head)

    def _receive(self, handle: Handle, until: float | None) -> tuple[Frame, ...] | None:
        opened = self._streams.get(handle.number)
        if opened is None:
            return None
        stream, framing = opened
        return None if framing.ended else framing.frames(stream.receive(until))

    def _close(self, number: int, *, reuse: bool) -> None:
        if number in self._streams:
            with contextlib.suppress(ChatError):  # a stream that is over cannot fail any more
                self._streams[number][0].close(reuse=reuse)
            self._streams.pop(number, None)  # last: an interrupted close is repeated at the end

    def _own_jobs(self) -> Jobs:
        if self._jobs is None:
            from chat_core.flow.jobs import Jobs  # noqa: PLC0415 - most flows have none

            self._jobs = Jobs()
        return self._jobs

    def _end(self, *, grace: float | None) -> None:
        """Close everything; jobs get a grace in seconds to stop by themselves, `None` for the usual one."""
        self._over.set()
        for number in list(self._streams):
            self._close(number, reuse=False)
        if self._entered.acquire(blocking=False):  # else it is running, in another thread: that one ends it
            try:
                self._leave()
            finally:
                self._entered.release()
        if self._jobs is not None:
            self._jobs.close(grace)

    def _leave(self) -> None:
        """Tell the flow, if it has not ended, that nobody waits for it, and do what it has left to do: once."""
        if not self._leaving.acquire(blocking=False):
            return
        flow, jobs = leave(self._flow), None
        try:
            effect = next(flow)
            from chat_core.flow.jobs import Jobs  # noqa: PLC0415 - as in `_own_jobs`

            jobs = Jobs()  # of its own: another thread may still wait for those that the flow had
            while True:
                reply = jobs.start(effect.jobs) if isinstance(effect, Start) else jobs.join(effect.until)
                effect = flow.send(reply)
        except StopIteration as stop:
            self._result += stop.value
        finally:
            if jobs is not None:
                jobs.close()
