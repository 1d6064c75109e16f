"""The store on a server: conversations in PostgreSQL, for many people and programs at once.

Law: as `chat_core.stores.protocol.Store`; a method is one transaction. Who changes a conversation holds its row: others
wait for it, and are then told that the head has moved. Threads that share a store take turns.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from chat_core.stores import nodes, refusals
from chat_core.stores.conversations import begun, changed, forked
from chat_core.stores.protocol import FOUND, LISTED
from chat_core.stores.records import Conversation
from chat_core.stores.words import terms
from chat_store_postgres import tree
from chat_store_postgres.journal import PostgresJournal
from chat_store_postgres.schema import STEPS
from chat_store_postgres.server import Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from chat_core.jsonvalue import JSONObject
    from chat_core.stores.records import Entry, Found, Node
    from chat_store_postgres.tree import Place

SCHEMA = "chat"
"""The schema that holds the tables unless told otherwise."""

TIMEOUT = 5.0
"""Seconds that a writer waits for another one unless told otherwise."""

_CONVERSATION: Final = (
    "SELECT conversations.id, nodes.id, conversations.depth, title, model, tags, created, updated FROM conversations "
    "LEFT JOIN nodes ON nodes.branch = conversations.branch AND nodes.depth = conversations.depth "
)
_ONE: Final = f"{_CONVERSATION} WHERE conversations.id = %s"
_ALL: Final = (
    f"{_CONVERSATION} WHERE %(tag)s::text IS NULL OR %(tag)s = ANY(tags) "
    "ORDER BY updated DESC, conversations.id DESC LIMIT %(limit)s OFFSET %(skip)s"
)


class PostgresStore(PostgresJournal):
    """A store on a server."""

    def __init__(self, address: str, *, schema: str = SCHEMA, timeout: float = TIMEOUT) -> None:
        """Open a store, and make its tables if they are not there.

        Args:
            address: `postgresql://user@host/database`, or libpq's words; what it lacks libpq takes from its
                environment variables and its password file.
            schema: the schema that holds the tables; it is made.
            timeout: seconds to wait for another client that writes.

        Raises:
            StoreError: it cannot be opened; the message names the fix.
        """
        super().__init__(Server(address, schema=schema, timeout=timeout))

    def __repr__(self) -> str:
        return f"PostgresStore({self.server.place!r}, schema={self.server.schema!r})"

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        """As `Store.create`."""
        made = begun(now=now, id=id, title=title, model=model, tags=tags)
        with self.server.writing() as connection:
            return _put(connection, made, tree.START)

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        """As `Store.append`."""
        made = nodes.chain(head, entries)
        with self.server.writing() as connection:
            place = tree.place_at(connection, _seen(connection, conversation, head).head)
            for node, data in made:
                place = tree.place_of(connection, node.id) or tree.add(connection, node, data, place)
            _point(connection, conversation, place, now)
        return made[-1][0].id

    def move(self, conversation: str, to: str | None, *, head: str | None, now: float) -> Conversation:
        """As `Store.move`."""
        with self.server.writing() as connection:
            _seen(connection, conversation, head)
            _point(connection, conversation, tree.place_at(connection, to), now)
            return _conversation(connection, conversation)

    def fork(self, conversation: str, at: str | None, *, now: float, id: str | None = None) -> Conversation:
        """As `Store.fork`."""
        with self.server.writing() as connection:
            source = _held(connection, conversation)
            place = tree.START if at is None else tree.place_of(connection, at)
            if place is None or not tree.leads_to(connection, place, tree.place_at(connection, source.head)):
                raise refusals.not_in_history(conversation, str(at))
            return _put(connection, forked(source, at, place[1], now=now, id=id), place)

    def change(
        self,
        conversation: str,
        *,
        now: float,
        title: str | None = None,
        model: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Conversation:
        """As `Store.change`."""
        with self.server.writing() as connection:
            there = changed(_held(connection, conversation), now=now, title=title, model=model, tags=tags)
            connection.execute(
                "UPDATE conversations SET title = %s, model = %s, tags = %s, updated = %s WHERE id = %s",
                (there.title, there.model, list(there.tags), there.updated, there.id),
            )
            return there

    def delete(self, conversation: str) -> None:
        """As `Store.delete`."""
        with self.server.writing() as connection:
            if connection.execute("DELETE FROM conversations WHERE id = %s", (conversation,)).rowcount != 1:
                raise refusals.no_conversation(conversation)

    def vacuum(self) -> int:
        """As `Store.vacuum`; writers have to wait meanwhile."""
        with self.server.writing() as connection:
            connection.execute("LOCK TABLE conversations IN EXCLUSIVE MODE")
            return tree.remove_lost(connection)

    def history(self, head: str | None) -> tuple[Node, ...]:
        """As `Store.history`."""
        with self.server.reading() as connection:
            rows = tuple(tree.past(connection, tree.place_at(connection, head)))
        ids = [key.hex() for key, _ in rows]
        parents = (None, *ids)
        return tuple(nodes.read(key, parent, row[1]) for key, parent, row in zip(ids, parents, rows, strict=False))

    def conversation(self, id: str) -> Conversation:
        """As `Store.conversation`."""
        with self.server.reading() as connection:
            return _conversation(connection, id)

    def conversations(self, *, tag: str | None = None, limit: int = LISTED, skip: int = 0) -> tuple[Conversation, ...]:
        """As `Store.conversations`."""
        with self.server.reading() as connection:
            return tuple(map(_read, connection.execute(_ALL, {"tag": tag, "limit": limit, "skip": skip})))

    def search(self, words: str, *, limit: int = FOUND, marks: tuple[str, str] = ("[", "]")) -> tuple[Found, ...]:
        """As `Store.search`; of a long message the first 200,000 characters are looked at."""
        wanted = terms(words)
        if not wanted:
            return ()
        with self.server.reading() as connection:
            return tuple(islice(tree.hits(connection, wanted, marks), limit))

    def describe(self) -> JSONObject:
        """As `Store.describe`."""
        with self.server.reading() as connection:
            counts = connection.execute(
                "SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM nodes), "
                "current_setting('server_version')"
            )
            conversations, kept, server = counts.fetchone() or (None, None, None)
        return {
            "kind": "postgres",
            "place": self.server.place,
            "namespace": self.server.schema,
            "schema": len(STEPS),
            "server": server,
            "search": "tsvector",
            "conversations": conversations,
            "nodes": kept,
        }

    def close(self) -> None:
        """As `Store.close`."""
        self.server.close()


def _read(row: tuple[Any, ...]) -> Conversation:
    key, head, length, title, model, tags, created, updated = row
    return Conversation(
        id=key,
        head=None if head is None else head.hex(),
        length=length,
        title=title,
        model=model,
        tags=tuple(tags),
        created=created,
        updated=updated,
    )


def _conversation(connection: Connection, id: str) -> Conversation:
    row = connection.execute(_ONE, (id,)).fetchone()
    if row is None:
        raise refusals.no_conversation(id)
    return _read(row)


def _held(connection: Connection, id: str) -> Conversation:
    """Return a conversation that nobody else changes until the transaction is over."""
    # In two steps: while the first one waits for another writer, what it has joined grows old.
    if connection.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", (id,)).fetchone() is None:
        raise refusals.no_conversation(id)
    return _conversation(connection, id)


def _seen(connection: Connection, conversation: str, head: str | None) -> Conversation:
    """Return a conversation whose head is what the writer has seen."""
    there = _held(connection, conversation)
    if there.head != head:
        raise refusals.head_moved(conversation, there.head)
    return there


def _put(connection: Connection, made: Conversation, place: Place) -> Conversation:
    done = connection.execute(
        "INSERT INTO conversations(id, branch, depth, title, model, tags, created, updated) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (made.id, *place, made.title, made.model, list(made.tags), made.created, made.updated),
    )
    if done.rowcount != 1:
        raise refusals.id_taken(made.id)
    return made


def _point(connection: Connection, conversation: str, place: Place, now: float) -> None:
    connection.execute(
        "UPDATE conversations SET branch = %s, depth = %s, updated = %s WHERE id = %s", (*place, now, conversation)
    )
