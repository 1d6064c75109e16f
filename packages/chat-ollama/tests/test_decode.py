"""Whole replies, usage and finish reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, ProviderError
from chat_core.messages import user
from chat_core.parts import Reasoning, Text, ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason, Response, Usage
from chat_ollama.decode import decode_usage, finish_reason
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OLLAMA = Ollama()
ORIGIN = OLLAMA.origin("m")
ASK = Request(model="m", messages=(user("Hi"),))
REPLY: JSONObject = {
    "model": "m",
    "created_at": "2026-11-01T10:00:00Z",
    "message": {"role": "assistant", "content": "Hi."},
    "done": True,
    "done_reason": "stop",
    "total_duration": 9,
    "prompt_eval_count": 26,
    "eval_count": 3,
}


def decode(data: JSON) -> Response:
    return OLLAMA.decode(ASK, WireResponse(headers={"x-request-id": "r", "date": "d"}, body=dump(data)))


def test_a_reply_is_read_whole() -> None:
    response = decode(REPLY)
    assert response.parts == (Text("Hi."),)
    assert (response.model, response.finish_reason, response.raw_finish_reason) == ("m", FinishReason.STOP, "stop")
    assert response.usage == Usage(input_tokens=26, output_tokens=3, raw={"prompt_eval_count": 26, "eval_count": 3})
    assert response.meta == {ORIGIN: {"created_at": "2026-11-01T10:00:00Z", "total_duration": 9}}
    assert response.headers == {"x-request-id": "r"}
    assert response.raw == REPLY


def test_thoughts_come_before_the_text_and_calls_after_it() -> None:
    message: JSONObject = {
        "role": "assistant",
        "content": "Look.",
        "thinking": "Hm.",
        "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {}}}],
    }
    response = decode({**REPLY, "message": message})
    assert response.parts == (
        Reasoning("Hm.", meta={ORIGIN: {}}),
        Text("Look."),
        ToolCall(id="c", name="f", arguments={}),
    )
    assert response.finish_reason is FinishReason.TOOL_CALLS


def test_what_nobody_knows_is_kept_where_it_stood() -> None:
    response = decode({**REPLY, "remote_host": "h", "message": {"role": "critic", "content": "Hi.", "x_new": 1}})
    assert response.message.meta == {ORIGIN: {"x_new": 1}}
    assert response.meta[ORIGIN]["remote_host"] == "h"
    assert response.meta[ORIGIN]["role"] == "critic"


@pytest.mark.parametrize(
    ("word", "calls", "reason"),
    [
        ("stop", False, FinishReason.STOP),
        ("stop", True, FinishReason.TOOL_CALLS),
        ("length", True, FinishReason.LENGTH),
        ("load", False, FinishReason.OTHER),
        ("", False, FinishReason.OTHER),
        (None, False, FinishReason.OTHER),
        (None, True, FinishReason.TOOL_CALLS),
    ],
)
def test_a_reason_is_translated(word: str | None, calls: bool, reason: FinishReason) -> None:
    assert finish_reason(word, calls=calls) is reason


def test_a_count_that_is_not_sent_is_not_known() -> None:
    usage = decode_usage({"eval_count": 3})
    assert usage == Usage(output_tokens=3, raw={"eval_count": 3})
    assert decode_usage({"total_duration": 9}) is None


@pytest.mark.parametrize("count", [True, "3", 1.5, []])
def test_a_count_that_is_no_number_is_an_error(count: JSON) -> None:
    with pytest.raises(DecodeError, match="eval_count"):
        decode_usage({"eval_count": count})


MALFORMED: list[JSON] = [{"content": "", "thinking": 3}, {"content": "", "tool_calls": 3}]


@pytest.mark.parametrize(
    "data",
    [
        3,
        [],
        {},
        {"done": True},
        {**REPLY, "done": False},
        {**REPLY, "done": "yes"},
        {**REPLY, "message": 3},
        {**REPLY, "model": 3},
        {**REPLY, "done_reason": 3},
        {**REPLY, "message": {"content": 3}},
        *({**REPLY, "message": message} for message in MALFORMED),
    ],
)
def test_a_malformed_reply_is_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(data)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(ProviderError, match="it broke") as caught:
        decode({"error": "it broke"})
    assert caught.value.details == {"error": "it broke"}
