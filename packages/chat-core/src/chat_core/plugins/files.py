"""The user's own small files: whether one is there, whether it changed, what it holds, and writing it alone.

Law: an absent file is `None`; one that is there and cannot be read is an error that names it. No text of a file is in
an error.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

MAX_BYTES = 1024 * 1024
"""Largest file that is read."""

PATIENCE = 10.0
"""Seconds to wait for another program that writes a file."""

Stamp: TypeAlias = tuple[int, int, int, int]
"""What changes when a file or its mode does: its times, size and number."""


def stamp(path: Path, *, named: bool) -> Stamp | None:
    """Tell one state of a file from another; `None` = there is no file.

    Args:
        path: the file.
        named: whether the user chose the folder. One that is only customary and closed to this user, such as the home
            of another in a container, holds no file of his.

    Raises:
        ConfigurationError: it cannot be looked at.
    """
    try:
        return stamp_of(path.stat())
    except FileNotFoundError:
        return None
    except (NotADirectoryError, PermissionError) as error:
        if not named:
            return None
        raise unreadable(path, error) from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise unreadable(path, error) from None


def stamp_of(status: os.stat_result) -> Stamp:
    """Take from a file's status what a change changes."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def content(file: int, path: Path) -> bytes:
    """Read an open file whole.

    Raises:
        ConfigurationError: it cannot be read, or is too large.
    """
    held = bytearray()
    try:
        while part := os.read(file, 64 * 1024):
            held += part
            if len(held) > MAX_BYTES:
                raise ConfigurationError(f"{path} is larger than {MAX_BYTES} bytes: it cannot be what it should be")
    except OSError as error:
        raise unreadable(path, error) from None
    return bytes(held)


def opened(path: Path) -> int:
    """Open a file for reading; the caller closes it.

    Raises:
        ConfigurationError: it cannot be opened.
    """
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: Exception) -> ConfigurationError:
    """Return the error for a file that is there and cannot be read."""
    why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return ConfigurationError(f"{path} cannot be read ({why}): make it a file that you may read, or remove it")


@contextmanager
def alone(path: Path) -> Generator[None]:
    """Keep other programs from writing a file between reading and writing it; its folder is made if there is none.

    Raises:
        ConfigurationError: there can be no folder, or another program does not come to an end.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(path.parent, os.O_RDONLY) if os.name == "posix" else None  # elsewhere folders cannot be locked
    except OSError as error:
        raise _unwritable(path, error.strerror or type(error).__name__) from None
    try:
        if held is not None:
            _lock(held, path)
        yield
    finally:
        if held is not None:
            os.close(held)


def _lock(held: int, path: Path) -> None:
    import fcntl  # noqa: PLC0415 - not on every platform

    until = time.monotonic() + PATIENCE  # noqa: TID251 - no flow: a file is waited for
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:  # noqa: TID251 - as above
                raise _unwritable(path, "another program is at it; wait for it, or end it") from None
            time.sleep(0.01)  # noqa: TID251 - as above
        except OSError:  # a file system without locks
            return
        else:
            return


def _unwritable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{path} cannot be written: {why}")
