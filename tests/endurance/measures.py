"""What a process holds: sockets, threads, tasks, memory, and the complaints that nobody hears."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Generator


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds at one moment, after what is garbage has gone.

    Attributes:
        sockets: open sockets.
        threads: names of threads.
        blocks: blocks of memory that Python's allocator has handed out.
        rss: bytes of memory that the process has.
    """

    sockets: int
    threads: tuple[str, ...]
    blocks: int
    rss: int

    @classmethod
    def now(cls) -> Held:
        """Look."""
        for _ in range(3):
            gc.collect()
        names = tuple(sorted(thread.name for thread in threading.enumerate()))
        return cls(_sockets(), names, sys.getallocatedblocks(), _rss())


def _sockets() -> int:
    found = 0
    for entry in os.scandir("/proc/self/fd"):
        with suppress(OSError):  # the one that reads the folder is gone by now
            found += Path(entry.path).readlink().name.startswith("socket:")
    return found


def _rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def settled(before: Held, seconds: float = 8.0) -> Held:
    """Look again until no more is held than before, or time is up: closing takes a moment."""
    end = time.monotonic() + seconds
    while True:
        held = Held.now()
        if (held.sockets <= before.sockets and len(held.threads) <= len(before.threads)) or time.monotonic() > end:
            return held
        time.sleep(0.05)


@dataclass(slots=True)
class Complaints:
    """What was said to nobody: warnings, errors of finalisers, threads and tasks."""

    said: list[str] = field(default_factory=list[str])

    def of_log(self, record: logging.LogRecord) -> bool:
        """Take what asyncio writes into its log."""
        self.said.append(f"log: {record.getMessage()}")
        return False

    def of_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what a loop complains about; the arguments are those of asyncio."""
        del loop
        self.said.append(f"loop: {context.get('message')}: {context.get('exception')!r}")


@contextmanager
def complaints() -> Generator[Complaints]:
    """Gather what is said to nobody in the block."""
    found = Complaints()
    unraisable, excepthook = sys.unraisablehook, threading.excepthook
    sys.unraisablehook = lambda told: found.said.append(
        f"unraisable: {told.err_msg}: {told.exc_value!r} in {told.object!r}"
    )
    threading.excepthook = lambda told: found.said.append(f"thread: {told.exc_value!r}")
    logging.getLogger("asyncio").addFilter(found.of_log)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            yield found
            gc.collect()
        found.said += [f"warning: {warning.category.__name__}: {warning.message}" for warning in warned]
    finally:
        sys.unraisablehook, threading.excepthook = unraisable, excepthook
        logging.getLogger("asyncio").removeFilter(found.of_log)
