"""How the bytes are cut never changes the frames, and no frame is longer than its bound."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat_core.codec.framers import NDJSON, SSE, JSONArray, Pieces, Whole
from chat_core.codec.wire import Frame, Framer
from chat_core.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Outcome: TypeAlias = "tuple[list[Frame], str | None]"
FRAMERS: tuple[Callable[..., Framer], ...] = (Whole, NDJSON, SSE, JSONArray)

each_framer = pytest.mark.parametrize("make", FRAMERS)


def run(framer: Framer, pieces: Iterable[bytes]) -> Outcome:
    """Feed the pieces; return the frames and what error ended them."""
    frames: list[Frame] = []
    try:
        for piece in pieces:
            frames += framer.feed(piece)
        frames += framer.finish()
    except DecodeError as error:
        return frames, error.message
    return frames, None


def frames_of(framer: Framer, data: bytes) -> list[Frame]:
    frames, error = run(framer, [data])
    assert error is None
    return frames


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    marks = [0, *sorted({min(place, len(data)) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(marks)]


def payloads(data: bytes) -> list[bytes | str]:
    return [frame.data for frame in frames_of(SSE(), data)]


# --- server-sent events ---

EVENTS: tuple[tuple[str, bytes, list[Frame]], ...] = (
    ("one event", b"data: {}\n\n", [Frame(b"{}")]),
    ("no space after the colon", b"data:{}\n\n", [Frame(b"{}")]),
    ("only one space is taken off", b"data:  x \n\n", [Frame(b" x ")]),
    ("carriage returns", b"event: e\rdata: x\r\r", [Frame(b"x", event="e")]),
    ("CRLF", b"event: e\r\ndata: x\r\n\r\n", [Frame(b"x", event="e")]),
    ("mixed line ends", b"data: 1\r\n\ndata: 2\r\r\ndata: 3\n\r", [Frame(b"1"), Frame(b"2"), Frame(b"3")]),
    ("several lines of data", b"data: a\ndata:\ndata: b\n\n", [Frame(b"a\n\nb")]),
    ("data without a colon", b"data\n\n", []),
    ("empty data", b"data:\n\ndata: x\n\n", [Frame(b"x")]),
    ("an event without data", b"event: ping\n\ndata: x\n\n", [Frame(b"x")]),
    ("comments", b": hi\n:\ndata: x\n: more\n\n:bye\n\n", [Frame(b"x")]),
    ("blank lines first", b"\n\r\n  \ndata: x\n\n", [Frame(b"x")]),
    ("many blank lines", b"data: x\n\n\n\n\ndata: y\n\n", [Frame(b"x"), Frame(b"y")]),
    ("an id stays", b"id: 1\ndata: x\n\ndata: y\n\nid\ndata: z\n\n",
     [Frame(b"x", id="1"), Frame(b"y", id="1"), Frame(b"z", id="")]),
    ("an event's name does not stay", b"event: e\ndata: x\n\ndata: y\n\n", [Frame(b"x", event="e"), Frame(b"y")]),
    ("retry and unknown fields", b"retry: 10\nsmell: x\ndata: x\n\n", [Frame(b"x")]),
    ("an error field", b'data: x\n\nerror: {"code": 1}\n\n', [Frame(b"x"), Frame(b'{"code": 1}', event="error")]),
    ("a byte-order mark", b"\xef\xbb\xbfdata: x\n\n", [Frame(b"x")]),
    ("a mark inside is text", b"data: \xef\xbb\xbf\n\n", [Frame(b"\xef\xbb\xbf")]),
    ("separators that are no line ends, between CRLF", "data: a\u2028b\x85c\u2029d\r\n\r\n".encode(),
     [Frame("a\u2028b\x85c\u2029d".encode())]),
    ("separators that are no line ends", "data: a\u2028b\x85c\u2029\x0b\x0c\x1c😀\n\n".encode(),
     [Frame("a\u2028b\x85c\u2029\x0b\x0c\x1c😀".encode())]),
    ("bytes that are no UTF-8", b"event: \xff\ndata: \xff\n\n", [Frame(b"\xff", event="\N{REPLACEMENT CHARACTER}")]),
    ("no blank line at the end", b"data: x\n\ndata: y\n", [Frame(b"x"), Frame(b"y", cut=True)]),
    ("no line end at the end", b"event: e\ndata: x\n\nevent: e\ndata: y",
     [Frame(b"x", event="e"), Frame(b"y", event="e", cut=True)]),
    ("an ended event without data at the end", b"event: e\n", []),
    ("nothing", b"", []),
    ("white space", b" \r\n\t\n", []),
    ("a JSON document", b' \n{"error": {"data: x": "\\n\\n"}}\n', [Frame(b'{"error": {"data: x": "\\n\\n"}}')]),
    ("a JSON array", b'[{"error": 1}]\n\n', [Frame(b'[{"error": 1}]')]),
    ("a marked JSON document", b'\xef\xbb\xbf{"error": 1}', [Frame(b'{"error": 1}')]),
    ("a page", b"<html>\n\ndata: x\n\n</html>", [Frame(b"<html>\n\ndata: x\n\n</html>")]),
)  # fmt: skip
each_stream = pytest.mark.parametrize(
    ("data", "expected"), [case[1:] for case in EVENTS], ids=[case[0] for case in EVENTS]
)


@each_stream
def test_events_are_what_the_specification_says(data: bytes, expected: list[Frame]) -> None:
    assert frames_of(SSE(), data) == expected


@each_stream
def test_events_are_the_same_at_every_cut(data: bytes, expected: list[Frame]) -> None:
    assert run(SSE(), [data[at : at + 1] for at in range(len(data))]) == (expected, None)
    for place in range(len(data) + 1):
        assert run(SSE(), [data[:place], b"", data[place:]]) == (expected, None)


def test_an_event_comes_with_the_bytes_that_complete_it() -> None:
    framer = SSE()
    assert framer.feed(b"data: x\n") == []
    assert framer.feed(b"\n") == [Frame(b"x")]
    assert framer.feed(b"data: y\r\n\r") == [Frame(b"y")]
    assert framer.feed(b"\ndata: z\n\n") == [Frame(b"z")]


def test_a_field_in_an_error_frame_does_not_end_the_event_around_it() -> None:
    assert payloads(b"data: a\nerror: b\ndata: c\n\n") == [b"b", b"a\nc"]


# --- newline-delimited JSON ---

LINES: tuple[tuple[bytes, list[Frame]], ...] = (
    (b'{"a":1}\n{"a":2}\n', [Frame(b'{"a":1}'), Frame(b'{"a":2}')]),
    (b'{"a":1}\r\n\r\n \n{"a":2}', [Frame(b'{"a":1}'), Frame(b'{"a":2}', cut=True)]),
    ('{"a":"\u2028\x85😀"}\n'.encode(), [Frame('{"a":"\u2028\x85😀"}'.encode())]),
    (b"", []),
    (b"\n\n", []),
)


@pytest.mark.parametrize(("data", "expected"), LINES)
def test_lines_are_frames_at_every_cut(data: bytes, expected: list[Frame]) -> None:
    for places in ([], range(len(data)), *([place] for place in range(len(data)))):
        assert run(NDJSON(), cut(data, places)) == (expected, None)


# --- arrays ---

ARRAYS: tuple[tuple[bytes, list[Frame]], ...] = (
    (b'[{"a":1},\r\n{"a":2}]', [Frame(b'{"a":1}'), Frame(b'{"a":2}')]),
    (b' [ {"a":[{}, [1, {"b": []}]]} ] ', [Frame(b'{"a":[{}, [1, {"b": []}]]}')]),
    (b'[{"a":"]}[{\\"]},\\\\"},{"b":"\\\\\\""}]', [Frame(b'{"a":"]}[{\\"]},\\\\"}'), Frame(b'{"b":"\\\\\\""}')]),
    ('[{"a":"\u2028😀"}]'.encode(), [Frame('{"a":"\u2028😀"}'.encode())]),
    (b'{"error":{"code":1}}\n', [Frame(b'{"error":{"code":1}}')]),
    (b'[{"a":1},{"a":', [Frame(b'{"a":1}'), Frame(b'{"a":', cut=True)]),
    (b'[{"a":1},{"a":"\\', [Frame(b'{"a":1}'), Frame(b'{"a":"\\', cut=True)]),
    (b"[]", []),
    (b"[", []),
    (b"", []),
    (b'[{}]\n[{"a":1}]', [Frame(b"{}"), Frame(b'{"a":1}')]),
)


@pytest.mark.parametrize(("data", "expected"), ARRAYS)
def test_objects_of_an_array_are_frames_at_every_cut(data: bytes, expected: list[Frame]) -> None:
    for places in ([], range(len(data)), *([place] for place in range(len(data)))):
        assert run(JSONArray(), cut(data, places)) == (expected, None)


@pytest.mark.parametrize(
    "data", [b"]", b"}", b"[[{}]]", b"[{}]]", b"[{}}", b"[1, {}]", b"[{} x {}]", b'["a"]', b"{} x", b"<html>"]
)
def test_broken_nesting_is_a_decode_error(data: bytes) -> None:
    _, error = run(JSONArray(), [data])
    assert error is not None
    assert "no JSON array" in error


@pytest.mark.parametrize("data", [b"busy", b"[{}", b"[nul"])
def test_text_outside_of_the_objects_is_never_lost(data: bytes) -> None:
    _, error = run(JSONArray(), [*cut(data, range(len(data))), b" now"])
    assert error is not None
    assert "outside" in error


def test_an_object_of_an_array_comes_with_its_last_byte() -> None:
    framer = JSONArray()
    assert framer.feed(b'[{"a":1') == []
    assert framer.feed(b"}") == [Frame(b'{"a":1}')]
    assert framer.feed(b',{"a":2}') == [Frame(b'{"a":2}')]


json_objects = st.dictionaries(
    st.text(max_size=4), st.recursive(st.none() | st.text('a"\\{}[]😀', max_size=6), st.lists, max_leaves=4), max_size=3
)


@given(st.lists(json_objects, max_size=4), st.lists(st.integers(0, 200), max_size=6), st.booleans())
def test_an_array_gives_its_objects_back(objects: list[dict[str, object]], places: list[int], escape: bool) -> None:
    data = json.dumps(objects, ensure_ascii=escape).encode()
    frames, error = run(JSONArray(), cut(data, places))
    assert error is None
    assert [json.loads(frame.data) for frame in frames] == objects


# --- whole bodies ---


def test_a_whole_body_is_one_frame() -> None:
    framer = Whole()
    assert framer.feed(b' {"a"') == framer.feed(b":1} \n") == []
    assert framer.finish() == [Frame(b'{"a":1}')]
    assert frames_of(Whole(), b" \n") == frames_of(Whole(), b"") == []


# --- all of them ---

wire_bytes = st.binary(max_size=40) | st.lists(
    st.sampled_from(
        [b"data", b": ", b":", b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"\xef", b"event:e", b"id:1", b"error:x", b"{",
         b"}", b"[", b"]", b'"', b"\\", b",", b" ", b"<", "é".encode(), b"\xff", b"\x00"]
    ),
    max_size=16,
).map(b"".join)  # fmt: skip


@each_framer
@given(data=wire_bytes, places=st.lists(st.integers(0, 60), max_size=8))
@example(data=b"\r\n\r\ndata:a\r\n\r\n", places=[1, 3])
@example(data=b"\xef\xbb\xbf\xef\xbb\xbfdata:a\n\n", places=[1, 2, 4])
def test_any_bytes_give_the_same_frames_at_any_cut(make: Callable[..., Framer], data: bytes, places: list[int]) -> None:
    assert run(make(), cut(data, places)) == run(make(), [data])


@st.composite
def near_the_bound(draw: st.DrawFn) -> bytes:
    """Draw a stream of any of the framers, whose frames have about the length of the bound."""
    pieces = [
        draw(st.sampled_from([b"data: ", b"data:", b": ", b"event: e\ndata: ", b"id:", b" ", b'{"', b"[{", b"", b","]))
        + b"x" * draw(st.integers(0, 9))
        + draw(st.sampled_from([b"\n\n", b"\n\n", b"\r\n\r\n", b"\n", b"\r", b'"}', b"]", b""]))
        for _ in range(draw(st.integers(0, 8)))
    ]
    return b"".join(pieces)


def test_a_framer_that_has_failed_at_the_end_goes_on_failing() -> None:
    framer = SSE(12)
    assert framer.feed(b"data:" + b"c" * 13) == []
    for go_on in (framer.finish, framer.finish, lambda: framer.feed(b"data: x\n\n")):
        with pytest.raises(DecodeError, match="longer than the limit"):
            go_on()


@each_framer
@given(data=near_the_bound(), limit=st.integers(1, 12), places=st.lists(st.integers(0, 60), max_size=8))
@example(data=b"data: x\n\ndata: x\n\n", limit=5, places=[3])
@example(data=b"data: xxxxx\n\ndata:xxxxxx\n\n", limit=5, places=[11, 24])
@example(data=b"\n\n\n\n\n\n{}", limit=3, places=[6])
def test_whether_a_frame_is_too_long_does_not_depend_on_the_cut(
    make: Callable[..., Framer], data: bytes, limit: int, places: list[int]
) -> None:
    whole = run(make(limit), [data])
    assert run(make(limit), cut(data, places)) == run(make(limit), cut(data, range(len(data)))) == whole
    assert all(len(frame.data) <= limit for frame in whole[0])


@pytest.mark.parametrize(("make", "head", "end"), [(SSE, b"data: ", b"\n\n"), (SSE, b"data:", b"\r\r"),
    (NDJSON, b"", b"\n"), (JSONArray, b'[{"', b'"}]'), (Whole, b"", b"")])  # fmt: skip
def test_a_frame_of_the_length_of_the_bound_is_the_longest_one(
    make: Callable[..., Framer], head: bytes, end: bytes
) -> None:
    beside = 4 if make is JSONArray else 0  # the brackets and quotes of the object
    frames, error = run(make(100), [head + b"x" * (100 - beside) + end])
    assert ([len(frame.data) for frame in frames], error) == ([100], None)
    frames, error = run(make(100), [head + b"x" * (101 - beside) + end])
    assert frames == []
    assert error is not None


@pytest.mark.parametrize(("make", "small"), [(SSE, b"data: {}\n\n"), (NDJSON, b"{}\n"), (JSONArray, b"{},")])
def test_a_first_read_may_be_longer_than_the_bound(make: Callable[..., Framer], small: bytes) -> None:
    assert run(make(10), [small * 50]) == ([Frame(b"{}")] * 50, None)


@pytest.mark.parametrize(
    ("make", "data"), [(SSE, b"data: x\n\ndata: " + b"y" * 99), (NDJSON, b"x\n" + b"y" * 99), (JSONArray, b"[{}x")]
)
def test_frames_before_a_failure_come_out_and_then_it_is_raised_again_and_again(
    make: Callable[..., Framer], data: bytes
) -> None:
    framer = make(10)
    assert len(framer.feed(data)) == 1
    for _ in range(2):
        with pytest.raises(DecodeError):
            framer.feed(b"\n")
    with pytest.raises(DecodeError):
        framer.finish()


@each_framer
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_a_frame_beyond_the_bound_is_a_decode_error(make: Callable[..., Framer], piece: int) -> None:
    data = b'{"data": "' + b"x" * 200 + b'"}'
    frames, error = run(make(limit=100), [data[at : at + piece] for at in range(0, len(data), piece)])
    assert frames == []
    assert error is not None
    assert "limit of 100 bytes" in error


@pytest.mark.parametrize(
    "data", [b"data: " + b"x" * 200, b"data: " + b"x" * 9 + b"\n", b"x" * 150, b": " + b"x" * 150, b"data:\n" * 10]
)
def test_an_event_beyond_the_bound_is_a_decode_error(data: bytes) -> None:
    _, error = run(SSE(limit=100), [data] * 20)
    assert error is not None
    assert "limit of 100 bytes" in error


def test_small_events_never_reach_the_bound() -> None:
    frames, error = run(SSE(limit=100), [b": ping\ndata: " + b"x" * 50 + b"\n\n"] * 50)
    assert (len(frames), error) == (50, None)
    frames, error = run(NDJSON(limit=100), [b"x" * 50 + b"\n"] * 50)
    assert (len(frames), error) == (50, None)
    frames, error = run(JSONArray(limit=100), [b"[", *[b'{"a":"' + b"x" * 50 + b'"},'] * 50, b"]"])
    assert (len(frames), error) == (50, None)


# --- cost ---

LONG: tuple[tuple[str, Callable[..., Framer], bytes, bytes, bytes], ...] = (
    ("one line of an event", SSE, b"data: ", b"x" * 50, b"\n\n"),
    ("many lines of an event", SSE, b"data: x\n", b"data: " + b"x" * 40 + b"\r\n", b"\n"),
    ("blank lines before an event", SSE, b"", b"\n", b"data: x\n\n"),
    ("a document in place of events", SSE, b'{"a": "', b"x" * 50, b'"}'),
    ("a line", NDJSON, b'{"a": "', b"x" * 50, b'"}\n'),
    ("an object", JSONArray, b'[{"a": ["', b'\\"' + b"x" * 48, b'"]}]'),
    ("nested objects", JSONArray, b'[{"a": [{}', b',{"b": []}', b"]}]"),
    ("a whole body", Whole, b"", b"x" * 50, b""),
)


def seconds(make: Callable[..., Framer], pieces: list[bytes]) -> float:
    """Return the least time of some runs."""
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        frames, error = run(make(), pieces)
        times.append(time.process_time() - start)
        assert (len(frames), error) == (1, None)
    return min(times)


@pytest.mark.parametrize(("make", "head", "piece", "end"), [case[1:] for case in LONG], ids=[case[0] for case in LONG])
def test_a_long_frame_in_many_pieces_costs_its_length(
    make: Callable[..., Framer], head: bytes, piece: bytes, end: bytes
) -> None:
    """Four times the pieces would be sixteen times the work if each feed looked at all that came before."""
    quarter, whole = (seconds(make, [head, *[piece] * count, end]) for count in (5_000, 20_000))
    assert whole < 10 * quarter + 0.05


def test_pieces_are_handed_on_as_they_come() -> None:
    pieces = Pieces()
    fed = [pieces.feed(data) for data in (b" \r\n", b"", b"\x00\xff")]
    assert fed == [[Frame(b" \r\n")], [], [Frame(b"\x00\xff")]]
    assert pieces.finish() == []
