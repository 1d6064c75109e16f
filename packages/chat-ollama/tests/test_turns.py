"""Recorded messages are read, and spelled again as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_core.parts import Inline, Media, Reasoning, Text, ToolCall, ToolResult
from chat_ollama.content import Speller
from chat_ollama.provider import Ollama
from chat_ollama.turns import TurnParser

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message

OLLAMA = Ollama()
ORIGIN = OLLAMA.origin("m")
ADD: JSONObject = {"type": "function", "function": {"name": "add", "arguments": {"a": 1}}}
SEE: JSONObject = {"function": {"name": "see", "arguments": {}}}


def read(*data: JSON) -> tuple[Message, ...]:
    return TurnParser(ORIGIN).parse([*data])


SAME: dict[str, list[JSON]] = {
    "words": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}],
    "nothing said": [{"role": "user", "content": ""}, {"role": "assistant", "content": ""}],
    "images": [{"role": "user", "content": "Look:", "images": ["iVBORw==", "/9j/"]}],
    "an image alone": [{"role": "user", "content": "", "images": ["iVBORw=="]}],
    "an image of another spelling": [{"role": "user", "content": "a", "images": ["data:image/png;base64,iVBORw=="]}],
    "thoughts": [{"role": "assistant", "content": "Yes.", "thinking": "Hm."}],
    "thoughts alone": [{"role": "assistant", "content": "", "thinking": "Hm."}],
    "thoughts of the wrong type": [{"role": "assistant", "content": "Yes.", "thinking": ["Hm."]}],
    "calls of the wrong type": [{"role": "assistant", "content": "Yes.", "tool_calls": "add"}],
    "a role nobody knows": [{"role": "critic", "content": "Bad."}],
    "members nobody knows": [{"role": "user", "content": "Hi", "x_new": {"a": 1}}],
    "calls and results without ids": [
        {"role": "assistant", "content": "", "tool_calls": [ADD, SEE]},
        {"role": "tool", "content": "seen", "tool_name": "see"},
        {"role": "tool", "content": "2", "tool_name": "add"},
        {"role": "assistant", "content": "Two."},
    ],
    "calls and results with ids": [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", **ADD}, {"id": "c2", **SEE}]},
        {"role": "tool", "content": "Error: blind", "tool_name": "see", "tool_call_id": "c2"},
        {"role": "tool", "content": "2", "tool_name": "add", "tool_call_id": "c1", "x_new": 1},
    ],
    "a result that does not name its tool": [
        {"role": "assistant", "content": "", "tool_calls": [ADD]},
        {"role": "tool", "content": "2"},
    ],
    "a result that does not say its id": [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", **ADD}]},
        {"role": "tool", "content": "2", "tool_name": "add"},
    ],
    "a result with an image": [
        {"role": "assistant", "content": "", "tool_calls": [SEE]},
        {"role": "tool", "content": "", "images": ["iVBORw=="], "tool_name": "see"},
    ],
    "a result of nothing": [{"role": "tool", "content": "2", "tool_name": "add", "tool_call_id": "c9"}],
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_messages_are_spelled_again_as_they_were(name: str) -> None:
    speller = Speller(OLLAMA.accepts)
    assert speller.conversation(read(*SAME[name])) == SAME[name]
    assert speller.notices == []


def test_results_find_their_calls_by_the_name_of_the_tool_and_are_one_turn() -> None:
    calls, results, _ = read(*SAME["calls and results without ids"])
    assert [(call.id, call.name) for call in calls.tool_calls] == [("local_0", "add"), ("local_1", "see")]
    assert results.parts == (
        ToolResult(call_id="local_1", name="see", content=(Text("seen"),)),
        ToolResult(call_id="local_0", name="add", content=(Text("2"),)),
    )


def test_two_results_of_one_tool_answer_its_calls_in_order() -> None:
    _, results = read(
        {"role": "assistant", "content": "", "tool_calls": [ADD, ADD]},
        {"role": "tool", "content": "1", "tool_name": "add"},
        {"role": "tool", "content": "2", "tool_name": "add"},
    )
    assert [part.call_id for part in results.parts if isinstance(part, ToolResult)] == ["local_0", "local_1"]


def test_parts_are_what_they_say() -> None:
    (message,) = read({
        "role": "assistant", "content": "Yes.", "thinking": "Hm.", "images": ["iVBORw=="], "tool_calls": [ADD],
    })  # fmt: skip
    assert message.parts == (
        Reasoning("Hm.", meta={ORIGIN: {}}),
        Media(kind="image", source=Inline(b"\x89PNG")),
        Text("Yes."),
        ToolCall(id="local_0", name="add", arguments={"a": 1}, meta={ORIGIN: {"type": "function"}}),
    )


def test_a_failed_tool_is_read_as_one() -> None:
    _, results = read(*SAME["calls and results with ids"])
    assert results.parts[0] == ToolResult(call_id="c2", name="see", content=(Text("blind"),), is_error=True)


@pytest.mark.parametrize(
    "data", [3, {}, {"role": 3, "content": ""}, {"role": "user", "content": [1]}, {"role": "tool", "content": 3}]
)
def test_a_malformed_message_is_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        read(data)
