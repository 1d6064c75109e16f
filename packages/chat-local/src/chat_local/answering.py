"""Answers that are being made, as streams of both colours, and work that takes long, done in a thread.

Law: a stream that is closed stops its answer at once, also one whose model is still being loaded. What is told is kept
until it is read: an answer is no longer than its model's context.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import TransportError
from chat_core.transport.deadline import late

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_local.server import Begun, Cancels

T = TypeVar("T")

PEER = "the local model"


class _Answering:
    """An answer that is being made: what both colours have."""

    def __init__(self, owner: object) -> None:
        self.head = WireResponse()
        self._owner = owner  # whose models end when nobody has it any more
        self._ticket: Cancels | None = None
        self._start = b""
        self._closed = False
        self._over = False

    def begun(self, begun: Begun) -> None:
        """Take the answer's ticket and its first event; an answer that nobody waits for any more is not made."""
        self._start, self._ticket = begun.start, begun.ticket
        if self._closed:
            begun.ticket.cancel()

    def _first(self) -> tuple[Frame, ...]:
        """Return the first event, once."""
        start, self._start = self._start, b""
        return (_frame(start),) if start else ()

    def _cancel(self) -> None:
        self._closed = True
        if self._ticket is not None:
            self._ticket.cancel()


class LocalStream(_Answering):
    """An answer that is being made, for a thread; as `protocol.Stream`. `close` may be called from another one."""

    def __init__(self, owner: object) -> None:
        """Nothing has been said; who makes the answer lives as long as this."""
        super().__init__(owner)
        self._said: SimpleQueue[tuple[bytes, bool] | None] = SimpleQueue()

    def tell(self, event: bytes, last: bool) -> None:  # noqa: FBT001 - a callback
        """Take an event; called in the model's thread."""
        self._said.put((event, last))

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next events; as `protocol.Stream.receive`."""
        if self._closed:
            raise TransportError("the stream is closed")
        if self._over:
            return None
        return self._first() or self._taken(self._next(until))

    def close(self, *, reuse: bool) -> None:  # noqa: ARG002 - there is no connection
        """End the answer."""
        self._cancel()
        self._said.put(None)  # wakes a thread that waits

    def _next(self, until: float | None) -> tuple[bytes, bool] | None:
        began = monotonic()
        try:
            return self._said.get(timeout=None if until is None else max(until - began, 0.0))
        except Empty:
            self.close(reuse=False)
            raise late("read", max((until or began) - began, 0.0), PEER) from None

    def _taken(self, first: tuple[bytes, bool] | None) -> tuple[Frame, ...]:
        """Return all events that are there, beginning with one."""
        frames: list[Frame] = []
        said = first
        while said is not None:
            event, self._over = said
            frames.append(_frame(event))
            try:
                said = None if self._over else self._said.get_nowait()
            except Empty:
                break
        if not frames:
            raise TransportError("the stream was closed while it was read")
        return tuple(frames)


class AsyncLocalStream(_Answering):
    """An answer that is being made, for a task; as `protocol.AsyncStream`."""

    def __init__(self, owner: object) -> None:
        """Nothing has been said; who makes the answer lives as long as this."""
        super().__init__(owner)
        self._loop = asyncio.get_running_loop()
        self._said: deque[tuple[bytes, bool]] = deque()
        self._wake = asyncio.Event()
        self._woken = False

    def tell(self, event: bytes, last: bool) -> None:  # noqa: FBT001 - a callback
        """Take an event; called in the model's thread. The loop is woken once for all that it has not yet taken."""
        self._said.append((event, last))
        if not self._woken:
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
                self._loop.call_soon_threadsafe(self._wake.set)

    async def areceive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next events; as `protocol.Stream.receive`."""
        if self._closed:
            raise TransportError("the stream is closed")
        if self._over:
            return None
        if first := self._first():
            return first
        await self._wait(until)
        self._woken = False  # before anything is taken: what comes from now on wakes the loop again
        frames: list[Frame] = []
        while self._said:
            event, self._over = self._said.popleft()
            frames.append(_frame(event))
        if not frames:
            raise TransportError("the stream was closed while it was read")
        return tuple(frames)

    async def aclose(self, *, reuse: bool) -> None:  # noqa: ARG002 - there is no connection
        """End the answer."""
        self._cancel()
        self._wake.set()

    async def _wait(self, until: float | None) -> None:
        seconds = None if until is None else max(until - monotonic(), 0.0)
        try:
            async with asyncio.timeout(seconds):
                while not self._said and not self._closed:
                    self._wake.clear()
                    await self._wake.wait()
        except TimeoutError:
            await self.aclose(reuse=False)
            raise late("read", seconds or 0.0, PEER) from None


def in_time(work: Callable[[], T], until: float | None) -> T:
    """Do something that may take long, such as loading a model, and wait for it as long as there is time."""
    if until is None:
        return work()
    done: SimpleQueue[tuple[T | None, BaseException | None]] = SimpleQueue()
    threading.Thread(target=lambda: done.put(_tried(work)), name="chat-local-load", daemon=True).start()
    began = monotonic()
    try:
        value, error = done.get(timeout=max(until - began, 0.0))
    except Empty:
        raise late("read", until - began, PEER) from None
    return _given(value, error)


async def elsewhere(work: Callable[[], T], until: float | None) -> T:
    """Do the same in a thread, while the event loop goes on."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[T | None, BaseException | None]] = loop.create_future()

    def tell(outcome: tuple[T | None, BaseException | None]) -> None:
        if not done.done():
            done.set_result(outcome)

    def run() -> None:
        outcome = _tried(work)
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, outcome)

    threading.Thread(target=run, name="chat-local-load", daemon=True).start()
    seconds = None if until is None else max(until - monotonic(), 0.0)
    try:
        async with asyncio.timeout(seconds):
            value, error = await done
    except TimeoutError:
        raise late("read", seconds or 0.0, PEER) from None
    return _given(value, error)


def _tried(work: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    try:
        return work(), None
    except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
        return None, error


def _given(value: T | None, error: BaseException | None) -> T:
    if error is not None:
        raise error
    return value  # type: ignore[return-value] # pyright: ignore[reportReturnType] - without an error there is a value


def _frame(event: bytes) -> Frame:
    return Frame(event.decode())
