from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import MODEL, ORIGIN, SERVICE, body_of, output, text

from chat_core.errors import DecodeError
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.parts import Opaque, ToolResult
from chat_core.request import OutputFormat
from chat_core.tools import NativeTool, Tool, ToolChoice
from chat_gemini.interactions.options import InteractionsOptions

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

SAID: JSONObject = {"type": "user_input", "content": [text("Hi")]}
CALL: JSONObject = {"type": "function_call", "id": "1", "name": "add", "arguments": {"x": 1}}
RESULT: JSONObject = {"type": "function_result", "call_id": "1", "name": "add", "result": {"sum": 18.0}}

BODIES: dict[str, JSONObject] = {
    "steps": {"model": MODEL, "input": [SAID, output(text("Hello.")), SAID]},
    "calls and results": {
        "model": MODEL,
        "input": [
            SAID,
            {"type": "thought", "signature": "s"},
            CALL,
            {**CALL, "id": "2"},
            RESULT,
            {**RESULT, "call_id": "2"},
        ],
    },
    "results inside of the input": {"model": MODEL, "input": [{"type": "user_input", "content": [RESULT, RESULT]}]},
    "a result among words": {"model": MODEL, "input": [{"type": "user_input", "content": [text("a"), RESULT]}]},
    "input of new members": {"model": MODEL, "input": [{**SAID, "mood": 1}, {"type": "user_input", "mood": 2}]},
    "steps of new types": {"model": MODEL, "input": [SAID, {"type": "dream", "depth": 1}]},
    "all options": {
        "agent": "deep",
        "agent_config": {"type": "deep-research"},
        "background": True,
        "store": True,
        "environment": {"environment_id": "e"},
        "service_tier": "flex",
        "previous_interaction_id": "v1_1",
        "safety_settings": [{"a": 1}],
        "response_modalities": ["text"],
        "response_format": [{"type": "audio"}],
        "continuation_token": "t",
        "generation_config": {
            "temperature": 0,
            "thinking_level": "low",
            "thinking_summaries": "auto",
            "stop_sequences": ["a"],
            "tool_choice": {"allowed_tools": {"mode": "validated", "tools": ["add"]}},
            "speech_config": {"voice": "Kore"},
            "weight": {"a": 1},
        },
        "new": [1],
    },
    "members of the wrong kind": {
        "model": MODEL,
        "store": "yes",
        "labels": 7,
        "generation_config": {"temperature": "hot", "seed": True, "stop_sequences": [1]},
        "system_instruction": {"parts": []},
    },
    "a config that is none": {"model": MODEL, "generation_config": "warm"},
    "tools": {
        "model": MODEL,
        "tools": [
            {"type": "function", "name": "add", "parameters": {"type": "object"}, "defer_loading": True},
            {"type": "function", "name": "now", "description": 7},
            {"type": "google_search", "search_types": ["web_search"]},
        ],
    },
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_was_parsed_is_spelled_as_it_was(name: str) -> None:
    body = BODIES[name]
    assert body_of(SERVICE.encode(SERVICE.parse({**body, "stream": True}))) == body


INPUTS: list[JSON] = ["Hi", text("Hi"), [text("Hi")], [SAID]]


@pytest.mark.parametrize("data", INPUTS)
def test_a_text_a_content_and_contents_are_what_the_user_says(data: JSON) -> None:
    request = SERVICE.parse({"model": MODEL, "system_instruction": "Be brief.", "input": data})
    assert request.messages == (system("Be brief."), user("Hi"))


def test_portable_words_are_portable() -> None:
    request = SERVICE.parse(
        {
            "tools": [{"type": "function", "name": "add"}, {"type": "url_context"}],
            "generation_config": {
                "max_output_tokens": 9,
                "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["add"]}},
            },
            "response_format": {"type": "text", "mime_type": "application/json", "schema": {"type": "object"}},
        },
        model=MODEL,
    )
    assert request.model == MODEL
    assert request.tools == (Tool(name="add"), NativeTool(provider="gemini-interactions", data={"type": "url_context"}))
    assert request.tool_choice == ToolChoice(mode="required", names=("add",))
    assert request.output == OutputFormat(schema={"type": "object"})
    assert request.options == Options(max_tokens=9)


def test_what_is_not_portable_is_native_or_extra() -> None:
    options = SERVICE.parse({"background": True, "new": 1}).options.native_of(InteractionsOptions)
    assert (options.background, options.extra) == (True, {"new": 1})


def test_results_are_a_message_of_tools() -> None:
    request = SERVICE.parse({"model": MODEL, "input": [SAID, CALL, RESULT, SAID]})
    assert [message.role for message in request.messages] == ["user", "assistant", "tool", "user"]
    assert isinstance(request.messages[2].parts[0], ToolResult)
    mixed = SERVICE.parse({"model": MODEL, "input": [{"type": "user_input", "content": [text("a"), RESULT]}]})
    assert mixed.messages[0].parts[1] == Opaque(origin=ORIGIN, kind="content.function_result", data=RESULT)


WRONG: list[JSONObject] = [
    {"model": 7},
    {"input": 7},
    {"input": ["a"]},
    {"input": [{"content": []}]},
    {"tools": {}},
    {"tools": ["google_search"]},
    {"input": [{"type": "function_result"}]},
]


@pytest.mark.parametrize("body", WRONG)
def test_what_is_no_request_is_an_error(body: JSONObject) -> None:
    with pytest.raises(DecodeError):
        SERVICE.parse(body)
