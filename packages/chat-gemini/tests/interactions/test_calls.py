from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import HELLO, ORIGIN, SERVICE, body_of, encoded, text

from chat_core.errors import UnsupportedContent
from chat_core.messages import assistant, tool_results, user
from chat_core.parts import Inline, Json, Media, Opaque, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_gemini.interactions.calls import decode_call, decode_result, encode_call, encode_result

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

CALL = ToolCall(id="1", name="f", arguments={"x": 1})


def test_a_call_is_the_programs_or_ran_on_the_service() -> None:
    own = decode_call({"type": "function_call", "id": "1", "name": "f", "arguments": {"x": 1}}, "function_call", ORIGIN)
    assert own == CALL
    search = decode_call({"type": "google_search_call", "id": "2", "arguments": {}}, "google_search_call", ORIGIN)
    assert search is not None
    assert (search.name, search.executed) == ("google_search", True)
    step: dict[str, JSON] = {
        "type": "mcp_server_tool_call",
        "id": "3",
        "name": "ask",
        "server_name": "w",
        "arguments": {},
    }
    remote = decode_call(step, "mcp_server_tool_call", ORIGIN)
    assert remote is not None
    assert (remote.name, remote.executed, remote.meta[ORIGIN]["server_name"]) == ("ask", True, "w")
    assert encode_call(remote, remote.meta[ORIGIN]) == step


def test_absent_arguments_are_none_that_there_are() -> None:
    call = decode_call({"type": "function_call", "id": "1", "name": "f"}, "function_call", ORIGIN)
    assert call is not None
    assert call.arguments == {}
    assert encode_call(call, {})["arguments"] == {}


def test_broken_arguments_are_sent_inside_an_object_with_a_notice() -> None:
    broken = ToolCall(id="1", name="f", raw='{"x')
    messages = (user("a"), assistant(broken), tool_results(ToolResult(call_id="1", content=(Text("no"),))))
    wire = SERVICE.encode(Request(model=HELLO.model, messages=messages))
    assert [notice.feature for notice in wire.notices] == ["tool arguments"]
    assert body_of(wire)["input"] == [
        {"type": "user_input", "content": [text("a")]},
        {"type": "function_call", "id": "1", "name": "f", "arguments": {"INVALID_JSON": '{"x'}},
        {"type": "function_result", "call_id": "1", "result": "no"},
    ]


RESULTS: dict[str, tuple[ToolResult, JSON]] = {
    "a text": (ToolResult(call_id="1", content=(Text("a"),)), "a"),
    "nothing": (ToolResult(call_id="1"), ""),
    "an object": (ToolResult(call_id="1", content=(Json({"a": 1}),)), {"a": 1}),
    "a number": (ToolResult(call_id="1", content=(Json(1.5),)), "1.5"),
    "a list, which would be taken for content": (ToolResult(call_id="1", content=(Json([1]),)), "[1]"),
    "an image": (
        ToolResult(call_id="1", content=(Text("a"), Media(kind="image", source=Inline(b"\0\0\0"), mime="image/png"))),
        [text("a"), {"type": "image", "data": "AAAA", "mime_type": "image/png"}],
    ),
    "objects and texts": (ToolResult(call_id="1", content=(Json({"a": 1}), Text("b"))), [text('{"a":1}'), text("b")]),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_a_function_gave_is_a_text_an_object_or_content(name: str) -> None:
    result, sent = RESULTS[name]
    assert encode_result(result, {}, ORIGIN, SERVICE.place)["result"] == sent


def test_a_result_says_its_tool_and_that_it_failed() -> None:
    result = ToolResult(call_id="1", name="f", content=(Text("no"),), is_error=True)
    step = encode_result(result, {}, ORIGIN, SERVICE.place)
    assert step == {"type": "function_result", "call_id": "1", "name": "f", "result": "no", "is_error": True}
    assert decode_result(step, "function_result", ORIGIN, executed=False) == result


@pytest.mark.parametrize(
    "step",
    [
        {"type": "function_result", "call_id": "1", "result": [text("a")]},
        {"type": "function_result", "call_id": "1", "result": [{"a": 1}]},
        {"type": "function_result", "call_id": "1", "result": []},
        {"type": "function_result", "call_id": "1", "result": {"sum": 18.0}, "name": "add"},
        {"type": "function_result", "call_id": "1", "result": [{"type": "image", "uri": "u"}, text("a")], "mood": "x"},
    ],
)
def test_a_recorded_result_goes_back_as_it_came(step: dict[str, JSON]) -> None:
    result = decode_result(step, "function_result", ORIGIN, executed=False)
    assert result is not None
    assert encode_result(result, result.meta.get(ORIGIN, {}), ORIGIN, SERVICE.place) == step


def test_a_block_of_another_service_is_refused() -> None:
    block = Opaque(origin="stranger@x/y", kind="b", data={"type": "b"})
    with pytest.raises(UnsupportedContent, match="send its text"):
        encoded(user("a"), assistant(CALL), tool_results(ToolResult(call_id="1", content=(block,))))
