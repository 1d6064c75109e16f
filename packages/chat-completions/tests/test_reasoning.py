from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.reasoning import Thoughts, encode_reasoning, thinking_text
from chat_core.errors import DecodeError
from chat_core.parts import Reasoning

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


def thought(*deltas: JSONObject) -> tuple[str, JSONObject]:
    thoughts = Thoughts()
    return "".join([thoughts.take(delta) for delta in deltas]), thoughts.meta()


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_the_field_is_remembered_and_used_again(field: str) -> None:
    text, memory = thought({field: "a"}, {field: "b"})
    assert (text, memory) == ("ab", {"field": field})
    assert encode_reasoning(Reasoning(text), memory, "reasoning") == {field: "ab"}


def test_the_same_text_in_two_fields_is_one_text() -> None:
    text, memory = thought({"reasoning_content": "ab", "reasoning": "ab"})
    assert text == "ab"
    assert encode_reasoning(Reasoning(text), memory, "reasoning") == {"reasoning_content": "ab", "reasoning": "ab"}


def test_another_text_in_a_second_field_is_kept() -> None:
    text, memory = thought({"reasoning_content": "ab", "reasoning": "xy"})
    assert text == "ab"
    assert encode_reasoning(Reasoning(text), memory, "reasoning") == {"reasoning_content": "ab", "reasoning": "xy"}


def test_details_beside_the_text_do_not_double_it() -> None:
    details: list[JSON] = [{"type": "reasoning.text", "text": "ab", "index": 0}]
    text, memory = thought({"reasoning": "ab", "reasoning_details": details})
    assert text == "ab"
    assert encode_reasoning(Reasoning(text), memory, "reasoning") == {"reasoning": "ab", "reasoning_details": details}


def test_details_alone_give_the_text() -> None:
    details: list[JSON] = [{"type": "reasoning.summary", "summary": "ab"}, {"type": "reasoning.encrypted", "data": "z"}]
    text, memory = thought({"reasoning_details": details})
    assert text == "ab"
    assert encode_reasoning(Reasoning(text), memory, "reasoning") == {"reasoning_details": details}


def test_an_empty_signature_seals_nothing() -> None:
    _, memory = thought(
        {"reasoning_details": [{"type": "reasoning.text", "text": "a", "signature": "", "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "b", "signature": "", "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "", "signature": "s", "index": 0}]},
    )
    assert memory["details"] == [{"type": "reasoning.text", "text": "ab", "signature": "s", "index": 0}]


def test_fragments_of_a_detail_are_joined_and_sealed_ones_are_not() -> None:
    _, memory = thought(
        {"reasoning_details": [{"type": "reasoning.text", "text": "a", "index": 0, "id": None}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "b", "index": 0, "id": "i"}]},
        {"reasoning_details": [{"type": "reasoning.text", "signature": "s", "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "c", "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "x", "index": 0}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "y", "index": 0}]},
    )
    assert memory["details"] == [
        {"type": "reasoning.text", "text": "ab", "index": 0, "id": "i", "signature": "s"},
        {"type": "reasoning.text", "text": "c", "index": 0},
        {"type": "reasoning.encrypted", "data": "x", "index": 0},
        {"type": "reasoning.encrypted", "data": "y", "index": 0},
    ]


def test_details_that_differ_in_another_member_stay_apart() -> None:
    first: JSONObject = {"type": "reasoning.text", "text": "a", "format": "one"}
    second: JSONObject = {"type": "reasoning.text", "text": "b", "format": "two"}
    assert thought({"reasoning_details": [first]}, {"reasoning_details": [second]})[1]["details"] == [first, second]


def test_details_of_one_message_are_never_joined() -> None:
    details: list[JSON] = [{"type": "reasoning.text", "text": "a"}, {"type": "reasoning.text", "text": "b"}]
    assert thought({"reasoning_details": details})[1]["details"] == details


def test_empty_reasoning_says_nothing_in_a_reply() -> None:
    thoughts = Thoughts()
    assert thoughts.take({"reasoning": "", "reasoning_content": None, "reasoning_details": []}) == ""
    assert not thoughts.seen


def test_empty_reasoning_of_a_request_is_said_again() -> None:
    thoughts = Thoughts()
    assert thoughts.take({"reasoning_content": ""}, keep_empty=True) == ""
    assert thoughts.seen
    assert encode_reasoning(Reasoning(""), thoughts.meta(), "reasoning") == {"reasoning_content": ""}


def test_reasoning_without_memory_goes_where_the_preset_says() -> None:
    assert encode_reasoning(Reasoning("a"), {}, "reasoning") == {"reasoning": "a"}


@pytest.mark.parametrize("delta", [{"reasoning": 1}, {"reasoning_details": {}}, {"reasoning_details": ["x"]}])
def test_malformed_reasoning_is_a_decode_error(delta: JSONObject) -> None:
    with pytest.raises(DecodeError):
        Thoughts().take(delta)


def test_thinking_is_a_text_or_a_list_of_texts() -> None:
    assert thinking_text("ab") == "ab"
    assert thinking_text([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]) == "ab"
    assert thinking_text([{"type": "reference", "id": 1}]) is None
    assert thinking_text(3) is None


def test_a_field_that_repeats_the_details_is_the_same_text() -> None:
    details: list[JSON] = [{"type": "reasoning.text", "text": "ab", "index": 0}]
    text, memory = thought({"reasoning_details": details}, {"reasoning": "ab"})
    assert (text, memory) == ("ab", {"field": "reasoning_details", "same": ["reasoning"], "details": details})
