from __future__ import annotations

import json

import pytest

from chat_cli.events import answer_as_json, as_json, error_as_json, line
from chat_core.chat import Chat
from chat_core.errors import ConnectFailed, RateLimited, TimedOut
from chat_core.events import (
    CitationDelta,
    Event,
    MediaDelta,
    PartEnd,
    PartStart,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolEnd,
    UnknownEvent,
)
from chat_core.history import load
from chat_core.messages import assistant
from chat_core.parts import Citation, SourceSpan, Text, ToolCall, ToolResult
from chat_core.response import FinishReason, Notice, Response, Usage

RESPONSE = Response(
    message=assistant("Hi", ToolCall(id="1", name="f", arguments={"a": 1})),
    finish_reason=FinishReason.STOP,
    usage=Usage(input_tokens=3, output_tokens=0, raw={"in": 3}),
    notices=(Notice(feature="seed", requested=1, reason="not on this wire"),),
)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ResponseStart(model="m"), {"type": "response_start", "model": "m"}),
        (PartStart(0, Text("")), {"type": "part_start", "index": 0, "part": {"type": "text", "text": ""}}),
        (TextDelta(0, "a"), {"type": "text_delta", "index": 0, "text": "a"}),
        (TextDelta(1, "a", choice=2), {"type": "text_delta", "index": 1, "text": "a", "choice": 2}),
        (MediaDelta(0, b"\x00"), {"type": "media_delta", "index": 0, "data": "AA=="}),
        (
            CitationDelta(0, Citation(url="u", source=SourceSpan(unit="char", start=0, end=2))),
            {
                "type": "citation_delta",
                "index": 0,
                "citation": {"url": "u", "source": {"unit": "char", "start": 0, "end": 2}},
            },
        ),
        (UnknownEvent("ping", {"a": [1]}), {"type": "unknown_event", "kind": "ping", "data": {"a": [1]}}),
        (
            ToolEnd(ToolCall(id="1", name="f", arguments={}), ToolResult(call_id="1", content=(Text("r"),))),
            {
                "type": "tool_end",
                "call": {"type": "tool_call", "id": "1", "name": "f", "arguments": {}},
                "result": {"type": "tool_result", "call_id": "1", "content": [{"type": "text", "text": "r"}]},
            },
        ),
    ],
)
def test_an_event_is_its_name_and_its_fields(event: Event, expected: dict[str, object]) -> None:
    assert as_json(event) == expected


def test_the_end_is_the_response_as_a_history_keeps_it() -> None:
    written = as_json(ResponseEnd(RESPONSE))
    assert written["type"] == "response"
    assert load(json.loads(line(written))) == RESPONSE


def test_every_event_of_a_stream_is_one_line_of_json() -> None:
    with Chat("replay:demo").stream("a story") as stream:
        lines = [line(as_json(event)) for event in stream]
    assert all(text.count("\n") == 1 for text in lines)
    said = [json.loads(text) for text in lines]
    assert "".join(item["text"] for item in said if item["type"] == "text_delta") == stream.result.text
    parts = [item["part"] for item in said if item["type"] == "part_end"]
    assert tuple(load({"version": 1, **part}) for part in parts) == stream.result.response.parts
    assert PartEnd.__name__


def test_json_cannot_steer_a_terminal_and_means_the_same() -> None:
    text = line({"\x9b31m": "\x7f\x9d0;x\x1b[2J\u00e9"})
    assert not any("\x7f" <= sign <= "\x9f" or sign < " " for sign in text.removesuffix("\n"))
    assert json.loads(text) == {"\x9b31m": "\x7f\x9d0;x\x1b[2J\u00e9"}


def test_an_answer_has_the_same_members_always() -> None:
    small = answer_as_json(Response(message=assistant("Hi")))
    full = answer_as_json(RESPONSE)
    assert small.keys() == full.keys()
    assert full["usage"] == {"input_tokens": 3, "output_tokens": 0}
    assert full["tool_calls"] == [{"type": "tool_call", "id": "1", "name": "f", "arguments": {"a": 1}}]
    assert full["notices"] == [{"feature": "seed", "requested": 1, "reason": "not on this wire"}]
    assert small["finish_reason"] is None


def test_an_error_says_what_scripts_decide_by() -> None:
    limited = RateLimited("slow down", status=429, code="limit", retry_after=2.0, partial=RESPONSE)
    found = error_as_json(limited)
    assert found == {
        "type": "error",
        "error": "RateLimited",
        "message": "slow down",
        "retryable": True,
        "exit_code": 4,
        "status": 429,
        "code": "limit",
        "retry_after": 2.0,
        "partial": as_json(ResponseEnd(RESPONSE)),
    }
    assert error_as_json(TimedOut("slow", phase="total", seconds=3.0))["phase"] == "total"
    gone = ConnectFailed("gone")
    assert "fix" not in error_as_json(gone)
    gone.fix = "Is it running? Or check base_url="
    assert error_as_json(gone)["fix"] == "Is it running? Or check --base-url"
