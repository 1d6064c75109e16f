from __future__ import annotations

import pytest

from chat_core.codec.answers import require_answers
from chat_core.errors import UnansweredToolCall
from chat_core.messages import Message, assistant, tool_results, user
from chat_core.parts import Text, ToolCall, ToolResult

CALL = ToolCall(id="a", name="look", arguments={})
OTHER = ToolCall(id="b", name="see", arguments={})
ANSWER, OTHER_ANSWER = ToolResult(call_id="a"), ToolResult(call_id="b")


@pytest.mark.parametrize(
    "history",
    [
        (),
        (user("hi"),),
        (assistant(CALL), tool_results(ANSWER)),
        (assistant(CALL, OTHER), tool_results(OTHER_ANSWER), tool_results(ANSWER), user("and?")),
        (assistant(CALL, OTHER), tool_results(ANSWER, OTHER_ANSWER), assistant("done")),
        (assistant(CALL), Message(role="user", parts=(ANSWER, Text("so?")))),
        (assistant(ToolCall(id="s", name="search", arguments={}, executed=True)), user("more")),
    ],
)
def test_answered_calls_pass(history: tuple[Message, ...]) -> None:
    require_answers(history)


@pytest.mark.parametrize(
    ("history", "named"),
    [
        ((assistant(CALL),), r"look \(a\)"),
        ((assistant(CALL, OTHER), tool_results(ANSWER)), r"see \(b\)"),
        ((assistant(CALL), user("never mind"), tool_results(ANSWER)), r"look \(a\)"),
        ((assistant(CALL, OTHER), tool_results(ANSWER), assistant("done"), tool_results(OTHER_ANSWER)), r"see \(b\)"),
    ],
)
def test_a_call_without_its_result_is_named(history: tuple[Message, ...], named: str) -> None:
    with pytest.raises(UnansweredToolCall, match=named):
        require_answers(history)
