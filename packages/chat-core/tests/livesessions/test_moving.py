"""When a session goes on over another connection, and how soon."""

from __future__ import annotations

import pytest

from chat_core.errors import ConnectFailed, DecodeError, TimedOut, TransportError
from chat_core.flow.retry import Retry
from chat_core.livesessions.moving import BRIEF, Moves, lost

RETRY = Retry(first=1.0, longest=4.0, jitter=0.0)


def final(error: TransportError) -> TransportError:
    error.retryable = False
    return error


def test_a_session_moves_at_once_and_later_each_time_that_it_was_in_vain() -> None:
    moves, now, pauses = Moves(RETRY), 100.0, list[float]()
    for _ in range(5):
        pauses.append(moves.pause(now))
        now += pauses[-1] + 0.1
    assert pauses == [0.0, 1.0, 2.0, 4.0, 4.0]


def test_a_connection_that_has_lasted_begins_anew() -> None:
    moves = Moves(RETRY)
    assert (moves.pause(0.0), moves.pause(1.0)) == (0.0, 1.0)
    assert moves.pause(2.0 + BRIEF) == 0.0


@pytest.mark.parametrize(
    ("error", "helps"),
    [
        (TransportError("gone"), True),
        (ConnectFailed("gone"), True),
        (TimedOut("stuck", phase="read", seconds=30.0), True),
        (TimedOut("silent", phase="idle", seconds=30.0), False),
        (final(TransportError("against the rules")), False),
        (DecodeError("malformed"), False),
        (ValueError("a fault"), False),
    ],
)
def test_another_connection_helps_where_this_one_was_lost(error: Exception, helps: bool) -> None:
    assert lost(error) is helps
