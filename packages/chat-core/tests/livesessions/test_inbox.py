"""What has happened and nobody has taken: its bounds, and its end."""

from __future__ import annotations

import pytest

from chat_core.errors import TransportError
from chat_core.events import MediaDelta, ToolProgress
from chat_core.live import Interrupted
from chat_core.livesessions.inbox import EVENT_COST, MAX_REPORTS, Inbox


def test_events_are_taken_in_order_up_to_the_end() -> None:
    inbox = Inbox()
    assert (inbox.ready, inbox.take()) == (False, None)
    inbox.put(Interrupted())
    inbox.put(ToolProgress("c", 1))
    inbox.end()
    inbox.put(Interrupted())
    assert [inbox.take() for _ in range(4)] == [Interrupted(), ToolProgress("c", 1), None, None]
    assert inbox.ready


def test_an_error_comes_after_what_had_happened_and_the_first_one_counts() -> None:
    inbox = Inbox()
    inbox.put(Interrupted())
    inbox.end(TransportError("lost"))
    inbox.end(TransportError("late"))
    assert inbox.take() == Interrupted()
    for _ in range(2):
        with pytest.raises(TransportError, match="lost"):
            inbox.take()


def test_sound_counts_by_its_bytes() -> None:
    inbox = Inbox(bound=1000)
    inbox.put(MediaDelta(0, bytes(1000 - EVENT_COST - 1)))
    assert not inbox.full
    inbox.put(MediaDelta(0, b"1"))
    assert inbox.full
    inbox.take()
    assert not inbox.full


def test_reports_of_tools_are_bounded_in_number() -> None:
    inbox = Inbox()
    for number in range(MAX_REPORTS):
        assert not inbox.flooded
        inbox.put(ToolProgress("c", number))
    assert inbox.flooded
    inbox.take()
    assert not inbox.flooded
