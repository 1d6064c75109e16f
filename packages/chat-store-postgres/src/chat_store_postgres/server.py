"""The connection to a server: made when needed, made again when lost, and what its errors mean.

Law: a transaction is all or nothing. Threads take turns; a forked child connects anew. Every wait has a limit, and no
error, `repr` or log holds the address as it was given: it may hold a password.
"""

from __future__ import annotations

import contextlib
import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString
from weakref import WeakSet

import psycopg
from psycopg import conninfo, errors

from chat_core.errors import StoreBusy, StoreError, StoreFull
from chat_store_postgres.schema import prepare

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from psycopg import Connection

CONNECT_SECONDS = 10
SILENT_SECONDS = 30
"""Seconds after which a server that does not acknowledge what is sent counts as gone."""

_KEPT: Mapping[str, str | int | None] = {
    "client_encoding": "utf8",
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": SILENT_SECONDS,
    "tcp_user_timeout": SILENT_SECONDS * 1000,
}
"""Settings of a connection, unless the address says otherwise."""

_BUSY = (
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.TooManyConnections,
    errors.CannotConnectNow,
)


class Server:
    """A schema on a server.

    Attributes:
        place: host, port and database, without user and password.
        schema: the schema that holds the tables.
    """

    def __init__(self, address: str, *, schema: str, timeout: float) -> None:
        """Connect, and make the tables if they are not there.

        Args:
            address: `postgresql://user@host/database`, or libpq's words; what it lacks libpq takes from its
                environment variables and its password file.
            schema: the schema that holds the tables.
            timeout: seconds to wait for another client that writes.

        Raises:
            StoreError: the server cannot be used; the message names the fix.
        """
        self._settings = {**_KEPT, **_parsed(address)}
        self.schema = schema
        self.place = "{host}:{port}/{dbname}".format_map(
            {"host": "localhost", "port": 5432, "dbname": "", **self._settings}
        )
        self._timeout = timeout
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        _servers.add(self)
        with self.reading():
            pass

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Look at one state of the store."""
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """Change the store: all or nothing."""
        with self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED") as connection:
            yield connection

    def close(self) -> None:
        """Close the connection; the next use connects again."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def forked(self) -> None:
        """Leave the parent's connection alone: closing it here would end it there."""
        self._lock = threading.RLock()
        if self._connection is not None:
            _left.append(self._connection)
            self._connection = None

    @contextmanager
    def _transaction(self, begin: LiteralString) -> Generator[Connection]:
        with self._lock, self._told():
            connection = self._begun(begin)
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(psycopg.Error):  # the connection is lost, and the transaction with it
                    connection.execute("ROLLBACK")
                raise

    def _begun(self, begin: LiteralString) -> Connection:
        """Begin a transaction; a connection that was lost since its last use is made again, once."""
        if self._connection is not None and not self._connection.closed:
            try:
                return self._set_up(self._connection, begin)
            except psycopg.OperationalError:
                if not self._connection.closed:
                    raise
        self._connection = self._connected()
        return self._set_up(self._connection, begin)

    def _set_up(self, connection: Connection, begin: LiteralString) -> Connection:
        try:
            connection.execute(begin)
            connection.execute(
                "SELECT set_config('search_path', quote_ident(%s), true), set_config('lock_timeout', %s, true)",
                (self.schema, f"{self._timeout * 1000:.0f}ms"),
            )
        except BaseException:
            with contextlib.suppress(psycopg.Error):
                connection.execute("ROLLBACK")
            raise
        return connection

    def _connected(self) -> Connection:
        # Without prepared statements, so that poolers such as PgBouncer may stand in between.
        connection = psycopg.connect(
            conninfo.make_conninfo("", **self._settings), autocommit=True, prepare_threshold=None
        )
        try:
            prepare(connection, self.schema, self.place)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _told(self) -> Generator[None]:
        """Say what an error of the server means, and what to do."""
        try:
            yield
        except psycopg.Error as error:
            raise self._meaning(error) from error
        except UnicodeEncodeError:
            raise StoreError("a name holds a lone surrogate, which no store can keep: leave it out") from None

    def _meaning(self, error: psycopg.Error) -> StoreError:
        said = " ".join(str(error).split())
        match error:
            case _ if isinstance(error, _BUSY):
                return StoreBusy(f"{self.place} is busy ({said}): try again when other clients are done")
            case errors.DiskFull() | errors.ProgramLimitExceeded():
                return StoreFull(
                    f"no room is left on {self.place} ({said}): free some; what was written before is there"
                )
            case errors.InsufficientPrivilege() | errors.ReadOnlySqlTransaction():
                return StoreError(
                    f"{self.place} does not allow it ({said}): let the user create the schema {self.schema!r} and write"
                )
            case psycopg.OperationalError():
                return StoreError(
                    f"{self.place} cannot be reached, or broke off ({said}): check the address and that the server "
                    "runs; whether the last change was written, the conversation's head says"
                )
            case _:
                return StoreError(f"{self.place} cannot be used: PostgreSQL says {said}")


def _parsed(address: str) -> dict[str, str | int | None]:
    try:
        return dict(conninfo.conninfo_to_dict(address))
    except psycopg.ProgrammingError:  # its text repeats the address
        raise StoreError("the address is none of PostgreSQL: write postgresql://user@host/database") from None


_servers: WeakSet[Server] = WeakSet()
_left: list[Connection] = []
"""Connections of a parent process, kept so that they are not closed."""


def _after_fork() -> None:
    for server in tuple(_servers):
        server.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
