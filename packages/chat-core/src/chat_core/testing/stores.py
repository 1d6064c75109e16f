"""What every store has to do, as tests: subclass `StoreContract` and say how a store is opened.

Law: each test feeds values and looks at what comes back through a second handle on the same place; none knows how the
store works inside.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import ChatError, StoreConflict, StoreError, StoreMissing
from chat_core.messages import assistant, tool_results, user
from chat_core.parts import Inline, Media, Reasoning, Text, ToolCall, ToolResult
from chat_core.response import Attempt, FinishReason, Notice, Response, Usage
from chat_core.stores import nodes
from chat_core.stores.records import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chat_core.stores.protocol import Store


def said(*texts: str) -> list[Entry]:
    """Make entries of a user's words."""
    return [Entry(message=user(text)) for text in texts]


def answered(text: str) -> Entry:
    """Make the entry of an answer with all that goes beside it."""
    message = assistant(Reasoning("hm", signature="s"), Text(text), ToolCall(id="c", name="look", arguments={"at": 1}))
    response = Response(
        message=message,
        finish_reason=FinishReason.TOOL_CALLS,
        usage=Usage(input_tokens=3, output_tokens=0, raw={"in": 3}),
        id="r",
        model="m",
        notices=(Notice(feature="seed", requested=1, reason="unknown here"),),
        attempts=(Attempt(number=1), Attempt(number=2, delay=0.5, cause="Overloaded")),
        headers={"x-request-id": "q"},
    )
    return Entry(message=message, response=response, at=12.25, seconds=0.5)


def texts(store: Store, head: str | None) -> list[str]:
    """Read the texts of a history."""
    return [node.message.text for node in store.history(head)]


class StoreContract:
    """The tests; a subclass overrides the fixture `opens`."""

    @pytest.fixture
    def opens(self) -> Callable[[], Store]:
        """Return what opens a store, the same one at each call; its first call finds it empty."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, opens: Callable[[], Store]) -> Iterator[Store]:
        """Open the store."""
        opened = opens()
        yield opened
        opened.close()

    @pytest.fixture
    def other(self, opens: Callable[[], Store]) -> Iterator[Store]:
        """Open the same store a second time."""
        opened = opens()
        yield opened
        opened.close()

    def test_what_was_appended_is_read_as_it_was(self, store: Store, other: Store) -> None:
        """Through another handle, with all that goes beside a message."""
        image = Media(kind="image", source=Inline(b"\x00\xff"), mime="image/png")
        result = ToolResult(call_id="c", content=(Text("\u2028 \ud800 \x00"), image), name="look")
        entries = [*said("Hi"), answered("Ho"), Entry(message=tool_results(result), at=13.0)]
        store.create(now=1.0, id="a")
        head = store.append("a", entries, head=None, now=2.0)
        assert [node.entry for node in other.history(head)] == entries

    def test_an_id_is_made_of_the_past_and_the_content(self, store: Store) -> None:
        """So that every store gives the same ids."""
        store.create(now=1.0, id="a")
        entries = [*said("one", "two"), answered("three")]
        head = store.append("a", entries, head=None, now=2.0)
        made = [node for node, _ in nodes.chain(None, entries)]
        assert list(store.history(head)) == made
        assert [node.parent for node in made] == [None, *(node.id for node in made[:-1])]

    def test_a_second_writer_with_an_old_head_is_told_the_new_one(self, store: Store, other: Store) -> None:
        """And writes nothing."""
        store.create(now=1.0, id="a")
        first = store.append("a", said("one"), head=None, now=2.0)
        with pytest.raises(StoreConflict) as caught:
            other.append("a", said("lost?"), head=None, now=3.0)
        assert caught.value.head == first
        with pytest.raises(StoreConflict):
            other.append("a", said("lost?"), head="no id", now=3.0)
        assert store.conversation("a").updated == 2.0
        assert not other.search("lost")
        last = other.append("a", said("two"), head=caught.value.head, now=4.0)
        assert texts(store, last) == ["one", "two"]

    def test_forks_share_their_past_and_go_on_alone(self, store: Store, other: Store) -> None:
        """From the same nodes."""
        store.create(now=1.0, id="a", title="T", model="m", tags=["x"])
        head = store.append("a", said("one", "two", "three"), head=None, now=2.0)
        at = store.history(head)[1].id
        fork = other.fork("a", at, now=3.0, id="b")
        assert (fork.head, fork.length, fork.title, fork.model, fork.tags) == (at, 2, "T", "m", ("x",))
        forked = other.append("b", said("4"), head=at, now=4.0)
        assert store.history(forked)[:2] == store.history(head)[:2]
        assert (texts(store, head), texts(store, forked)) == (["one", "two", "three"], ["one", "two", "4"])
        again = store.fork("b", at, now=5.0)
        assert texts(store, store.append(again.id, said("5"), head=at, now=6.0)) == ["one", "two", "5"]
        empty = store.fork("b", None, now=7.0)
        assert (empty.head, empty.length) == (None, 0)

    def test_a_fork_starts_in_the_history_it_is_of(self, store: Store) -> None:
        """Not at what another conversation said, nor at what was undone."""
        store.create(now=1.0, id="a")
        store.create(now=1.0, id="b")
        head = store.append("a", said("one", "two"), head=None, now=2.0)
        elsewhere = store.append("b", said("x"), head=None, now=2.0)
        store.move("a", store.history(head)[0].id, head=head, now=3.0)
        for node in (elsewhere, head, head.upper(), f"{head} ", "00", "none"):
            with pytest.raises(StoreMissing):
                store.fork("a", node, now=4.0)

    def test_undo_moves_the_head_and_the_nodes_stay(self, store: Store) -> None:
        """So that what was undone can be redone."""
        store.create(now=1.0, id="a")
        head = store.append("a", said("one", "two"), head=None, now=2.0)
        first = store.history(head)[0].id
        undone = store.move("a", first, head=head, now=3.0)
        assert (undone.head, undone.length, undone.updated) == (first, 1, 3.0)
        with pytest.raises(StoreConflict):
            store.move("a", None, head=head, now=4.0)
        other = store.append("a", said("else"), head=first, now=5.0)
        assert texts(store, other) == ["one", "else"]
        assert store.move("a", head, head=other, now=6.0).length == len(["one", "two"])
        assert texts(store, store.append("a", said("more"), head=head, now=7.0)) == ["one", "two", "more"]
        assert store.move("a", None, head=store.conversation("a").head, now=8.0).head is None

    def test_the_same_words_after_the_same_past_are_one_node(self, store: Store) -> None:
        """Wherever they are said again."""
        for name in ("a", "b"):
            store.create(now=1.0, id=name)
            store.append(name, said("one", "two"), head=None, now=2.0)
        assert store.conversation("a").head == store.conversation("b").head
        (found,) = store.search("two")
        assert set(found.conversations) == {"a", "b"}

    def test_conversations_are_listed_by_their_last_change(self, store: Store) -> None:
        """The newest first."""
        for number, tags in enumerate([("x",), (), ("x", "y")]):
            store.create(now=float(number), id=str(number), tags=tags)
        store.append("0", said("late"), head=None, now=9.0)
        assert [one.id for one in store.conversations()] == ["0", "2", "1"]
        assert [one.id for one in store.conversations(tag="x")] == ["0", "2"]
        assert [one.id for one in store.conversations(tag="x", skip=1)] == ["2"]
        assert [one.id for one in store.conversations(limit=1, skip=1)] == ["2"]

    def test_a_conversation_can_be_called_otherwise(self, store: Store, other: Store) -> None:
        """And keeps what is not said."""
        made = store.create(now=1.0, title="Old", model="m", tags=["x"])
        assert other.conversation(made.id) == made
        named = store.change(made.id, now=2.0, title="Ünï \u2028", tags=["y", "y", ","])
        assert (named.title, named.model, named.tags, named.updated) == ("Ünï \u2028", "m", ("y", ","), 2.0)
        assert other.conversation(made.id) == named

    def test_what_is_not_there_is_said(self, store: Store) -> None:
        """By an error that names it."""
        asks: Sequence[Callable[[], object]] = (
            lambda: store.conversation("none"),
            lambda: store.append("none", said("x"), head=None, now=1.0),
            lambda: store.change("none", now=1.0, title="x"),
            lambda: store.delete("none"),
            lambda: store.move("none", None, head=None, now=1.0),
            lambda: store.fork("none", None, now=1.0),
            lambda: store.history("none"),
            lambda: store.history("ab" * 32),
        )
        for ask in asks:
            with pytest.raises(StoreMissing, match=r"none|abab"):
                ask()

    def test_bad_input_writes_nothing(self, store: Store) -> None:
        """And the error is a `ChatError`."""
        store.create(now=1.0, id="a")
        with pytest.raises(StoreConflict):
            store.create(now=2.0, id="a")
        for bad in ("\0", "\ud800"):
            with pytest.raises(StoreError):
                store.create(now=2.0, title=bad)
        with pytest.raises(StoreError, match="at least one"):
            store.append("a", [], head=None, now=2.0)
        unsayable = Entry(message=user("x"), at=float("nan"))
        with pytest.raises(ChatError):
            store.append("a", [*said("fine"), unsayable], head=None, now=2.0)
        assert [one.head for one in store.conversations()] == [None]
        assert not store.search("fine")

    def test_a_deleted_conversation_is_found_no_more(self, store: Store, other: Store) -> None:
        """And a vacuum takes what nobody holds, and no more."""
        store.create(now=1.0, id="a")
        head = store.append("a", said("apple", "pear", "plum"), head=None, now=2.0)
        at = store.history(head)[0].id
        store.fork("a", at, now=3.0, id="b")
        kept = store.append("b", said("quince"), head=at, now=4.0)
        assert store.vacuum() == 0
        store.delete("a")
        assert [found.conversations for found in other.search("apple")] == [("b",)]
        assert not other.search("pear")
        assert store.vacuum() == len(["pear", "plum"])
        assert texts(other, kept) == ["apple", "quince"]
        assert [found.snippet for found in other.search("quin*")] == ["[quince]"]
        assert texts(other, other.append("b", said("fig"), head=kept, now=5.0)) == ["apple", "quince", "fig"]
        with pytest.raises(StoreMissing):
            other.history(head)

    def test_writers_side_by_side_lose_nothing(self, opens: Callable[[], Store], store: Store) -> None:
        """Each tries again from the winner's head."""
        store.create(now=1.0, id="a")

        def write(name: str) -> None:
            mine, head = opens(), None
            for number in range(5):
                entry = said(f"{name}{number}")
                while True:
                    try:
                        head = mine.append("a", entry, head=head, now=2.0)
                        break
                    except StoreConflict as conflict:
                        head = conflict.head
            mine.close()

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        written = texts(store, store.conversation("a").head)
        assert sorted(written) == sorted(f"{name}{number}" for name in "abcd" for number in range(5))
        for name in "abcd":
            assert [text for text in written if text[0] == name] == [f"{name}{number}" for number in range(5)]

    def test_it_can_be_used_after_it_was_closed(self, store: Store) -> None:
        """Closing lets go of files and connections, not of what was kept."""
        store.create(now=1.0, id="a")
        store.close()
        assert store.conversation("a").id == "a"
        assert store.describe()["conversations"] == 1
