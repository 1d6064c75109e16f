"""Whether a failure is tried again, and after how long."""

from __future__ import annotations

import pytest

from chat_core.errors import (
    AuthenticationFailed,
    ChatError,
    ConnectFailed,
    DecodeError,
    InvalidRequest,
    Overloaded,
    QuotaExceeded,
    RateLimited,
    ServerError,
    StreamTruncated,
    TimedOut,
    TransportError,
)
from chat_core.flow.retry import NEVER, Retry, is_lost

SURE = Retry(chance=lambda: 0.0)


@pytest.mark.parametrize(
    "error",
    [RateLimited("slow"), Overloaded("full"), ServerError("oops"), ConnectFailed("down"), TransportError("reset")],
)
def test_what_may_pass_is_tried_again(error: ChatError) -> None:
    assert SURE.delay(error, 1) == 0.5


@pytest.mark.parametrize(
    "error", [AuthenticationFailed("key"), InvalidRequest("no"), QuotaExceeded("broke"), DecodeError("garbage")]
)
def test_what_stays_is_not_tried_again(error: ChatError) -> None:
    assert SURE.delay(error, 1) is None


def test_the_number_of_attempts_has_an_end() -> None:
    assert SURE.delay(ServerError("oops"), 2) == 1.0
    assert SURE.delay(ServerError("oops"), 3) is None
    assert NEVER.delay(ServerError("oops"), 1) is None


def test_the_delay_doubles_up_to_its_longest() -> None:
    patient = Retry(attempts=5000, first=1.0, longest=10.0, jitter=0.0)
    assert [patient.delay(ServerError("oops"), tried) for tried in (1, 2, 3, 4, 5, 4999)] == [1, 2, 4, 8, 10, 10]


def test_jitter_takes_its_part_of_the_delay_away() -> None:
    assert Retry(first=4.0, jitter=0.5, chance=lambda: 0.5).backoff(1) == 3.0
    assert Retry(first=4.0, jitter=1.0, chance=lambda: 0.75).backoff(1) == 1.0


def test_chance_spreads_the_delays() -> None:
    delays = {Retry().backoff(1) for _ in range(20)}
    assert len(delays) > 1
    assert all(0.25 < delay <= 0.5 for delay in delays)


def test_the_services_word_beats_the_computed_delay() -> None:
    assert SURE.delay(RateLimited("slow", retry_after=7.0), 1) == 7.0
    assert SURE.delay(RateLimited("slow", retry_after=0.0), 1) == 0.0


def test_a_service_that_asks_for_too_long_is_not_waited_for() -> None:
    assert SURE.delay(RateLimited("slow", retry_after=3600.0), 1) is None


def test_the_services_word_on_retrying_beats_the_class() -> None:
    final = ServerError("oops")
    final.retryable = False
    again = InvalidRequest("no")
    again.retryable = True
    assert SURE.delay(final, 1) is None
    assert SURE.delay(again, 1) == 0.5


def test_a_request_that_may_have_been_served_is_sent_again_once() -> None:
    lost = StreamTruncated("gone")
    assert SURE.delay(lost, 1, 0) == 0.5
    assert SURE.delay(lost, 2, 1) is None
    assert Retry(lost=0).delay(lost, 1, 0) is None


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (TransportError("reset"), True),
        (StreamTruncated("gone"), True),
        (TimedOut("late", phase="first_byte", seconds=1), True),
        (TimedOut("late", phase="connect", seconds=1), False),
        (TimedOut("late", phase="pool", seconds=1), False),
        (ConnectFailed("down"), False),
        (ServerError("oops"), False),
    ],
)
def test_only_what_was_sent_and_not_answered_is_lost(error: ChatError, lost: bool) -> None:
    assert is_lost(error) is lost


def test_policies_are_values() -> None:
    assert Retry() == Retry()
    assert Retry(attempts=2) != Retry()
