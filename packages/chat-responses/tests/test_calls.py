"""Calls of tools: each type of item comes back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.parts import ToolCall
from chat_core.tools import names_of
from chat_responses.calls import decode_call, encode_call, text_of, type_of
from chat_responses.options import native_tool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

ORIGIN = "openai@api.openai.com/responses"

ITEMS: list[JSONObject] = [
    {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": '{"a":1}', "status": "completed"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a', "namespace": "n"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": ""},
    {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "f", "input": "free words"},
    {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}},
    {"type": "web_search_call", "id": "ws_1", "call_id": "c", "name": "web_search", "arguments": '{"query":"q"}'},
    {"type": "file_search_call", "id": "fs_1", "queries": ["a"], "results": [{"text": "t"}]},
    {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "cn", "outputs": []},
    {"type": "mcp_call", "id": "mcp_1", "server_label": "s", "name": "ask", "arguments": '{"q":"a"}', "output": "o"},
    {"type": "x_search_call", "id": "xs_1", "call_id": "c", "name": "x", "arguments": '{"q":"a"}'},
    {"type": "computer_call", "call_id": "c", "id": "cu_1", "actions": [{"type": "wait"}], "pending_safety_checks": []},
    {"type": "shell_call", "call_id": "c", "id": "sh_1", "action": {"commands": ["ls"]}, "environment": None},
    {"type": "local_shell_call", "call_id": "c", "id": "ls_1", "action": {"type": "exec", "command": ["ls"]}},
    {"type": "apply_patch_call", "call_id": "c", "id": "ap_1", "operation": {"type": "delete_file", "path": "p"}},
    {"type": "tool_search_call", "call_id": "c", "id": "ts_1", "arguments": {"q": 1}, "execution": "client"},
]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: str(item["type"]))
def test_a_call_comes_back_as_it_was(item: JSONObject) -> None:
    call = decode_call(item, ORIGIN)
    assert call is not None
    mine = call.meta.get(ORIGIN, {})
    again = encode_call(call, type_of(mine, custom=False), mine)
    assert again == {key: value for key, value in item.items() if value is not None}


@pytest.mark.parametrize(
    ("item", "name", "executed"),
    [
        (ITEMS[0], "f", False),
        (ITEMS[3], "f", False),
        (ITEMS[4], "web_search", True),
        (ITEMS[7], "code_interpreter", True),
        (ITEMS[8], "ask", True),
        (ITEMS[9], "x", True),
        (ITEMS[10], "computer", False),
        (ITEMS[11], "shell", False),
        (ITEMS[11] | {"environment": {"type": "container_auto"}}, "shell", True),
        (ITEMS[11] | {"environment": {"type": "local"}}, "shell", False),
        (ITEMS[14], "tool_search", False),
        (ITEMS[14] | {"execution": "server"}, "tool_search", True),
    ],
)
def test_a_call_says_who_runs_the_tool(item: JSONObject, name: str, executed: bool) -> None:
    call = decode_call(item, ORIGIN)
    assert call is not None
    assert (call.name, call.executed) == (name, executed)


def test_edited_arguments_are_sent() -> None:
    call = ToolCall(id="c", name="shell", arguments={"commands": ["pwd"]}, meta={ORIGIN: {"type": "shell_call"}})
    assert encode_call(call, "shell_call", {"type": "shell_call", "call_id": "c"}) == {
        "type": "shell_call",
        "action": {"commands": ["pwd"]},
        "call_id": "c",
    }


@pytest.mark.parametrize(
    "item",
    [
        {"type": "web_search_call", "id": "ws_1"},
        {"type": "file_search_call", "id": "fs_1"},
        {"type": "tool_search_call", "arguments": {"q": 1}},
        {"type": "view_call", "id": "v"},
        {"type": "compaction", "id": "c"},
    ],
)
def test_an_item_without_its_members_is_no_call(item: JSONObject) -> None:
    assert decode_call(item, ORIGIN) is None


def test_a_call_of_another_service_is_a_functions_or_a_declared_free_form_one() -> None:
    assert type_of(None, custom=False) == "function_call"
    assert type_of(None, custom=True) == "custom_tool_call"
    assert type_of({"id": "fc_1"}, custom=False) == "function_call"
    call = ToolCall(id="c", name="f", arguments={"a": "ö"})
    assert text_of(call) == '{"a":"ö"}'
    assert encode_call(call, "custom_tool_call", {})["input"] == '{"a":"ö"}'


def test_both_forms_of_the_computer_declare_the_tool_that_their_calls_name() -> None:
    call = decode_call(ITEMS[10], ORIGIN)
    assert call is not None
    for kind in ("computer", "computer_use_preview"):
        assert names_of([native_tool({"type": kind})]) == {call.name}
