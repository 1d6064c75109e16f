"""How structured output can be asked for on this wire, and what becomes of schemas that it does not take whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_claude.output import ClaudeOutput, can_be_strict
from chat_claude.provider import Claude
from chat_core.codec.capabilities import StructuredOutput
from chat_core.codec.provider import capability
from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object
from chat_core.messages import user
from chat_core.request import OutputFormat, Request
from chat_core.tools import Tool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.response import Notice

CLAUDE = Claude()


def schema(more: JSONObject) -> JSONObject:
    return {"type": "object", "properties": {"a": more}, "required": ["a"], "additionalProperties": False}


FITTING = schema({"type": "string", "format": "date"})
LIMITED = schema({"type": "integer", "minimum": 1, "maximum": 3})
WEAKENED = schema({"type": "integer", "description": "Has to hold: minimum: 1; maximum: 3"})
MAP = schema({"type": "object", "additionalProperties": {"type": "integer"}})
NODE: JSONObject = {**schema({"type": "array", "items": {"$ref": "#"}})}


def body(output: OutputFormat | None = None, *tools: Tool) -> tuple[JSONObject, tuple[Notice, ...]]:
    wire = CLAUDE.encode(Request(model="m", messages=(user("Hi"),), tools=tools, output=output))
    assert isinstance(wire.body, dict)
    sent = parse_object(dump(wire.body))
    found = {key: value for key, value in sent.items() if key in {"output_config", "tools"}}
    return found, tuple(notice for notice in wire.notices if notice.feature != "max_tokens")


def test_the_capability_states_the_strategies() -> None:
    assert capability(CLAUDE, StructuredOutput) == ClaudeOutput()
    assert ClaudeOutput().strategies == ("native", "tool", "prompted")
    assert not ClaudeOutput().json_mode


@pytest.mark.parametrize(
    ("form", "first"),
    [
        (OutputFormat(schema=FITTING), "native"),
        (OutputFormat(schema=LIMITED), "native"),
        (OutputFormat(schema=MAP), "tool"),
        (OutputFormat(schema=NODE), "tool"),
        (OutputFormat(kind="json"), "prompted"),
    ],
)
def test_a_form_is_asked_for_in_a_way_that_can_carry_it(form: OutputFormat, first: str) -> None:
    assert ClaudeOutput().strategies_for(form)[0] == first


def test_a_schema_that_fits_is_sent_as_it_is() -> None:
    sent, notices = body(OutputFormat(schema=FITTING))
    assert sent["output_config"] == {"format": {"type": "json_schema", "schema": FITTING}}
    assert notices == ()


def test_a_constraint_that_the_wire_refuses_goes_into_the_description() -> None:
    sent, notices = body(OutputFormat(schema=LIMITED))
    assert sent["output_config"] == {"format": {"type": "json_schema", "schema": WEAKENED}}
    assert [(notice.feature, notice.requested) for notice in notices] == [("output.schema", 1), ("output.schema", 3)]


@pytest.mark.parametrize("form", [MAP, NODE])
def test_a_schema_that_no_words_replace_is_left_to_the_service(form: JSONObject) -> None:
    sent, notices = body(OutputFormat(schema=form))
    assert sent["output_config"] == {"format": {"type": "json_schema", "schema": form}}
    assert notices == ()


def test_a_strict_tool_is_weakened_and_another_is_not() -> None:
    sent, notices = body(None, Tool(name="f", parameters=LIMITED, strict=True), Tool(name="g", parameters=LIMITED))
    assert sent["tools"] == [
        {"name": "f", "input_schema": WEAKENED, "strict": True},
        {"name": "g", "input_schema": LIMITED},
    ]
    assert [notice.feature for notice in notices] == ["tools.f.parameters"] * 2


def test_a_tool_that_cannot_be_strict_keeps_its_schema() -> None:
    sent, notices = body(None, Tool(name="f", parameters=MAP, strict=True))
    assert sent["tools"] == [{"name": "f", "input_schema": MAP}]
    assert [(notice.feature, notice.applied) for notice in notices] == [("strict", False)]
    assert "/properties/a is a map" in notices[0].reason


@pytest.mark.parametrize("sent", [FITTING, LIMITED, MAP, NODE])
def test_what_was_sent_by_other_means_goes_out_as_it_came(sent: JSONObject) -> None:
    came: JSONObject = {
        "model": "m",
        "max_tokens": 5,
        "tools": [{"name": "f", "input_schema": sent, "strict": True}],
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": sent}},
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }
    request = CLAUDE.parse(came)
    assert CLAUDE.encode(request).body == came
    assert (
        can_be_strict(sent) == (sent is FITTING) == (request.tools[0] == Tool(name="f", parameters=sent, strict=True))
    )
