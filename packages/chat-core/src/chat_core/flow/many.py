"""Many flows side by side, with their results in the order of the flows; one function for each colour.

Law: at most `concurrency` run at once, and no more results wait to be taken than that; a flow is made when its turn
comes. Leaving early, or an error, ends what still runs.
"""

from __future__ import annotations

from collections import deque
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from chat_core.flow.drive import Drive

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Generator, Iterable

    from chat_core.codec.effects import Flow
    from chat_core.transport.protocol import AsyncTransport, Transport

T = TypeVar("T")

AHEAD = 2
"""Flows begun and not yet taken, for each that may run: so a slow one does not stop the others at once."""


class _Task(Generic[T]):
    """A flow that a thread runs."""

    def __init__(self, flow: Flow[T], transport: Transport) -> None:
        self.drive = Drive(flow, transport)
        self._context = copy_context()
        self._over = Event()
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._context.run(self.drive.finish)
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._error = error
        self._over.set()

    def result(self) -> T:
        self._over.wait()
        if self._error is not None:
            raise self._error
        return self.drive.result


def in_order(flows: Iterable[Flow[T]], transport: Transport, concurrency: int) -> Generator[T, None, None]:
    """Run flows in threads and yield their results in order; the first error ends it at its place."""
    todo: SimpleQueue[_Task[T] | None] = SimpleQueue()
    waiting: deque[_Task[T]] = deque()
    threads = 0
    try:
        for flow in flows:
            waiting.append(_Task(flow, transport))
            todo.put(waiting[-1])
            if threads < concurrency:
                threads += 1
                Thread(target=_work, args=(todo,), name=f"chat-map-{threads}", daemon=True).start()
            if len(waiting) >= AHEAD * concurrency:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for task in waiting:
            task.drive.close()
        for _ in range(threads):
            todo.put(None)


def _work(todo: SimpleQueue[_Task[T] | None]) -> None:
    while (task := todo.get()) is not None:
        task.run()


async def in_order_async(
    flows: Iterable[Flow[T]], transport: AsyncTransport, concurrency: int
) -> AsyncGenerator[T, None]:
    """Run flows in tasks and yield their results in order; the first error ends it at its place."""
    import asyncio  # noqa: PLC0415 - blocking programs need none

    from chat_core.flow.adrive import arun  # noqa: PLC0415 - as above

    places = asyncio.Semaphore(concurrency)

    async def one(flow: Flow[T]) -> T:
        async with places:
            return await arun(flow, transport)

    waiting: deque[asyncio.Task[T]] = deque()
    try:
        for flow in flows:
            waiting.append(asyncio.create_task(one(flow)))
            if len(waiting) >= AHEAD * concurrency:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
