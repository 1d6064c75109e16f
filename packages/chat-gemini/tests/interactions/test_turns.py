from __future__ import annotations

import pytest
from interacting import HELLO, MODEL, ORIGIN, SERVICE, body_of, decoded, encoded, output, said, text

from chat_core.errors import UnsupportedContent
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import URL, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_gemini.interactions.provider import Interactions

STRANGER = "stranger@elsewhere.example/x"
THOUGHT = Reasoning("Hm.", signature="s", meta={STRANGER: {}})
SAID = {"type": "user_input", "content": [text("Hi")]}


def notices(*messages: Message, options: Options | None = None) -> list[str]:
    asked = Request(model=MODEL, messages=messages, options=options if options is not None else Options())
    return [notice.feature for notice in SERVICE.encode(asked).notices]


def test_instructions_that_come_first_are_one_text() -> None:
    body = encoded(system("Be brief."), system(Text("Be kind."), Json({"a": 1})), user("Hi"))
    assert (body["system_instruction"], body["input"]) == ('Be brief.\n\nBe kind.\n\n{"a":1}', [SAID])


def test_later_instructions_are_said_as_input_with_a_notice() -> None:
    messages = (user("Hi"), system("Be brief."))
    assert encoded(*messages)["input"] == [SAID, {"type": "user_input", "content": [text("Be brief.")]}]
    assert notices(*messages) == ["system"]


def test_instructions_are_text() -> None:
    with pytest.raises(UnsupportedContent, match="instructions are text"):
        encoded(system(Media(kind="image", source=URL("u"))), user("Hi"))


def test_thoughts_of_others_follow_the_policy() -> None:
    messages = (user("Hi"), assistant(THOUGHT, "Hello."))
    assert encoded(*messages)["input"] == [SAID, output(text("Hello."))]
    assert notices(*messages) == ["reasoning"]
    spoken = Options(foreign_reasoning="as_text")
    assert encoded(*messages, options=spoken)["input"] == [SAID, output(text("Hm.")), output(text("Hello."))]
    assert notices(*messages, options=spoken) == ["reasoning"]
    with pytest.raises(UnsupportedContent, match="foreign_reasoning is fail"):
        encoded(*messages, options=Options(foreign_reasoning="fail"))


def test_thoughts_go_back_to_the_family_of_models_that_had_them() -> None:
    thought = {"type": "thought", "signature": "c2ln"}
    answer = decoded(said({**thought}, output(text("Hello.")))).message
    assert thought in (encoded(user("Hi"), answer)["input"] or ())  # type: ignore[operator] # pyright: ignore[reportOperatorIssue] - a list
    assert encoded(user("Hi"), answer, model="gemini-3.8-pro")["input"] == encoded(user("Hi"), answer)["input"]
    assert encoded(user("Hi"), answer, model="gemini-4-argon")["input"] == [SAID, output(text("Hello."))]


def test_what_other_services_ran_is_left_out_with_a_notice() -> None:
    call = ToolCall(id="1", name="web", arguments={}, executed=True)
    result = ToolResult(call_id="1", content=(Text("a"),), executed=True)
    block = Opaque(origin=STRANGER, kind="b", data={"type": "b"})
    messages = (user("Hi", block), assistant(call, result, block, "Hello."))
    assert encoded(*messages)["input"] == [SAID, output(text("Hello."))]
    assert notices(*messages) == ["b", "web", "tool_result"]


def test_words_that_are_no_text_are_said_as_text() -> None:
    body = encoded(user(Json({"a": 1})), assistant(Refusal("No."), Json([1])), user())
    assert body["input"] == [
        {"type": "user_input", "content": [text('{"a":1}')]},
        output(text("No.")),
        output(text("[1]")),
        {"type": "user_input", "content": []},
    ]


def test_what_cannot_stand_in_a_message_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match="Reasoning cannot stand in a user message"):
        encoded(user(THOUGHT))


def test_results_come_before_what_the_user_says_with_them() -> None:
    call = ToolCall(id="1", name="f", arguments={})
    body = encoded(user("Hi"), assistant(call), Message(role="user", parts=(Text("And?"), ToolResult(call_id="1"))))
    assert isinstance(body["input"], list)
    assert body["input"][2:] == [
        {"type": "function_result", "call_id": "1", "result": ""},
        {"type": "user_input", "content": [text("And?")]},
    ]


def test_a_name_of_the_service_changes_nothing() -> None:
    answer = decoded(said({"type": "thought", "signature": "c2ln"})).message
    mine = Interactions(name="mine")
    wire = mine.encode(Request(model=MODEL, messages=(*HELLO.messages, answer)))
    assert body_of(wire)["input"] == encoded(*HELLO.messages, answer)["input"]
    assert mine.accepts(ORIGIN)


def test_an_empty_result_of_a_tool_is_an_empty_text() -> None:
    call = ToolCall(id="1", name="f", arguments={})
    body = encoded(user("Hi"), assistant(call), tool_results(ToolResult(call_id="1")))
    assert isinstance(body["input"], list)
    assert body["input"][-1] == {"type": "function_result", "call_id": "1", "result": ""}


def test_an_empty_text_that_carried_a_signature_of_another_wire_is_not_sent() -> None:
    signed = Text("", meta={STRANGER: {"thoughtSignature": "s"}})
    assert encoded(user("Hi"), assistant("Yes.", signed), user("Hi"))["input"] == [SAID, output(text("Yes.")), SAID]
