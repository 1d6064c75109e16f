"""The value of a document that is still arriving: what its text surely says, however it was cut, in linear time."""

from __future__ import annotations

import gc
import json
import math
import re
import time
from copy import deepcopy
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import strategies
from hypothesis import example, given
from hypothesis import strategies as st

from chat_core.codec.jsontext import STEADY
from chat_core.codec.partial import PartialJSON
from chat_core.errors import DecodeError
from chat_core.jsonvalue import MAX_DEPTH, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chat_core.jsonvalue import JSON


def spellings(value: JSON) -> st.SearchStrategy[str]:
    """Spell a value in several ways: escaped or not, with and without white space."""
    return st.builds(
        json.dumps, st.just(value), ensure_ascii=st.booleans(), indent=st.sampled_from([None, 2, "\t", " \r\n"])
    )


texts = strategies.json_values().flatmap(spellings)
cuts = st.lists(st.integers(0, 200), max_size=12)
awkward = st.text('[]{}",:0123456789eE+-. truefalsn\\u\ud83d/bD', max_size=30)


def pieces(text: str, places: Iterable[int]) -> list[str]:
    at = sorted({0, len(text), *(place for place in places if place < len(text))})
    return [text[start:end] for start, end in pairwise(at)]


def feed(document: PartialJSON, text: str, size: int) -> None:
    for piece in pieces(text, range(0, len(text), size)):
        document.feed(piece)


def read(text: str, places: Iterable[int] = ()) -> JSON:
    document = PartialJSON()
    for piece in pieces(text, places):
        document.feed(piece)
    return document.finish()


def so_far(text: str) -> JSON:
    document = PartialJSON()
    document.feed(text)
    return document.value


def grew(old: JSON, new: JSON) -> bool:
    """Tell whether `old` is a beginning of `new`."""
    match old, new:
        case str(), str():
            return new.startswith(old)
        case list(), list():
            return len(old) <= len(new) and all(map(grew, old, new))
        case dict(), dict():
            return [*new][: len(old)] == [*old] and all(grew(value, new[key]) for key, value in old.items())
        case _:
            return old == new and type(old) is type(new)


@given(texts, cuts)
@example('"\\ud83d\\ude00"', [1, 2, 7, 8, 12])
@example('"\\ud83d\\u0041"', [7, 8])
@example('{"a": -0, "b": 1E5, "c": 1e-7}', [6, 7, 15, 16, 17])
@example(" 12 ", [2])
def test_any_cuts_give_the_value_that_the_parser_gives(text: str, places: list[int]) -> None:
    value = read(text, places)
    assert value == parse(text)
    assert repr(value) == repr(parse(text))  # 1 is not 1.0 and not True, and keys keep their order


@given(texts)
def test_every_value_so_far_is_a_beginning_of_the_next_one(text: str) -> None:
    document = PartialJSON()
    shown: JSON = None
    for character in text:
        changed = document.feed(character)
        if changed:
            assert shown is None or grew(shown, document.value)
            shown = deepcopy(document.value)
        assert document.value == shown
    final = document.finish()
    assert shown is None or grew(shown, final)


@given(texts, cuts)
def test_the_value_so_far_depends_on_the_text_alone(text: str, places: list[int]) -> None:
    document, taken = PartialJSON(), ""
    for piece in pieces(text, places):
        document.feed(piece)
        taken += piece
        assert document.value == so_far(taken)


SURE: list[tuple[str, JSON]] = [
    ("", None),
    (" ", None),
    ("12", None),
    ("12 ", 12),
    ("tru", None),
    ("true", True),
    ('"', ""),
    ('"ab', "ab"),
    ('"a\\', "a"),
    ('"a\\u00e', "a"),
    ('"a\\ud83d', "a"),
    ('"a\\ud83d\\u', "a"),
    ('"a\\ud83dx', "a\ud83dx"),
    ("[", []),
    ("[1", []),
    ("[1,", [1]),
    ("[1, nul", [1]),
    ("[1, null", [1, None]),
    ("[[", [[]]),
    ('{"a', {}),
    ('{"a"', {}),
    ('{"a":', {}),
    ('{"a": 1', {}),
    ('{"a": "', {"a": ""}),
    ('{"a": {"b": [tr', {"a": {"b": []}}),
    ('{"a": 1, "a": "x', {"a": "x"}),
]


@pytest.mark.parametrize(("text", "value"), SURE)
def test_only_what_is_sure_is_shown(text: str, value: JSON) -> None:
    assert so_far(text) == value


@given(awkward, cuts)
@example('{"a":1,}', [])
@example("[1,]", [])
@example("01", [])
@example('"\\x"', [2])
@example("-", [])
@example('"a\nb"', [])
@example("1e999", [])
@example('{"a":1}x', [])
@example("NaN", [])
@example("1" * 5000, [])
def test_what_the_parser_refuses_is_refused(text: str, places: list[int]) -> None:
    try:
        expected = repr(parse(text))
    except DecodeError:
        with pytest.raises(DecodeError):
            read(text, places)
    else:
        assert repr(read(text, places)) == expected


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ('{"a": 1, b', 9, {"a": 1}),
        ('{"a": [1, 2}', 11, {"a": [1, 2]}),
        ('["abc\n', 5, ["abc"]),
        ('["abc\\q', 5, ["abc"]),
        ("[1, 2.x", 6, [1]),
        ("[1, nulx", 7, [1]),
        ('{"a" 1', 5, {}),
        ("[] []", 3, []),
        ("[1e999]", 6, []),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_fault_is_told_with_its_place_and_the_value_stays(text: str, place: int, value: JSON, size: int) -> None:
    document = PartialJSON()
    with pytest.raises(DecodeError, match=re.escape(f"at character {place} ")) as caught:
        feed(document, text, size)
    assert document.value == value
    for again in (lambda: document.feed("1"), document.finish):
        with pytest.raises(DecodeError) as repeated:
            again()
        assert repeated.value is caught.value


@pytest.mark.parametrize("text", ["", "[", '{"a": 1', '"a', "-", "1.", "nul", '"\\u12'])
def test_a_document_that_is_cut_off_is_no_document(text: str) -> None:
    document = PartialJSON()
    document.feed(text)
    assert not document.complete
    with pytest.raises(DecodeError, match="too early"):
        document.finish()


def test_a_document_is_complete_at_its_last_character() -> None:
    document = PartialJSON()
    seen: list[bool] = []
    for character in ' {"a": [1]} ':
        document.feed(character)
        seen.append(document.complete)
    assert seen == [False] * 10 + [True] * 2
    assert document.end == 11


def test_what_follows_is_left_unread_where_that_is_asked_for() -> None:
    document = PartialJSON(alone=False)
    document.feed('{"a": 1} and more {')
    document.feed("]]")
    assert document.finish() == {"a": 1}
    assert document.end == 8


def test_feed_tells_whether_the_value_changed() -> None:
    document = PartialJSON()
    changed = [document.feed(piece) for piece in ("{", ' "a"', ":", ' "', "x", "", '"', ", ", '"b": 1', "2", "}")]
    assert changed == [True, False, False, True, True, False, False, False, False, False, True]


def test_containers_grow_in_place() -> None:
    document = PartialJSON()
    document.feed('{"a": [1,')
    first = document.value
    document.feed(" 2]}")
    assert document.value is first
    assert first == {"a": [1, 2]}


def test_nesting_is_bounded() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH) == parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    with pytest.raises(DecodeError, match="levels deep"):
        so_far("[" * (MAX_DEPTH + 1))


@pytest.mark.parametrize("size", [STEADY, STEADY + 1, 3 * STEADY + 7, 40 * STEADY])
def test_a_long_string_lags_by_a_64th_at_most_until_it_closes(size: int) -> None:
    shown = so_far('["' + "x" * size)
    assert isinstance(shown, list)
    (text,) = shown
    assert isinstance(text, str)
    assert size - size // 64 <= len(text) <= size
    assert so_far('["' + "x" * size + '"') == ["x" * size]


def seconds(text: str, count: int) -> float:
    """Measure the processor time of reading a text in `count` pieces, with a look at the value after each."""
    step = len(text) // count
    parts = [text[at : at + step] for at in range(0, len(text), step)]
    gc.disable()
    try:
        document = PartialJSON()
        start = time.process_time()
        for part in parts:
            document.feed(part)
            _ = document.value
        document.finish()
        return time.process_time() - start
    finally:
        gc.enable()


def one_string(size: int) -> str:
    return json.dumps({"text": "x" * size})


def escapes(size: int) -> str:
    return json.dumps({"text": '\n"é😀' * (size // 22)})


def arguments(size: int) -> str:
    return json.dumps({"items": [{"id": n, "name": f"n {n}", "ok": True, "x": [1.5, None]} for n in range(size // 62)]})


@pytest.mark.endurance
@pytest.mark.parametrize("make", [one_string, escapes, arguments])
@pytest.mark.parametrize("count", [20_000, 100_000])
def test_the_work_is_linear_in_the_text(make: Callable[[int], str], count: int) -> None:
    small, large = make(250_000), make(1_000_000)
    measured = ((seconds(small, count // 4), seconds(large, count)) for _ in range(8))  # the machine has other work
    assert any(slow < 3 and math.log(slow / quick, 4) < 1.15 for quick, slow in measured)
