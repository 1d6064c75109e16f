"""Jobs under the async driver: coroutines as tasks of the running loop, functions in daemon threads.

Law: as `running`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import copy_context
from inspect import isawaitable, iscoroutinefunction
from queue import SimpleQueue
from typing import TYPE_CHECKING

from chat_core.flow.running import GRACE, Said, Table, start_task, start_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextvars import Context

    from chat_core.codec.effects import Handle, Job
    from chat_core.flow.running import Running


class AsyncJobs:
    """The jobs of one driver."""

    def __init__(self) -> None:
        """Begin without jobs, in the running loop."""
        self._table = Table()
        self._said: SimpleQueue[Said] = SimpleQueue()
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._home = threading.get_ident()

    @property
    def abandoned(self) -> tuple[str, ...]:
        """Names of the jobs that did not stop."""
        return self._table.abandoned

    def start(self, jobs: tuple[Job, ...]) -> tuple[Handle, ...]:
        """Start jobs side by side."""
        started = [self._table.add(job, self._put) for job in jobs]
        for running in started:
            if _is_async(running.job.run):
                context = copy_context()
                start_task(self._loop, running, _coroutine(running), context)
            else:
                start_thread(running, self._task_later)
        return tuple(running.handle for running in started)

    async def join(self, until: float | None) -> Said | None:
        """Wait for the next report; `None` when no job runs or the time is up."""
        while self._table.awaited:
            now = time.monotonic()
            if (late := self._table.late(now)) is not None:
                return late
            said = await self._next(self._table.patience(until))
            if said is None:
                if until is not None and now >= until:
                    return None
            elif (report := self._table.take(said)) is not None:
                return report
        return None

    async def aclose(self) -> None:
        """Stop all jobs, and wait a little for them to end."""
        self._table.cancel()
        end = time.monotonic() + GRACE
        while self._table.unfinished:
            said = await self._next(max(0.0, end - time.monotonic()))
            if said is None:
                break
            self._table.take(said)
        self._table.abandon()
        self._wake.set()  # for a task that waits in `join`

    async def _next(self, seconds: float | None) -> Said | None:
        self._wake.clear()
        if self._said.empty():
            try:
                await asyncio.wait_for(self._wake.wait(), seconds)
            except TimeoutError:
                return None
        return None if self._said.empty() else self._said.get()

    def _put(self, said: Said) -> None:
        self._said.put(said)
        if threading.get_ident() == self._home:
            self._wake.set()
        else:
            self._in_loop(self._wake.set)

    def _in_loop(self, function: Callable[[], object]) -> bool:
        """Call a function in the loop's thread; tell whether the loop is there to do so."""
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:  # the loop is closed: nobody listens any more
            return False
        return True

    def _task_later(self, running: Running, made: Awaitable[object], context: Context) -> None:
        """Await in the loop what a function returned in its thread."""
        self._in_loop(lambda: start_task(self._loop, running, made, context))


def _is_async(function: Callable[..., object]) -> bool:
    return iscoroutinefunction(function) or iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 - its kind is asked


async def _coroutine(running: Running) -> object:
    made = running.job.run(running)
    return (await made) if isawaitable(made) else made
