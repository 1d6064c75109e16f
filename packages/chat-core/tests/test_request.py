"""A request is a value with nothing set that was not asked for."""

from __future__ import annotations

from dataclasses import replace

from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import Tool, ToolChoice


def test_a_request_needs_a_model_and_messages_only() -> None:
    request = Request(model="any:model/name", messages=(user("Hi"),))
    assert (request.tools, request.tool_choice, request.output, request.options) == ((), None, None, Options())


def test_requests_are_equal_by_content() -> None:
    request = Request(
        model="m",
        messages=(user("Hi"),),
        tools=(Tool(name="f", parameters={"type": "object"}),),
        tool_choice=ToolChoice(mode="required"),
        output=OutputFormat(schema={"type": "object"}),
        options=Options(temperature=0.0, logit_bias={"1": -100}),
    )
    assert replace(request) == request
    assert hash(replace(request)) == hash(request)
    assert replace(request, model="other") != request
    assert replace(request, options=Options(temperature=None)) != request


def test_an_output_format_is_a_schema_unless_said_otherwise() -> None:
    assert (OutputFormat().kind, OutputFormat().schema, OutputFormat().strict) == ("schema", None, None)
