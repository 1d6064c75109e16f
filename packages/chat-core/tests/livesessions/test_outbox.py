"""What waits to be sent: what goes first, and that nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.wire import dump
from chat_core.live import AudioInput, Interruption, ResultsInput
from chat_core.livesessions.outbox import PLACES, Outbox

if TYPE_CHECKING:
    from chat_core.livesessions.outbox import Place

PLACED = st.lists(st.tuples(st.sampled_from(PLACES), st.integers(1, 3)), max_size=20)


def drained(outbox: Outbox) -> list[bytes]:
    found: list[bytes] = []
    while (message := outbox.take()) is not None:
        found.append(message[0])
    return found


def test_text_and_bytes_are_told_apart() -> None:
    outbox = Outbox()
    outbox.put(None, [{"a": 1}, b"sound"])
    assert [outbox.take(), outbox.take(), outbox.take()] == [(dump({"a": 1}), True), (b"sound", False), None]


def test_an_interruption_goes_first_and_results_go_before_sound() -> None:
    outbox = Outbox()
    outbox.put(AudioInput(b"1"), [b"1"])
    outbox.put(ResultsInput(()), [b"r"], "soon")
    outbox.put(Interruption(), [b"i"], "first")
    assert drained(outbox) == [b"i", b"r", b"1"]


def test_messages_of_one_input_stay_together() -> None:
    outbox = Outbox()
    outbox.put(AudioInput(b""), [b"1", b"2"])
    assert outbox.take() == (b"1", False)
    outbox.put(Interruption(), [b"i"], "first")
    assert drained(outbox) == [b"2", b"i"]


@given(PLACED)
def test_nothing_is_lost_and_each_place_keeps_its_order(placed: list[tuple[Place, int]]) -> None:
    outbox = Outbox()
    for number, (place, count) in enumerate(placed):
        outbox.put(None, [b"%d.%d" % (number, n) for n in range(count)], place)
    assert outbox.size == sum(
        len(b"%d.%d" % (number, n)) for number, (_, count) in enumerate(placed) for n in range(count)
    )
    order = sorted(range(len(placed)), key=lambda number: (PLACES.index(placed[number][0]), number))
    assert drained(outbox) == [b"%d.%d" % (number, n) for number in order for n in range(placed[number][1])]
    assert outbox.size == 0


def test_full_is_a_matter_of_bytes() -> None:
    outbox = Outbox(bound=10)
    outbox.put(None, [b"123456789"])
    assert not outbox.full
    outbox.put(None, [b"0"])
    assert outbox.full
    outbox.take()
    assert not outbox.full


def test_what_nothing_was_sent_of_is_left_for_another_connection() -> None:
    outbox = Outbox()
    begun, waits, first = AudioInput(b"1"), AudioInput(b"2"), Interruption()
    outbox.put(begun, [b"1", b"1"])
    outbox.put(waits, [b"2"])
    outbox.put(None, [b"own"])
    outbox.take()
    outbox.put(first, [b"i"], "first")
    assert outbox.left() == (first, waits)
    assert (outbox.take(), outbox.size, outbox.left()) == (None, 0, ())
