"""Nodes in a SQLite file: where they lie, what leads to them, and the index of their words.

Law: nodes lie in branches: a branch is a run of nodes, each the parent of the next; the first one's parent lies in
another branch, or is none. So a history is a few ranges of an index, however long it is, and a search knows which
conversations hold what it found without walking them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chat_core.stores import nodes, refusals
from chat_core.stores.words import found, searched, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chat_core.stores.records import Found, Node
    from chat_core.stores.sqlite_file import Connection
    from chat_core.stores.words import Term

Place: TypeAlias = "tuple[int | None, int]"
"""A branch and how many nodes lead up to this one: where a history ends; no branch before the first node."""

START: Place = (None, 0)

_LINEAGE = (
    "WITH RECURSIVE line(branch, upto) AS (SELECT ?, ? UNION ALL SELECT branches.parent, branches.depth FROM line "
    "JOIN branches ON branches.id = line.branch) SELECT branch, upto FROM line WHERE branch IS NOT NULL"
)
_HOLDERS = (
    "WITH RECURSIVE below(branch, least) AS (SELECT ?, ? UNION ALL SELECT branches.id, 0 FROM below JOIN branches ON "
    "branches.parent = below.branch AND branches.depth >= below.least) SELECT conversations.id FROM below "
    "JOIN conversations ON conversations.branch = below.branch AND conversations.depth >= below.least "
    "ORDER BY updated DESC, id DESC"
)
_LOST = (
    "WITH RECURSIVE line(branch, upto) AS (SELECT branch, depth FROM conversations UNION SELECT branches.parent, "
    "branches.depth FROM line JOIN branches ON branches.id = line.branch) SELECT seq, id, parent, body FROM nodes "
    "WHERE NOT EXISTS (SELECT 1 FROM line WHERE line.branch = nodes.branch AND line.upto >= nodes.depth)"
)


def place_of(connection: Connection, node: str) -> Place | None:
    """Return where a node lies."""
    row: tuple[int, int] | None = connection.execute(
        "SELECT branch, depth FROM nodes WHERE id = ?", (nodes.checked_id(node),)
    ).fetchone()
    return row


def place_at(connection: Connection, head: str | None) -> Place:
    """Return where a history ends.

    Raises:
        StoreMissing: there is no such node.
    """
    if head is None:
        return START
    place = place_of(connection, head)
    if place is None:
        raise refusals.no_node(head)
    return place


def lineage(connection: Connection, place: Place) -> list[tuple[int, int]]:
    """Return the branches that lead to a place, with how far each counts, the last one first."""
    return connection.execute(_LINEAGE, place).fetchall()


def add(connection: Connection, node: Node, data: bytes, place: Place) -> Place:
    """Add a node behind a place: in its branch, or in a new one where the branch goes on otherwise."""
    branch, depth = place
    taken = "SELECT 1 FROM nodes WHERE branch = ? AND depth = ?"
    if branch is None or connection.execute(taken, (branch, depth + 1)).fetchone():
        branch = connection.execute("INSERT INTO branches(parent, depth) VALUES (?, ?)", place).lastrowid
    seq = connection.execute(
        "INSERT INTO nodes(id, parent, branch, depth, body) VALUES (?, ?, ?, ?, ?)",
        (
            bytes.fromhex(node.id),
            node.parent if node.parent is None else bytes.fromhex(node.parent),
            branch,
            depth + 1,
            data,
        ),
    ).lastrowid
    connection.execute("INSERT INTO texts(rowid, words) VALUES (?, ?)", (seq, _indexed(node)))
    return branch, depth + 1


def past(connection: Connection, place: Place) -> Iterator[tuple[bytes, bytes]]:
    """Yield the ids and bytes of the nodes that lead to a place, the first one first."""
    for branch, upto in reversed(lineage(connection, place)):
        yield from connection.execute(
            "SELECT id, body FROM nodes WHERE branch = ? AND depth <= ? ORDER BY depth", (branch, upto)
        )


def leads_to(connection: Connection, place: Place, end: Place) -> bool:
    """Tell whether a place is on the way to another one."""
    branch, depth = place
    return branch is None or any(branch == line and depth <= upto for line, upto in lineage(connection, end))


def remove_lost(connection: Connection, *, full_text: bool) -> int:
    """Remove the nodes that no conversation holds, and say how many there were."""
    rows: list[tuple[int, bytes, bytes | None, bytes]] = connection.execute(_LOST).fetchall()
    for seq, key, parent, body in rows:
        if full_text:
            words = _indexed(nodes.read(key.hex(), _hex(parent), body))
            connection.execute("INSERT INTO texts(texts, rowid, words) VALUES ('delete', ?, ?)", (seq, words))
        else:
            connection.execute("DELETE FROM texts WHERE rowid = ?", (seq,))
    connection.executemany("DELETE FROM nodes WHERE seq = ?", [(row[0],) for row in rows])
    connection.execute("DELETE FROM branches WHERE id NOT IN (SELECT branch FROM nodes)")
    if full_text:
        connection.execute("INSERT INTO texts(texts) VALUES ('optimize')")
    return len(rows)


def hits(connection: Connection, wanted: Sequence[Term], marks: tuple[str, str], *, full_text: bool) -> Iterator[Found]:
    """Yield what holds all terms and is held by a conversation, the newest first."""
    condition, values = _full_text(wanted) if full_text else _like(wanted)
    rows = connection.execute(
        "SELECT id, parent, branch, depth, body FROM texts JOIN nodes ON seq = texts.rowid "  # noqa: S608 - no value is in it
        f"WHERE {condition} ORDER BY texts.rowid DESC",
        values,
    )
    for key, parent, branch, depth, body in rows:
        holders = [row[0] for row in connection.execute(_HOLDERS, (branch, depth))]
        if holders:
            yield found(nodes.read(key.hex(), _hex(parent), body), holders, wanted, marks)


def _full_text(wanted: Sequence[Term]) -> tuple[str, tuple[str, ...]]:
    phrases = (f'"{" ".join(term.words)}"{" *" if term.prefix else ""}' for term in wanted)
    return "texts MATCH ?", (" AND ".join(phrases),)


def _like(wanted: Sequence[Term]) -> tuple[str, tuple[str, ...]]:
    """Look for whole words: the text has a space around each."""
    patterns = (f" {' '.join(term.words)}{'' if term.prefix else ' '}" for term in wanted)
    return " AND ".join("instr(words, ?)" for _ in wanted), tuple(patterns)


def _indexed(node: Node) -> str:
    return f" {' '.join(split(searched(node.message)))} "


def _hex(key: bytes | None) -> str | None:
    return None if key is None else key.hex()
