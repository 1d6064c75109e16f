"""Large pages for weights, on Linux: a run reads all of them, and most of its time is waiting for memory.

Law: where it cannot be done, nothing is changed but the speed.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAST = 4 << 20
"""Bytes of the smallest region that is worth it."""

FULL = 0.9
"""Least share of a region that is in memory already: to join pages takes memory for those that are not."""

LARGE = 2 << 20
"""Bytes of a large page on x86-64, and on ARM with small pages of 4 KiB."""

COLLAPSE = 25
"""`MADV_COLLAPSE`: joins small pages to large ones at once (source: Linux 6.1, `madvise(2)`)."""

SMAPS = Path("/proc/self/smaps")
_REGION = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) rw-p 0+ 00:00 0 *")
_RESIDENT = re.compile(rb"Rss: +(\d+) kB")


def enlarge() -> int:
    """Put what fills the memory of this process into large pages; return how many bytes, as far as is known."""
    with contextlib.suppress(OSError, AttributeError):  # another system, or a library of C that knows no `madvise`
        return sum(_joined(ctypes.CDLL(None).madvise, first, last) for first, last in _regions())
    return 0


def _joined(advise: Callable[[ctypes.c_void_p, ctypes.c_size_t, int], int], first: int, last: int) -> int:
    begin = -(-first // LARGE) * LARGE
    size = max(0, last - begin) // LARGE * LARGE
    return 0 if advise(ctypes.c_void_p(begin), ctypes.c_size_t(size), COLLAPSE) else size


def _regions() -> Iterator[tuple[int, int]]:
    """Find the large regions that are no file's, and full."""
    first = last = 0
    for line in SMAPS.read_bytes().splitlines():
        if b"-" in line.partition(b" ")[0]:
            found = _REGION.fullmatch(line)
            first, last = (int(found[1], 16), int(found[2], 16)) if found else (0, 0)
        elif last - first >= LEAST and (found := _RESIDENT.fullmatch(line)) and _fills(int(found[1]), last - first):
            yield first, last


def _fills(resident: int, size: int) -> bool:
    return resident * 1024 >= size * FULL
