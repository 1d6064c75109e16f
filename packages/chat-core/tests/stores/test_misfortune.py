"""What can happen to writers: they are killed, the disk is full, others hold the file, they fork.

Law: what was acknowledged is there, nothing is there by half, and the error names the fix.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
from shelf import begun, say, written

from chat_core.errors import StoreBusy, StoreFull
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.endurance
SEED = 20261126
ROUNDS = 8

WRITE = """
import sys
from chat_core.errors import StoreConflict
from chat_core.messages import user
from chat_core.stores.records import Entry
from chat_core.stores.sqlite import SqliteStore

path, name, count, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
store = SqliteStore(path, timeout=30.0)
head = store.conversation("a").head
for number in range(count):
    entries = [Entry(message=user(f"{name}.{number}.{part}" + "." * size)) for part in range(3)]
    while True:
        try:
            head = store.append("a", entries, head=head, now=1.0)
            break
        except StoreConflict as conflict:
            head = conflict.head
    store.start(f"{name}.{number}", now=1.0)
    print(number, flush=True)
"""


def writer(path: Path, name: str, count: int, size: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE, str(path), name, str(count), str(size)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return begun(tmp_path / "chats.db")


def test_a_killed_writer_loses_nothing_that_was_acknowledged_and_leaves_nothing_by_half(path: Path) -> None:
    chance = random.Random(SEED)
    known: list[str] = []
    for number in range(ROUNDS):
        with writer(path, f"r{number}", 10_000, size=3000) as process:
            assert process.stdout is not None
            acknowledged = [int(process.stdout.readline())]
            time.sleep(chance.uniform(0.0, 0.2))
            process.send_signal(signal.SIGKILL)
            acknowledged += [int(line) for line in process.stdout.read().splitlines()]
        there = written(path)
        assert there[: len(known)] == known
        whole = [f"r{number}.{count}.{part}" for count in range(acknowledged[-1] + 1) for part in range(3)]
        more = there[len(known) :]
        assert more[: len(whole)] == whole
        assert len(more) - len(whole) in {0, 3}  # one append may have been committed and not acknowledged
        with closing(SqliteStore(path)) as store:
            marks = store.marks([f"r{number}.{count}" for count in acknowledged])
            assert len(marks) == len(acknowledged)
        known = there


def test_writers_in_several_processes_lose_nothing(path: Path) -> None:
    processes = [writer(path, name, 30) for name in "abc"]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()
    there = written(path)
    for name in "abc":
        mine = [text for text in there if text.startswith(name)]
        assert mine == [f"{name}.{number}.{part}" for number in range(30) for part in range(3)]
    assert len(there) == 3 * 30 * 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no small disk can be mounted here; the page limit stands in for it in the next test")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_what_was_written_is_there(small_disk: Path) -> None:
    with closing(SqliteStore(begun(small_disk / "chats.db"))) as store:
        fills(store)
        (small_disk / "chats.db").chmod(0o600)
        head = store.conversation("a").head
        texts = [node.message.text[:2] for node in store.history(head)]
        assert texts == ["x1"] * len(texts)
        subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
        assert len(store.history(say(store, "y"))) == len(texts) + 1


def test_a_file_that_may_not_grow_is_said_and_what_was_written_is_there(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        pages(store, "100")
        fills(store)
        before = store.history(store.conversation("a").head)
        assert not store.search("x2")
        pages(store, "100000")
        assert len(store.history(say(store, "y"))) == len(before) + 1


def pages(store: SqliteStore, most: str) -> None:
    with store.file.reading() as connection:
        connection.execute(f"PRAGMA max_page_count = {most}")


def fills(store: SqliteStore) -> None:
    say(store, "x1")
    with pytest.raises(StoreFull, match="room"):
        pour(store)


def pour(store: SqliteStore) -> None:
    for count in range(1000):
        say(store, "x1 " + f"{count} " * 5000)


@pytest.fixture
def locked(path: Path) -> Iterator[Path]:
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE'); "
        "print('locked', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield path
        process.kill()


def test_a_locked_file_is_waited_for_and_then_said(locked: Path) -> None:
    with closing(SqliteStore(locked, timeout=0.3)) as store:
        assert store.conversation("a").head is None  # readers go on
        start = time.monotonic()
        with pytest.raises(StoreBusy, match=r"chats\.db is locked by another program: try again") as caught:
            say(store, "x")
        assert 0.25 < time.monotonic() - start < 5
        assert caught.value.retryable


def test_a_forked_child_and_its_parent_both_go_on(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        head = say(store, "before")
        with store.file.reading() as connection:
            pass
        go = threading.Event()
        holder = threading.Thread(target=hold, args=(store, go))  # a lock that no child may wait for
        holder.start()
        child = os.fork()
        if child == 0:
            code = 1
            with suppress(BaseException):
                with store.file.reading() as own:
                    assert own is not connection
                say(store, "in the child")
                code = 0
            os._exit(code)
        go.set()
        holder.join()
        assert os.waitpid(child, 0)[1] == 0
        last = store.conversation("a").head
        assert last != head
        say(store, "in the parent")
    assert written(path) == ["before", "in the child", "in the parent"]


def hold(store: SqliteStore, go: threading.Event) -> None:
    with store.file.reading():
        go.wait(10)
