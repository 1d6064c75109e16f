from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_core.parts import ToolCall
from chat_ollama.calls import UNPARSED, decode_call, encode_call

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

ORIGIN = "ollama@h/ollama"


def test_a_call_is_read_and_spelled_again_with_all_that_stood_beside_it() -> None:
    data: JSON = {
        "id": "c",
        "type": "function",
        "function": {"index": 2, "name": "add", "arguments": {"a": 1, "b": None}, "later": 1},
    }
    call = decode_call(data, 0, ORIGIN)
    assert (call.id, call.name, call.arguments, call.raw) == ("c", "add", {"a": 1, "b": None}, None)
    assert call.meta == {ORIGIN: {"type": "function", "function": {"index": 2, "later": 1}}}
    assert encode_call(call, call.meta[ORIGIN]) == data


@pytest.mark.parametrize("data", [{}, {"id": ""}, {"id": None}])
def test_a_call_without_an_id_gets_one_of_our_own_which_is_not_sent(data: dict[str, JSON]) -> None:
    call = decode_call({**data, "function": {"name": "now", "arguments": {}}}, 3, ORIGIN)
    assert call.id == "local_3"
    assert encode_call(call, {}) == {"function": {"name": "now", "arguments": {}}}


NOTHING: JSONObject = {}


@pytest.mark.parametrize(
    ("sent", "arguments", "raw"),
    [
        (NOTHING, NOTHING, None),
        (None, NOTHING, ""),
        ('{"a":1}', {"a": 1}, None),  # as compatible servers have it
        ('{"a":', None, '{"a":'),
    ],
)
def test_arguments_are_an_object_or_what_came(sent: JSON, arguments: JSON, raw: str | None) -> None:
    call = decode_call({"function": {"name": "f", "arguments": sent}}, 0, ORIGIN)
    assert (call.arguments, call.raw) == (arguments, raw)


def test_arguments_that_are_no_object_are_sent_inside_one() -> None:
    spelled = encode_call(ToolCall(id="c", name="f", raw='{"a":'), {})
    assert spelled["function"] == {"name": "f", "arguments": {UNPARSED: '{"a":'}}


@pytest.mark.parametrize(
    "data",
    [
        3,
        {},
        {"function": 3},
        {"function": {"arguments": {}}},
        {"function": {"name": 3}},
        {"id": 3, "function": {"name": "f"}},
        {"function": {"name": "f", "arguments": [1]}},
    ],
)
def test_a_malformed_call_is_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_call(data, 0, ORIGIN)
