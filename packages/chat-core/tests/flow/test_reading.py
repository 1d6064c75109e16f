"""A stream while it is read: what moves its limit, and what is kept of it."""

from __future__ import annotations

from toy import ToyDecoder

from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError, StreamTruncated
from chat_core.events import ResponseStart, UnknownEvent
from chat_core.flow.reading import Reading
from chat_core.flow.timeouts import USAGE_GRACE, Limit, Timeouts
from chat_core.response import Notice

FIRST = Limit(20.0, "first_content", 20)
TOTAL = Limit(100.0, "total", 100)
TEXT = (Frame(b'{"text":"Hi"}'),)
FINISH = (Frame(b'{"finish":"stop"}'),)
BEAT = (Frame(b'{"kind":"beat"}'),)


def reading(between: float | None = 5.0, total: Limit | None = TOTAL, notices: tuple[Notice, ...] = ()) -> Reading:
    timeouts = Timeouts(between_content=between)
    return Reading(ToyDecoder("toy"), first=FIRST, total=total, timeouts=timeouts, notices=notices)


def test_the_first_content_has_its_own_limit() -> None:
    begun = reading()
    assert (begun.until, begun.limit) == (20.0, FIRST)
    assert not begun.late(19.9)
    assert begun.late(20.0)


def test_content_moves_the_limit_once() -> None:
    begun = reading()
    begun.feed(TEXT)
    assert not begun.late(19.0)
    assert (begun.until, begun.limit) == (24.0, Limit(24.0, "between_content", 5.0))
    assert not begun.late(23.9)
    assert begun.late(24.0)


def test_what_one_read_held_is_cut_behind_the_first_piece_of_the_answer() -> None:
    begun, at_once = reading(), reading()
    frames = (*BEAT, *TEXT, *BEAT, *TEXT, *FINISH)
    portions = [(some, begun.feed(some)) for some in begun.portions(frames)]
    assert [some for some, _ in portions] == [frames[:1], frames[1:2], frames[2:]]
    assert sum((events for _, events in portions), ()) == at_once.feed(frames)
    assert [*begun.portions(frames)] == [frames]


def test_events_without_a_name_move_nothing() -> None:
    begun = reading()
    begun.feed(TEXT)
    begun.late(1.0)
    assert begun.feed(BEAT) == (UnknownEvent("beat", {"kind": "beat"}),)
    assert begun.late(6.0)


def test_no_limit_goes_beyond_the_whole_calls() -> None:
    begun = reading()
    begun.feed(TEXT)
    begun.late(98.0)
    assert (begun.until, begun.limit) == (100.0, TOTAL)


def test_a_complete_answer_is_waited_on_a_little() -> None:
    begun = reading(between=None, total=None)
    begun.feed(TEXT)
    begun.late(1.0)
    assert (begun.until, begun.limit) == (None, None)
    begun.feed((*TEXT, *FINISH))
    begun.late(2.0)
    assert begun.until == 2.0 + USAGE_GRACE
    assert begun.limit == Limit(2.0 + USAGE_GRACE, "between_content", USAGE_GRACE)


def test_a_failure_comes_after_the_events_before_it() -> None:
    begun = reading()
    events = begun.feed((*TEXT, Frame(b"{}")))
    assert isinstance(events[0], ResponseStart)
    assert isinstance(begun.failure, DecodeError)


def test_what_was_received_is_there_when_a_stream_is_given_up() -> None:
    begun = reading()
    begun.feed(TEXT)
    partial = begun.partial()
    assert partial is not None
    assert partial.text == "Hi"
    assert isinstance(begun.failure, StreamTruncated)


def test_a_complete_answer_that_is_given_up_is_received() -> None:
    begun = reading()
    begun.feed((*TEXT, *FINISH))
    assert begun.partial() == begun.response
    assert begun.response is not None


def test_the_start_says_what_was_not_sent() -> None:
    notices = (Notice(feature="seed"),)
    assert reading(notices=notices).feed(TEXT)[0] == ResponseStart(notices=notices)


def test_kept_payloads_are_json_or_text() -> None:
    begun = reading()
    begun.keep((*TEXT, Frame("[DONE]"), Frame(b"\xff")))
    assert begun.raw == [{"text": "Hi"}, "[DONE]", "\ufffd"]
