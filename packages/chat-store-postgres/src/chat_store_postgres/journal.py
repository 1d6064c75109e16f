"""The journal on a server.

Law: as `chat_core.stores.protocol.Journal`; each mark is one transaction, committed before the method returns.
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
    from chat_store_postgres.server import Server


class PostgresJournal:
    """A journal on a server.

    Attributes:
        server: the connection, for what is about the server and not about its content.
    """

    def __init__(self, server: Server) -> None:
        """Keep marks on a server."""
        self.server = server

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        """As `Journal.claim`."""
        with self.server.writing() as connection:
            done = connection.execute(
                "INSERT INTO turns(turn, owner, until, ended) VALUES (%(turn)s, %(owner)s, %(until)s, false) "
                "ON CONFLICT (turn) DO UPDATE SET owner = excluded.owner, until = excluded.until "
                "WHERE NOT turns.ended AND (turns.owner = excluded.owner OR turns.until <= %(now)s)",
                {"turn": plain(turn, "turn"), "owner": plain(owner, "owner"), "until": until, "now": now},
            )
            return done.rowcount == 1

    def end(self, turn: str, owner: str) -> None:
        """As `Journal.end`."""
        with self.server.writing() as connection:
            done = connection.execute(
                "INSERT INTO turns(turn, owner, until, ended) VALUES (%s, %s, 0, true) "
                "ON CONFLICT (turn) DO UPDATE SET ended = true WHERE turns.owner = excluded.owner",
                (plain(turn, "turn"), plain(owner, "owner")),
            )
            if done.rowcount != 1:
                raise refusals.turn_lost(turn)

    def start(self, call: str, *, now: float) -> bool:
        """As `Journal.start`."""
        with self.server.writing() as connection:
            done = connection.execute(
                "INSERT INTO marks(call, started) VALUES (%s, %s) ON CONFLICT DO NOTHING", (plain(call, "call"), now)
            )
            return done.rowcount == 1

    def finish(self, call: str, result: JSONObject) -> None:
        """As `Journal.finish`."""
        data = dump(result)
        with self.server.writing() as connection:
            done = connection.execute(
                "UPDATE marks SET result = %(data)s WHERE call = %(call)s AND (result IS NULL OR result = %(data)s)",
                {"data": data, "call": plain(call, "call")},
            )
            if done.rowcount != 1:
                there = connection.execute("SELECT 1 FROM marks WHERE call = %s", (call,)).fetchone()
                raise refusals.finished_otherwise(call) if there else refusals.not_started(call)

    def marks(self, calls: Sequence[str]) -> Mapping[str, Mark]:
        """As `Journal.marks`."""
        asked = [plain(call, "call") for call in calls]
        with self.server.reading() as connection:
            rows = connection.execute(
                "SELECT call, started, result FROM marks WHERE call = ANY(%s)", (asked,)
            ).fetchall()
        return {
            call: Mark(started=started, result=None if result is None else parse_object(result))
            for call, started, result in rows
        }

    def prune(self, *, before: float) -> int:
        """As `Journal.prune`."""
        with self.server.writing() as connection:
            return connection.execute("DELETE FROM marks WHERE started < %s", (before,)).rowcount
