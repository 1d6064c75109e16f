from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.messages import MessageEncoder
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_completions.turns import TurnParser
from chat_core.errors import DecodeError
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.parts import Citation, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.request import Request

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

PROVIDER = Completions(PRESETS["openai-chat"])
ORIGIN = PROVIDER.origin("m")
CALL: JSONObject = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def read(*messages: JSONObject) -> tuple[Message, ...]:
    return TurnParser(ORIGIN, PROVIDER.preset).parse([*messages])


def sent(*messages: Message) -> list[JSON]:
    return MessageEncoder(PROVIDER, Request(model="m", messages=messages), []).encode()


CONVERSATIONS: list[list[JSONObject]] = [
    [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}],
    [{"role": "developer", "content": "s"}, {"role": "user", "content": "u", "name": "Ann"}],
    [{"role": "user", "content": []}, {"role": "user", "content": ""}],
    [{"role": "narrator", "content": "Once"}],
    [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "hologram", "x": 1}]}],
    [
        {"role": "assistant", "content": ""},
        {"role": "assistant", "content": []},
        {"role": "assistant", "content": {"a": 1}},
    ],
    [{"role": "assistant", "content": "", "tool_calls": [CALL]}, {"role": "tool", "tool_call_id": "c", "content": ""}],
    [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": []},
    ],
    [{"role": "assistant", "content": "x", "tool_calls": [], "annotations": [], "refusal": "no", "images": []}],
    [{"role": "assistant", "content": "x", "reasoning_content": "", "reasoning_details": [], "odd": {"a": 1}}],
    [{"role": "assistant", "content": None, "audio": {"id": "a"}}],
    [{"role": "assistant", "content": None, "audio": {"id": "a", "data": "x"}, "images": ["x"], "tool_calls": "odd"}],
    [
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "1"},
    ],
    [
        {"role": "assistant", "content": None, "tool_calls": [CALL, {**CALL, "id": "d"}]},
        {"role": "tool", "tool_call_id": "d", "content": "Error: 1", "name": "f"},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "1", "cache_control": {"a": 1}}]},
        {"role": "user", "content": "u"},
    ],
    [
        {
            "role": "assistant",
            "content": "See",
            "annotations": [{"type": "url_citation", "url_citation": {"url": "u", "title": "t"}}],
        }
    ],
]


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_messages_go_out_as_they_came(conversation: list[JSONObject]) -> None:
    assert sent(*read(*conversation)) == conversation


MESSAGES: list[tuple[Message, ...]] = [
    (system("s"), user("u"), assistant("a")),
    (assistant(Reasoning("hm", meta={ORIGIN: {"field": "reasoning"}}), "Yes", Refusal("no")),),
    (
        assistant(ToolCall(id="c", name="f", arguments={"x": 1}), ToolCall(id="local_1", name="g", arguments={})),
        tool_results(
            ToolResult(call_id="c", content=(Text("1"),)),
            ToolResult(call_id="local_1", content=(Text("no"),), is_error=True, name="g"),
        ),
    ),
    (assistant(ToolCall(id="c", name="f", arguments={})), tool_results(ToolResult(call_id="c", is_error=True))),
    (assistant(Text("See", citations=(Citation(url="u", meta={ORIGIN: {"type": "url_citation"}}),))),),
    (assistant(),),
]


@pytest.mark.parametrize("messages", MESSAGES)
def test_messages_come_back_as_they_went_out(messages: tuple[Message, ...]) -> None:
    encoded = [item for item in sent(*messages) if isinstance(item, dict)]
    assert read(*encoded) == messages


def test_an_assistants_parts_have_the_order_of_a_reply() -> None:
    (message,) = read({"role": "assistant", "tool_calls": [CALL], "refusal": "no", "content": "Yes", "reasoning": "hm"})
    assert [type(part).__name__ for part in message.parts] == ["Reasoning", "Text", "Refusal", "ToolCall"]


def test_calls_without_ids_are_numbered_and_answered_in_order() -> None:
    called: JSONObject = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{**CALL, "id": ""}, {**CALL, "id": None}],
    }
    answered: JSONObject = {"role": "tool", "content": "1"}
    first, second = read(called, answered, answered)
    assert [call.id for call in first.tool_calls] == ["local_0", "local_1"]
    assert [part.call_id for part in second.parts if isinstance(part, ToolResult)] == ["local_0", "local_1"]


@pytest.mark.parametrize("message", [{"content": "x"}, {"role": 3}, {"role": "assistant", "tool_calls": ["x"]}])
def test_malformed_messages_are_decode_errors(message: JSONObject) -> None:
    with pytest.raises(DecodeError):
        read(message)


def test_a_message_has_to_be_an_object() -> None:
    with pytest.raises(DecodeError):
        TurnParser(ORIGIN, PROVIDER.preset).parse(["x"])
