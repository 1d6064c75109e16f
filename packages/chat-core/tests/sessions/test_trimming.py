"""Strategies: what is left out, when, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from exchanges import CALLS, MEANS, assert_sendable, histories, length, remote, talk
from hypothesis import given
from hypothesis import strategies as st
from toy import World

from chat_core.codec.wire import dump
from chat_core.errors import ConfigurationError, DecodeError
from chat_core.history import dump as saved
from chat_core.messages import assistant, system, user
from chat_core.response import Notice
from chat_core.sessions.trimming import Custom, DropOldest, Trim, Trimmed, strategy
from chat_core.sessions.windows import WHOLE, Window, last_unit

if TYPE_CHECKING:
    from chat_core.codec.effects import Flow
    from chat_core.messages import Message


def trimmed(trim: Trim, messages: tuple[Message, ...], window: Window = WHOLE) -> Trimmed:
    return World().run(trim.trimmed(messages, window, MEANS))


def test_what_is_short_enough_is_sent_whole_and_nothing_is_said() -> None:
    assert trimmed(DropOldest(10, counter=length), talk(5)) == Trimmed(window=WHOLE)


def test_the_oldest_exchanges_go_and_a_notice_says_so() -> None:
    history = (system("s"), *talk(5), user("now"))
    found = trimmed(DropOldest(10, to=0.5, counter=length), history)
    assert found.window.of(history) == (system("s"), *talk(1, 4), user("now"))
    assert found.notices == (
        Notice(
            feature="history",
            requested={"messages": 12, "tokens": 12},
            applied={"messages": 4, "tokens": 4},
            reason="max_tokens=10 of the session's trim; the oldest messages are left out",
        ),
    )


def test_a_window_that_is_short_enough_stays_and_each_turn_says_that_it_is_none_of_all() -> None:
    history = (*talk(5), user("now"))
    window = Window(at=6)
    found = trimmed(DropOldest(10, counter=length), history, window)
    assert found.window is window
    assert [notice.requested for notice in found.notices] == [{"messages": 11}]
    assert [notice.applied for notice in found.notices] == [{"messages": 5, "tokens": 5}]


def test_the_last_exchange_stays_whole_if_it_fits_alone() -> None:
    history = (*talk(3), user("now"), *CALLS, *CALLS)
    found = trimmed(DropOldest(7, to=0.5, counter=length), history)
    assert found.window.of(history) == history[6:]


def test_of_an_exchange_that_is_too_long_alone_the_oldest_calls_go() -> None:
    history = (system("s"), *talk(3), user("now"), *CALLS, *CALLS, *CALLS)
    found = trimmed(DropOldest(6, to=1, counter=length), history)
    assert found.window.of(history) == (system("s"), user("now"), *CALLS)
    later = (*history, *CALLS)
    assert trimmed(DropOldest(6, to=1, counter=length), later, found.window).window.of(later) == (
        system("s"),
        user("now"),
        *CALLS,
    )


def test_what_cannot_be_cut_is_sent_as_it_is_with_a_notice() -> None:
    found = trimmed(DropOldest(1, counter=length), (system("s"), user("now")))
    assert found.window == WHOLE
    assert [notice.reason for notice in found.notices] == [
        "no more can be left out, and it is still above max_tokens=1 of the session's trim"
    ]


def test_a_provider_counts_when_asked_to_and_a_cut_takes_few_counts() -> None:
    counted: list[int] = []

    def counting(messages: tuple[Message, ...]) -> Flow[int]:
        counted.append(len(messages))
        return remote(messages)

    means = replace(MEANS, count=counting)
    history = talk(5000)
    found = World().run(DropOldest(100_000, counter="provider").trimmed(history, WHOLE, means))
    assert len(found.window.of(history)) == 74
    assert len(counted) < 20
    assert sum(counted[1:]) < 2000  # the work grows with what is kept


@pytest.mark.parametrize(("limit", "to"), [(0, 0.5), (1, 0.0), (1, 1.5)])
def test_limits_that_make_no_sense_are_refused(limit: int, to: float) -> None:
    with pytest.raises(ConfigurationError, match="max_tokens= is at least 1"):
        DropOldest(limit, to=to)


@given(histories(), st.integers(1, 400), st.floats(0.1, 1))
def test_what_is_sent_of_any_history_at_any_limit_can_be_sent(
    history: tuple[Message, ...], limit: int, to: float
) -> None:
    window = WHOLE
    for end in range(1, len(history) + 1):
        said = history[:end]
        if said[-1].role != "user":
            continue
        found = trimmed(DropOldest(limit, to=to), said, window)
        assert_sendable(found.window.of(said), said)
        assert found.window.at <= last_unit(said)
        assert (found.window == WHOLE) or found.notices
        window = found.window


@given(st.lists(st.integers(1, 80), min_size=2, max_size=40), st.integers(40, 300))
def test_requests_extend_each_other_byte_for_byte_between_cuts(sizes: list[int], limit: int) -> None:
    trim, window, before, cuts = DropOldest(limit, to=0.5), WHOLE, b"", 0
    history: tuple[Message, ...] = (system("s"),)
    for number, size in enumerate(sizes):
        history = (*history, user(f"{number} " + "q" * size))
        found = trimmed(trim, history, window).window
        body = b",".join(dump(saved(message)) for message in found.of(history))
        cuts += found != window
        assert found != window or body.startswith(before)
        window, before = found, body
        history = (*history, assistant("r" * size))
    assert cuts <= sum(sizes) * 2 / 4 / (limit / 2) + len(sizes)


def test_a_window_that_was_cut_stays_for_a_while() -> None:
    trim, window, cuts = DropOldest(100, to=0.5, counter=length), WHOLE, 0
    for number in range(1, 300):
        history = (*talk(number), user("now"))
        found = trimmed(trim, history, window).window
        cuts += found != window
        window = found
    assert cuts == 1 + (299 - 50) // 26  # the first at 50, each makes room for 26 exchanges


# Functions


def test_a_function_makes_what_is_sent_of_the_whole_history() -> None:
    history = (system("s"), *talk(3), user("now"))

    def last_exchange(messages: tuple[Message, ...]) -> list[Message]:
        return [messages[0], *messages[-3:]]

    found = trimmed(Custom(last_exchange), history)
    assert found.window.of(history) == (system("s"), *talk(1, 2), user("now"))
    assert [(each.requested, each.applied) for each in found.notices] == [({"messages": 8}, {"messages": 4})]
    assert trimmed(Custom(lambda messages: messages), history) == Trimmed(window=WHOLE)


def test_a_function_that_parts_calls_from_results_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="parted results"):
        trimmed(Custom(lambda messages: messages[2:]), (user("q"), *CALLS, assistant("r"), user("now")))


def test_a_strategy_is_a_strategy_or_a_function() -> None:
    trim = DropOldest(5)
    assert strategy(trim) is trim
    assert strategy(None) is None
    assert strategy(tuple) == Custom(tuple)
    with pytest.raises(ConfigurationError, match=r"trim= takes DropOldest.* not int"):
        strategy(5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - the mistake tested


def test_what_a_counter_raises_is_raised() -> None:
    def broken(messages: tuple[Message, ...]) -> int:
        raise DecodeError(f"{len(messages)}")

    with pytest.raises(DecodeError):
        trimmed(DropOldest(5, counter=broken), talk(1))
