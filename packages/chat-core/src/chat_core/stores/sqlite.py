"""The embedded store: conversations in one SQLite file, which many processes and threads may use at once.

Law: as `protocol.Store`; a method is one transaction. Threads that share a store take turns.
"""

from __future__ import annotations

import sqlite3
from itertools import islice
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse
from chat_core.stores import nodes, refusals
from chat_core.stores import sqlite_tree as tree
from chat_core.stores.conversations import begun, changed, forked
from chat_core.stores.protocol import FOUND, LISTED
from chat_core.stores.records import Conversation
from chat_core.stores.sqlite_file import File, steps
from chat_core.stores.sqlite_journal import SqliteJournal
from chat_core.stores.words import terms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from chat_core.jsonvalue import JSONObject
    from chat_core.stores.records import Entry, Found, Node
    from chat_core.stores.sqlite_file import Connection
    from chat_core.stores.sqlite_tree import Place

TIMEOUT = 5.0
"""Seconds that a writer waits for another one unless told otherwise."""

_CONVERSATION = (
    "SELECT conversations.id, nodes.id, conversations.depth, title, model, tags, created, updated FROM conversations "
    "LEFT JOIN nodes ON nodes.branch = conversations.branch AND nodes.depth = conversations.depth"
)


class SqliteStore(SqliteJournal):
    """A store in a file."""

    def __init__(self, path: str | Path, *, timeout: float = TIMEOUT, full_text: bool | None = None) -> None:
        """Open a store, or make it, readable by its owner only.

        Args:
            path: where the file lies; its folder has to be there.
            timeout: seconds to wait for another process that writes.
            full_text: whether a new file gets a full-text index, which makes it larger and searches faster; `None` =
                if this SQLite can make one.

        Raises:
            StoreError: it cannot be opened; the message names the fix.
        """
        super().__init__(File(path, timeout=timeout, full_text=full_text))

    def __repr__(self) -> str:
        return f"SqliteStore({str(self.file.path)!r})"

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        """As `Store.create`."""
        made = begun(now=now, id=id, title=title, model=model, tags=tags)
        with self.file.writing() as connection:
            return _put(connection, made, tree.START)

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        """As `Store.append`."""
        made = nodes.chain(head, entries)
        with self.file.writing() as connection:
            place = tree.place_at(connection, _seen(connection, conversation, head).head)
            for node, data in made:
                place = tree.place_of(connection, node.id) or tree.add(connection, node, data, place)
            _point(connection, conversation, place, now)
        return made[-1][0].id

    def move(self, conversation: str, to: str | None, *, head: str | None, now: float) -> Conversation:
        """As `Store.move`."""
        with self.file.writing() as connection:
            _seen(connection, conversation, head)
            _point(connection, conversation, tree.place_at(connection, to), now)
            return _conversation(connection, conversation)

    def fork(self, conversation: str, at: str | None, *, now: float, id: str | None = None) -> Conversation:
        """As `Store.fork`."""
        with self.file.writing() as connection:
            source = _conversation(connection, conversation)
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
        with self.file.writing() as connection:
            there = changed(_conversation(connection, conversation), now=now, title=title, model=model, tags=tags)
            connection.execute(
                "UPDATE conversations SET title = ?, model = ?, tags = ?, updated = ? WHERE id = ?",
                (there.title, there.model, dump(there.tags).decode(), there.updated, there.id),
            )
            return there

    def delete(self, conversation: str) -> None:
        """As `Store.delete`."""
        with self.file.writing() as connection:
            if connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,)).rowcount != 1:
                raise refusals.no_conversation(conversation)

    def vacuum(self) -> int:
        """As `Store.vacuum`; other processes have to wait meanwhile."""
        with self.file.writing() as connection:
            count = tree.remove_lost(connection, full_text=self.file.full_text)
        self.file.compact()
        return count

    def history(self, head: str | None) -> tuple[Node, ...]:
        """As `Store.history`."""
        with self.file.reading() as connection:
            rows = tuple(tree.past(connection, tree.place_at(connection, head)))
        ids = [key.hex() for key, _ in rows]
        parents = (None, *ids)
        return tuple(nodes.read(key, parent, row[1]) for key, parent, row in zip(ids, parents, rows, strict=False))

    def conversation(self, id: str) -> Conversation:
        """As `Store.conversation`."""
        with self.file.reading() as connection:
            return _conversation(connection, id)

    def conversations(self, *, tag: str | None = None, limit: int = LISTED, skip: int = 0) -> tuple[Conversation, ...]:
        """As `Store.conversations`."""
        with self.file.reading() as connection:
            rows = connection.execute(f"{_CONVERSATION} ORDER BY updated DESC, conversations.id DESC")
            listed = (one for one in map(_read, rows) if tag is None or tag in one.tags)
            return tuple(islice(listed, skip, skip + limit))

    def search(self, words: str, *, limit: int = FOUND, marks: tuple[str, str] = ("[", "]")) -> tuple[Found, ...]:
        """As `Store.search`."""
        wanted = terms(words)
        if not wanted:
            return ()
        with self.file.reading() as connection:
            hits = tree.hits(connection, wanted, marks, full_text=self.file.full_text)
            return tuple(islice(hits, limit))

    def describe(self) -> JSONObject:
        """As `Store.describe`; without a full-text index, `notice` says so."""
        with self.file.reading() as connection:
            counts = connection.execute("SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM nodes)")
            conversations, kept = counts.fetchone()
        told: JSONObject = {
            "kind": "sqlite",
            "path": str(self.file.path),
            "schema": len(steps(full_text=True)),
            "sqlite": sqlite3.sqlite_version,
            "search": "fts5" if self.file.full_text else "scan",
            "conversations": conversations,
            "nodes": kept,
        }
        notice = "no full-text index: a search looks at every text; a SQLite with FTS5 makes one in a new file"
        return told if self.file.full_text else {**told, "notice": notice}

    def close(self) -> None:
        """As `Store.close`."""
        self.file.close()


def _read(row: tuple[Any, ...]) -> Conversation:
    key, head, length, title, model, tags, created, updated = row
    match parse(tags):
        case list(words):
            names = tuple(map(str, words))
        case _:
            names = ()
    return Conversation(
        id=key,
        head=head if head is None else head.hex(),
        length=length,
        title=title,
        model=model,
        tags=names,
        created=created,
        updated=updated,
    )


def _conversation(connection: Connection, id: str) -> Conversation:
    row = connection.execute(f"{_CONVERSATION} WHERE conversations.id = ?", (id,)).fetchone()
    if row is None:
        raise refusals.no_conversation(id)
    return _read(row)


def _seen(connection: Connection, conversation: str, head: str | None) -> Conversation:
    """Return a conversation whose head is what the writer has seen."""
    there = _conversation(connection, conversation)
    if there.head != head:
        raise refusals.head_moved(conversation, there.head)
    return there


def _put(connection: Connection, made: Conversation, place: Place) -> Conversation:
    done = connection.execute(
        "INSERT INTO conversations(id, branch, depth, title, model, tags, created, updated) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (made.id, *place, made.title, made.model, dump(made.tags).decode(), made.created, made.updated),
    )
    if done.rowcount != 1:
        raise refusals.id_taken(made.id)
    return made


def _point(connection: Connection, conversation: str, place: Place, now: float) -> None:
    connection.execute(
        "UPDATE conversations SET branch = ?, depth = ?, updated = ? WHERE id = ?", (*place, now, conversation)
    )
