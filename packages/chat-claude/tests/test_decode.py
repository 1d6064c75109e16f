"""Whole replies, usage and finish reasons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_claude.decode import decode_usage, merge_usage
from chat_claude.provider import Claude
from chat_core.codec.wire import WireResponse
from chat_core.errors import ChatError, DecodeError, Overloaded, ProviderError
from chat_core.messages import Message, user
from chat_core.parts import Reasoning, Text, ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason, Response, Usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

CLAUDE = Claude()
ORIGIN = CLAUDE.origin("m")
ASK = Request(model="m", messages=(user("Hi"),))
REPLY: JSONObject = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-x",
    "content": [
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "text", "text": "Two calls."},
        {"type": "tool_use", "id": "t1", "name": "add", "input": {"a": 1}},
        {"type": "tool_use", "id": "t2", "name": "now", "input": {}},
    ],
    "stop_reason": "tool_use",
    "stop_sequence": None,
    "usage": {"input_tokens": 5, "output_tokens": 7},
}


def decode(body: JSON, headers: dict[str, str] | None = None) -> Response:
    data = json.dumps(body).encode()
    return CLAUDE.decode(ASK, WireResponse(headers=headers if headers is not None else {}, body=data))


def test_a_reply_is_read() -> None:
    response = decode(REPLY, {"request-id": "r", "retry-after": "3", "date": "today"})
    assert response.message == Message(
        role="assistant",
        parts=(
            Reasoning("hm", signature="sig", meta={ORIGIN: {"type": "thinking"}}),
            Text("Two calls."),
            ToolCall(id="t1", name="add", arguments={"a": 1}),
            ToolCall(id="t2", name="now", arguments={}),
        ),
    )
    assert (response.id, response.model) == ("msg_1", "claude-x")
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.TOOL_CALLS, "tool_use")
    assert response.usage == Usage(input_tokens=5, output_tokens=7, raw={"input_tokens": 5, "output_tokens": 7})
    assert response.meta == {}
    assert response.headers == {"request-id": "r", "retry-after": "3"}
    assert response.raw == REPLY


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("end_turn", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP),
        ("max_tokens", FinishReason.LENGTH),
        ("model_context_window_exceeded", FinishReason.LENGTH),
        ("tool_use", FinishReason.TOOL_CALLS),
        ("pause_turn", FinishReason.PAUSE),
        ("refusal", FinishReason.REFUSAL),
        ("compaction", FinishReason.OTHER),
        (None, FinishReason.OTHER),
    ],
)
def test_a_stop_reason_is_translated_and_kept(word: str | None, reason: FinishReason) -> None:
    response = decode({**REPLY, "stop_reason": word})
    assert (response.finish_reason, response.raw_finish_reason) == (reason, word)


def test_what_the_envelope_says_beyond_the_fields_is_kept() -> None:
    more: JSONObject = {
        "stop_sequence": "END",
        "stop_details": {"type": "refusal", "category": "bio"},
        "container": {"id": "c"},
        "context_management": {"applied_edits": []},
        "diagnostics": {"cache_miss_reason": {"type": "tools_changed"}},
        "new": 0,
    }
    assert decode({**REPLY, **more}).meta == {ORIGIN: more}


def test_another_role_or_type_is_kept() -> None:
    odd: JSONObject = {"type": "story", "role": "narrator"}
    assert decode({**REPLY, **odd}).meta == {ORIGIN: odd}


def test_an_empty_answer_is_an_answer() -> None:
    assert decode({**REPLY, "content": [], "stop_reason": "end_turn"}).parts == ()


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(Overloaded) as raised:
        decode({"type": "error", "error": {"type": "overloaded_error", "message": "Later"}, "request_id": "r"})
    assert (raised.value.message, raised.value.type, raised.value.request_id) == ("Later", "overloaded_error", "r")
    with pytest.raises(ProviderError):
        decode({"error": {"message": "No"}})


@pytest.mark.parametrize(
    "body",
    [[], "x", {}, {**REPLY, "content": None}, {**REPLY, "content": [1]}, {**REPLY, "id": 1},
     {**REPLY, "stop_reason": []}, {**REPLY, "usage": 3}, {**REPLY, "usage": {"input_tokens": "many"}}],
)  # fmt: skip
def test_a_malformed_reply_raises(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_a_reply_nested_without_end_raises() -> None:
    deep = b'{"a":' * 50_000
    with pytest.raises(DecodeError):
        CLAUDE.decode(ASK, WireResponse(body=b'{"content":[],"x":' + deep + b"1" + b"}" * 50_001))


def test_input_tokens_include_the_cached_ones() -> None:
    raw: JSONObject = {
        "input_tokens": 3,
        "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 100,
        "output_tokens": 7,
        "output_tokens_details": {"thinking_tokens": 5},
    }
    assert decode_usage(raw) == Usage(
        input_tokens=123,
        output_tokens=7,
        cache_read_tokens=100,
        cache_write_tokens=20,
        reasoning_tokens=5,
        raw=raw,
    )


def test_usage_that_was_not_reported_is_none() -> None:
    assert decode_usage(None) is None
    assert decode_usage({"output_tokens": 0, "input_tokens": None}) == Usage(
        output_tokens=0, raw={"output_tokens": 0, "input_tokens": None}
    )


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        (None, None, None),
        ({"input_tokens": 9, "output_tokens": 1}, {"output_tokens": 5}, {"input_tokens": 9, "output_tokens": 5}),
        ({"input_tokens": 9}, {"input_tokens": 30}, {"input_tokens": 30}),
        ({"input_tokens": 30}, {"input_tokens": 9}, {"input_tokens": 9}),
        ({"input_tokens": 9, "service_tier": "standard"}, {"input_tokens": None, "service_tier": None},
         {"input_tokens": 9, "service_tier": "standard"}),
        ({"input_tokens": 9, "cache_read_input_tokens": 4}, {"input_tokens": 0, "cache_read_input_tokens": 0},
         {"input_tokens": 9, "cache_read_input_tokens": 4}),
        ({"input_tokens": 0, "cache_creation": None}, {"input_tokens": 9, "cache_creation": {"a": 0}},
         {"input_tokens": 9, "cache_creation": {"a": 0}}),
        ({"input_tokens": 1, "cache_read_input_tokens": 4}, {"input_tokens": 9, "cache_read_input_tokens": 0},
         {"input_tokens": 9, "cache_read_input_tokens": 0}),
        ({"server_tool_use": {"a": 1}}, {"server_tool_use": {"b": 2}}, {"server_tool_use": {"a": 1, "b": 2}}),
    ],
)  # fmt: skip
def test_usage_merges_key_by_key_and_blanks_erase_nothing(old: JSON, new: JSON, merged: JSON) -> None:
    assert merge_usage(merge_usage(None, old), new) == merged


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
BLOCKS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "thinking", "redacted_thinking", "tool_use", "tool_result", "image", "x"])},
    optional=dict.fromkeys(("text", "thinking", "signature", "data", "id", "name", "input", "citations"), JSONS),
)
BODIES = st.fixed_dictionaries(
    {"content": st.lists(BLOCKS | JSONS, max_size=3) | JSONS},
    optional=dict.fromkeys(("type", "id", "model", "role", "usage", "stop_reason", "error", "new"), JSONS),
)


@given(BODIES | JSONS)
def test_whatever_json_comes_only_the_library_s_errors_come_out(body: JSON) -> None:
    try:
        decode(body)
    except ChatError as error:
        assert isinstance(error, DecodeError | ProviderError)  # noqa: PT017 - success is fine as well


@given(st.binary(max_size=60))
def test_whatever_bytes_come_only_decode_errors_come_out(body: bytes) -> None:
    with pytest.raises(DecodeError):
        CLAUDE.decode(ASK, WireResponse(body=b"\xff" + body))
