"""Jobs under the blocking driver: functions in daemon threads, coroutines on the one background loop of the process.

Law: as `running`. The loop is made when the first coroutine needs it; a forked child makes its own.
"""

from __future__ import annotations

import os
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from chat_core.codec.effects import Handle, Progress
from chat_core.flow.running import GRACE, Said, Table, start_task, start_thread

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable
    from contextvars import Context

    from chat_core.codec.effects import Job
    from chat_core.flow.running import Running


class Jobs:
    """The jobs of one driver."""

    def __init__(self) -> None:
        """Begin without jobs."""
        self._table = Table()
        self._said: SimpleQueue[Said] = SimpleQueue()

    @property
    def abandoned(self) -> tuple[str, ...]:
        """Names of the jobs that did not stop."""
        return self._table.abandoned

    def start(self, jobs: tuple[Job, ...]) -> tuple[Handle, ...]:
        """Start jobs side by side."""
        started = [self._table.add(job, self._said.put) for job in jobs]
        for running in started:
            start_thread(running, _on_background_loop)
        return tuple(running.handle for running in started)

    def join(self, until: float | None) -> Said | None:
        """Wait for the next report; `None` when no job runs or the time is up."""
        while self._table.awaited:
            now = time.monotonic()
            if (late := self._table.late(now)) is not None:
                return late
            try:
                said = self._said.get(timeout=self._table.patience(until))
            except Empty:
                if until is not None and now >= until:
                    return None
                continue
            if (report := self._table.take(said)) is not None:
                return report
        return None

    def close(self, grace: float | None = None) -> None:
        """Stop all jobs, and wait a little for them to end; 0 = do not wait."""
        self._table.cancel()
        end = time.monotonic() + (GRACE if grace is None else grace)
        while self._table.unfinished:
            try:
                self._table.take(self._said.get(timeout=max(0.0, end - time.monotonic())))
            except Empty:
                break
        self._table.abandon()
        self._said.put(Progress(Handle(0), None))  # wakes a thread that waits in `join`; no job has this number


def _on_background_loop(running: Running, made: Awaitable[object], context: Context) -> None:
    loop = background_loop()
    loop.call_soon_threadsafe(start_task, loop, running, made, context)


_loops: dict[int, asyncio.AbstractEventLoop] = {}
"""The background loop by process: a forked child makes its own, and leaves its parent's alone."""

_lock = threading.Lock()


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the loop that runs coroutines for blocking flows, in a daemon thread of its own."""
    import asyncio  # noqa: PLC0415 - coroutines only

    with _lock:
        process = os.getpid()
        if process not in _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="chat-jobs", daemon=True).start()
            _loops[process] = loop
        return _loops[process]


def _unlock() -> None:
    global _lock  # noqa: PLW0603 - a lock that another thread held when the process forked is never released
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)
