from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.wire import dump
from chat_core.errors import UnansweredToolCall, UnsupportedContent
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

if TYPE_CHECKING:
    from chat_completions.preset import Preset
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import ForeignReasoning

PRESET = PRESETS["openai-chat"]
PROVIDER = Completions(PRESET)
ORIGIN = PROVIDER.origin("m")
CALL = ToolCall(id="c", name="f", arguments={"x": 1})
ANSWER = ToolResult(call_id="c", content=(Text("2"),))
CALLED: JSONObject = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
IMAGE = Media(kind="image", source=URL("https://a.test/b.png"))
SHOWN: JSONObject = {"type": "image_url", "image_url": {"url": "https://a.test/b.png"}}


def wire(*messages: Message, preset: Preset = PRESET, policy: ForeignReasoning | None = None) -> WireRequest:
    request = Request(model="m", messages=messages, options=Options(foreign_reasoning=policy))
    return Completions(preset).encode(request)


def spelled(*messages: Message, preset: Preset = PRESET, policy: ForeignReasoning | None = None) -> list[JSON]:
    body = wire(*messages, preset=preset, policy=policy).body
    assert isinstance(body, dict)
    found: list[JSON] = json.loads(dump(body["messages"]))
    return found


def test_one_plain_text_is_a_string() -> None:
    assert spelled(system("Be brief"), user("Hi"), assistant("Yes")) == [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes"},
    ]


def test_several_parts_are_a_list() -> None:
    content: list[JSON] = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, SHOWN]
    assert spelled(user("a", "b", IMAGE)) == [{"role": "user", "content": content}]


def test_a_preset_can_ask_for_strings() -> None:
    assert spelled(user("a", "b"), preset=replace(PRESET, plain_strings=True)) == [{"role": "user", "content": "ab"}]


def test_private_members_go_back_to_their_origin_only() -> None:
    marked = Text("a", meta={ORIGIN: {"cache_control": {"type": "x"}}})
    ours = Message(role="user", parts=(marked,), meta={ORIGIN: {"name": "Ann"}})
    content: list[JSON] = [{"type": "text", "text": "a", "cache_control": {"type": "x"}}]
    assert spelled(ours) == [{"role": "user", "content": content, "name": "Ann"}]
    assert spelled(ours, preset=PRESETS["groq"]) == [{"role": "user", "content": "a"}]


def test_calls_and_their_results() -> None:
    other = ToolCall(id="d", name="g", raw="cut off")
    results = tool_results(ANSWER, ToolResult(call_id="d", name="g", content=(Json({"y": [2]}),)))
    assert spelled(assistant(CALL, other), results) == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [CALLED, {"id": "d", "type": "function", "function": {"name": "g", "arguments": "cut off"}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": "2"},
        {"role": "tool", "tool_call_id": "d", "name": "g", "content": '{"y":[2]}'},
    ]


def test_a_preset_can_want_empty_content_beside_calls() -> None:
    first, _ = spelled(assistant(CALL), tool_results(ANSWER), preset=PRESETS["mistral"])
    assert first == {"role": "assistant", "content": "", "tool_calls": [CALLED]}


def test_results_in_a_users_message_come_before_its_words() -> None:
    assert spelled(assistant(CALL), user(ANSWER, "Thanks"))[1:] == [
        {"role": "tool", "tool_call_id": "c", "content": "2"},
        {"role": "user", "content": "Thanks"},
    ]


def test_a_failed_result_says_so_in_its_content() -> None:
    failed = ToolResult(call_id="c", content=(Text("no disk"),), is_error=True)
    silent = ToolResult(call_id="c", is_error=True)
    assert spelled(assistant(CALL), tool_results(failed))[1] == {
        "role": "tool",
        "tool_call_id": "c",
        "content": "Error: no disk",
    }
    assert spelled(assistant(CALL), tool_results(silent))[1] == {
        "role": "tool",
        "tool_call_id": "c",
        "content": "Error: ",
    }


def test_media_of_results_follow_as_the_users_with_a_notice() -> None:
    other = ToolCall(id="d", name="g", arguments={})
    results = tool_results(
        ToolResult(call_id="c", content=(Text("see"), IMAGE)), ToolResult(call_id="d", content=(IMAGE,))
    )
    sent = wire(assistant(CALL, other), results, user("Go on"))
    assert spelled(assistant(CALL, other), results, user("Go on"))[1:] == [
        {"role": "tool", "tool_call_id": "c", "content": "see"},
        {"role": "tool", "tool_call_id": "d", "content": ""},
        {"role": "user", "content": [SHOWN, SHOWN]},
        {"role": "user", "content": "Go on"},
    ]
    assert [notice.feature for notice in sent.notices] == ["tool_result", "tool_result"]


def test_media_of_results_stay_where_the_service_takes_them() -> None:
    result = tool_results(ToolResult(call_id="c", content=(IMAGE,)))
    assert spelled(assistant(CALL), result, preset=PRESETS["llamacpp"])[1] == {
        "role": "tool",
        "tool_call_id": "c",
        "content": [SHOWN],
    }


@pytest.mark.parametrize(
    "messages",
    [
        (assistant(CALL),),
        (assistant(CALL), user("Hi"), assistant("x")),
        (assistant(CALL), user("x"), tool_results(ANSWER)),
    ],
)
def test_a_call_without_its_result_is_refused(messages: tuple[Message, ...]) -> None:
    with pytest.raises(UnansweredToolCall, match="f"):
        spelled(*messages)


def test_own_reasoning_goes_back_in_its_field() -> None:
    thought = Reasoning("hm", meta={ORIGIN: {"field": "reasoning_content"}})
    assert spelled(assistant(thought, "Yes")) == [{"role": "assistant", "content": "Yes", "reasoning_content": "hm"}]


def test_a_preset_can_refuse_its_own_reasoning() -> None:
    thought = Reasoning("hm", meta={ORIGIN: {"field": "reasoning_content"}})
    sent = wire(assistant(thought, "Yes"), preset=replace(PRESET, replays_reasoning=False))
    assert [notice.feature for notice in sent.notices] == ["reasoning"]


def test_thinking_parts_go_back_into_the_content() -> None:
    thought = Reasoning("hm", meta={ORIGIN: {"field": "thinking"}})
    thinking: JSONObject = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    assert spelled(assistant(thought, "Yes")) == [
        {"role": "assistant", "content": [thinking, {"type": "text", "text": "Yes"}]}
    ]


def test_foreign_reasoning_is_dropped_with_a_notice() -> None:
    sent = wire(assistant(Reasoning("hm", meta={"other@host/x": {"sig": "z"}}), "Yes"))
    assert sent.body == {"model": "m", "messages": [{"role": "assistant", "content": "Yes"}]}
    assert [(notice.feature, notice.applied) for notice in sent.notices] == [("reasoning", None)]


def test_foreign_reasoning_may_go_as_text_or_fail() -> None:
    foreign = assistant(Reasoning("hm"), "Yes")
    content: list[JSON] = [{"type": "text", "text": "hm"}, {"type": "text", "text": "Yes"}]
    assert spelled(foreign, policy="as_text") == [{"role": "assistant", "content": content}]
    with pytest.raises(UnsupportedContent):
        spelled(foreign, policy="fail")


def test_what_others_ran_or_sent_is_dropped_with_a_notice() -> None:
    ran = ToolCall(id="s", name="search", arguments={}, executed=True)
    found = ToolResult(call_id="s", executed=True)
    strange = Opaque(origin="other@host/x", kind="block", data={"a": 1})
    sent = wire(assistant(ran, found, strange, "Yes"))
    assert sent.body == {"model": "m", "messages": [{"role": "assistant", "content": "Yes"}]}
    assert {notice.feature for notice in sent.notices} == {"search", "tool_result", "block"}


def test_an_own_block_goes_back_untouched() -> None:
    strange = Opaque(origin=ORIGIN, kind="block", data={"type": "block", "a": 1})
    assert spelled(user("x", strange)) == [
        {"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "block", "a": 1}]}
    ]


def test_sound_goes_back_by_its_id() -> None:
    heard = Media(kind="audio", source=Inline(b"x"), meta={ORIGIN: {"id": "a", "expires_at": 5}})
    assert spelled(assistant(heard)) == [{"role": "assistant", "content": None, "audio": {"id": "a"}}]
    assert spelled(assistant(Media(kind="audio", source=FileID("a")))) == spelled(assistant(heard))
    with pytest.raises(UnsupportedContent):
        spelled(assistant(Media(kind="audio", source=Inline(b"x"))))


def test_images_refusals_and_empty_answers() -> None:
    assert spelled(assistant(IMAGE)) == [{"role": "assistant", "content": None, "images": [SHOWN]}]
    assert spelled(assistant(Refusal("No"))) == [{"role": "assistant", "content": None, "refusal": "No"}]
    assert spelled(assistant()) == [{"role": "assistant", "content": ""}]


@pytest.mark.parametrize("message", [user(Reasoning("x")), system(Reasoning("x"))])
def test_parts_of_an_answer_stand_nowhere_else(message: Message) -> None:
    with pytest.raises(UnsupportedContent):
        spelled(message)


def test_instructions_have_the_presets_role() -> None:
    assert spelled(system("x"), preset=replace(PRESET, system_role="developer")) == [
        {"role": "developer", "content": "x"}
    ]


def test_appending_a_turn_never_changes_earlier_bytes() -> None:
    turns = [system("s"), user("a", IMAGE), assistant(CALL), tool_results(ANSWER), assistant("b"), user("c")]
    shorter, longer = wire(*turns[:4]).body, wire(*turns).body
    assert isinstance(shorter, dict)
    assert isinstance(longer, dict)
    assert dump(longer).startswith(dump(shorter).removesuffix(b"]}"))


def test_media_of_results_come_before_an_answer_that_holds_what_another_service_ran() -> None:
    call = ToolCall(id="c", name="f", arguments={})
    turns = [assistant(call), tool_results(ToolResult(call_id="c", content=(IMAGE,)))]
    ran = ToolResult(call_id="s", content=(Json([]),), executed=True)
    sent = spelled(*turns, assistant(ran, "Yes"), user("And?"))
    assert sent[: len(spelled(*turns))] == spelled(*turns)
    assert sent[2:] == [
        {"role": "user", "content": [SHOWN]},
        {"role": "assistant", "content": "Yes"},
        {"role": "user", "content": "And?"},
    ]


def test_a_result_in_the_message_of_its_call_comes_after_it() -> None:
    assert [item["role"] for item in spelled(assistant(CALL, ANSWER)) if isinstance(item, dict)] == [
        "assistant",
        "tool",
    ]


def test_the_result_of_a_legacy_call_is_a_legacy_message() -> None:
    call = ToolCall(id="local_0", name="f", arguments={}, meta={ORIGIN: {"type": "function_call"}})
    assert spelled(assistant(call), tool_results(ToolResult(call_id="local_0", content=(Text("2"),)))) == [
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "2"},
    ]


def test_an_empty_text_that_carried_a_signature_of_another_service_is_not_sent() -> None:
    signed = Text("", meta={"gemini@elsewhere.example/gemini-3": {"thoughtSignature": "s"}})
    assert spelled(user("Hi"), assistant("Yes.", signed)) == spelled(user("Hi"), assistant("Yes."))


def test_several_refusals_are_one() -> None:
    assert spelled(assistant(Refusal("No"), Refusal(", never"))) == [
        {"role": "assistant", "content": None, "refusal": "No, never"}
    ]


def test_sound_of_another_service_goes_as_its_words_with_a_notice() -> None:
    heard = Media(kind="audio", source=Inline(b"x"), transcript="Hello", meta={"other@host/x": {"id": "a"}})
    sent = wire(assistant(heard))
    assert sent.body == {"model": "m", "messages": [{"role": "assistant", "content": "Hello"}]}
    assert [notice.feature for notice in sent.notices] == ["audio"]


def test_citations_of_another_service_are_dropped_with_a_notice() -> None:
    sent = wire(assistant(Text("a", citations=(Citation(url="u", meta={"other@host/x": {"type": "page"}}),))))
    assert sent.body == {"model": "m", "messages": [{"role": "assistant", "content": "a"}]}
    assert [notice.feature for notice in sent.notices] == ["citations"]
