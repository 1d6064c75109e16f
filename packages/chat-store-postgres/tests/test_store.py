"""The store on a server does what every store does."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from chat_core.errors import StoreBusy, StoreDamaged, StoreError, StoreOutdated
from chat_core.messages import user
from chat_core.plugins.registry import Registry
from chat_core.stores import nodes
from chat_core.stores.records import Entry
from chat_core.testing.searching import JournalContract, SearchContract
from chat_core.testing.stores import StoreContract
from chat_store_postgres import PostgresStore, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat_core.stores.protocol import Store

PASSWORD = "hunter2secret"


@pytest.fixture
def schema() -> str:
    return f"Chat {uuid4().hex[:8]}"  # a name that has to be quoted


@pytest.fixture
def opens(server: str, schema: str) -> Callable[[], PostgresStore]:
    return partial(PostgresStore, server, schema=schema)


@pytest.fixture
def store(opens: Callable[[], PostgresStore]) -> Iterator[PostgresStore]:
    with closing(opens()) as opened:
        opened.create(now=0.0, id="a")
        yield opened


class TestPostgresStore(StoreContract, SearchContract, JournalContract):
    @pytest.fixture
    def opens(self, server: str, schema: str) -> Callable[[], Store]:
        return partial(PostgresStore, server, schema=schema)


def say(store: PostgresStore, text: str) -> str:
    return store.append("a", [Entry(message=user(text))], head=store.conversation("a").head, now=1.0)


def texts(store: PostgresStore) -> list[str]:
    return [node.message.text for node in store.history(store.conversation("a").head)]


WRITE = """
import sys
from chat_core.errors import StoreConflict
from chat_core.messages import user
from chat_core.stores.records import Entry
from chat_store_postgres import PostgresStore

store = PostgresStore(sys.argv[1], schema=sys.argv[2], timeout=30.0)
head = store.conversation("a").head
for number in range(100_000):
    while True:
        try:
            entries = [Entry(message=user(f"{sys.argv[3]}.{number}.{part}")) for part in range(3)]
            head = store.append("a", entries, head=head, now=1.0)
            break
        except StoreConflict as conflict:
            head = conflict.head
    print(number, flush=True)
"""


def test_killed_writers_lose_nothing_that_was_acknowledged(store: PostgresStore, server: str) -> None:
    command = [sys.executable, "-c", WRITE, server, store.server.schema]
    processes = [subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in "xy"]
    acknowledged: dict[str, int] = {}
    for name, process in zip("xy", processes, strict=True):
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.3)
        process.kill()
        acknowledged[name] = len(process.stdout.read().splitlines()) + 1
        process.stdout.close()
        process.wait()
    there = texts(store)
    for name, count in acknowledged.items():
        mine = [text for text in there if text[0] == name]
        assert mine[: 3 * count] == [f"{name}.{number}.{part}" for number in range(count) for part in range(3)]
        assert len(mine) - 3 * count in {0, 3}


def test_forks_that_go_on_at_once_from_one_node_both_keep_theirs(
    store: PostgresStore, opens: Callable[[], PostgresStore]
) -> None:
    head = say(store, "past")
    names = [store.fork("a", head, now=2.0).id for _ in range(4)]

    def write(name: str) -> None:
        with closing(opens()) as mine:
            mine.append(name, [Entry(message=user(f"{name} {number}")) for number in range(5)], head=head, now=3.0)

    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in names:
        said = [node.message.text for node in store.history(store.conversation(name).head)]
        assert said == ["past", *(f"{name} {number}" for number in range(5))]


def test_the_same_words_said_at_once_are_one_node(store: PostgresStore, opens: Callable[[], PostgresStore]) -> None:
    names = [store.create(now=1.0).id for _ in range(4)]
    heads: set[str] = set()
    entries = [Entry(message=user(f"the same {number}")) for number in range(5)]

    def write(name: str) -> None:
        with closing(opens()) as mine:
            heads.add(mine.append(name, entries, head=None, now=3.0))

    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heads) == 1
    assert store.describe()["nodes"] == 5
    assert {len(store.history(store.conversation(name).head)) for name in names} == {5}


def test_words_that_another_client_is_about_to_say_are_its_node(
    store: PostgresStore, opens: Callable[[], PostgresStore]
) -> None:
    entry = Entry(message=user("the same"))

    def write() -> None:
        with closing(opens()) as mine:
            mine.append("a", [entry], head=None, now=1.0)

    thread = threading.Thread(target=write)
    with store.server.writing() as connection:
        ((node, data),) = nodes.chain(None, [entry])
        tree.add(connection, node, data, tree.START)
        thread.start()
        time.sleep(0.3)  # it waits for what this transaction comes to
    thread.join()
    assert store.conversation("a").head == node.id
    assert texts(store) == ["the same"]


def test_clients_that_make_the_tables_at_once_get_one_store(opens: Callable[[], PostgresStore]) -> None:
    faults: list[Exception] = []

    def make() -> None:
        try:
            with closing(opens()) as mine:
                mine.create(now=1.0)
        except StoreError as error:
            faults.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with closing(opens()) as store:
        assert len(store.conversations()) == 6


def test_a_row_that_another_client_holds_is_waited_for_and_then_said(
    store: PostgresStore, server: str, schema: str
) -> None:
    with psycopg.connect(server) as holder:
        holder.execute(sql.SQL("SELECT 1 FROM {}.conversations FOR UPDATE").format(sql.Identifier(schema)))
        with closing(PostgresStore(server, schema=schema, timeout=0.2)) as mine:
            assert mine.conversation("a").head is None  # readers go on
            with pytest.raises(StoreBusy, match="try again") as caught:
                say(mine, "x")
    assert caught.value.retryable
    assert texts(store) == []


def test_a_newer_schema_is_refused(store: PostgresStore, server: str, schema: str) -> None:
    with store.server.writing() as connection:
        connection.execute("UPDATE version SET number = 99")
    with pytest.raises(StoreOutdated, match=r"has schema 99, .* up to 2: upgrade") as caught:
        PostgresStore(server, schema=schema)
    assert (caught.value.found, caught.value.known) == (99, 2)


def test_an_older_schema_is_brought_up_to_date(store: PostgresStore, opens: Callable[[], PostgresStore]) -> None:
    say(store, "kept")
    with store.server.writing() as connection:
        connection.execute("DROP TABLE turns, marks")
        connection.execute("UPDATE version SET number = 1")
    with closing(opens()) as again:
        assert again.start("c", now=1.0)
        assert texts(again) == ["kept"]


def test_the_tables_of_another_program_are_left_alone(server: str, schema: str) -> None:
    with psycopg.connect(server, autocommit=True) as other:
        make = sql.SQL("CREATE SCHEMA {} CREATE TABLE bookmarks(url text)")
        other.execute(make.format(sql.Identifier(schema)))
        with pytest.raises(StoreDamaged, match="is no store of conversations"):
            PostgresStore(server, schema=schema)
        found = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
    assert found == [("bookmarks",)]


def test_a_connection_that_the_server_ended_is_made_again(store: PostgresStore, server: str) -> None:
    say(store, "before")
    with psycopg.connect(server, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    say(store, "after")
    assert texts(store) == ["before", "after"]


def test_a_connection_lost_inside_a_change_changes_nothing(store: PostgresStore, server: str) -> None:
    with pytest.raises(StoreError, match="check the address"):
        change_by_half(store, server)
    assert store.conversation("a").title == ""


def change_by_half(store: PostgresStore, server: str) -> None:
    with store.server.writing() as connection:
        connection.execute("UPDATE conversations SET title = 'half'")
        with psycopg.connect(server, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        connection.execute("SELECT 1")


def test_a_server_that_is_not_there_is_said_without_the_password() -> None:
    for address in (
        f"postgresql://me:{PASSWORD}@127.0.0.1:1/db",
        f"host=127.0.0.1 port=1 user=me password={PASSWORD}",
        f"nonsense {PASSWORD}",
        f"postgresql://me:{PASSWORD}@host:port/db",
    ):
        with pytest.raises(StoreError, match="address") as caught:
            PostgresStore(address)
        assert PASSWORD not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"


def test_a_store_shows_its_place_and_no_password(server: str, schema: str) -> None:
    address = server.replace("real@", f"real:{PASSWORD}@")
    with closing(PostgresStore(address, schema=schema)) as store:
        shown = f"{store!r} {store.describe()}"
    assert "127.0.0.1" in shown
    assert PASSWORD not in shown


def test_a_forked_child_and_its_parent_both_go_on(store: PostgresStore) -> None:
    say(store, "before")
    with store.server.reading() as connection:
        pass
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            with store.server.reading() as own:
                assert own is not connection
            say(store, "in the child")
            code = 0
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    say(store, "in the parent")
    assert texts(store) == ["before", "in the child", "in the parent"]


def test_long_messages_are_kept_whole_and_found_by_their_beginning(store: PostgresStore) -> None:
    long = " ".join(f"word{number}" for number in range(100_000))
    say(store, long)
    assert texts(store) == [long]
    assert store.search("word0 word9999")
    say(store, "\U00010400 " * 300_000 + "\U0001d504" * 300_000)
    assert len(texts(store)) == 2


def test_it_is_found_by_name(server: str) -> None:
    with closing(Registry().store("postgres").load(server)) as store:
        assert store.describe()["kind"] == "postgres"
