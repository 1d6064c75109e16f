"""Calls are read as models spell them; what was not offered is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_local.literals import Call, Unreadable, fitted, lenient, read_calls

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.formats import Spelling

SCHEMA: JSONObject = {
    "properties": {
        "n": {"type": "integer"},
        "x": {"type": ["number", "null"]},
        "s": {"type": "string"},
        "b": {"type": "boolean"},
    }
}
SPELLINGS: tuple[Spelling, ...] = ("json", "named", "function", "pairs", "invoke", "braces", "python", "any")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('```json\n{"a": 1}\n```', {"a": 1}),
        ('{"a": [1, 2,],}', {"a": [1, 2]}),
        ("{'a': True, 'b': None}", {"a": True, "b": None}),
        ('"text"', "text"),
    ],
)
def test_json_is_read_as_models_write_it(text: str, value: JSON) -> None:
    assert lenient(text) == value


@pytest.mark.parametrize("text", ["", "{", "hello", "{1, 2}", "b'x'", "1e999", "__import__('os')", "(" * 5000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no JSON"):
        lenient(text)


def test_texts_become_what_the_schema_asks_for() -> None:
    given_texts: JSONObject = {"n": "5", "x": "2.5", "s": "5", "b": "true", "other": "1"}
    assert fitted(given_texts, SCHEMA) == {"n": 5, "x": 2.5, "s": "5", "b": True, "other": "1"}


def test_a_text_that_does_not_fit_stays_a_text() -> None:
    assert fitted({"n": "many", "b": "2"}, SCHEMA) == {"n": "many", "b": "2"}


def test_only_tools_that_were_offered_are_called() -> None:
    assert read_calls('{"name": "f", "arguments": {}}', "json", "", {"f": {}}) == (Call("f", {}),)
    with pytest.raises(Unreadable):
        read_calls('{"name": "g", "arguments": {}}', "json", "", {"f": {}})


@pytest.mark.parametrize(
    "text", ["f(1)", "f(**x)", "f(a=b)", "[f(a=1), 2]", "f(a=__import__('os'))", "f", "f(a={1,2})"]
)
def test_python_that_is_no_call_of_values_is_none(text: str) -> None:
    with pytest.raises(Unreadable):
        read_calls(text, "python", "", {"f": {}})


def test_a_tool_may_be_called_as_one_of_a_module() -> None:
    assert read_calls("[math.add(a=1)]", "python", "", {"math.add": {}}) == (Call("math.add", {"a": 1}),)


@settings(deadline=None)
@given(text=st.text(max_size=60), spelling=st.sampled_from(SPELLINGS), mark=st.sampled_from(["", "[ARGS]", "<escape>"]))
def test_any_text_is_read_or_unreadable(text: str, spelling: Spelling, mark: str) -> None:
    try:
        calls = read_calls(text, spelling, mark, {"f": SCHEMA})
    except Unreadable:
        return
    assert all(call.name == "f" for call in calls)
