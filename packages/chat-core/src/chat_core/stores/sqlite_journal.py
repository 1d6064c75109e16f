"""The journal in a SQLite file.

Law: as `protocol.Journal`; each mark is one transaction, on the disk before the method returns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object
from chat_core.stores import refusals
from chat_core.stores.nodes import plain
from chat_core.stores.records import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSONObject
    from chat_core.stores.sqlite_file import File


class SqliteJournal:
    """A journal in a file.

    Attributes:
        file: the file, for what is about the file and not about its content.
    """

    def __init__(self, file: File) -> None:
        """Keep marks in a file."""
        self.file = file

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        """As `Journal.claim`."""
        values = (plain(turn, "turn"), plain(owner, "owner"), until, now)
        with self.file.writing() as connection:
            done = connection.execute(
                "INSERT INTO turns(turn, owner, until, ended) VALUES (?1, ?2, ?3, 0) ON CONFLICT(turn) DO UPDATE "
                "SET owner = ?2, until = ?3 WHERE ended = 0 AND (owner = ?2 OR until <= ?4)",
                values,
            )
            return done.rowcount == 1

    def end(self, turn: str, owner: str) -> None:
        """As `Journal.end`."""
        with self.file.writing() as connection:
            done = connection.execute(
                "INSERT INTO turns(turn, owner, until, ended) VALUES (?1, ?2, 0, 1) ON CONFLICT(turn) DO UPDATE "
                "SET ended = 1 WHERE owner = ?2",
                (plain(turn, "turn"), plain(owner, "owner")),
            )
            if done.rowcount != 1:
                raise refusals.turn_lost(turn)

    def start(self, call: str, *, now: float) -> bool:
        """As `Journal.start`."""
        with self.file.writing() as connection:
            done = connection.execute(
                "INSERT INTO marks(call, started) VALUES (?, ?) ON CONFLICT DO NOTHING", (plain(call, "call"), now)
            )
            return done.rowcount == 1

    def finish(self, call: str, result: JSONObject) -> None:
        """As `Journal.finish`."""
        data = dump(result)
        with self.file.writing() as connection:
            done = connection.execute(
                "UPDATE marks SET result = ?2 WHERE call = ?1 AND (result IS NULL OR result = ?2)",
                (plain(call, "call"), data),
            )
            if done.rowcount != 1:
                there = connection.execute("SELECT 1 FROM marks WHERE call = ?", (call,)).fetchone()
                raise refusals.finished_otherwise(call) if there else refusals.not_started(call)

    def marks(self, calls: Sequence[str]) -> Mapping[str, Mark]:
        """As `Journal.marks`."""
        found: dict[str, Mark] = {}
        with self.file.reading() as connection:
            for call in calls:
                row: tuple[float, bytes | None] | None = connection.execute(
                    "SELECT started, result FROM marks WHERE call = ?", (plain(call, "call"),)
                ).fetchone()
                if row is not None:
                    found[call] = Mark(started=row[0], result=None if row[1] is None else parse_object(row[1]))
        return found

    def prune(self, *, before: float) -> int:
        """As `Journal.prune`."""
        with self.file.writing() as connection:
            return connection.execute("DELETE FROM marks WHERE started < ?", (before,)).rowcount
