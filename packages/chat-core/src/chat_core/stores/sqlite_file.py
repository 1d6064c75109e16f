"""The SQLite file: how it is made, opened, brought up to date and locked, and what its errors mean.

Law: a transaction is all or nothing, and what was committed is on the disk (`synchronous=FULL`). A file that is not
ours, or of a newer version, is refused before anything is written to it; none is ever deleted. Any thread may use it;
a forked child opens it anew.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakSet

from chat_core.errors import StoreBusy, StoreDamaged, StoreError, StoreFull
from chat_core.stores import refusals

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

Connection: TypeAlias = sqlite3.Connection

APPLICATION = 0x43484154
"""Tells our files from those of other programs: `CHAT`."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}

PAUSE = 0.01
"""Seconds between tries to open a file that another process is making."""

_CONVERSATIONS = (
    "CREATE TABLE branches(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES branches(id), depth INTEGER NOT NULL)",
    "CREATE INDEX branches_parent ON branches(parent, depth)",
    """CREATE TABLE nodes(
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, parent BLOB,
        branch INTEGER NOT NULL REFERENCES branches(id), depth INTEGER NOT NULL, body BLOB NOT NULL,
        UNIQUE(branch, depth))""",
    """CREATE TABLE conversations(
        id TEXT PRIMARY KEY, branch INTEGER, depth INTEGER NOT NULL, title TEXT NOT NULL, model TEXT NOT NULL,
        tags TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL)""",
    "CREATE INDEX conversations_place ON conversations(branch, depth)",
    "CREATE INDEX conversations_updated ON conversations(updated, id)",
)
_FULL_TEXT = "CREATE VIRTUAL TABLE texts USING fts5(words, content='', tokenize='ascii')"
_PLAIN_TEXT = "CREATE TABLE texts(rowid INTEGER PRIMARY KEY, words TEXT NOT NULL)"
_JOURNAL = (
    "CREATE TABLE turns(turn TEXT PRIMARY KEY, owner TEXT NOT NULL, until REAL NOT NULL, ended INTEGER NOT NULL)",
    "CREATE TABLE marks(call TEXT PRIMARY KEY, started REAL NOT NULL, result BLOB)",
)


def steps(*, full_text: bool) -> tuple[Sequence[str], ...]:
    """Return what makes each version of the schema out of the one before it; what was published never changes."""
    return (*_CONVERSATIONS, _FULL_TEXT if full_text else _PLAIN_TEXT), _JOURNAL


class File:
    """A SQLite file with our schema.

    Attributes:
        path: where it lies.
        full_text: whether it has a full-text index; without one, a search looks at every text.
    """

    def __init__(self, path: str | Path, *, timeout: float, full_text: bool | None) -> None:
        """Open the file, or make it, readable by its owner only.

        Args:
            path: where it lies; its folder has to be there.
            timeout: seconds to wait for another process that holds it.
            full_text: whether a new file gets a full-text index; `None` = if this SQLite can make one.

        Raises:
            StoreError: it cannot be opened; the message names the fix.
        """
        if str(path) == ":memory:":
            raise StoreError("':memory:' is no file: use chat_core.stores.memory.MemoryStore()")
        self.path = Path(path).absolute()
        self.full_text = False
        self._wanted = full_text
        self._timeout = timeout
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        _files.add(self)
        with self.reading():
            pass

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Look at one state of the file."""
        with self._lock, told(self.path):
            connection = self._opened()
            with _transaction(connection, "BEGIN"):
                yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Change the file: all or nothing, and nobody else meanwhile."""
        with self._lock, told(self.path):
            connection = self._opened()
            with _transaction(connection, "BEGIN IMMEDIATE"):
                yield connection

    def compact(self) -> None:
        """Give back the room of what was removed."""
        with self._lock, told(self.path):
            connection = self._opened()
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def forked(self) -> None:
        """Leave the parent's connection alone: not even closing it is allowed in a child."""
        self._lock = threading.RLock()
        if self._connection is not None:
            _left.append(self._connection)
            self._connection = None

    def _opened(self) -> Connection:
        if self._connection is None:
            _make(self.path)
            end = time.monotonic() + self._timeout  # noqa: TID251 - a store is at the rim, and waits itself
            while self._connection is None:
                try:
                    self._connection = self._open()
                except sqlite3.OperationalError as error:
                    if not _is_busy(error) or time.monotonic() > end:  # noqa: TID251 - as above
                        raise
                    time.sleep(PAUSE)  # noqa: TID251 - as above: changing to WAL does not wait by itself
        return self._connection

    def _open(self) -> Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        with _transaction(connection, "BEGIN"):  # one look: another process may be making the file
            version = self._version(connection)
        known = len(steps(full_text=True))
        if version < known:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        for number in range(version, known):
            self._migrate(connection, number)
        self.full_text = _has_full_text(connection)
        if self.full_text and not _is_full_text_possible(connection):
            raise StoreError(
                f"{self.path} has a full-text index, which the SQLite {sqlite3.sqlite_version} of this Python cannot "
                "read: use a Python whose SQLite has FTS5"
            )

    def _version(self, connection: Connection) -> int:
        """Return the version of the schema; 0 = an empty file."""
        application, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
        known = len(steps(full_text=True))
        if application == APPLICATION and version > known:
            raise refusals.outdated(str(self.path), version, known)
        if application != APPLICATION and (version or _pragma(connection, "schema_version")):
            raise refusals.foreign(str(self.path))
        return version

    def _migrate(self, connection: Connection, number: int) -> None:
        """Take one step, unless another process has just taken it."""
        wanted = _is_full_text_possible(connection) if self._wanted is None else self._wanted
        with _transaction(connection, "BEGIN IMMEDIATE"):
            if self._version(connection) == number:
                for statement in steps(full_text=wanted)[number]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {number + 1}")


@contextmanager
def told(path: Path) -> Generator[None]:
    """Say what an error of SQLite means, and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _meaning(path, error) from error
    except UnicodeEncodeError:
        raise StoreError("a name holds a lone surrogate, which no store can keep: leave it out") from None


def _meaning(path: Path, error: sqlite3.Error) -> StoreError:
    code: int = getattr(error, "sqlite_errorcode", 0)
    match code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(f"{path} is locked by another program: try again when it is done, or end it")
        case sqlite3.SQLITE_FULL:
            return StoreFull(f"no room is left for {path}: free some on its disk; what was written before is there")
        case sqlite3.SQLITE_IOERR if code == sqlite3.SQLITE_IOERR_SHMSIZE:
            return StoreFull(f"no room is left beside {path}: free some on its disk")
        case sqlite3.SQLITE_NOTADB:
            return refusals.foreign(str(path))
        case sqlite3.SQLITE_CORRUPT:
            return StoreDamaged(f"{path} is damaged ({error}): restore it from a copy; nothing was deleted")
        case sqlite3.SQLITE_READONLY:
            return StoreError(f"{path} may not be written: change its permissions, or use another place")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreError(f"{path} cannot be opened: it has to be a file in a folder that may be written")
        case _:
            return StoreError(f"{path} cannot be used: SQLite says {error}")


def _make(path: Path) -> None:
    """Make the file if it is not there, for its owner only."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if path.is_dir():
            raise StoreError(f"{path} is a folder: name a file in it") from None
    except FileNotFoundError:
        raise StoreError(f"the folder {path.parent} is not there: make it first") from None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFull(f"no room is left for {path}: free some on its disk") from None
        raise StoreError(f"{path} cannot be made ({error.strerror}): use another place") from None


@contextmanager
def _transaction(connection: Connection, begin: str) -> Generator[None]:
    try:
        connection.execute(begin)
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _pragma(connection: Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def _has_full_text(connection: Connection) -> bool:
    row = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'texts'").fetchone()
    return row is not None and str(row[0]).startswith("CREATE VIRTUAL")


def _is_full_text_possible(connection: Connection) -> bool:
    return any(name == "fts5" for (name,) in connection.execute("PRAGMA module_list"))


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


_files: WeakSet[File] = WeakSet()
_left: list[Connection] = []
"""Connections of a parent process, kept so that they are not closed."""


def _after_fork() -> None:
    for file in tuple(_files):
        file.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
