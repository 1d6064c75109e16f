"""Events are small values; the union names all of them."""

from __future__ import annotations

from typing import get_args

from chat_core import events
from chat_core.events import Delta, Event, MediaDelta, PartStart, TextDelta
from chat_core.parts import Text


def test_the_union_holds_every_event() -> None:
    classes = {kind for kind in vars(events).values() if isinstance(kind, type) and kind.__module__ == events.__name__}
    assert set(get_args(Event)) == classes
    assert set(get_args(Delta)) < classes


def test_deltas_belong_to_the_first_answer_unless_said_otherwise() -> None:
    assert TextDelta(0, "a").choice == 0
    assert TextDelta(0, "a") != TextDelta(0, "a", choice=1)
    assert PartStart(1, Text("")).index == 1


def test_events_carry_no_dict_of_their_own() -> None:
    assert not hasattr(TextDelta(0, "a"), "__dict__")


def test_bytes_of_media_stay_out_of_repr() -> None:
    assert "sealed" not in repr(MediaDelta(0, b"sealed"))
