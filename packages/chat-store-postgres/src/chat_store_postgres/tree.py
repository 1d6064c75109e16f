"""Nodes on a server: where they lie, what leads to them, and the index of their words.

Law: nodes lie in branches, as in `chat_core.stores.sqlite_tree`. Who adds to a branch holds its row, so that two
writers never take the same place. The index is made of words that chat-core has cut: no dictionary of the server, and
nothing that a user typed, is read as search syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from chat_core.stores import nodes, refusals
from chat_core.stores.words import found, searched, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from chat_core.stores.records import Found, Node
    from chat_core.stores.words import Term

Place: TypeAlias = "tuple[int | None, int]"
"""A branch and how many nodes lead up to this one: where a history ends; no branch before the first node."""

START: Place = (None, 0)

INDEXED = 200_000
"""Characters of a message that can be found: PostgreSQL bounds an index entry at 1 MiB."""

PAGE = 100
"""Hits that are fetched at a time, until enough of them are held by conversations."""

_LINEAGE: Final = (
    "WITH RECURSIVE line(branch, upto) AS (SELECT %s::bigint, %s::bigint UNION ALL SELECT branches.parent, "
    "branches.depth FROM line JOIN branches ON branches.id = line.branch) "
    "SELECT branch, upto FROM line WHERE branch IS NOT NULL ORDER BY upto DESC"
)
_HOLDERS: Final = (
    "WITH RECURSIVE below(branch, least) AS (SELECT %s::bigint, %s::bigint UNION ALL SELECT branches.id, 0::bigint "
    "FROM below JOIN branches ON branches.parent = below.branch AND branches.depth >= below.least) "
    "SELECT conversations.id FROM below JOIN conversations ON conversations.branch = below.branch "
    "AND conversations.depth >= below.least ORDER BY updated DESC, id DESC"
)
_LOST: Final = (
    "WITH RECURSIVE line(branch, upto) AS (SELECT branch, depth FROM conversations UNION SELECT branches.parent, "
    "branches.depth FROM line JOIN branches ON branches.id = line.branch) DELETE FROM nodes "
    "WHERE NOT EXISTS (SELECT 1 FROM line WHERE line.branch = nodes.branch AND line.upto >= nodes.depth)"
)
_HITS: Final = (
    "SELECT seq, id, parent, branch, depth, body FROM nodes WHERE words @@ %s::tsquery AND seq < %s "
    "ORDER BY seq DESC LIMIT %s"
)
_AFTER_ALL = 2**63 - 1


def place_of(connection: Connection, node: str) -> Place | None:
    """Return where a node lies."""
    row = connection.execute("SELECT branch, depth FROM nodes WHERE id = %s", (nodes.checked_id(node),)).fetchone()
    return None if row is None else (row[0], row[1])


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
    return [(branch, upto) for branch, upto in connection.execute(_LINEAGE, place)]


def add(connection: Connection, node: Node, data: bytes, place: Place) -> Place:
    """Add a node behind a place: in its branch, or in a new one where the branch goes on otherwise."""
    branch, depth = place
    connection.execute("SELECT 1 FROM branches WHERE id = %s FOR UPDATE", (branch,))
    taken = "SELECT 1 FROM nodes WHERE branch = %s AND depth = %s"
    if branch is None or connection.execute(taken, (branch, depth + 1)).fetchone():
        made = connection.execute("INSERT INTO branches(parent, depth) VALUES (%s, %s) RETURNING id", place).fetchone()
        branch = made[0] if made else None
    parent = None if node.parent is None else bytes.fromhex(node.parent)
    done = connection.execute(
        "INSERT INTO nodes(id, parent, branch, depth, body, words) VALUES (%s, %s, %s, %s, %s, %s::tsvector) "
        "ON CONFLICT (id) DO NOTHING",
        (bytes.fromhex(node.id), parent, branch, depth + 1, data, _vector(searched(node.message))),
    )
    # Another writer may have said the same after the same past meanwhile: then its node is ours.
    return (branch, depth + 1) if done.rowcount == 1 else place_at(connection, node.id)


def past(connection: Connection, place: Place) -> Iterator[tuple[bytes, bytes]]:
    """Yield the ids and bytes of the nodes that lead to a place, the first one first."""
    for branch, upto in reversed(lineage(connection, place)):
        yield from connection.execute(
            "SELECT id, body FROM nodes WHERE branch = %s AND depth <= %s ORDER BY depth", (branch, upto)
        )


def leads_to(connection: Connection, place: Place, end: Place) -> bool:
    """Tell whether a place is on the way to another one."""
    branch, depth = place
    return branch is None or any(branch == line and depth <= upto for line, upto in lineage(connection, end))


def remove_lost(connection: Connection) -> int:
    """Remove the nodes that no conversation holds, and say how many there were."""
    count = connection.execute(_LOST).rowcount
    connection.execute("DELETE FROM branches WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.branch = branches.id)")
    return count


def hits(connection: Connection, wanted: Sequence[Term], marks: tuple[str, str]) -> Iterator[Found]:
    """Yield what holds all terms and is held by a conversation, the newest first."""
    query, before = _query(wanted), _AFTER_ALL
    while True:
        rows = connection.execute(_HITS, (query, before, PAGE)).fetchall()
        for seq, key, parent, branch, depth, body in rows:
            before = seq
            holders = [row[0] for row in connection.execute(_HOLDERS, (branch, depth))]
            if holders:
                node = nodes.read(key.hex(), None if parent is None else parent.hex(), body)
                yield found(node, holders, wanted, marks)
        if len(rows) < PAGE:
            return


def _vector(text: str) -> str:
    """Spell the words of a text with their places; they are letters, digits and vowel signs, and need no escapes."""
    return " ".join(f"'{word}':{at}" for at, word in enumerate(split(text[:INDEXED]), 1))


def _query(wanted: Sequence[Term]) -> str:
    return " & ".join(f"({_phrase(term)})" for term in wanted)


def _phrase(term: Term) -> str:
    words = [f"'{word}'" for word in term.words]
    return " <-> ".join(words) + (":*" if term.prefix else "")
