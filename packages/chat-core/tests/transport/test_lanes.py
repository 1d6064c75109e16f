"""Frames go to the request that they belong to, and queues have an end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wspeers import LANES, NAMED, assign, lane_of

from chat_core.codec.wire import Frame, Lane, dump
from chat_core.errors import SlowConsumer, TransportError
from chat_core.transport.lanes import FRAME_COST, MAX_EARLY, Ended, Inbox, Lanes, Recent


def frame(lane: str | None, text: str = "x") -> Frame:
    return Frame(dump({"text": text, **({} if lane is None else {"lane": lane})}).decode())


def quiet() -> None:
    """Wake nobody."""


def texts(inbox: Inbox) -> list[str]:
    return [str(each.data) for each in inbox.take() or ()]


def lost() -> TransportError:
    return TransportError("lost")


def test_each_lane_gets_its_own_frames_in_order() -> None:
    lanes = Lanes(LANES)
    one, two = lanes.join(quiet), lanes.join(quiet)
    lanes.put([frame("1", "a"), frame("2", "b"), frame("1", "c")])
    assert texts(one) == [str(frame("1", "a").data), str(frame("1", "c").data)]
    assert texts(two) == [str(frame("2", "b").data)]


def test_what_names_no_lane_goes_to_all() -> None:
    lanes = Lanes(LANES)
    one, two = lanes.join(quiet), lanes.join(quiet)
    lanes.put([frame(None)])
    assert texts(one) == texts(two) == [str(frame(None).data)]


def test_each_is_woken_once_for_one_read() -> None:
    lanes, woken = Lanes(LANES), list[str]()
    lanes.join(lambda: woken.append("one"))
    lanes.join(lambda: woken.append("two"))
    lanes.put([frame("1"), frame("1"), frame("1")])
    assert woken == ["one"]


def test_a_greeting_waits_for_the_first_request() -> None:
    lanes = Lanes(None)
    lanes.put([frame(None, "hello")])
    assert not lanes.stray
    assert texts(lanes.join(quiet)) == [str(frame(None, "hello").data)]


def test_a_greeting_without_end_makes_the_connection_useless() -> None:
    lanes = Lanes(None)
    lanes.put([frame(None)] * (MAX_EARLY + 1))
    assert lanes.stray


def test_without_lanes_there_is_one_request_at_a_time() -> None:
    lanes = Lanes(None)
    first = lanes.join(quiet)
    with pytest.raises(TransportError, match="another request"):
        lanes.join(quiet)
    lanes.leave(first, clean=True)
    assert not lanes.stray
    assert lanes.join(quiet).name is None


@pytest.mark.parametrize("lane", [None, LANES])
def test_what_nobody_asked_for_makes_the_connection_useless(lane: Lane | None) -> None:
    lanes = Lanes(lane)
    lanes.leave(lanes.join(quiet), clean=True)
    lanes.put([frame(None)])
    assert lanes.stray


def test_what_comes_late_for_a_lane_that_was_left_goes_to_nobody() -> None:
    lanes = Lanes(NAMED)
    left, kept = lanes.join(quiet), lanes.join(quiet)
    lanes.leave(left, clean=False)
    lanes.put([frame("1"), frame("2")])
    assert (left.ready, texts(kept)) == (False, [str(frame("2").data)])
    assert not lanes.stray


def test_names_are_new_as_long_as_there_are_some_and_then_the_oldest_free_one_serves() -> None:
    lanes = Lanes(NAMED)
    for name in ("1", "2", "3", "4", "1", "2"):
        inbox = lanes.join(quiet)
        assert inbox.name == name
        lanes.leave(inbox, clean=True)


def test_a_name_that_was_left_in_the_middle_serves_no_other_request() -> None:
    lanes = Lanes(NAMED)
    for _ in range(2):
        lanes.leave(lanes.join(quiet), clean=False)
    assert lanes.spare
    names: list[str | None] = []
    for _ in range(6):
        inbox = lanes.join(quiet)
        names.append(inbox.name)
        lanes.leave(inbox, clean=True)
    assert names == ["3", "4", "3", "4", "3", "4"]
    lanes.leave(lanes.join(quiet), clean=False)
    assert not lanes.spare


def test_what_comes_for_a_free_name_uses_the_name_up() -> None:
    lanes = Lanes(NAMED)
    for _ in range(3):
        lanes.leave(lanes.join(quiet), clean=True)
    lanes.put([frame("1")])
    lanes.leave(lanes.join(quiet), clean=True)
    assert lanes.join(quiet).name == "2"


@pytest.mark.parametrize("name", ["2", "0", "-1", "x", "", "01", "9" * 5000, "²"])
def test_a_frame_for_a_request_that_never_was_is_an_error(name: str) -> None:
    lanes = Lanes(LANES)
    lanes.join(quiet)
    if name == "01":
        name = "001"
    with pytest.raises(TransportError, match="never sent"):
        lanes.put([frame(name)])


def test_a_full_lane_is_given_up_alone_and_what_had_come_is_delivered() -> None:
    lanes = Lanes(LANES, bound=3 * FRAME_COST)
    slow, quick = lanes.join(quiet), lanes.join(quiet)
    for _ in range(5):
        lanes.put([frame("1", "x" * 100)])
    lanes.put([frame("2")])
    assert len(texts(slow)) == 3
    with pytest.raises(SlowConsumer):
        slow.take()
    assert len(texts(quick)) == 1
    assert not lanes.paused


def test_without_lanes_reading_pauses_until_something_is_taken() -> None:
    lanes = Lanes(None, bound=10)
    inbox = lanes.join(quiet)
    assert not lanes.paused
    lanes.put([frame(None)])
    assert lanes.paused
    inbox.take()
    assert not lanes.paused


def test_the_end_comes_after_what_had_come() -> None:
    lanes = Lanes(None)
    inbox = lanes.join(quiet)
    lanes.put([frame(None)])
    lanes.end(Ended(lost))
    lanes.put([frame(None)])
    assert len(texts(inbox)) == 1
    with pytest.raises(TransportError, match="lost"):
        inbox.take()


def test_an_end_in_order_is_the_end_of_input_only_after_something_came() -> None:
    empty, some = Inbox(None, 10, quiet), Inbox(None, 10, quiet)
    some.put(frame(None))
    for inbox in (empty, some):
        inbox.end(Ended(lost, in_order=True))
    some.take()
    assert some.take() is None
    with pytest.raises(TransportError):
        empty.take()


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["put", "clean", "left"])), max_size=60))
def test_no_frame_is_lost_doubled_or_mixed(steps: list[tuple[int, str]]) -> None:
    lanes = Lanes(Lane(assign, lane_of, 4, names=6))
    slots: dict[int, tuple[Inbox, list[str]]] = {}
    late: list[str] = []
    for number, (slot, step) in enumerate(steps):
        if slot not in slots:
            if not lanes.spare:
                continue
            slots[slot] = (lanes.join(quiet), [])
        inbox, expected = slots[slot]
        if step == "put":
            sent = frame(inbox.name, str(number))
            lanes.put([sent, *(frame(name, "late") for name in late)])
            expected.append(str(sent.data))
            assert texts(inbox) == expected
            expected.clear()
        else:
            lanes.leave(inbox, clean=step == "clean")
            if step == "left" and inbox.name is not None:
                late.append(inbox.name)
            del slots[slot]
    assert all(not inbox.ready for inbox, _ in slots.values())


class Thing:
    """Something that can be forgotten."""


def test_recent_connections_are_remembered_by_number_and_not_kept_alive() -> None:
    recent: Recent[Thing] = Recent(bound=2)
    things = [Thing() for _ in range(3)]
    for number in range(3):
        recent.note(number, things[number])
    assert [recent.get(number) for number in range(3)] == [None, things[1], things[2]]
    recent.note(None, things[0])
    assert recent.get(None) is None
    things.clear()
    assert recent.get(2) is None
