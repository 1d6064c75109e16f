"""Declarations and choices in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from chat_core.errors import DecodeError
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import Request
from chat_core.tools import NativeTool, Tool, ToolChoice
from chat_gemini.options import GeminiOptions, google_search, mcp_server
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSONObject
    from chat_core.tools import AnyTool

GEMINI = Gemini()
MODEL = "gemini-3.8-flash"
SCHEMA: JSONObject = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string"}}}
F, G = Tool(name="f", description="Do.", parameters=SCHEMA), Tool(name="g")


def encode(*tools: AnyTool, choice: ToolChoice | None = None, native: GeminiOptions | None = None) -> WireRequest:
    options = Options() if native is None else Options(native=(native,))
    request = Request(model=MODEL, messages=(user("Hi"),), tools=tools, tool_choice=choice, options=options)
    return GEMINI.encode(request)


def body(wire: WireRequest) -> JSONObject:
    assert isinstance(wire.body, dict)
    return {key: value for key, value in cast("JSONObject", wire.body).items() if key != "contents"}


def test_all_functions_are_one_entry_and_schemas_travel_whole() -> None:
    assert body(encode(F, google_search(), G)) == {
        "tools": [
            {
                "functionDeclarations": [
                    {"name": "f", "description": "Do.", "parametersJsonSchema": SCHEMA},
                    {"name": "g"},
                ]
            },
            {"googleSearch": {}},
        ]
    }


def test_a_tool_of_another_service_stays_at_home() -> None:
    wire = encode(NativeTool(provider="claude", data={"type": "bash"}), choice=ToolChoice(mode="required"))
    assert body(wire) == {}
    assert [(notice.feature, notice.reason) for notice in wire.notices] == [
        ("tool", "only claude has this tool"),
        ("tool_choice", "no tool is left to choose"),
    ]


def test_mcp_servers_are_an_entry_and_their_tokens_are_in_no_repr() -> None:
    native = GeminiOptions(mcp_servers=(mcp_server("docs", "https://m.example", headers={"x-key": "hidden"}),))
    assert "hidden" not in repr(native)
    server = {"name": "docs", "streamableHttpTransport": {"url": "https://m.example", "headers": {"x-key": "hidden"}}}
    assert body(encode(native=native)) == {"tools": [{"mcpServers": [server]}]}


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoice(), {"mode": "AUTO"}),
        (ToolChoice(mode="required"), {"mode": "ANY"}),
        (ToolChoice(mode="none"), {"mode": "NONE"}),
        (ToolChoice(mode="required", names=("f",)), {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (ToolChoice(mode="auto", names=("f", "g")), {"mode": "VALIDATED", "allowedFunctionNames": ["f", "g"]}),
    ],
)
def test_a_choice_goes_and_comes_back(choice: ToolChoice, config: JSONObject) -> None:
    wire = encode(F, G, choice=choice)
    assert body(wire)["toolConfig"] == {"functionCallingConfig": config}
    assert wire.notices == ()
    assert GEMINI.parse({"toolConfig": {"functionCallingConfig": config}}, model=MODEL).tool_choice == choice


def test_strict_tools_are_held_to_by_the_mode_that_knows_schemas() -> None:
    strict = Tool(name="f", parameters=SCHEMA, strict=True)
    assert body(encode(strict))["toolConfig"] == {"functionCallingConfig": {"mode": "VALIDATED"}}
    assert body(encode(strict, choice=ToolChoice(mode="required")))["toolConfig"] == {
        "functionCallingConfig": {"mode": "ANY"}
    }
    (notice,) = encode(strict, G).notices
    assert notice.reason == "the wire holds the model to all schemas or to none"


def test_what_only_the_wire_knows_goes_beside_the_choice() -> None:
    native = GeminiOptions(
        stream_arguments=True,
        include_server_tools=True,
        retrieval_config={"languageCode": "de"},
        tool_config={"functionCallingConfig": {"mode": "VALIDATED"}},
    )
    config: JSONObject = {
        "functionCallingConfig": {"mode": "VALIDATED", "streamFunctionCallArguments": True},
        "retrievalConfig": {"languageCode": "de"},
        "includeServerSideToolInvocations": True,
    }
    assert body(encode(F, native=native))["toolConfig"] == config
    assert GEMINI.parse({"toolConfig": config}, model=MODEL).options.native == (native,)


def test_a_declaration_in_the_wires_dialect_is_read_as_json_schema_and_goes_back_as_it_came() -> None:
    declared: JSONObject = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}}
    (tool,) = GEMINI.parse({"tools": [{"functionDeclarations": [declared]}]}, model=MODEL).tools
    assert isinstance(tool, Tool)
    assert tool.parameters == {"type": "object", "properties": {"a": {"type": "string"}}}
    assert body(encode(tool)) == {"tools": [{"functionDeclarations": [declared]}]}
    changed = Tool(name="f", parameters=SCHEMA, meta=tool.meta)
    assert body(encode(changed)) == {
        "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": SCHEMA}]}]
    }


def test_entries_are_taken_apart_and_single_ones_need_no_list() -> None:
    entry: JSONObject = {"functionDeclarations": [{"name": "g"}], "codeExecution": {}, "urlContext": None}
    assert GEMINI.parse({"tools": entry}, model=MODEL).tools == (
        Tool(name="g"),
        NativeTool(provider="gemini", data={"codeExecution": {}}),
    )


@pytest.mark.parametrize("tools", [[7], [{"functionDeclarations": [7]}], [{"functionDeclarations": [{"name": 7}]}]])
def test_a_malformed_tool_is_refused(tools: list[int]) -> None:
    with pytest.raises(DecodeError, match="malformed"):
        GEMINI.parse({"tools": [*tools]}, model=MODEL)
