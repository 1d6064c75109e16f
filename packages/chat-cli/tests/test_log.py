from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import click
import pytest

from chat_cli import log
from chat_cli.flags import Flags
from chat_core.errors import StoreError, StoreFull, StoreMissing
from chat_core.messages import user
from chat_core.stores.memory import MemoryStore
from chat_core.stores.records import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chat_core.stores.records import Conversation


class Failing(MemoryStore):
    """A store whose disk is full for a while."""

    full = True
    tries = 0

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        self._need_room()
        return super().create(now=now, id=id, title=title, model=model, tags=tags)

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        self._need_room()
        return super().append(conversation, entries, head=head, now=now)

    def start(self, call: str, *, now: float) -> bool:
        self._need_room()
        return super().start(call, now=now)

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        self._need_room()
        return super().claim(turn, owner, now=now, until=until)

    def _need_room(self) -> None:
        self.tries += 1
        if self.full:
            raise StoreFull("no room is left")


def entry(text: str) -> Entry:
    return Entry(message=user(text))


def test_what_could_not_be_written_is_written_with_what_comes_next() -> None:
    store = Failing()
    kept = log.Lenient(store)
    kept.create(now=1, id="a")
    head = kept.append("a", [entry("one")], head=None, now=2)
    assert not store.conversations()
    assert [fault.startswith("no room is left") for fault in kept.told()] == [True]  # said once
    store.full = False
    assert kept.told() == ()  # and tried again
    assert store.conversation("a").head == head
    head = kept.append("a", [entry("two")], head=head, now=3)
    assert [node.message.text for node in store.history(head)] == ["one", "two"]


def test_a_failure_that_comes_again_is_said_again_and_one_that_goes_on_is_not() -> None:
    store = Failing()
    kept = log.Lenient(store)
    kept.create(now=1, id="a")
    assert (len(kept.told()), len(kept.told())) == (1, 0)
    store.full = False
    head = kept.append("a", [entry("one")], head=None, now=2)
    assert kept.told() == ()
    store.full = True
    kept.append("a", [entry("two")], head=head, now=3)
    assert len(kept.told()) == 1


def test_a_store_that_failed_is_left_alone_until_the_turn_is_over() -> None:
    store = Failing()
    kept = log.Lenient(store)
    kept.create(now=1, id="a")
    kept.append("a", [entry("one")], head=None, now=2)
    kept.finish("t/0", {})
    assert store.tries == 1
    kept.told()
    assert store.tries == 2


def test_tools_run_where_nobody_else_can_know_of_their_turn() -> None:
    store = Failing()
    kept = log.Lenient(store)
    kept.create(now=1, id="a")
    kept.append("a", [entry("one")], head=None, now=2)
    assert kept.start("t/0", now=1)
    assert kept.claim("t", "me", now=1, until=2)
    store.full = False
    kept.finish("t/0", {"v": 1})
    kept.end("t", "me")
    kept.told()
    assert store.marks(["t/0"])["t/0"].result == {"v": 1}
    assert not store.claim("t", "you", now=9, until=10)


def test_calls_that_ran_before_do_not_run_again_when_the_disk_is_full() -> None:
    store = Failing()
    store.full = False
    store.start("t/0", now=1)
    store.start("t/2", now=1)
    store.full = True
    kept = log.Lenient(store)
    assert [kept.start(f"t/{place}", now=2) for place in range(3)] == [False, True, False]
    with pytest.raises(StoreFull):
        kept.claim("t", "me", now=1, until=2)


def test_where_somebody_else_was_first_the_conversation_forks() -> None:
    store = MemoryStore()
    kept = log.Lenient(store)
    kept.create(now=1, id="a")
    head = kept.append("a", [entry("one")], head=None, now=2)
    store.append("a", [entry("theirs")], head=head, now=3)
    mine = kept.append("a", [entry("mine")], head=head, now=4)
    kept.append("a", [entry("more")], head=mine, now=5)
    fork, first = store.conversations()
    assert [node.message.text for node in store.history(first.head)] == ["one", "theirs"]
    assert [node.message.text for node in store.history(fork.head)] == ["one", "mine", "more"]
    assert kept.told() == (f"somebody else went on with the conversation a: yours goes on as {fork.id}",)


def test_the_users_file_is_his_alone(home: Path) -> None:
    log.opened(None)
    assert stat.S_IMODE((home / log.FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_store_is_named_on_the_command_line_or_in_the_file(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text(f'store = "sqlite:{tmp_path / "b.db"}"\n')
    assert log.opened(None).describe()["path"] == str(tmp_path / "b.db")
    assert log.opened(f"sqlite:{tmp_path / 'c.db'}").describe()["path"] == str(tmp_path / "c.db")
    assert log.opened("memory:").describe()["kind"] == "memory"
    with pytest.raises(click.UsageError, match="NAME:ADDRESS"):
        log.opened("chats")
    with pytest.raises(Exception, match="'postgre'"):
        log.opened("postgre:x")


def test_the_file_says_whether_anything_is_kept(home: Path) -> None:
    home.mkdir()
    for text, kind in (("true", True), ("false", False), ('"no-content"', "no-content")):
        (home / "config.toml").write_text(f"log = {text}\n")
        assert log.kind_of(Flags()) == kind
        assert log.kind_of(Flags(keeps=False)) is False


def test_without_content_no_word_is_kept(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('log = "no-content"\n')
    inner = MemoryStore()
    kept = log.log_for(Flags(), inner)
    assert kept is not None
    made = kept.store.create(now=1, title="secret")
    kept.store.append(made.id, [entry("secret")], head=None, now=2)
    (there,) = inner.conversations()
    assert (there.title, there.tags) == ("", (log.BARE,))
    assert inner.history(there.head)[0].message == user("")


def test_a_log_that_cannot_be_opened_is_a_warning(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.mkdir()
    (home / log.FILE).write_text("something else entirely, which is no database at all")
    assert log.log_for(Flags()) is None
    assert "is no store of conversations" in capsys.readouterr().err
    with pytest.raises(StoreError):
        log.opened(None)


def test_the_beginning_of_an_id_is_enough() -> None:
    store = MemoryStore()
    with pytest.raises(StoreMissing, match="no conversation is kept yet"):
        log.found(store, None)
    for number, name in enumerate(("abc", "abcd", "xyz")):
        store.create(now=number, id=name)
    assert log.found(store, None).id == "xyz"
    assert log.found(store, "x").id == "xyz"
    assert log.found(store, "abc").id == "abc"
    with pytest.raises(click.UsageError, match="several conversations begin with 'ab'"):
        log.found(store, "ab")
    for missing in ("q", ""):
        with pytest.raises(StoreMissing, match="chat logs list"):
            log.found(store, missing)


def test_all_pages_are_looked_through() -> None:
    store = MemoryStore()
    for number in range(250):
        store.create(now=number, id=f"{number:03}")
    assert len(list(log.everything(store))) == 250
    assert log.found(store, "000").id == "000"


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("one\n two", "one two"),
        ("word " * 20, "word word word word word word word word word word word…"),
        ("x" * 99, "x" * 59 + "…"),
    ],
)
def test_a_title_is_the_first_words(words: str, title: str) -> None:
    assert log.title_of(words) == title
    assert len(title) <= log.TITLE
