"""What every store has to find and to mark, as tests: subclass `SearchContract` and `JournalContract`.

Law: as `stores`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import StoreConflict, StoreError, StoreMissing
from chat_core.messages import assistant, system, tool_results
from chat_core.parts import URL, Json, Media, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.stores.records import Entry, Mark
from chat_core.stores.words import MAX_WORDS
from chat_core.testing.stores import said

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSONObject
    from chat_core.stores.protocol import Store

HELD = (
    "The quick brown fox",
    "a café, a CAFÉ, a cafe\u0301",
    "我们今天去北京大学。",
    "snake_case foo-bar.baz C++ 3.14",
    "Straße ﬁn İstanbul ΣΊΣΥΦΟΣ",
    "हिन्दी में लिखो",
    'don\'t AND OR NOT NEAR "quoted" % _ * ( ) : ^',
)
FOUND: tuple[tuple[str, set[int]], ...] = (
    ("quick", {0}),
    ("QUICK fox", {0}),
    ("fox cafe", set()),
    ("quic", set()),
    ("quic*", {0}),
    ("qu* fo*", {0}),
    ("cafe", {1}),
    ("Café", {1}),
    ("caf*", {1}),
    ("北京", {2}),
    ("京北", set()),
    ("我们 大学", {2}),
    ("snake_case", {3}),
    ("case", {3}),
    ("foo-bar.baz", {3}),
    ("bar-foo", set()),
    ("foo-ba*", {3}),
    ("3.14", {3}),
    ("strasse", {4}),
    ("fin", {4}),
    ("istanbul", {4}),
    ("σίσυφος", {4}),
    ("हिन्दी", {5}),
    ("don't", {6}),
    ("NOT", {6}),
    ("AND OR", {6}),
    ('"quoted"', {6}),
    ('quoted" OR "quick', set()),
    ("near(quick", set()),
    ("words:quick", set()),
    ("quick & fox", {0}),
    ("%", set()),
    ("*", set()),
    ('"', set()),
    ("' OR 1=1 --", set()),
    ("a:* | b", set()),
    ("", set()),
    ("\x00 \ud800", set()),
    ("\ud800quick", {0}),
)


class SearchContract:
    """The tests of searching; a subclass has the fixtures of `StoreContract`."""

    @pytest.mark.parametrize(("words", "expected"), FOUND)
    def test_a_search_finds_words_and_never_takes_them_for_syntax(
        self, store: Store, words: str, expected: set[int]
    ) -> None:
        """Case, accents, compatibility forms and scripts without spaces included."""
        store.create(now=1.0, id="a")
        head = store.append("a", said(*HELD), head=None, now=2.0)
        ids = [node.id for node in store.history(head)]
        assert {ids.index(found.node) for found in store.search(words)} == expected

    def test_a_search_has_a_bound(self, store: Store) -> None:
        """Many words are looked for; too many are refused, not cut."""
        store.create(now=1.0, id="a")
        store.append("a", said(" ".join(map(str, range(300))), "今" * 300), head=None, now=2.0)
        assert store.search(" ".join(map(str, range(MAX_WORDS))))
        assert store.search("今" * MAX_WORDS)
        with pytest.raises(StoreError, match="look for fewer"):
            store.search(" ".join(map(str, range(MAX_WORDS + 1))))

    def test_a_search_looks_at_all_that_is_said_and_at_nothing_else(self, store: Store) -> None:
        """Arguments, data and meta are no words."""
        store.create(now=1.0, id="a")
        call = ToolCall(id="hidden1", name="hidden2", arguments={"hidden3": "hidden4"})
        result = ToolResult(call_id="hidden1", content=(Text("shown1"), Json({"hidden5": 1})))
        song = Media(kind="audio", source=URL("https://hidden6.example/"), transcript="shown2")
        heard = assistant(
            Text("shown3", meta={"o": {"k": "hidden7"}}), Reasoning("shown4"), Refusal("shown5"), song, call
        )
        store.append("a", [Entry(message=heard), Entry(message=tool_results(result))], head=None, now=2.0)
        assert sorted(found.snippet for found in store.search("shown1")) == ["[shown1]"]
        assert all(store.search(f"shown{number}") for number in range(1, 6))
        assert not store.search("hidden*")

    def test_a_search_shows_the_newest_first_with_marks(self, store: Store) -> None:
        """And says who said it, when, and where."""
        store.create(now=1.0, id="a")
        long = "x " * 100 + "the  needle\nis here" + " y" * 200
        entries = [Entry(message=system(f"needle {number}")) for number in range(5)]
        store.append("a", [*entries, Entry(message=assistant(long), at=7.5)], head=None, now=2.0)
        first, second = store.search("needle", limit=2, marks=("<b>", "</b>"))
        assert (first.conversations, first.role, first.at) == (("a",), "assistant", 7.5)
        assert "x the <b>needle</b> is here y" in first.snippet
        assert first.snippet[0] == first.snippet[-1] == "…"
        assert len(first.snippet) < len(long) / 2
        assert second.snippet == "<b>needle</b> 4"

    def test_a_search_finds_only_what_conversations_hold(self, store: Store) -> None:
        """Not what was undone; and what forks share is found once."""
        store.create(now=1.0, id="a")
        head = store.append("a", said("apple one", "apple two", "apple three"), head=None, now=2.0)
        ids = [node.id for node in store.history(head)]
        store.fork("a", ids[1], now=3.0, id="b")
        store.append("b", said("apple four"), head=ids[1], now=4.0)
        store.move("a", ids[0], head=head, now=5.0)
        assert [(found.snippet, found.conversations) for found in store.search("apple")] == [
            ("[apple] four", ("b",)),
            ("[apple] two", ("b",)),
            ("[apple] one", ("a", "b")),
        ]


class JournalContract:
    """The tests of marks; a subclass has the fixtures of `StoreContract`."""

    def test_a_turn_is_taken_up_by_one(self, store: Store, other: Store) -> None:
        """Until the time it asked for has passed."""
        assert store.claim("t", "one", now=0.0, until=10.0)
        assert not other.claim("t", "two", now=9.0, until=20.0)
        assert other.claim("u", "two", now=9.0, until=20.0)
        assert store.claim("t", "one", now=9.0, until=15.0)
        assert not other.claim("t", "two", now=14.0, until=20.0)
        assert other.claim("t", "two", now=15.0, until=20.0)
        assert not store.claim("t", "one", now=16.0, until=30.0)

    def test_a_turn_that_was_ended_is_never_taken_up_again(self, store: Store, other: Store) -> None:
        """Not by its last owner either."""
        assert store.claim("t", "one", now=0.0, until=1.0)
        store.end("t", "one")
        store.end("t", "one")
        store.end("unclaimed", "one")
        for turn in ("t", "unclaimed"):
            for owner in ("one", "two"):
                assert not other.claim(turn, owner, now=1e9, until=2e9)

    def test_a_turn_is_ended_by_who_holds_it(self, store: Store, other: Store) -> None:
        """Who lost it is told so."""
        assert store.claim("t", "one", now=0.0, until=1.0)
        assert other.claim("t", "two", now=1.0, until=2.0)
        with pytest.raises(StoreConflict):
            store.end("t", "one")
        other.end("t", "two")
        with pytest.raises(StoreConflict):
            store.end("t", "one")

    def test_of_many_who_claim_at_once_one_wins(self, opens: Callable[[], Store], store: Store) -> None:
        """Whatever the timing."""
        won: list[str] = []

        def claim(name: str) -> None:
            mine = opens()
            won.extend(str(number) for number in range(5) if mine.claim(str(number), name, now=0.0, until=1.0))
            mine.close()

        threads = [threading.Thread(target=claim, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == [str(number) for number in range(5)]
        assert not store.claim("0", "late", now=0.5, until=1.0)

    def test_a_call_is_started_once_and_keeps_its_first_result(self, store: Store, other: Store) -> None:
        """The same result again is no error."""
        result: JSONObject = {"version": 1, "text": "é\u2028", "list": [1, None, 0.5]}
        assert store.start("c", now=1.5)
        assert not other.start("c", now=2.0)
        assert other.marks(["c", "d"]) == {"c": Mark(started=1.5)}
        other.finish("c", result)
        other.finish("c", result)
        assert store.marks(["c"]) == {"c": Mark(started=1.5, result=result)}
        with pytest.raises(StoreConflict):
            store.finish("c", {"other": True})
        with pytest.raises(StoreMissing):
            store.finish("d", result)
        assert not store.start("c", now=3.0)
        assert store.marks([]) == {}

    def test_old_marks_can_be_forgotten(self, store: Store) -> None:
        """Those before a moment, and no others."""
        for number in range(3):
            store.start(str(number), now=float(number))
        assert store.prune(before=2.0) == len(["0", "1"])
        assert set(store.marks(["0", "1", "2"])) == {"2"}
