"""What is taken without parsing is what parsing would have given, and nothing is taken that is in doubt."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.alike import MOST, PATIENCE, Alike
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.wire import Frame
from chat_core.errors import ChatError, DecodeError
from chat_core.events import Event, TextDelta

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.codec.alike import Say
    from chat_core.jsonvalue import JSONObject


class Toy(FrameDecoder):
    """A wire of texts beside a number and a word that say nothing; anything else is noted."""

    def __init__(self, alike: Alike) -> None:
        super().__init__("toy@host/toy", alike)
        self.parsed = 0
        self.build.text(0, "-")

    def on_frame(self, frame: Frame) -> None:
        self.parsed += 1
        data = frame_object(frame, self.direct, self.alike)
        if data is not None:
            self.build.note({"seen": [json.dumps(data)]})

    def direct(self, data: JSONObject) -> Say | None:
        match data:
            case {"text": str(text), "n": int(), "pad": str(), "a": {"b": [1]}} if text and len(data) == 4:
                self.build.raw = data
                self.build.text(0, text)
                return self.build.saying(0)
            case _:
                return None


def knowing() -> Alike:
    return Alike(("text",), ("n", "pad"))


def frame(text: str, n: int = 1, pad: str = "p", *, event: str | None = None) -> Frame:
    return Frame(json.dumps({"a": {"b": [1]}, "n": n, "text": text, "pad": pad}).encode(), event=event)


def spelled_as(text: str) -> Frame:
    """Return a frame whose text is spelled in JSON already."""
    return Frame(b'{"a": {"b": [1]}, "n": 1, "text": %b, "pad": "p"}' % text.encode())


def read(alike: Alike, frames: Sequence[Frame]) -> tuple[list[Event], object, str | None, int]:
    """Return the events of frames that came together, the last payload, the failure, and how many were parsed."""
    decoder, events, failure = Toy(alike), list[Event](), None
    try:
        for event in decoder.feed(frames):
            events.append(event)
    except ChatError as error:
        failure = f"{type(error).__name__}: {error} {error.partial}"
    return events, decoder.build.raw, failure, decoder.parsed


def texts(events: Sequence[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, TextDelta)][1:]


def test_of_frames_that_differ_in_their_text_the_first_is_parsed() -> None:
    events, raw, _, parsed = read(knowing(), [frame(text) for text in "abcdef"])
    assert texts(events) == list("abcdef")
    assert parsed == 1
    assert raw == json.loads(frame("f").data)


def test_what_the_wire_does_not_read_may_differ_too() -> None:
    frames = [frame("x", n=number, pad="p" * number) for number in range(20)]
    *_, parsed = read(knowing(), frames)
    assert parsed == 2


@pytest.mark.parametrize("text", ['"', "\\", "\n", "é", "\u2028", "👩", "a\\u0041", "{", '","text":"'])
def test_a_text_is_read_as_the_parser_reads_it(text: str) -> None:
    spelled = [spelled_as(json.dumps(text, ensure_ascii=only)) for only in (False, True)]
    events, _, failure, parsed = read(knowing(), [frame("a"), *spelled, frame("b")])
    assert failure is None
    assert texts(events) == ["a", text, text, "b"]
    assert parsed == 1


@pytest.mark.parametrize(
    "payload",
    [
        frame("").data,
        frame("a", n=-1).data,
        frame("a", n=10**20).data,
        b'{"a": {"b": [1]}, "n": 1e999, "text": "x", "pad": "p"}',
        b'{"a": {"b": [1]}, "n": 1, "text": "a\tb", "pad": "p"}',
        b'{"a": {"b": [1]}, "n": 1, "text": "\xff", "pad": "p"}',
        b'{"a": {"b": [1]}, "n": 1, "text": "\\x", "pad": "p"}',
        b'{"a": {"b": [1]}, "n": 1, "text": "\\ud83d", "pad": "p"}',
        b'{"a": {"b": [1]}, "n": 1, "text": "x", "pad": "p", "more": 1}',
        b'{"a": {"b": [1]}, "n": 1, "text": "x", "pad": "p"',
        b'{"a": {"b": [2]}, "n": 1, "text": "x", "pad": "p"}',
        b'{"a": {"b": [1]}, "n": 01, "text": "x", "pad": "p"}',
        b'{"a": {"b": [1]}, "n": 1, "text": "x", "pad": "p"]',
        b'{"a": {"b": [1]}, "n": 1, "text": "x" , "pad":"p"}',
        b'{"a": {"b": [1]}, "n": 1, "text": 5, "pad": "p"}',
        b"",
    ],
)
@pytest.mark.parametrize(("around", "step"), [(1, 0), (20, 0), (20, 1)])
def test_what_is_in_doubt_is_parsed(payload: bytes, around: int, step: int) -> None:
    before, after = ([frame(text, n=1 + number * step) for number in range(around)] for text in "ab")
    frames = [*before, Frame(payload), *after]
    assert read(knowing(), frames)[:3] == read(Alike(), frames)[:3]


def test_after_another_frame_the_like_is_learnt_anew() -> None:
    *_, parsed = read(knowing(), [frame("a"), frame("b"), Frame(b"{}"), frame("c"), frame("d")])
    assert parsed == 3


def test_a_frame_of_another_name_is_parsed() -> None:
    *_, parsed = read(knowing(), [frame("a", event="x"), frame("b", event="x"), frame("c", event="error")])
    assert parsed == 2


def test_a_payload_with_two_texts_is_never_learnt() -> None:
    alike = knowing()
    alike.learn(Frame(b'{"text":"a","in":{"text":"b"}}'), lambda _: None)
    assert alike.take([Frame(b'{"text":"a","in":{"text":"b"}}')], 0) == 0


@pytest.mark.parametrize(("values", "taken"), [(MOST - 1, 1), (MOST, 0)])
def test_a_payload_with_many_values_that_differ_is_never_learnt(values: int, taken: int) -> None:
    alike = knowing()
    frames = [Frame(b'{%b"text":"a"}' % (b'"n":%d,' % number * values)) for number in (1, 2)]
    for each in frames:
        alike.learn(each, lambda _: None)
    assert alike.take(frames, 1) == taken


@pytest.mark.parametrize("other", [rb'"pad":"{\"text\":\"q\""', rb'"in":{"t\u0065xt":"q"}', rb'"t\u0065xt":"q"'])
def test_a_payload_with_escapes_beside_its_text_is_never_learnt(other: bytes) -> None:
    alike = knowing()
    alike.learn(Frame(b'{%b,"text":"a"}' % other), lambda _: None)
    assert alike.take([Frame(b'{%b,"text":"b"}' % other)], 0) == 0


def test_what_is_built_can_be_looked_at_again_and_again() -> None:
    decoder = Toy(knowing())
    list(decoder.feed([frame("a"), frame("b")]))
    assert decoder.build.raw == decoder.build.raw == json.loads(frame("b").data)
    assert decoder.build.unread == frame("b").data


def test_after_payloads_of_which_none_are_alike_nothing_is_learnt() -> None:
    alike = knowing()
    for number in range(PATIENCE + 2):
        alike.learn(Frame(b'{"other":%d,"text":"a"}' % number), lambda _: None)
    assert alike.take([Frame(b'{"other":%d,"text":"a"}' % (PATIENCE + 1))], 0) == 0


def test_a_member_behind_the_text_does_not_make_up_for_a_payload_of_another_form() -> None:
    more = Frame(b'{"a": {"b": [1]}, "n": 1, "text": "x", "m": "y", "pad": "p"}')
    frames = [frame("a"), more, *[Frame(b"{}")] * 4, *[frame("b")] * 4]
    assert read(knowing(), frames)[:3] == read(Alike(), frames)[:3]


def test_half_a_character_waits_for_the_other_half() -> None:
    frames = [frame("a"), spelled_as(r'"\ud83d"'), spelled_as(r'"\udc69"'), frame("b")]
    assert texts(read(knowing(), frames)[0]) == ["a", "👩", "b"]
    assert read(knowing(), frames)[:3] == read(Alike(), frames)[:3]


@pytest.mark.parametrize(
    "spelled",
    [r'"\n"', '"é"', r'"\""', r'"\\"', r'"\x"', r'"a\"', '"\t"', r'"\u00e9\ud83d"', '"","', '"a","b"', '""', r'"a\","'],
)
@pytest.mark.parametrize("place", [0, 7, 15])
def test_texts_that_come_together_are_read_as_each_alone(spelled: str, place: int) -> None:
    said = [frame("a"), *[frame("b")] * place, spelled_as(spelled), *[frame("c")] * (15 - place), spelled_as(r'"d\n"')]
    assert read(Alike(("text",)), said)[:3] == read(Alike(), said)[:3]


SOME = st.sampled_from(["a", "b c", "", '"', "\\", "\n", "é", "\ud83d", "\udc69", "\u2028"])
FRAMES = st.lists(
    st.one_of(
        st.builds(frame, SOME, st.sampled_from([1, 1, 2, 10**15, -1]), st.sampled_from(["p", "q", "é", ""])),
        st.sampled_from([Frame(b"{}"), Frame(b"[]"), Frame(b"{"), Frame(b""), frame("x", event="y")]),
        st.builds(frame, st.just("a")),
    ),
    max_size=30,
)


@given(FRAMES, st.lists(st.integers(1, 30), max_size=4))
def test_nothing_changes(frames: list[Frame], cuts: list[int]) -> None:
    marks = [0, *sorted(cuts), len(frames)]
    parts = [frames[start:end] for start, end in pairwise(marks)]
    ours, theirs = Toy(knowing()), Toy(Alike())
    for part in parts:
        outcomes = [outcome(decoder, part) for decoder in (ours, theirs)]
        assert outcomes[0] == outcomes[1]
        assert ours.build.raw == theirs.build.raw
        assert ours.build.partial() == theirs.build.partial()


def outcome(decoder: Toy, frames: list[Frame]) -> list[Event | str]:
    events: list[Event | str] = []
    try:
        for event in decoder.feed(frames):
            events.append(event)  # noqa: PERF402 - what comes before a failure is kept
    except DecodeError as error:
        events.append(f"{error} {error.partial}")
    return events
