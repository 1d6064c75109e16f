"""Options become fields of the body, or notices; and bodies become the same requests again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse_object
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice
from chat_responses import options as own
from chat_responses.options import ResponsesOptions
from chat_responses.presets import COMPATIBLE, OPENAI, PRESETS
from chat_responses.provider import Responses

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice
    from chat_core.tools import AnyTool
    from chat_responses.preset import Preset

SCHEMA: JSONObject = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
CLOSED: JSONObject = {**SCHEMA, "additionalProperties": False}
FOUND: JSONObject = {
    "type": "tool_search_output",
    "call_id": "c",
    "execution": "client",
    "status": "completed",
    "tools": [],
}
USER: JSON = [{"role": "user", "content": "Hi"}]


def sent(request: Request, preset: Preset = OPENAI, *, stream: bool = False) -> tuple[JSONObject, tuple[Notice, ...]]:
    provider = Responses(preset, base_url=preset.base_url or "https://llm.example/v1")
    wire = provider.encode(request, stream=stream)
    return parse_object(dump(wire.body if isinstance(wire.body, dict) else None)), wire.notices


def body(options: Options, preset: Preset = OPENAI, *, stream: bool = False) -> JSONObject:
    found, _ = sent(Request(model="m", messages=(user("Hi"),), options=options), preset, stream=stream)
    return found


def declared(
    *tools: AnyTool, choice: ToolChoice | None = None, preset: Preset = OPENAI
) -> tuple[JSONObject, tuple[Notice, ...]]:
    return sent(Request(model="m", messages=(user("Hi"),), tools=tools, tool_choice=choice), preset)


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        (Options(max_tokens=9), {"max_output_tokens": 9}),
        (Options(temperature=0.0, top_p=0.5), {"temperature": 0.0, "top_p": 0.5}),
        (Options(logprobs=True, top_logprobs=2), {"include": ["message.output_text.logprobs"], "top_logprobs": 2}),
        (Options(reasoning_effort="low"), {"reasoning": {"effort": "low"}}),
        (Options(parallel_tool_calls=False), {"parallel_tool_calls": False}),
        (Options(user="u"), {"safety_identifier": "u"}),
        (Options(service_tier="flex", n=1), {"service_tier": "flex"}),
        (
            Options(reasoning_effort="low", native=(ResponsesOptions(reasoning={"summary": "auto"}),)),
            {"reasoning": {"effort": "low", "summary": "auto"}},
        ),
        (
            Options(logprobs=True, native=(ResponsesOptions(include=("web_search_call.results",)),)),
            {"include": ["message.output_text.logprobs", "web_search_call.results"]},
        ),
        (
            Options(native=(ResponsesOptions(store=False, prompt_cache_options={"ttl": "12h"}, extra={"new": 1}),)),
            {"store": False, "prompt_cache_options": {"ttl": "12h"}, "new": 1},
        ),
    ],
)
def test_an_option_is_sent_in_its_field(options: Options, fields: JSONObject) -> None:
    assert body(options) == {"model": "m", **fields, "input": USER}


@pytest.mark.parametrize(
    "options",
    [
        Options(top_k=1),
        Options(min_p=0.1),
        Options(frequency_penalty=1.0),
        Options(presence_penalty=1.0),
        Options(stop=("a",)),
        Options(seed=1),
        Options(logit_bias={"1": 1.0}),
        Options(n=2),
        Options(reasoning_tokens=9),
    ],
)
def test_an_option_without_a_field_is_noticed(options: Options) -> None:
    found, notices = sent(Request(model="m", messages=(user("Hi"),), options=options))
    assert found == {"model": "m", "input": USER}
    assert len(notices) == 1
    assert notices[0].reason


def test_a_row_has_fields_of_its_own_and_refusals() -> None:
    assert body(Options(top_k=3), PRESETS["vllm-responses"])["top_k"] == 3
    found, notices = sent(
        Request(model="m", messages=(user("Hi"),), options=Options(parallel_tool_calls=True)), COMPATIBLE
    )
    assert "parallel_tool_calls" not in found
    assert [notice.feature for notice in notices] == ["parallel_tool_calls"]


def test_a_stream_is_asked_for_in_the_body() -> None:
    options = Options(native=(ResponsesOptions(stream_options={"include_obfuscation": False}),))
    found = body(options, stream=True)
    assert (found["stream"], found["stream_options"]) == (True, {"include_obfuscation": False})


def test_the_input_comes_last() -> None:
    assert list(body(Options(native=(ResponsesOptions(extra={"zeta": 1}),))))[-1] == "input"


def test_a_function_says_all_that_openai_requires() -> None:
    found, _ = declared(Tool(name="f"), Tool(name="g", parameters=SCHEMA, description="d"))
    assert found["tools"] == [
        {"type": "function", "name": "f", "parameters": None, "strict": None},
        {"type": "function", "name": "g", "description": "d", "parameters": SCHEMA, "strict": None},
    ]
    found, _ = declared(Tool(name="f"), preset=PRESETS["xai-responses"])
    assert found["tools"] == [{"type": "function", "name": "f"}]


def test_a_strict_schema_is_closed() -> None:
    found, notices = declared(Tool(name="f", parameters=SCHEMA, strict=True))
    assert found["tools"] == [{"type": "function", "name": "f", "parameters": CLOSED, "strict": True}]
    assert notices == ()


def test_a_schema_that_cannot_be_strict_travels_whole() -> None:
    schema: JSONObject = {"type": "object", "additionalProperties": {"type": "string"}}
    found, notices = declared(Tool(name="f", parameters=schema, strict=True))
    assert found["tools"] == [{"type": "function", "name": "f", "parameters": schema, "strict": False}]
    assert [notice.feature for notice in notices] == ["tools.f.parameters"]


def test_a_tool_of_another_provider_is_left_out() -> None:
    found, notices = declared(NativeTool(provider="claude", data={"type": "bash"}), choice=ToolChoice(mode="required"))
    assert "tools" not in found
    assert "tool_choice" not in found
    assert [notice.feature for notice in notices] == ["tools", "tool_choice"]


@pytest.mark.parametrize(
    ("choice", "spelled"),
    [
        (ToolChoice(), "auto"),
        (ToolChoice(mode="none"), "none"),
        (ToolChoice(mode="required"), "required"),
        (ToolChoice(mode="required", names=("f",)), {"type": "function", "name": "f"}),
        (ToolChoice(mode="required", names=("c",)), {"type": "custom", "name": "c"}),
        (
            ToolChoice(mode="auto", names=("f", "c")),
            {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "c"}],
            },
        ),
    ],
)
def test_a_choice_of_tools_is_spelled_and_read_again(choice: ToolChoice, spelled: JSON) -> None:
    found, _ = declared(Tool(name="f"), own.custom_tool("c"), choice=choice)
    assert found["tool_choice"] == spelled
    assert Responses(OPENAI).parse(found).tool_choice == choice


def test_a_service_that_forces_no_tools_is_not_asked_to() -> None:
    found, notices = declared(Tool(name="f"), choice=ToolChoice(mode="required"), preset=COMPATIBLE)
    assert "tool_choice" not in found
    assert [notice.feature for notice in notices] == ["tool_choice"]


@pytest.mark.parametrize(
    ("output", "spelled"),
    [
        (OutputFormat(kind="json"), {"type": "json_object"}),
        (OutputFormat(schema=SCHEMA), {"type": "json_schema", "name": "output", "schema": SCHEMA}),
        (
            OutputFormat(schema=SCHEMA, name="n", description="d", strict=True),
            {"type": "json_schema", "name": "n", "description": "d", "schema": CLOSED, "strict": True},
        ),
    ],
)
def test_the_form_of_the_answer_is_beside_its_verbosity(output: OutputFormat, spelled: JSONObject) -> None:
    options = Options(native=(ResponsesOptions(text={"verbosity": "low"}),))
    found, _ = sent(Request(model="m", messages=(user("Hi"),), output=output, options=options))
    assert found["text"] == {"format": spelled, "verbosity": "low"}


def test_a_format_in_the_wires_words_goes_before() -> None:
    options = Options(native=(ResponsesOptions(text={"format": {"type": "text"}}),))
    found, notices = sent(Request(model="m", messages=(user("Hi"),), output=OutputFormat(kind="json"), options=options))
    assert found["text"] == {"format": {"type": "text"}}
    assert [notice.feature for notice in notices] == ["output"]


BODIES: list[JSONObject] = [
    {"model": "m", "input": [{"role": "user", "content": "Hi"}], "temperature": 1, "store": False, "new": {"a": 1}},
    {"model": "m", "instructions": "Be brief.", "input": [{"role": "user", "content": "Hi"}]},
    {"model": "m", "input": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Hi"}]},
    {"model": "m", "input": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]},
    {"model": "m", "previous_response_id": "resp_1", "conversation": {"id": "c"}, "prompt": {"id": "p"}},
    {"model": "m", "input": [], "tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}},
    {"model": "m", "max_output_tokens": "many", "include": ["a", 1], "reasoning": {"effort": 7}, "input": []},
    {
        "model": "m",
        "input": [
            {"role": "user", "content": "Hi"},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"},
            {"type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": {}, "id": "t"},
            {
                "type": "tool_search_output",
                "call_id": "c",
                "execution": "client",
                "status": "completed",
                "tools": [],
            },
            {"type": "additional_tools", "role": "developer", "tools": []},
            {"type": "custom_tool_call", "call_id": "d", "name": "f", "input": "x"},
            {"type": "custom_tool_call_output", "call_id": "d", "output": "y"},
            {"type": "local_shell_call", "call_id": "e", "id": "e", "action": {"type": "exec"}},
            {"type": "local_shell_call_output", "call_id": "e", "id": "e", "output": "z"},
            {"type": "apply_patch_call", "call_id": "g", "operation": {"type": "delete_file"}},
            {"type": "apply_patch_call_output", "call_id": "g", "status": "failed", "output": "no"},
            {"type": "computer_call", "call_id": "h", "action": {"type": "wait"}},
            {
                "type": "computer_call_output",
                "call_id": "h",
                "output": {"type": "computer_screenshot", "image_url": "data:image/png;base64,iVBORw0KGgo="},
            },
            {"type": "shell_call", "call_id": "i", "action": {"commands": ["ls"]}},
            {"type": "shell_call_output", "call_id": "i", "output": [{"stdout": "a"}]},
            {"type": "item_reference", "id": "msg_9"},
            {"type": "compaction_trigger"},
        ],
    },
]


@pytest.mark.parametrize("asked", BODIES)
def test_a_body_comes_back_as_it_was(asked: JSONObject) -> None:
    request = Responses(OPENAI).parse(asked)
    found, _ = sent(request)
    assert found == {key: value for key, value in asked.items() if value != []}


@pytest.mark.parametrize(
    "asked",
    [
        {"model": 7},
        {"model": "m", "input": 7},
        {"model": "m", "input": [7]},
        {"model": "m", "input": [{"no": "role"}]},
        {"model": "m", "input": [{"role": "user"}]},
        {"model": "m", "input": [{"type": "function_call_output", "output": "x"}]},
        {"model": "m", "input": [{"type": "function_call_output", "call_id": "c", "output": 7}]},
        {"model": "m", "tools": [7]},
    ],
)
def test_what_is_no_request_is_an_error(asked: JSONObject) -> None:
    with pytest.raises(DecodeError):
        Responses(OPENAI).parse(asked)


def test_the_model_may_be_named_elsewhere() -> None:
    assert Responses(OPENAI).parse({"input": "Hi"}, model="m").model == "m"
    assert Responses(OPENAI).parse({"input": "Hi", "stream": True}) == Request(model="", messages=(user("Hi"),))
