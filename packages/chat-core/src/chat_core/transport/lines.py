"""Lines: the connections that threads share, and those that the tasks of one event loop share.

Law: waiting for a place is the phase `pool`; whoever gives up waiting leaves the queue; what the pool lets go is closed
at once. After a fork a child starts with nothing, and closes only its own copies.
"""

from __future__ import annotations

import os
import threading
import weakref
from time import monotonic
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from chat_core.transport.deadline import late
from chat_core.transport.pool import Counts, Lease, Pool

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Hashable

    from chat_core.transport.alines import LoopLines
    from chat_core.transport.deadline import Deadline


class Line(Protocol):
    """One connection, open or not."""

    @property
    def deadline(self) -> Deadline:
        """The limits of the exchange that is going on."""
        ...

    @property
    def fit(self) -> bool:
        """Whether the connection can serve again."""
        ...

    def abort(self) -> None:
        """Close the socket at once."""
        ...

    def forget(self) -> None:
        """Close this process's copy of a socket that belongs to its parent."""
        ...


L = TypeVar("L", bound=Line)


class Lines(Generic[L]):
    """The connections of one process or loop."""

    def __init__(self, limit: int, keepalive: float) -> None:
        """Begin empty; see `Pool`."""
        self.pid = os.getpid()
        self.pool: Pool[L] = Pool(limit, keepalive)
        self.lock = threading.Lock()
        self._open: set[L] = set()

    def hold(self, lease: Lease[L], line: L) -> None:
        """Put a new connection under a lease."""
        lease.line = line
        self._open.add(line)

    def discard(self, line: L) -> None:
        """Close a connection that is in no lease and does not rest."""
        self._open.discard(line)
        line.abort()

    def give_back(self, lease: Lease[L], *, rest: bool) -> None:
        """Take a lease back; only the first call counts."""
        line = lease.line
        rest = rest and line is not None and line.fit
        with self.lock:
            close = self.pool.give_back(lease, monotonic(), rest=rest)
        for other in close:
            self.discard(other)

    def share(self, lease: Lease[L], most: int) -> None:
        """Let the connection of a lease carry up to `most` exchanges."""
        with self.lock:
            self.pool.share(lease, most)

    def abort(self) -> None:
        """Close every connection, those in use as well."""
        with self.lock:
            self.pool.empty()
        for line in tuple(self._open):
            self.discard(line)

    def forget(self) -> None:
        """Close this process's copies of what belongs to its parent."""
        for line in tuple(self._open):
            line.forget()
        self._open.clear()


class ThreadLines(Lines[L]):
    """The connections that the threads of a process share."""

    def __init__(self, limit: int, keepalive: float) -> None:
        """Begin empty; see `Pool`."""
        super().__init__(limit, keepalive)
        weakref.finalize(self, _close_all, self._open, self.pid)

    def take(
        self, key: Hashable, peer: str, limit: float | None, until: float | None, prefer: L | None = None
    ) -> Lease[L]:
        """Wait for a place, at most `limit` seconds and not beyond `until`; on `prefer` if it has room.

        Raises:
            TimedOut: `pool`, or `read` when it was `until` that passed.
        """
        granted = threading.Event()
        began = monotonic()
        with self.lock:
            lease = self.pool.ask(key, began, prefer)
            lease.wake = granted.set
        for line in lease.close:
            self.discard(line)
        if lease.granted:
            return lease
        phase, seconds = patience(limit, until, began)
        try:
            granted.wait(seconds)
        except BaseException:
            self.give_back(lease, rest=True)
            raise
        with self.lock:
            if not lease.granted:
                self.pool.give_back(lease, began, rest=False)
                raise late(phase, seconds or 0.0, peer)
        return lease


A = TypeVar("A", bound=Line)


class AllLines(Generic[L, A]):
    """The connections of one transport: those of the process's threads, and those of each event loop.

    Attributes:
        lock: for what its threads share beside them.
    """

    def __init__(self, limit: int, keepalive: float) -> None:
        """Begin empty; see `Pool`."""
        self.lock = threading.Lock()
        self._limits = (limit, keepalive)
        self._threads: ThreadLines[L] = ThreadLines(*self._limits)
        self._loops: dict[asyncio.AbstractEventLoop, LoopLines[A]] = {}

    def threads(self) -> ThreadLines[L]:
        """Return those of the threads."""
        if self._threads.pid != os.getpid():  # a child after a fork, in which nobody would open the parent's locks
            self._threads.forget()
            self.lock = threading.Lock()
            self._threads = ThreadLines(*self._limits)
        return self._threads

    async def loop(self) -> LoopLines[A]:
        """Return those of the running loop."""
        import asyncio  # noqa: PLC0415 - threads do without

        from chat_core.transport.alines import LoopLines  # noqa: PLC0415 - as above

        loop = asyncio.get_running_loop()
        lines = self._loops.get(loop)
        if lines is None or lines.pid != os.getpid():
            for other in [other for other in tuple(self._loops) if other.is_closed()]:  # they hold their sockets
                self._loops.pop(other, None)
            lines = self._loops[loop] = LoopLines(*self._limits)
            await lines.watch()
        return lines

    async def leave_loop(self) -> None:
        """Close those of the running loop, those in use as well."""
        import asyncio  # noqa: PLC0415 - threads do without

        lines = self._loops.get(asyncio.get_running_loop())
        if lines is not None:
            lines.abort()
            await asyncio.sleep(0)  # sockets close in the loop's next turn

    def counts(self, loop: asyncio.AbstractEventLoop | None = None) -> Counts:
        """Count the connections of this process's threads, or those of a loop."""
        if loop is None:
            return self.threads().pool.counts
        return self._loops[loop].pool.counts if loop in self._loops else Counts(0, 0, 0)


def _close_all(lines: set[L], pid: int) -> None:
    """Close what a program left open, when it forgets the transport or ends; a child leaves it to its parent."""
    for line in tuple(lines) if pid == os.getpid() else ():
        line.abort()


def patience(limit: float | None, until: float | None, began: float) -> tuple[str, float | None]:
    """Return which limit comes first, and in how many seconds."""
    left = None if until is None else max(until - began, 0.0)
    if limit is None or (left is not None and left < limit):
        return "read", left
    return "pool", limit
