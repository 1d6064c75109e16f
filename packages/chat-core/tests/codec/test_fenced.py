"""A document is found in the text around it, whole and while it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.fenced import Unfenced, fenced
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

noise = st.text("abc `'{(:\n", max_size=20)


def read(text: str, size: int = 1) -> JSON:
    found = Unfenced()
    for at in range(0, len(text), size):
        found.feed(text[at : at + size])
    return found.finish()


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1]}',
        ' \n{"a": [1]}\n',
        '```json\n{"a": [1]}\n```',
        '```\n{"a": [1]}\n```\nHope this {helps} [you]!',
        'Here is {the answer} [see below]: {"a": [1]}. Anything else?',
        'Use { } braces: {"a": [1]}'.replace("{ }", "{x}"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_document_is_found(text: str, size: int) -> None:
    assert read(text, size) == {"a": [1]}
    assert fenced(text) == '{"a": [1]}'


@given(noise, strategies.json_objects(), noise, st.integers(1, 30))
def test_what_is_around_it_is_skipped(before: str, value: JSONObject, after: str, size: int) -> None:
    text = f"{before}{dump(value).decode('utf-8', 'surrogatepass')}{after}"
    assert read(text, size) == value


@pytest.mark.parametrize("text", ["[1]", "[true]", "[null, 2]", "[ [ ] ]", "[-1]", '["a"]', "[\n{}]"])
def test_an_array_is_a_document_too(text: str) -> None:
    assert read(text) == read(text, 100) == read(f"So: {text}.")


def test_the_value_is_there_while_it_comes() -> None:
    found = Unfenced()
    changed = [found.feed(piece) for piece in ("Sure: ", "{", '"a"', ": [", '"x', "y", '"]', "}", " Bye", "{")]
    assert changed == [False, False, True, True, True, True, False, False, False, False]
    assert found.complete
    assert found.value == {"a": ["xy"]}
    assert (found.start, found.end) == (6, 19)


@pytest.mark.parametrize("text", ["", "no", "{x}", "[the answer]", "tru", "12", '"text"', "{" + " " * 300 + '"a": 1}'])
def test_a_text_without_a_document_is_an_error(text: str) -> None:
    assert fenced(text) == text
    with pytest.raises(DecodeError, match="no JSON object or array"):
        read(text)


def test_nothing_in_the_document_is_repaired() -> None:
    with pytest.raises(DecodeError, match="not valid JSON"):
        read('```{"a": 1,}```')
    with pytest.raises(DecodeError, match="too early"):
        read('```{"a": [1, 2')
    assert fenced('x {"a": 1,}') == 'x {"a": 1,}'
    assert fenced('x {"a": 1') == 'x {"a": 1'
