from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_completions.options import CompletionsOptions, custom_tool, native_tool
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_completions.tools import parse_choice, parse_output, parse_tool
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool, ToolChoice

if TYPE_CHECKING:
    from chat_completions.preset import Preset
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.tools import AnyTool

PRESET = PRESETS["openai-chat"]
F: JSONObject = {"type": "function", "function": {"name": "f"}}


def wire(
    *tools: AnyTool, choice: ToolChoice | None = None, output: OutputFormat | None = None, preset: Preset = PRESET
) -> WireRequest:
    return Completions(preset).encode(Request(model="m", messages=(), tools=tools, tool_choice=choice, output=output))


def member(sent: WireRequest, key: str) -> object:
    assert isinstance(sent.body, dict)
    return sent.body.get(key)


def noticed(sent: WireRequest) -> list[str]:
    return [notice.feature for notice in sent.notices]


def test_schemas_travel_whole() -> None:
    schema: JSONObject = {"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": {"minimum": 0}}}
    sent = wire(Tool(name="f", parameters=schema, description="d", strict=False))
    spec: JSONObject = {"name": "f", "description": "d", "parameters": schema, "strict": False}
    assert member(sent, "tools") == [{"type": "function", "function": spec}]


def test_no_tools_are_no_member() -> None:
    assert member(wire(), "tools") is None


def test_own_tools_are_sent_and_others_are_noticed() -> None:
    sent = wire(native_tool({"type": "web_search"}), NativeTool(provider="other", data={"type": "x"}))
    assert member(sent, "tools") == [{"type": "web_search"}]
    assert noticed(sent) == ["tools"]


def test_strict_is_dropped_with_a_notice_where_it_is_unknown() -> None:
    sent = wire(Tool(name="f", strict=True), preset=replace(PRESET, strict_tools=False))
    assert member(sent, "tools") == [F]
    assert noticed(sent) == ["strict"]


NARROW: JSONObject = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [F]}}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (ToolChoice(), "auto"),
        (ToolChoice(mode="none", names=("f",)), "none"),
        (ToolChoice(mode="required"), "required"),
        (ToolChoice(mode="required", names=("f",)), F),
        (ToolChoice(mode="required", names=("g",)), {"type": "custom", "custom": {"name": "g"}}),
        (ToolChoice(names=("f",)), NARROW),
    ],
)
def test_a_choice_is_spelled_and_read(choice: ToolChoice, expected: JSON) -> None:
    tools = (Tool(name="f"), custom_tool("g"))
    assert member(wire(*tools, choice=choice), "tool_choice") == expected
    assert parse_choice(expected, tools, PRESET) == (ToolChoice(mode="none") if expected == "none" else choice)


def test_a_choice_that_cannot_be_made_is_noticed() -> None:
    free = wire(choice=ToolChoice(mode="required"), preset=replace(PRESET, forced_tools=False))
    assert (member(free, "tool_choice"), noticed(free)) == (None, ["tool_choice"])
    wide = wire(choice=ToolChoice(names=("f",)), preset=replace(PRESET, allowed_tools=False))
    assert (member(wide, "tool_choice"), noticed(wide)) == ("auto", ["tool_choice"])


ALLOWED_ONE: JSONObject = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [F]}}


@pytest.mark.parametrize("data", ["any", {"type": "function", "name": "f"}, ALLOWED_ONE, {**F, "odd": 1}, 3])
def test_other_choices_have_no_portable_form(data: JSON) -> None:
    assert parse_choice(data, (), PRESET) is None


def test_an_output_without_a_name_gets_the_required_one() -> None:
    sent = wire(output=OutputFormat(schema={"type": "object"}, description="d"))
    spec: JSONObject = {"name": "output", "description": "d", "schema": {"type": "object"}}
    assert member(sent, "response_format") == {"type": "json_schema", "json_schema": spec}


def test_an_output_is_weakened_with_a_notice() -> None:
    sent = wire(output=OutputFormat(schema={"type": "object"}), preset=PRESETS["deepseek"])
    assert member(sent, "response_format") == {"type": "json_object"}
    assert noticed(sent) == ["output"]


def test_any_object_is_a_schema_where_there_is_no_other_way() -> None:
    sent = wire(output=OutputFormat(kind="json"), preset=PRESETS["lmstudio"])
    spec: JSONObject = {"name": "output", "schema": {"type": "object"}}
    assert member(sent, "response_format") == {"type": "json_schema", "json_schema": spec}


@pytest.mark.parametrize(
    "data",
    [
        {"type": "text"},
        {"type": "json_schema", "json_schema": {"schema": {}}},
        {"type": "json_schema", "json_schema": {"name": "n", "schema": {}, "odd": 1}},
        {"type": "json_schema", "json_schema": {"name": "n", "schema": {}, "strict": "yes"}},
        "json",
    ],
)
def test_other_outputs_have_no_portable_form(data: JSON) -> None:
    assert parse_output(data, PRESET) is None


def test_a_tool_keeps_what_else_it_says() -> None:
    data: JSONObject = {"type": "function", "function": {"name": "f", "odd": 1}, "cache_control": {"type": "x"}}
    tool = parse_tool(data, "o", PRESET)
    assert tool == Tool(name="f", meta={"o": {"cache_control": {"type": "x"}, "function": {"odd": 1}}})
    assert parse_tool({"type": "function", "name": "f"}, "o", PRESET) == native_tool({"type": "function", "name": "f"})


def test_a_portable_setting_that_a_native_one_replaces_is_noticed() -> None:
    own = Options(native=(CompletionsOptions(tool_choice="none", response_format={"type": "text"}),))
    asked = Request(model="m", messages=(), tool_choice=ToolChoice(), output=OutputFormat(kind="json"), options=own)
    sent = Completions(PRESET).encode(asked)
    assert (member(sent, "tool_choice"), member(sent, "response_format")) == ("none", {"type": "text"})
    assert noticed(sent) == ["tool_choice", "output"]


def test_a_choice_among_tools_that_are_all_left_out_is_left_out_too() -> None:
    sent = wire(NativeTool(provider="elsewhere", data={}), choice=ToolChoice(mode="required"))
    assert member(sent, "tool_choice") is None
    assert "tool_choice" in noticed(sent)
