"""Where histories are cut: nothing is parted that belongs together, whatever the history and the place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exchanges import CALLS, IMAGE, assert_sendable, histories, result
from hypothesis import given
from hypothesis import strategies as st

from chat_core.errors import ConfigurationError
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.sessions.windows import (
    MEDIA,
    WHOLE,
    Window,
    cuts,
    estimate,
    exchange_starts,
    last_unit,
    require_whole,
    unit_starts,
)

HISTORY = (system("s"), user("q1"), *CALLS, assistant("r1"), user("q2"), user("q3"), assistant("r2"))


@given(histories(), st.integers(0, 40))
def test_every_cut_of_every_history_can_be_sent(history: tuple[Message, ...], after: int) -> None:
    places = cuts(history, min(after, len(history)))
    for at in (*places.exchanges, *places.steps):
        kept = places.window(at).of(history)
        assert_sendable(kept, history)
        assert len(kept) < len(history)
        assert kept[-1] is history[-1]


@given(histories(paused=True))
def test_a_cut_never_reaches_into_a_turn_that_is_paused(history: tuple[Message, ...]) -> None:
    places = cuts(history, 0)
    end = history[last_unit(history) :]
    assert [message.role for message in end] == ["assistant", "tool"]
    for at in (*places.exchanges, *places.steps):
        kept = places.window(at).of(history)
        assert kept[-len(end) :] == end
        assert_sendable(kept[: -len(end)], history)


def test_an_exchange_begins_with_a_users_words_and_a_unit_holds_calls_with_their_results() -> None:
    assert exchange_starts(HISTORY) == [1, 6]
    assert unit_starts(HISTORY) == [0, 1, 2, 5, 6, 7, 8]
    assert last_unit(HISTORY) == 8
    assert last_unit(HISTORY[:5]) == 2
    assert last_unit(()) == 0


def test_results_in_a_users_message_belong_to_their_calls() -> None:
    history = (user("q"), CALLS[0], Message(role="user", parts=(result("a", "1"), result("b", "2"))), assistant("r"))
    assert exchange_starts(history) == [0]
    assert unit_starts(history) == [0, 1, 3]


def test_a_window_stands_instead_of_the_beginning() -> None:
    assert Window(at=6, head=(HISTORY[0],)).of(HISTORY) == (HISTORY[0], *HISTORY[6:])
    assert WHOLE.of(HISTORY) is HISTORY
    assert Window(at=6).fits(6)
    assert not Window(at=6).fits(5)


def test_an_exchange_that_is_too_long_alone_keeps_its_question() -> None:
    history = (system("s"), user("q"), *CALLS, *CALLS, assistant("r"))
    places = cuts(history, 0)
    assert places.steps == (5, 8)
    assert places.window(5).of(history) == (system("s"), user("q"), *CALLS, assistant("r"))


# What functions make of a history


def test_what_keeps_everything_that_has_to_stay_is_taken() -> None:
    require_whole(HISTORY, (system("s"), user("made up"), *HISTORY[6:]))


@pytest.mark.parametrize(
    ("kept", "fault"),
    [
        (HISTORY[:-1], "keep the end"),
        ((), "keep the end"),
        (HISTORY[1:], "keep system messages, in order; this one is missing: s"),
        ((HISTORY[0], *HISTORY[3:]), "parted results from their calls: a, b"),
        ((*HISTORY[:4], *HISTORY[5:]), r"parted calls from their results: .*act \(b\)"),
        ((*HISTORY[:2], HISTORY[4], *HISTORY[5:]), "parted results from their calls: b"),
    ],
    ids=["no end", "nothing", "no system", "no calls", "no result", "no call"],
)
def test_what_lacks_something_is_refused_with_its_name(kept: tuple[Message, ...], fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        require_whole(HISTORY, kept)


def test_system_messages_have_to_stay_in_order() -> None:
    history = (system("a"), system("b"), user("q"))
    with pytest.raises(ConfigurationError, match="this one is missing: b"):
        require_whole(history, (system("b"), system("a"), user("q")))


# The rule of thumb


def test_four_bytes_of_what_is_saved_are_a_token() -> None:
    short, long = estimate([user("x")]), estimate([user("x" * 4001)])
    assert long - short == 1000
    assert estimate([user("é" * 400)]) - estimate([user("x" * 400)]) == 100


def test_media_count_the_same_whatever_their_size() -> None:
    bare = estimate([user("look")])
    assert estimate([user("look", IMAGE)]) == bare + MEDIA
    answer = result("a", "here")
    shown = replace(answer, content=(*answer.content, IMAGE, IMAGE))
    assert estimate([tool_results(shown)]) == estimate([tool_results(answer)]) + 2 * MEDIA
