"""How structured output can be asked for, service by service, and what becomes of strict schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel, Field

from chat_completions.output import CompletionsOutput, is_sent_whole
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.capabilities import StructuredOutput
from chat_core.codec.provider import capability
from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object
from chat_core.messages import user
from chat_core.outputs import output
from chat_core.request import OutputFormat, Request
from chat_core.tools import Tool

if TYPE_CHECKING:
    from chat_completions.preset import Preset
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice

OPENAI, GROQ = PRESETS["openai-chat"], PRESETS["groq"]


class Street(BaseModel):
    name: Annotated[str, Field(min_length=2)]


class Person(BaseModel):
    home: Annotated[Street, Field(description="Where.")]
    age: int | None = None


STRICT: JSONObject = {
    "$defs": {
        "Street": {
            "title": "Street",
            "type": "object",
            "properties": {"name": {"type": "string", "description": "Has to hold: minLength: 2"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    },
    "title": "Person",
    "type": "object",
    "properties": {
        "home": {
            "title": "Street",
            "description": "Where.",
            "type": "object",
            "properties": {"name": {"type": "string", "description": "Has to hold: minLength: 2"}},
            "required": ["name"],
            "additionalProperties": False,
        },
        "age": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
    },
    "required": ["home", "age"],
    "additionalProperties": False,
}
MAP: JSONObject = {"type": "object", "additionalProperties": {"type": "integer"}}


def encoded(preset: Preset, output: OutputFormat | None, *tools: Tool) -> tuple[JSON, JSON, tuple[Notice, ...]]:
    wire = Completions(preset).encode(Request(model="m", messages=(user("Hi"),), tools=tools, output=output))
    assert isinstance(wire.body, dict)
    body = parse_object(dump(wire.body))
    return body.get("response_format"), body.get("tools"), wire.notices


@pytest.mark.parametrize(
    ("name", "strategies", "json_mode"),
    [
        ("openai-chat", ("native", "tool", "prompted"), True),
        ("deepseek", ("tool", "prompted"), True),
        ("moonshot", ("native", "prompted"), True),
        ("lmstudio", ("native", "tool", "prompted"), False),
    ],
)
def test_the_preset_states_the_strategies(name: str, strategies: tuple[str, ...], json_mode: bool) -> None:
    provider = Completions(PRESETS[name])
    found = capability(provider, StructuredOutput)
    assert found == CompletionsOutput(PRESETS[name])
    assert found is not None
    assert found.strategies == found.strategies_for(OutputFormat(schema=MAP)) == strategies
    assert found.json_mode is json_mode


def test_a_form_without_a_schema_is_no_tool() -> None:
    form = OutputFormat(kind="json")
    assert CompletionsOutput(OPENAI).strategies_for(form) == ("native", "prompted")
    assert CompletionsOutput(PRESETS["lmstudio"]).strategies_for(form) == ("prompted",)


def test_a_strict_schema_becomes_what_the_service_takes() -> None:
    form, _, notices = encoded(OPENAI, output(Person, strict=True).format)
    assert form == {"type": "json_schema", "json_schema": {"name": "output", "schema": STRICT, "strict": True}}
    assert {notice.feature for notice in notices} == {"output.schema"}
    assert [notice.requested for notice in notices] == [2, 2, ["home"]]


@pytest.mark.parametrize(("preset", "strict"), [(OPENAI, None), (OPENAI, False), (GROQ, True)])
def test_other_schemas_travel_whole(preset: Preset, strict: bool | None) -> None:
    wanted = output(Person, strict=strict).format
    form, _, notices = encoded(preset, wanted)
    assert isinstance(form, dict)
    assert isinstance(spec := form["json_schema"], dict)
    assert spec["schema"] == wanted.schema
    assert spec.get("strict") is strict
    assert notices == ()


def test_a_strict_tool_is_weakened_too() -> None:
    schema = output(Person).format.schema
    _, tools, notices = encoded(OPENAI, None, Tool(name="f", parameters=schema, strict=True))
    assert tools == [{"type": "function", "function": {"name": "f", "parameters": STRICT, "strict": True}}]
    assert {notice.feature for notice in notices} == {"tools.f.parameters"}


def test_what_cannot_be_strict_travels_whole_and_is_not() -> None:
    form, tools, notices = encoded(
        OPENAI, OutputFormat(schema=MAP, strict=True), Tool(name="f", parameters=MAP, strict=True)
    )
    assert form == {"type": "json_schema", "json_schema": {"name": "output", "schema": MAP}}
    assert tools == [{"type": "function", "function": {"name": "f", "parameters": MAP}}]
    assert [notice.applied for notice in notices] == [{"strict": False}] * 2


@pytest.mark.parametrize(
    ("schema", "strict", "whole"),
    [(STRICT, True, True), (MAP, True, False), (MAP, None, True), (MAP, False, True), ("odd", True, True)],
)
def test_it_is_known_beforehand_what_is_sent_whole(schema: JSON, strict: bool | None, whole: bool) -> None:
    assert is_sent_whole(schema, strict, OPENAI) is whole
    assert is_sent_whole(schema, strict, GROQ)
