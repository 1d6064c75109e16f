"""The file of a store: where it may lie, who may read it, which versions and programs have made it, what damages it.

Law: what is not ours is left as it is, and the error names the fix.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
from shelf import begun, say, written

from chat_core.errors import StoreDamaged, StoreError, StoreOutdated
from chat_core.stores import sqlite_file
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return begun(tmp_path / "chats.db")


def test_processes_that_make_one_file_at_once_get_one_store(tmp_path: Path) -> None:
    make = "import sys; from chat_core.stores.sqlite import SqliteStore; SqliteStore(sys.argv[1]).create(now=1.0)"
    processes = [subprocess.Popen([sys.executable, "-c", make, str(tmp_path / "new.db")]) for _ in range(6)]
    assert [process.wait(60) for process in processes] == [0] * 6
    with closing(SqliteStore(tmp_path / "new.db")) as store:
        assert len(store.conversations()) == 6


def test_a_file_that_was_brought_up_to_date_meanwhile_is_not_brought_again(tmp_path: Path) -> None:
    path, opened = tmp_path / "new.db", list[SqliteStore]()
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=lambda: opened.append(SqliteStore(path))) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)  # all of them have seen an empty file, and wait
        holder.execute("ROLLBACK")
        for thread in threads:
            thread.join()
    assert len(opened) == 3
    for store in opened:
        store.close()


@pytest.mark.parametrize("name", ["a b?mode=memory&x#y%20.db", "файл.db", "'; DROP TABLE nodes; --"])
def test_any_file_name_is_a_name(tmp_path: Path, name: str) -> None:
    begun(tmp_path / name)
    assert (tmp_path / name).is_file()
    assert written(tmp_path / name) == []


def test_a_newer_schema_is_refused_before_anything_is_written(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.read_bytes()
    with pytest.raises(StoreOutdated, match=r"has schema 99, .* up to 2: upgrade") as caught:
        SqliteStore(path)
    assert (caught.value.found, caught.value.known) == (99, 2)
    assert path.read_bytes() == before


def test_an_older_schema_is_brought_up_to_date_and_keeps_its_conversations(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in sqlite_file.steps(full_text=True)[0]:
            connection.execute(statement)
        connection.execute("INSERT INTO conversations VALUES ('a', NULL, 0, 'T', '', '[]', 1.0, 1.0)")
        connection.execute(f"PRAGMA application_id = {sqlite_file.APPLICATION}")
        connection.execute("PRAGMA user_version = 1")
    with closing(SqliteStore(path)) as store:
        assert store.conversation("a").title == "T"
        assert store.start("c", now=1.0)
        assert store.describe()["schema"] == 2
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def not_a_database(path: Path) -> None:
    path.write_bytes(b"Dear diary, " * 100)


def another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks(url)")


@pytest.mark.parametrize("make", [not_a_database, another_programs])
def test_a_file_of_another_program_is_left_as_it_is(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "other.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged, match=r"other\.db is no store of conversations: name another place"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_place_that_can_hold_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder: name a file"):
        SqliteStore(tmp_path)
    with pytest.raises(StoreError, match=r"the folder .*nowhere is not there: make it"):
        SqliteStore(tmp_path / "nowhere" / "chats.db")
    with pytest.raises(StoreError, match="MemoryStore"):
        SqliteStore(":memory:")


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "shelf"
    folder.mkdir()
    begun(folder / "there.db")
    folder.chmod(0o555)
    (folder / "there.db").chmod(0o444)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent.name.startswith(("pytest-", "popen-", "test_")):
            parent.chmod(parent.stat().st_mode | 0o055)

    def use() -> None:
        for name, words in (("new.db", "cannot be made"), ("there.db", "permissions|cannot be opened")):
            with pytest.raises(StoreError, match=words):
                say(SqliteStore(folder / name), "x")

    as_nobody(use)
    folder.chmod(0o755)


def as_nobody(use: Callable[[], None]) -> None:
    """Do something without the rights of root."""
    if os.geteuid() != 0:
        use()
        return
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            use()
            code = 0
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("where", [0.25, 0.5, 0.75])
def test_a_damaged_file_is_said_and_kept(path: Path, where: float) -> None:
    with closing(SqliteStore(path)) as store:
        for number in range(100):
            say(store, f"{number} " * 200)
        store.vacuum()
    data = bytearray(path.read_bytes())
    begin = int(len(data) * where)
    data[begin : begin + 8192] = b"\xee" * 8192
    path.write_bytes(data)
    with pytest.raises(StoreDamaged, match="restore"), closing(SqliteStore(path)) as store:
        read_all(store)
    assert path.read_bytes() == data


def read_all(store: SqliteStore) -> None:
    store.history(store.conversation("a").head)
    store.search("99")
    store.vacuum()


def test_a_changed_word_is_seen(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        head = say(store, "the true words")
        with store.file.writing() as connection:
            connection.execute("UPDATE nodes SET body = CAST(replace(CAST(body AS TEXT), 'true', 'fake') AS BLOB)")
        with pytest.raises(StoreDamaged, match=f"{head} is not what was written"):
            store.history(head)


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with closing(SqliteStore(begun(tmp_path / "chats.db"))) as store:
            say(store, "x")
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("chats.db", "chats.db-wal", "chats.db-shm"), 0o600)


def test_what_a_vacuum_removes_is_gone_from_the_file(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        say(store, "abracadabra " * 400)
        store.delete("a")
        assert store.vacuum() == 1
        files = list(path.parent.iterdir())
        assert path in files
        assert not any(b"abracadabra" in file.read_bytes() for file in files)
