"""Messages are made of texts and parts, and read by kind."""

from __future__ import annotations

from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.parts import URL, Media, Reasoning, Refusal, Text, ToolCall, ToolResult

PICTURE = Media(kind="image", source=URL("https://host.example/a.png"))


def test_texts_become_parts() -> None:
    assert user("What is", PICTURE) == Message(role="user", parts=(Text("What is"), PICTURE))
    assert system("Be brief") == Message(role="system", parts=(Text("Be brief"),))
    assert assistant() == Message(role="assistant", parts=())
    result = ToolResult(call_id="1", content=(Text("3"),))
    assert tool_results(result) == Message(role="tool", parts=(result,))


def test_the_text_of_a_message_is_its_texts_only() -> None:
    message = assistant(Reasoning("hm"), "a", PICTURE, "b", Refusal("no"))
    assert message.text == "ab"
    assert message.refusal == "no"


def test_an_empty_refusal_is_a_refusal() -> None:
    assert assistant(Refusal("")).refusal == ""
    assert assistant("").refusal is None


def test_calls_that_the_service_ran_need_no_answer() -> None:
    mine, theirs = ToolCall(id="1", name="f"), ToolCall(id="2", name="search", executed=True)
    assert assistant(theirs, mine).tool_calls == (mine,)
