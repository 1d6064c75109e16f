"""Messages become items: what goes back, what is left out, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import dump
from chat_core.errors import UnansweredToolCall, UnsupportedContent
from chat_core.jsonvalue import parse_object
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import (
    URL,
    Citation,
    FileID,
    Inline,
    Json,
    Media,
    Opaque,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from chat_core.request import Request
from chat_responses.items import decode_item
from chat_responses.options import ResponsesOptions, custom_tool
from chat_responses.presets import OPENAI
from chat_responses.provider import Responses

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import ForeignReasoning
    from chat_core.tools import NativeTool

SERVICE = Responses(OPENAI)
ORIGIN = SERVICE.origin("m")
SEALED: JSONObject = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}
SAID: JSONObject = {
    "type": "message",
    "id": "msg_1",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "a", "annotations": [], "logprobs": []}],
}
FUNCTION: JSONObject = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}


def answer(*items: JSONObject) -> Message:
    return Message(role="assistant", parts=tuple(part for item in items for part in decode_item(item, ORIGIN)))


def sent(
    *messages: Message,
    policy: ForeignReasoning | None = None,
    tools: tuple[NativeTool, ...] = (),
    store: bool | None = None,
) -> tuple[JSONObject, list[str]]:
    options = Options(foreign_reasoning=policy, native=(ResponsesOptions(store=store),))
    wire = SERVICE.encode(Request(model="m", messages=messages, tools=tools, options=options))
    assert isinstance(wire.body, dict)
    return parse_object(dump(wire.body)), [notice.feature for notice in wire.notices]


def items(*messages: Message, store: bool | None = None) -> JSON:
    return sent(*messages, store=store)[0]["input"]


def test_a_leading_text_of_the_system_is_the_instructions() -> None:
    body, _ = sent(system("Be brief."), user("Hi"))
    assert (body["instructions"], body["input"]) == ("Be brief.", [{"role": "user", "content": "Hi"}])


def test_other_instructions_stand_among_the_items() -> None:
    body, _ = sent(user("Hi"), system("Be brief."))
    assert body["input"] == [{"role": "user", "content": "Hi"}, {"role": "system", "content": "Be brief."}]
    assert "instructions" not in body
    several = sent(system("a", "b"), user("Hi"))[0]["input"]
    assert isinstance(several, list)
    assert several[0] == {
        "role": "system",
        "content": [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}],
    }


def test_an_answer_goes_back_as_it_came() -> None:
    assert items(user("Hi"), answer(SEALED, SAID), user("On")) == [
        {"role": "user", "content": "Hi"},
        SEALED,
        SAID,
        {"role": "user", "content": "On"},
    ]


def test_an_answer_of_another_service_is_plain_text() -> None:
    foreign = Text("a", meta={"claude@api.anthropic.com/claude": {"k": 1}})
    assert items(user("Hi"), assistant(foreign, Json({"b": 1}), Refusal("c"))) == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "a"},
        {"role": "assistant", "content": '{"b":1}'},
        {"role": "assistant", "content": "c"},
    ]


def test_an_empty_text_that_carried_a_signature_of_another_service_is_not_sent() -> None:
    signed = Text("", meta={"gemini@elsewhere.example/gemini-3": {"thoughtSignature": "s"}})
    assert items(user("Hi"), assistant("Yes.", signed)) == items(user("Hi"), assistant("Yes."))


def test_reasoning_without_what_followed_it_is_left_out() -> None:
    body, notices = sent(user("Hi"), answer(SEALED), user("On"))
    assert body["input"] == [{"role": "user", "content": "Hi"}, {"role": "user", "content": "On"}]
    assert notices == ["reasoning"]


def test_reasoning_that_is_neither_stored_nor_sealed_is_left_out() -> None:
    bare: JSONObject = {"type": "reasoning", "id": "rs_1", "summary": []}
    assert items(user("Hi"), answer(bare, SAID), store=False) == [{"role": "user", "content": "Hi"}, SAID]
    assert items(user("Hi"), answer(bare, SAID)) == [{"role": "user", "content": "Hi"}, bare, SAID]
    assert items(user("Hi"), answer(SEALED, SAID), store=False) == [{"role": "user", "content": "Hi"}, SEALED, SAID]


def test_several_pieces_of_reasoning_are_one_item_again() -> None:
    item: JSONObject = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}],
        "content": [{"type": "reasoning_text", "text": "c"}],
    }
    found = items(user("Hi"), answer(item, SAID))
    assert isinstance(found, list)
    assert found[1] == item


@pytest.mark.parametrize(
    ("policy", "spelled"), [(None, []), ("drop", []), ("as_text", [{"role": "assistant", "content": "Hm."}])]
)
def test_reasoning_of_another_origin_follows_the_policy(policy: ForeignReasoning | None, spelled: list[JSON]) -> None:
    foreign = Reasoning("Hm.", meta={"claude@api.anthropic.com/claude": {"signature": "s"}})
    body, notices = sent(user("Hi"), assistant(foreign, "a"), policy=policy)
    assert body["input"] == [{"role": "user", "content": "Hi"}, *spelled, {"role": "assistant", "content": "a"}]
    assert notices == ["reasoning"]


def test_reasoning_of_another_origin_can_be_refused() -> None:
    with pytest.raises(UnsupportedContent, match="another origin"):
        sent(user("Hi"), assistant(Reasoning("Hm."), "a"), policy="fail")


def test_a_call_and_its_result_stand_side_by_side() -> None:
    result = ToolResult(call_id="c", content=(Text("rain"),), name="f")
    assert items(user("Hi"), answer(FUNCTION), tool_results(result)) == [
        {"role": "user", "content": "Hi"},
        FUNCTION,
        {"type": "function_call_output", "call_id": "c", "output": "rain"},
    ]


def test_an_id_that_is_too_long_is_shortened_for_the_call_and_its_result() -> None:
    call = ToolCall(id="x" * 65, name="f", arguments={})
    body, notices = sent(user("Hi"), assistant(call), tool_results(ToolResult(call_id="x" * 65)))
    assert isinstance(body["input"], list)
    ids = [item.get("call_id") for item in body["input"] if isinstance(item, dict) and "call_id" in item]
    assert ids[0] == ids[1] != "x" * 65
    assert isinstance(ids[0], str)
    assert len(ids[0]) <= 64
    assert notices == ["tool call id"]


def test_a_call_without_a_result_is_refused() -> None:
    with pytest.raises(UnansweredToolCall, match="f"):
        sent(user("Hi"), answer(FUNCTION), user("On"))


def test_a_call_of_a_declared_free_form_tool_is_one_whoever_made_it() -> None:
    call = ToolCall(id="c", name="f", raw="words")
    result = ToolResult(call_id="c", content=(Text("ok"),))
    body, _ = sent(user("Hi"), assistant(call), tool_results(result), tools=(custom_tool("f"),))
    assert body["input"] == [
        {"role": "user", "content": "Hi"},
        {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "words"},
        {"type": "custom_tool_call_output", "call_id": "c", "output": "ok"},
    ]


def test_what_another_service_ran_itself_is_left_out_with_notices() -> None:
    call = ToolCall(id="c", name="web_search", arguments={}, executed=True, meta={"x@y/z": {"type": "server_tool_use"}})
    result = ToolResult(call_id="c", content=(Json([]),), executed=True)
    body, notices = sent(user("Hi"), assistant(call, result, Opaque(origin="x@y/z", kind="k", data={}), "a"))
    assert body["input"] == [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "a"}]
    assert notices == ["web_search", "tool_result", "k"]


def test_a_router_gets_back_what_its_other_name_sent() -> None:
    other = Responses(OPENAI, name="work")
    part = Text("a", meta={other.origin("m"): {"_item": {"id": "msg_1", "type": "message", "status": "completed"}}})
    found = items(user("Hi"), assistant(part))
    assert isinstance(found, list)
    assert found[1] == SAID


def test_media_stand_in_the_users_messages() -> None:
    image = Media(kind="image", source=Inline(b"\x89PNG\r\n\x1a\n"))
    page = Media(kind="document", source=Inline(b"%PDF-"), mime="application/pdf", name="a.pdf")
    link = Media(kind="image", source=URL("https://a.example/b.png"))
    file = Media(kind="document", source=FileID("file_1"))
    assert items(user(image, page, link, file)) == [
        {
            "role": "user",
            "content": [
                {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=", "detail": "auto"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
                {"type": "input_image", "image_url": "https://a.example/b.png", "detail": "auto"},
                {"type": "input_file", "file_id": "file_1"},
            ],
        }
    ]


def test_a_file_without_a_name_gets_one_with_a_notice() -> None:
    body, notices = sent(user(Media(kind="document", source=Inline(b"%PDF-"))))
    assert body["input"] == [
        {
            "role": "user",
            "content": [
                {"type": "input_file", "filename": "document", "file_data": "data:application/pdf;base64,JVBERi0="}
            ],
        }
    ]
    assert notices == ["document"]


def test_media_that_cannot_be_spelled_raise() -> None:
    video = Media(kind="video", source=URL("https://a.example/b.mp4"))
    with pytest.raises(UnsupportedContent, match="no video"):
        sent(user(video))
    with pytest.raises(UnsupportedContent, match="user message"):
        sent(user("Hi"), assistant(Media(kind="image", source=Inline(b"\x89PNG\r\n\x1a\n"))))


def test_an_image_of_this_service_goes_back() -> None:
    item: JSONObject = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBORw0KGgo="}
    found = items(user("Hi"), answer(item))
    assert isinstance(found, list)
    assert found[1] == item


def test_citations_of_this_wire_go_back() -> None:
    notes: JSON = [
        {"type": "url_citation", "start_index": 0, "end_index": 1, "url": "https://a.example"},
        {"type": "file_citation", "file_id": "file_1", "filename": "a.pdf", "index": 0},
    ]
    top: JSON = [{"token": "b", "logprob": -1.5}]
    tokens: JSON = [{"token": "a", "logprob": -0.5, "bytes": [97], "top_logprobs": top}]
    content: JSON = [{"type": "output_text", "text": "a", "annotations": notes, "logprobs": tokens}]
    cited: JSONObject = {**SAID, "content": content}
    message = answer(cited)
    assert isinstance(message.parts[0], Text)
    assert message.parts[0].citations[0].url == "https://a.example"
    assert message.parts[0].citations[1].title == "a.pdf"
    found = items(user("Hi"), message)
    assert isinstance(found, list)
    assert found[1] == cited


def test_a_citation_of_another_wire_is_not_sent() -> None:
    assert items(user("Hi"), assistant(Text("a", citations=(Citation(url="https://a.example"),)))) == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
    ]


def test_what_the_program_says_as_an_item_is_one() -> None:
    approved = Opaque(
        origin=ORIGIN, kind="mcp_approval_response", data={"type": "mcp_approval_response", "approve": True}
    )
    assert items(user(approved, "Go on.")) == [
        {"type": "mcp_approval_response", "approve": True},
        {"role": "user", "content": "Go on."},
    ]


def test_a_call_cannot_stand_in_a_users_message() -> None:
    with pytest.raises(UnsupportedContent, match="ToolCall"):
        sent(user(ToolCall(id="c", name="f", arguments={})), tool_results(ToolResult(call_id="c")))
