"""What is taken without parsing, because the event before it was alike, is what parsing it gives: on every wire."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.shapes import SHAPES
from chat_core.codec.alike import Alike
from chat_core.codec.decoder import FrameDecoder
from chat_core.codec.framers import NDJSON, SSE
from chat_core.codec.wire import Frame
from chat_core.errors import ChatError
from chat_core.messages import user
from chat_core.request import Request
from chat_core.setup import Arguments, set_up

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat_core.codec.provider import Provider

PROVIDERS: dict[str, Provider] = {
    wire: set_up(Arguments(model=f"{name}:m", api_key="k")).provider
    for wire, name in {
        "chat": "openai-chat",
        "chat-call": "openai-chat",
        "responses": "openai",
        "messages": "claude",
        "messages-call": "claude",
        "gemini": "gemini",
        "ollama": "ollama",
    }.items()
}
each_wire = pytest.mark.parametrize("wire", PROVIDERS)


def framed(wire: str, events: Sequence[bytes]) -> list[Frame]:
    framer = NDJSON() if wire == "ollama" else SSE()
    return [frame for event in events for frame in framer.feed(event)]


def opening(wire: str) -> list[Frame]:
    return framed(wire, SHAPES[wire].opening)


def closing(wire: str) -> list[Frame]:
    return framed(wire, [event % {b"text": b""} for event in SHAPES[wire].closing])


def delta(wire: str, text: bytes, number: int = 7, padding: bytes = b"xY") -> Frame:
    told = {b"text": text, b"number": b"%d" % number, b"moment": b"%09d" % number, b"padding": padding}
    return framed(wire, [SHAPES[wire].delta % told])[0]


def decoder(wire: str, *, alike: bool) -> FrameDecoder:
    made = PROVIDERS[wire].decoder(Request(model="m", messages=(user("Hi"),)))
    assert isinstance(made, FrameDecoder)
    if not alike:
        made.alike = Alike()
    return made


def read(made: FrameDecoder, parts: Sequence[Sequence[Frame]]) -> list[object]:
    """Return the events of frames that come in parts, what they failed with, and what is known after each part."""
    seen: list[object] = []
    try:
        for part in parts:
            for event in made.feed(part):
                seen.append(event)  # noqa: PERF402 - what comes before a failure is kept
            seen.append((repr(made.build.raw), made.build.partial()))
        seen.extend(made.finish())
    except ChatError as error:
        seen.append(f"{type(error).__name__}: {error} {error.partial}")
    return seen


@each_wire
def test_of_a_stream_whose_events_are_alike_few_are_parsed(wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, parsed = decoder(wire, alike=True), list[Frame]()
    usual = type(made).on_frame

    def counting(self: FrameDecoder, frame: Frame) -> None:
        parsed.append(frame)
        usual(self, frame)

    monkeypatch.setattr(type(made), "on_frame", counting)
    said = [delta(wire, b" w%d" % number, number, b"x" * (number % 5)) for number in range(100)]
    read(made, [[*opening(wire), *said]])
    most = 8 if not wire.endswith("-call") or wire == "messages-call" else 101
    assert len(parsed) <= len(opening(wire)) + most


def twice(data: bytes) -> bytes:
    """Put a member before all that its own repetition replaces; its value is out of range."""
    return b'{"%b":1e999,' % data.split(b'"')[1] + data[1:]


ODD: list[Callable[[bytes], bytes]] = [
    lambda data: data,
    twice,
    lambda data: data.replace(b",", b" ,", 1),
    lambda data: data.replace(b",", b",\n", 1),
    lambda data: data[:-1] + b',"more":1}',
    lambda data: data[:-1],
    lambda data: data + b"\n" + data,
    lambda data: data + b"\n",
    lambda data: data.replace(b"0", b"00", 1),
    lambda data: data.replace(b":7", b":-7").replace(b":8", b":7.5"),
    lambda data: data.replace(b"xY", rb"\u0078"),
]
TEXTS = st.one_of(
    st.just(b"a"),
    st.sampled_from([b" b", rb"\n", rb"\"", rb"\\", b"", rb"\ud83d", rb"\udc69", "é".encode()]),
    st.sampled_from([b"\xff", rb"\x", b"\xed\xa0\xbd", b"\\\\\\"]),
)
NUMBERS, PADDINGS = st.sampled_from([7, 7, 8, 10**15]), st.sampled_from([b"xY", b"xY", b"", b"z"])


@st.composite
def runs(draw: st.DrawFn, wire: str) -> list[Frame]:
    """Draw frames, of which several in a row are odd in the same way."""
    frames: list[Frame] = []
    for _ in range(draw(st.integers(1, 5))):
        odd = draw(st.sampled_from(ODD))
        for _ in range(draw(st.integers(1, 12))):
            frame = delta(wire, draw(TEXTS), draw(NUMBERS), draw(PADDINGS))
            assert isinstance(frame.data, bytes)
            frames.append(Frame(odd(frame.data), event=frame.event))
    return frames


@each_wire
@given(data=st.data(), cuts=st.lists(st.integers(1, 60), max_size=4))
def test_nothing_changes(wire: str, data: st.DataObject, cuts: list[int]) -> None:
    frames = [*opening(wire), delta(wire, b"a"), *data.draw(runs(wire)), *closing(wire)]
    marks = [0, *sorted(cuts), len(frames)]
    parts = [frames[start:end] for start, end in pairwise(marks)]
    assert read(decoder(wire, alike=True), parts) == read(decoder(wire, alike=False), parts)


@each_wire
@pytest.mark.parametrize("text", [b"b", rb"\ud83d"])
def test_a_number_out_of_range_that_a_later_member_replaces_changes_nothing(wire: str, text: bytes) -> None:
    frames = [delta(wire, each) for each in (b"a", b"a", text, b"a")]
    odd = [Frame(twice(frame.data), event=frame.event) for frame in frames if isinstance(frame.data, bytes)]
    parts = [opening(wire), frames, odd, frames]
    assert read(decoder(wire, alike=True), parts) == read(decoder(wire, alike=False), parts)
