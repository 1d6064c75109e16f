from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_completions.options import CompletionsOptions, custom_tool
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import Tool, ToolChoice

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OPENAI = Completions(PRESETS["openai-chat"])
SCHEMA: JSONObject = {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"enum": [1, None]}}}

HELD: JSONObject = {**SCHEMA, "required": ["a"], "additionalProperties": False}
"""A schema that is strict as OpenAI has it."""


def strict_form(schema: JSONObject) -> JSONObject:
    form: JSONObject = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": True}}
    return {"model": "m", "response_format": form, "messages": []}


def again(provider: Completions, body: JSONObject) -> JSON:
    sent = provider.encode(provider.parse(body)).body
    assert isinstance(sent, dict)
    found: JSON = json.loads(dump(sent))
    return found


TOOL: JSONObject = {
    "type": "function",
    "function": {"name": "f", "description": "d", "parameters": SCHEMA, "strict": True},
}
BODIES: list[JSONObject] = [
    {"model": "m", "messages": [{"role": "user", "content": "Hi"}]},
    {"messages": []},
    {"model": "m", "max_tokens": 5, "messages": []},
    {"model": "m", "max_tokens": 5, "max_completion_tokens": 6, "messages": []},
    {"model": "m", "temperature": None, "top_k": 3, "seed": "odd", "messages": []},
    {
        "model": "m",
        "temperature": 0,
        "stop": ["a"],
        "logit_bias": {"1": -100},
        "n": 1,
        "logprobs": True,
        "messages": [],
    },
    {"model": "m", "reasoning": {"effort": "low", "max_tokens": 5}, "thinking": {"type": "enabled"}, "messages": []},
    {"model": "m", "modalities": ["text", "audio"], "audio": {"voice": "v", "format": "wav"}, "messages": []},
    {
        "model": "m",
        "functions": [{"name": "f"}],
        "function_call": "auto",
        "store": True,
        "metadata": {"a": "b"},
        "messages": [],
    },
    {"model": "m", "tools": [TOOL, {"type": "web_search"}], "tool_choice": "required", "messages": []},
    {"model": "m", "tools": [{**TOOL, "cache_control": {"type": "x"}}], "tool_choice": "any", "messages": []},
    {"model": "m", "tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "f"}}, "messages": []},
    {"model": "m", "tool_choice": {"type": "tool", "name": "f"}, "messages": []},
    {"model": "m", "response_format": {"type": "json_object"}, "messages": []},
    {"model": "m", "response_format": {"type": "json_object", "schema": SCHEMA}, "messages": []},
    {"model": "m", "response_format": {"type": "text"}, "messages": []},
    {
        "model": "m",
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
        "messages": [],
    },
    {"model": "m", "response_format": {"type": "json_schema", "json_schema": {"schema": SCHEMA}}, "messages": []},
    strict_form(SCHEMA),
    strict_form(HELD),
    strict_form({"anyOf": [SCHEMA, HELD]}),
]


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("body", BODIES)
def test_a_body_goes_out_as_it_came_whatever_the_preset(body: JSONObject, name: str) -> None:
    assert again(Completions(PRESETS[name], base_url="https://a.test/v1"), body) == body


def test_a_body_is_read_into_portable_fields() -> None:
    body: JSONObject = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "max_completion_tokens": 5,
        "stop": "END",
        "tools": [
            {"type": "function", "function": {"name": "f", "description": "d", "parameters": HELD, "strict": True}}
        ],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": HELD, "strict": True}},
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert OPENAI.parse(body) == Request(
        model="m",
        messages=(user("Hi"),),
        tools=(Tool(name="f", description="d", parameters=HELD, strict=True),),
        tool_choice=ToolChoice(mode="required", names=("f",)),
        output=OutputFormat(schema=HELD, name="n", strict=True),
        options=Options(max_tokens=5, stop=("END",)),
    )


def test_a_request_comes_back_as_it_went_out() -> None:
    request = Request(
        model="m",
        messages=(user("Hi"),),
        tools=(Tool(name="f"), custom_tool("g")),
        tool_choice=ToolChoice(mode="required", names=("g",)),
        output=OutputFormat(kind="json"),
        options=Options(
            temperature=0.5,
            logit_bias={"1": 2},
            native=(CompletionsOptions(verbosity="low", prompt_cache_key="k", extra={"odd": {"a": [1]}}),),
        ),
    )
    sent = OPENAI.encode(request, stream=True).body
    assert isinstance(sent, dict)
    assert OPENAI.parse(json.loads(dump(sent))) == request


def test_unknown_members_are_extra() -> None:
    (native,) = OPENAI.parse({"model": "m", "messages": [], "odd": 1}).options.native
    assert native == CompletionsOptions(extra={"odd": 1})


def test_the_address_may_name_the_model() -> None:
    assert OPENAI.parse({"messages": []}, model="m").model == "m"
    assert OPENAI.parse({"messages": []}).model == ""


@pytest.mark.parametrize(
    "body", [{"model": 3}, {"messages": {}}, {"tools": "x"}, {"tools": ["x"]}, {"messages": ["x"]}]
)
def test_what_is_no_request_is_a_decode_error(body: JSONObject) -> None:
    with pytest.raises(DecodeError):
        OPENAI.parse(body)
