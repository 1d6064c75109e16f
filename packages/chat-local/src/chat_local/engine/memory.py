"""Memory: what a model will take, what there is, and the refusal to load one that does not fit.

Law: an estimate is made before a byte is loaded. Figures are bytes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

VARIABLE = "CHAT_LOCAL_MAX_MEMORY"
"""The most memory that models may take together, such as `6GB`; without it, what the machine has free."""

FACTOR, FIXED = 1.3, 48 * 2**20
"""What a loaded graph takes: its files' sizes times the first, and the second for all that does not grow with them
(measured: 1.2 to 1.3 for files of several hundred megabytes, 1.7 for one of 60)."""

UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}

CGROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Where a container's limit, and what is used of it, are told, by the second version of cgroups and by the first. What
is used counts files that were read; those that nobody needs now (the last word) are given back when memory is short."""


def estimate(files: Sequence[Path], *, cache: int) -> int:
    """Return what a model takes: its files, loaded, and its cache."""
    return int(sum(path.stat().st_size for path in files) * FACTOR) + FIXED + cache


def require(name: str, wanted: int, taken: int, left: int | None = None) -> None:
    """Refuse a model that does not fit beside those that are loaded.

    Args:
        name: what it is called.
        wanted: what it takes.
        taken: what those take that are loaded.
        left: what is free where it is to be loaded; `None` = it is this machine's memory, and looked up.

    Raises:
        MemoryError: it does not fit; the message says by how much, and what would help.
    """
    limit, left = allowed(), free() if left is None else left
    left = left if limit is None else min(limit - taken, left)
    if wanted > left:
        raise MemoryError(
            f"{name} takes about {shown(wanted)} of memory and {shown(max(left, 0))} are left: "
            f"choose a smaller variant, such as int4, or raise {VARIABLE}"
        )


def allowed() -> int | None:
    """Return the user's limit.

    Raises:
        ConfigurationError: it is no size.
    """
    word = os.environ.get(VARIABLE)
    return None if not word else size_of(word)


def size_of(word: str) -> int:
    """Read a size such as `6GB`, `512MiB` or `1000000`.

    Raises:
        ConfigurationError: it is none.
    """
    text = word.strip().lower().removesuffix("b")
    digits = text.rstrip("kmgti ")
    unit = text[len(digits) :].strip()
    try:
        return int(float(digits) * UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        raise ConfigurationError(f"{VARIABLE}={word!r} is no size: write one such as 6GB") from None


def free() -> int:
    """Return the memory that is free on this machine, or in the container that this process is in."""
    found = [_available(), *(_of_group(*group) for group in CGROUPS)]
    return min((size for size in found if size is not None), default=2**63)


def shown(size: int) -> str:
    """Write a size for people."""
    return f"{size / 10**9:.1f} GB" if size >= 10**9 else f"{size / 10**6:.0f} MB"


def _available() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, ValueError, StopIteration):
        return _physical()


def _physical() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _of_group(folder: str, limit: str, used: str, idle: str) -> int | None:
    place = Path(folder)
    try:
        free = int((place / limit).read_text(encoding="ascii")) - int((place / used).read_text(encoding="ascii"))
        words = (place / "memory.stat").read_text(encoding="ascii").split()
        return free + int(words[words.index(idle) + 1])
    except (OSError, ValueError, IndexError):  # no such group, or one without a limit
        return None
