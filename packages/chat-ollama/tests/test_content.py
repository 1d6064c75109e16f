"""Messages as the wire has them, and what cannot go along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import UnansweredToolCall, UnsupportedContent
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.parts import (
    URL,
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
from chat_ollama.content import Speller
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Part

OLLAMA = Ollama()
ORIGIN = OLLAMA.origin("m")
FOREIGN = "claude@api.anthropic.com/claude"
IMAGE = Media(kind="image", source=Inline(b"\x89PNG"))
CALL = ToolCall(id="call_1", name="add", arguments={"a": 1})


def spell(*messages: Message, policy: ForeignReasoning = "drop") -> tuple[list[JSON], list[str]]:
    speller = Speller(OLLAMA.accepts, policy)
    wire = speller.conversation(messages)
    return wire, [notice.feature for notice in speller.notices]


@pytest.mark.parametrize(
    ("message", "wire"),
    [
        (system("Be ", "brief."), {"role": "system", "content": "Be brief."}),
        (user("Hi"), {"role": "user", "content": "Hi"}),
        (user(Json({"a": 1})), {"role": "user", "content": '{"a":1}'}),
        (user("Look:", IMAGE), {"role": "user", "content": "Look:", "images": ["iVBORw=="]}),
        (assistant(Refusal("No.")), {"role": "assistant", "content": "No."}),
        (
            assistant(Reasoning("Hm.", meta={ORIGIN: {}}), "Yes."),
            {"role": "assistant", "content": "Yes.", "thinking": "Hm."},
        ),
    ],
)
def test_a_message_is_one_text_with_the_rest_beside_it(message: Message, wire: JSON) -> None:
    assert spell(message) == ([wire], [])


def test_a_call_and_its_result_are_told_by_id_and_name() -> None:
    wire, notices = spell(assistant(CALL), tool_results(ToolResult(call_id="call_1", content=(Text("3"),))))
    assert wire == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "call_1", "function": {"name": "add", "arguments": {"a": 1}}}],
        },
        {"role": "tool", "content": "3", "tool_name": "add", "tool_call_id": "call_1"},
    ]
    assert notices == []


def test_an_id_of_our_own_is_not_sent() -> None:
    call = ToolCall(id="local_0", name="add", arguments={})
    wire, _ = spell(assistant(call), tool_results(ToolResult(call_id="local_0")))
    assert wire[1] == {"role": "tool", "content": "", "tool_name": "add"}


def test_each_result_is_a_message_and_a_failed_one_says_so() -> None:
    other = ToolCall(id="call_2", name="see", arguments={})
    wire, _ = spell(
        assistant(CALL, other),
        tool_results(
            ToolResult(call_id="call_2", content=(Text("broken"),), is_error=True),
            ToolResult(call_id="call_1", content=(IMAGE,)),
        ),
    )
    assert wire[1:] == [
        {"role": "tool", "content": "Error: broken", "tool_name": "see", "tool_call_id": "call_2"},
        {"role": "tool", "content": "", "images": ["iVBORw=="], "tool_name": "add", "tool_call_id": "call_1"},
    ]


def test_a_result_in_a_users_message_comes_before_the_words() -> None:
    wire, _ = spell(assistant(CALL), user(ToolResult(call_id="call_1"), "And now?"))
    assert [message["role"] for message in wire if isinstance(message, dict)] == ["assistant", "tool", "user"]


@pytest.mark.parametrize(
    ("policy", "content", "notices"), [("drop", "Yes.", ["reasoning"]), ("as_text", "Hm.Yes.", ["reasoning"])]
)
def test_reasoning_of_others_follows_the_policy(policy: ForeignReasoning, content: str, notices: list[str]) -> None:
    message = assistant(Reasoning("Hm.", signature="s", meta={FOREIGN: {"a": 1}}), "Yes.")
    assert spell(message, policy=policy) == ([{"role": "assistant", "content": content}], notices)


def test_reasoning_of_others_can_be_refused() -> None:
    with pytest.raises(UnsupportedContent, match="foreign_reasoning"):
        spell(assistant(Reasoning("Hm.")), policy="fail")


@pytest.mark.parametrize(
    ("part", "notice"),
    [
        (Opaque(origin=FOREIGN, kind="canary", data={}), "canary"),
        (ToolCall(id="c", name="search", executed=True), "executed tool call"),
        (ToolResult(call_id="c", executed=True), "executed tool result"),
        (Media(kind="audio", source=URL("u"), transcript="Hello"), "audio"),
        (ToolCall(id="c", name="f", raw="{"), "tool arguments"),
    ],
)
def test_what_only_others_understand_is_left_out_with_a_notice(part: Part, notice: str) -> None:
    answers = (tool_results(ToolResult(call_id="c")),) if isinstance(part, ToolCall) and not part.executed else ()
    wire, notices = spell(assistant("Well. ", part), *answers)
    assert notices == [notice]
    first = wire[0]
    assert isinstance(first, dict)
    assert first["content"] == ("Well. Hello" if notice == "audio" else "Well. ")


def test_a_message_of_which_nothing_is_left_is_not_sent() -> None:
    assert spell(user("Hi"), assistant(Reasoning("Hm.")))[0] == [{"role": "user", "content": "Hi"}]
    assert spell(Message(role="user", parts=()))[1] == ["message"]


def test_private_marks_go_back_to_any_ollama_server_and_to_nobody_else() -> None:
    elsewhere = "mine@gpu.example:80/ollama"
    message = Message(role="user", parts=(Text("Hi"),), meta={elsewhere: {"x_new": 1}, FOREIGN: {"canary": 1}})
    assert spell(message)[0] == [{"role": "user", "content": "Hi", "x_new": 1}]


@pytest.mark.parametrize("message", [user(CALL), system(Reasoning("Hm."))])
def test_a_part_at_the_wrong_place_is_refused(message: Message) -> None:
    with pytest.raises(UnsupportedContent, match="cannot stand in a message of the role"):
        spell(message, tool_results(ToolResult(call_id="call_1")))


def test_a_call_without_a_result_is_refused() -> None:
    with pytest.raises(UnansweredToolCall, match="add"):
        spell(assistant(CALL))
