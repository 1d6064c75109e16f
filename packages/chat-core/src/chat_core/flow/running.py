"""Running jobs, whatever the colour: what a job reports with, which ones are waited for, how they are started.

Law: a job never holds its flow up: it is told to stop by `Report.cancelled` and by cancelling its task, gets a grace
to do so, and is then abandoned by name. Each job sees the context variables of the place that started it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Coroutine
from contextvars import copy_context
from inspect import isawaitable
from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.effects import Done, Handle, Progress
from chat_core.errors import SlowConsumer, TimedOut

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from contextvars import Context

    from chat_core.codec.effects import Job

GRACE = 1.0
"""Seconds that a cancelled job has to end by itself."""

MAX_REPORTS = 10_000
"""Most reports of one job that wait to be taken."""

Said: TypeAlias = Progress | Done


class Running:
    """A job at work; called by the job itself, with what it wants to report.

    Attributes:
        handle: its number.
        job: what it is.
        cancelled: whether it shall stop.
        until: when it runs out of time.
        stop: cancels its task, when it has one.
    """

    __slots__ = ("_put", "_waiting", "cancelled", "handle", "job", "stop", "until")

    def __init__(self, handle: Handle, job: Job, put: Callable[[Said], None]) -> None:
        self.handle = handle
        self.job = job
        self.cancelled = False
        self.until = None if job.timeout is None else time.monotonic() + job.timeout
        self.stop: Callable[[], object] | None = None
        self._put = put
        self._waiting = 0

    def __call__(self, event: object, /) -> None:
        """Report progress.

        Raises:
            SlowConsumer: nobody takes the reports.
        """
        if self.cancelled:
            return
        if self._waiting >= MAX_REPORTS:
            raise SlowConsumer(f"{self._waiting} reports of {self.job.key!r} wait to be taken")
        self._waiting += 1
        self._put(Progress(self.handle, event))

    def taken(self) -> None:
        """Count a report that was taken."""
        self._waiting -= 1

    def done(self, value: object = None, error: BaseException | None = None) -> None:
        """Report the outcome."""
        self._put(Done(self.handle, value, error))

    def follow(self, stop: Callable[[], object]) -> None:
        """Keep how the job's task is cancelled; do it if that was asked for already."""
        self.stop = stop
        if self.cancelled:
            stop()

    def cancel(self) -> None:
        """Tell the job to stop."""
        self.cancelled = True
        if self.stop is not None:
            self.stop()


class Table:
    """Which jobs run, and whose outcome is still waited for.

    One thread starts and joins jobs, another may tell them all to stop: so tables are copied before they are walked.

    Attributes:
        awaited: jobs whose outcome the flow has not got.
        unfinished: jobs that still work, those that ran out of time included.
        abandoned: names of the jobs that did not stop.
    """

    def __init__(self) -> None:
        self.awaited: dict[Handle, Running] = {}
        self.unfinished: dict[Handle, Running] = {}
        self.abandoned: tuple[str, ...] = ()
        self._number = 0
        self._over = False

    def add(self, job: Job, put: Callable[[Said], None]) -> Running:
        """Take up a job."""
        self._number += 1
        running = Running(Handle(self._number), job, put)
        self.unfinished[running.handle] = running
        if self._over:  # told to stop by another thread, just before it began
            running.cancel()
        else:
            self.awaited[running.handle] = running
        return running

    def take(self, said: Said) -> Said | None:
        """Note a report; return it if the flow waits for it."""
        running = self.awaited.get(said.job)
        if isinstance(said, Done):
            self.unfinished.pop(said.job, None)
            self.awaited.pop(said.job, None)
        elif running is not None:
            running.taken()
        return None if running is None else said

    def late(self, now: float) -> Done | None:
        """Stop the first job that has run out of time, and return that as its outcome."""
        for running in tuple(self.awaited.values()):
            seconds = running.job.timeout
            if seconds is not None and running.until is not None and running.until <= now:
                self.awaited.pop(running.handle, None)
                running.cancel()
                message = f"{running.job.key!r} took more than {seconds:g} s (timeout of the phase tool)"
                return Done(running.handle, error=TimedOut(message, phase="tool", seconds=seconds))
        return None

    def patience(self, until: float | None) -> float | None:
        """Return how many seconds to wait at most: to `until`, or until a job runs out of time."""
        moments = [until, *(running.until for running in tuple(self.awaited.values()))]
        soonest = min((moment for moment in moments if moment is not None), default=None)
        return None if soonest is None else max(0.0, soonest - time.monotonic())

    def cancel(self) -> None:
        """Tell all jobs to stop; nobody waits for them any more."""
        self._over = True
        self.awaited.clear()
        for running in tuple(self.unfinished.values()):
            running.cancel()

    def abandon(self) -> None:
        """Let go of the jobs that did not stop, by name."""
        if not self.unfinished:
            return
        self.abandoned += tuple(running.job.key for running in tuple(self.unfinished.values()))
        self.unfinished.clear()
        import logging  # noqa: PLC0415 - rare

        log = logging.getLogger("chat")
        if not log.handlers:
            log.addHandler(logging.NullHandler())  # silent by default
        logging.getLogger("chat.jobs").warning("jobs did not stop when told to: %s", ", ".join(self.abandoned))


def start_thread(running: Running, awaited: Callable[[Running, Awaitable[object], Context], None]) -> None:
    """Run a job in a daemon thread; `awaited` sees to a result that has to be awaited."""
    context = copy_context()

    def work() -> None:
        try:
            value = context.run(running.job.run, running)
        except BaseException as error:  # noqa: BLE001 - the flow is told
            running.done(error=error)
            return
        if isawaitable(value):
            awaited(running, value, context)
        else:
            running.done(value)

    threading.Thread(target=work, name=f"chat-job-{running.job.key}", daemon=True).start()


def start_task(loop: asyncio.AbstractEventLoop, running: Running, made: Awaitable[object], context: Context) -> None:
    """Await a job's result as a task; called in the loop's thread."""
    task = loop.create_task(_outcome(made), context=context)
    task.add_done_callback(lambda ended: _report(running, made, ended))

    def stop() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and its tasks with it
            loop.call_soon_threadsafe(task.cancel)

    running.follow(stop)


async def _outcome(made: Awaitable[object]) -> tuple[object, BaseException | None]:
    """Await a job's result; what it raises is a result too, so that an exit inside a job ends no loop."""
    try:
        return (await made), None
    except BaseException as error:  # noqa: BLE001 - the flow is told
        return None, error


def _report(running: Running, made: Awaitable[object], task: asyncio.Task[tuple[object, BaseException | None]]) -> None:
    if task.cancelled():  # before its first step
        from asyncio import CancelledError  # noqa: PLC0415 - as in `AsyncJobs`

        if isinstance(made, Coroutine):
            made.close()
        running.done(error=CancelledError())
    else:
        running.done(*task.result())
