"""The tables, and how they are made and brought up to date.

Law: each step is one transaction, taken by one client while the others wait. A schema that is not ours, or of a newer
version, is refused before anything is written. What was published never changes: a change is a new step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, LiteralString

from psycopg import sql

from chat_core.stores import refusals

if TYPE_CHECKING:
    from psycopg import Connection

STEPS: Final[tuple[tuple[LiteralString, ...], ...]] = (
    (
        "CREATE TABLE version(number integer NOT NULL)",
        "INSERT INTO version VALUES (0)",
        """CREATE TABLE branches(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint, depth bigint NOT NULL)""",
        "CREATE INDEX branches_parent ON branches(parent, depth)",
        """CREATE TABLE nodes(
            seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bytea NOT NULL UNIQUE, parent bytea,
            branch bigint NOT NULL REFERENCES branches(id), depth bigint NOT NULL, body bytea NOT NULL,
            words tsvector NOT NULL, UNIQUE(branch, depth))""",
        "CREATE INDEX nodes_words ON nodes USING gin(words)",
        """CREATE TABLE conversations(
            id text COLLATE "C" PRIMARY KEY, branch bigint, depth bigint NOT NULL, title text NOT NULL,
            model text NOT NULL, tags text[] NOT NULL, created double precision NOT NULL,
            updated double precision NOT NULL)""",
        "CREATE INDEX conversations_place ON conversations(branch, depth)",
        "CREATE INDEX conversations_updated ON conversations(updated, id)",
    ),
    (
        """CREATE TABLE turns(
            turn text COLLATE "C" PRIMARY KEY, owner text NOT NULL, until double precision NOT NULL,
            ended boolean NOT NULL)""",
        """CREATE TABLE marks(
            call text COLLATE "C" PRIMARY KEY, started double precision NOT NULL, result bytea)""",
    ),
)
"""What makes each version of the schema out of the one before it."""


def prepare(connection: Connection, schema: str, place: str) -> None:
    """Make the tables, or bring them up to date.

    Raises:
        StoreOutdated: a newer version has made them.
        StoreDamaged: the schema holds the tables of another program.
    """
    while version(connection, schema, place) < len(STEPS):
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"chat {schema}",))
            number = version(connection, schema, place)
            if number == len(STEPS):
                return
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
            connection.execute("SELECT set_config('search_path', quote_ident(%s), true)", (schema,))
            for statement in STEPS[number]:
                connection.execute(statement)
            connection.execute("UPDATE version SET number = %s", (number + 1,))


def version(connection: Connection, schema: str, place: str) -> int:
    """Return the version of the schema; 0 = there is none yet."""
    tables = {
        str(name)
        for (name,) in connection.execute("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s", (schema,))
    }
    if not tables:
        return 0
    if "version" not in tables or "nodes" not in tables:
        raise refusals.foreign(f"the schema {schema!r} of {place}")
    query = sql.SQL("SELECT number FROM {}.version").format(sql.Identifier(schema))
    row = connection.execute(query).fetchone()
    number = int(row[0]) if row else 0
    if number > len(STEPS):
        raise refusals.outdated(f"the schema {schema!r} of {place}", number, len(STEPS))
    return number
