"""What a model writes is read as text, thoughts and calls, however it was cut."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_local.formats import FORMATS
from chat_local.literals import Call
from chat_local.pieces import Thought, Words
from chat_local.regions import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.jsonvalue import JSONObject
    from chat_local.pieces import Read

SCHEMAS: Mapping[str, JSONObject] = {
    "add": {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}, "s": {"type": "string"}}},
    "f": {"properties": {"x": {"type": "number"}}},
}
CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("formats.json").read_text(encoding="utf-8"))
each_case = pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])


def read(form: str, tail: str, pieces: Iterable[str]) -> list[Read]:
    reading = reader(form, tail, SCHEMAS)
    return joined([*(found for piece in pieces for found in reading.feed(piece)), *reading.finish()])


def joined(pieces: Iterable[Read]) -> list[Read]:
    out: list[Read] = []
    for piece in pieces:
        match out[-1:], piece:
            case [Words(before)], Words(more):
                out[-1] = Words(before + more)
            case [Thought(before)], Thought(more):
                out[-1] = Thought(before + more)
            case _:
                out.append(piece)
    return out


def cut(text: str, size: int) -> Iterator[str]:
    yield from (text[at : at + size] for at in range(0, len(text), size))


def expected(case: dict[str, Any]) -> list[Read]:
    return [
        Words(told["text"])
        if "text" in told
        else Thought(told["thought"])
        if "thought" in told
        else Call(told["call"], told["arguments"], told.get("id"))
        for told in case["read"]
    ]


@each_case
def test_a_format_is_read_at_every_cut(case: dict[str, Any]) -> None:
    form, tail, text = case["format"], case["tail"], case["text"]
    assert read(form, tail, [text]) == expected(case)
    for size in (1, 2, 3, 5, 7, 11):
        assert read(form, tail, cut(text, size)) == expected(case)


def test_every_format_has_a_case() -> None:
    assert {case["format"] for case in CASES} == set(FORMATS)


MARKS = sorted({mark for row in FORMATS.values() for region in row.regions for mark in (region.open, *region.close)})
BITS = [*MARKS, "<|message|>", "<|end|>", '{"name": "add"', "}", "\n", " ", "<"]
written = st.lists(st.one_of(st.sampled_from(BITS), st.text(max_size=4)), max_size=12)


@settings(deadline=None)
@given(form=st.sampled_from(sorted(FORMATS)), pieces=written, sizes=st.lists(st.integers(1, 9), min_size=1))
def test_how_a_text_is_cut_changes_nothing(form: str, pieces: list[str], sizes: list[int]) -> None:
    text = "".join(pieces)
    cuts: list[str] = []
    while text:
        size = sizes[len(cuts) % len(sizes)]
        cuts.append(text[:size])
        text = text[size:]
    assert read(form, "", cuts) == read(form, "", ["".join(cuts)])


@settings(deadline=None)
@given(words=st.text(st.characters(exclude_characters="<[{|\uff5c", exclude_categories=["Cs"]), min_size=1))
def test_ordinary_text_comes_out_as_it_is(words: str) -> None:
    for form in sorted(set(FORMATS) - {"harmony"}):
        found = [piece.text for piece in read(form, "", cut(words, 3)) if isinstance(piece, Words)]
        assert "".join(found) in {words, words.lstrip()}


def test_text_is_given_out_as_soon_as_it_cannot_be_a_mark() -> None:
    reading = reader("hermes", "", SCHEMAS)
    assert reading.feed("Hello <too") == [Words("Hello")]
    assert joined(reading.feed("l!")) == [Words(" <tool!")]


def test_a_tail_that_closes_its_thought_begins_none() -> None:
    assert read("hermes", "<think>\n\n</think>\n\n", ["Hi."]) == [Words("Hi.")]


@pytest.mark.parametrize(
    ("form", "opening", "piece"),
    [("hermes", "<tool_call>", '{"a": "bcd", <tool'), ("harmony", "", "<|channel|>analysis<|mess")],
)
def test_what_waits_for_its_end_costs_its_length(form: str, opening: str, piece: str) -> None:
    def cost(pieces: int) -> float:
        read = reader(form, "", {})
        begun = time.process_time()
        for text in (opening, *[piece] * pieces):
            read.feed(text)
        assert read.finish()
        return time.process_time() - begun

    assert cost(8000) < 10 * max(min(cost(2000) for _ in range(2)), 0.01)
