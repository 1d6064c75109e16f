"""Whole replies: typed fields, what is kept, and errors in the guise of a success."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, InvalidRequest, RateLimited, ServerError
from chat_core.messages import user
from chat_core.request import Request
from chat_core.response import FinishReason, Usage
from chat_responses.presets import OPENAI
from chat_responses.provider import Responses

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Response

PROVIDER = Responses(OPENAI)
REQUEST = Request(model="m", messages=(user("Hi"),))
CALL: JSONObject = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
REFUSAL: JSONObject = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "content": [{"type": "refusal", "refusal": "No."}],
}


def decoded(*items: JSON, **more: JSON) -> Response:
    body: JSONObject = {"id": "resp_1", "object": "response", "status": "completed", "output": [*items], **more}
    return PROVIDER.decode(REQUEST, WireResponse(body=dump(body), headers={"x-request-id": "req_1", "server": "s"}))


ENDINGS: list[tuple[tuple[JSON, ...], JSONObject, FinishReason]] = [
    ((), {}, FinishReason.STOP),
    ((CALL,), {}, FinishReason.TOOL_CALLS),
    ((REFUSAL,), {}, FinishReason.REFUSAL),
    (({"type": "web_search_call", "id": "w", "action": {}},), {}, FinishReason.STOP),
    (
        (CALL,),
        {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
        FinishReason.LENGTH,
    ),
    (
        (),
        {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
        FinishReason.CONTENT_FILTER,
    ),
    ((), {"status": "incomplete", "incomplete_details": {"reason": "steered"}}, FinishReason.OTHER),
    ((), {"status": "incomplete"}, FinishReason.OTHER),
    ((), {"status": "cancelled"}, FinishReason.CANCELLED),
    ((), {"status": "queued"}, FinishReason.OTHER),
    ((), {"status": None}, FinishReason.OTHER),
]


@pytest.mark.parametrize(("items", "more", "reason"), ENDINGS)
def test_the_status_says_why_the_answer_ended(
    items: tuple[JSON, ...], more: dict[str, JSON], reason: FinishReason
) -> None:
    response = decoded(*items, **more)
    assert response.finish_reason is reason
    assert response.raw_finish_reason == more.get("status", "completed")


def test_usage_is_read_and_kept() -> None:
    usage: JSONObject = {
        "input_tokens": 9,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
        "output_tokens": 12,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 21,
    }
    assert decoded(usage=usage).usage == Usage(
        input_tokens=9,
        output_tokens=12,
        cache_read_tokens=4,
        cache_write_tokens=2,
        reasoning_tokens=5,
        raw=usage,
    )


def test_reasoning_that_the_total_counts_apart_is_output() -> None:
    usage: JSONObject = {
        "input_tokens": 9,
        "output_tokens": 12,
        "output_tokens_details": {"reasoning_tokens": 5},
        "total_tokens": 26,
    }
    found = decoded(usage=usage).usage
    assert found is not None
    assert found.output_tokens == 17


@pytest.mark.parametrize("usage", [7, {"input_tokens": True}, {"input_tokens": 1.5}, {"input_tokens_details": 7}])
def test_malformed_usage_is_an_error(usage: JSON) -> None:
    with pytest.raises(DecodeError):
        decoded(usage=usage)


def test_what_has_no_field_is_kept_and_some_headers_are() -> None:
    response = decoded(model="m-1", service_tier="flex", object="response.compaction", error={"code": "odd"})
    origin = PROVIDER.origin("m")
    assert response.meta == {
        origin: {"service_tier": "flex", "object": "response.compaction", "error": {"code": "odd"}}
    }
    assert (response.id, response.model, response.headers) == ("resp_1", "m-1", {"x-request-id": "req_1"})


def test_a_failed_answer_is_its_error_with_what_had_come() -> None:
    with pytest.raises(RateLimited, match="Slow down") as raised:
        decoded(CALL, status="failed", error={"code": "rate_limit_exceeded", "message": "Slow down."})
    assert raised.value.partial is not None
    assert raised.value.partial.tool_calls[0].name == "f"
    assert raised.value.request_id == "req_1"
    with pytest.raises(ServerError, match="nothing says why"):
        decoded(status="failed")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"error": {"type": "invalid_request_error", "message": "No."}}', InvalidRequest),
        (b'{"output": "none"}', DecodeError),
        (b"[]", DecodeError),
        (b"<html>", DecodeError),
        (b'{"output": [], "id": 7}', DecodeError),
        (b'{"output": [7]}', DecodeError),
    ],
)
def test_what_is_no_answer_is_an_error(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        PROVIDER.decode(REQUEST, WireResponse(status=400 if error is InvalidRequest else 200, body=body))
