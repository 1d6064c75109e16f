"""A run of usual events is cut into the frames that reading it line by line gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.framers import SSE
from chat_core.codec.usual import Usual
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterable

LINES = st.sampled_from([
    b"data: {}", b"data: x", b"data:  y", b"data:{}", b"data:z", b"data: ", b"data", b"event: a", b"event: b", b"event",
    b"id: 1", b"id", b": hi", b"retry: 1", b"error: e", b" data: x", b"", b"\xff",
])  # fmt: skip
EVENTS = st.one_of(
    st.sampled_from([(b"data: {}",), (b"event: a", b"data: {}"), (b"event: b", b"data: x")]),
    st.lists(LINES, max_size=3).map(tuple),
)
BREAKS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """Draw events that are mostly alike, and line breaks that are mostly the same."""
    usual = draw(BREAKS)
    events = [event for event in draw(st.lists(EVENTS, max_size=8)) for _ in range(draw(st.integers(1, 4)))]
    broken = [draw(st.one_of(st.just(usual), st.just(usual), BREAKS)) for _ in events]
    lines = [line + ends for event, ends in zip(events, broken, strict=True) for line in (*event, b"")]
    whole = b"".join(lines)
    return whole[: len(whole) - draw(st.integers(0, 3))]


def run(pieces: Iterable[bytes], limit: int = 1000) -> tuple[list[Frame], str | None]:
    framer, frames = SSE(limit), list[Frame]()
    try:
        for piece in pieces:
            frames += framer.feed(piece)
        frames += framer.finish()
    except DecodeError as error:
        return frames, error.message
    return frames, None


def by_bytes(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


@given(streams(), st.integers(0, 200))
def test_a_run_is_cut_as_line_by_line(data: bytes, place: int) -> None:
    assert run([data]) == run([data[:place], data[place:]]) == run(by_bytes(data))


@pytest.mark.parametrize("gap", [b"\n\n", b"\r\n\r\n"])
def test_usual_events_are_cut_at_once(gap: bytes) -> None:
    usual = Usual()
    usual.find_gap(b"data: 1" + gap)
    assert usual.frames(b"data: 1" + gap + b"data: 2" + gap, None) == [Frame(b"1"), Frame(b"2")]


def test_an_event_whose_data_is_empty_is_no_frame() -> None:
    assert Usual().frames(b"data: 1\n\ndata: \n\ndata: 2\n\n", None) == [Frame(b"1"), Frame(b"2")]


def test_how_named_events_begin_is_learnt() -> None:
    usual = Usual()
    assert usual.frames(b"event: a\ndata: 1\n\n", None) is None
    usual.learn(b"event: a\ndata: 1\n\n")
    frames = [Frame(b"1", event="a", id="7"), Frame(b"2", event="a", id="7")]
    assert usual.frames(b"event: a\ndata: 1\n\nevent: a\ndata: 2\n\n", "7") == frames


@pytest.mark.parametrize(
    "odd", [b"data: 1\ndata: 2", b"event: b\ndata: 1", b": hi", b"data: 1\r", b"id: 1\ndata: x", b""]
)
def test_a_run_with_an_unusual_event_is_left_to_the_lines(odd: bytes) -> None:
    assert Usual().frames(b"data: 1\n\n" + odd + b"\n\ndata: 2\n\n", None) is None


def test_an_event_beyond_the_bound_is_refused_inside_of_a_run() -> None:
    frames, error = run([b"data: 1\n\n", b"data: 2\n\n" * 20 + b"data: " + b"x" * 60 + b"\n\n"], limit=50)
    assert frames == [Frame(b"1"), *[Frame(b"2")] * 20]
    assert error is not None


def test_a_run_longer_than_the_bound_of_an_event_is_none_itself() -> None:
    assert len(run([b"data: 1\n\n", b"data: 2\n\n" * 200], limit=50)[0]) == 201


@pytest.mark.parametrize("data", [b"\n", b"\n\n", b"\n\n\n", b"a\n\n", b"a\n\n\n\n", b"\n\n\n\n\n"])
def test_the_middle_is_the_end_of_an_event_before_the_last(data: bytes) -> None:
    usual = Usual()
    events = data[: data.rfind(usual.gap) + 2]
    middle = usual.middle(events) if len(events) > 1 else 0
    assert middle < max(len(events), 1)
    assert middle == 0 or events[:middle].endswith(usual.gap)
