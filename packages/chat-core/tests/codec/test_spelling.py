"""What all spellers do alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.spelling import Spelling, results_apart
from chat_core.errors import UnansweredToolCall, UnsupportedContent
from chat_core.messages import Message, assistant, user
from chat_core.parts import Reasoning, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.jsonvalue import JSON
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Part
    from chat_core.response import Notice


@dataclass(frozen=True, slots=True)
class Speller(Spelling):
    policy: ForeignReasoning = "drop"
    notices: list[Notice] = field(default_factory=list["Notice"])


def test_each_kind_of_loss_is_told_once() -> None:
    spell = Speller()
    for feature in ("a", "b", "a"):
        spell.notice(feature, "why", requested=1)
    assert [(notice.feature, notice.reason, notice.requested) for notice in spell.notices] == [
        ("a", "why", 1), ("b", "why", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "text", "sent", "applied"),
    [("drop", "hm", None, "drop"), ("as_text", "hm", "hm", "as_text"), ("as_text", "", None, "drop")],
)
def test_reasoning_of_others_goes_as_the_policy_has_it(
    policy: ForeignReasoning, text: str, sent: str | None, applied: str
) -> None:
    spell = Speller(policy)
    assert spell.as_text(Reasoning(text)) == sent
    assert [notice.applied for notice in spell.notices] == [applied]


def test_reasoning_of_others_may_be_refused() -> None:
    with pytest.raises(UnsupportedContent, match=r"holds reasoning without a seal: set `foreign_reasoning`"):
        Speller("fail").as_text(Reasoning("hm"), "reasoning without a seal")


def words(_: Message, parts: Sequence[Part]) -> JSON:
    said = [part.text if isinstance(part, Text) else part.name for part in parts if isinstance(part, Text | ToolCall)]
    return None if said == ["nothing"] else [*said]


def given(result: ToolResult) -> JSON:
    return None if result.executed else result.call_id


def test_results_are_messages_of_their_own_behind_calls_and_before_words() -> None:
    call, result = ToolCall(id="c", name="f"), ToolResult(call_id="c")
    ran = ToolResult(call_id="r", executed=True)
    messages = [user("Hi"), Message(role="assistant", parts=(call, result, ran)), user("nothing"), assistant("Ho")]
    assert results_apart(messages, words, given) == [["Hi"], ["f"], "c", ["Ho"]]
    asked = [Message(role="assistant", parts=(call,)), Message(role="user", parts=(Text("And?"), result))]
    assert results_apart(asked, words, given) == [["f"], "c", ["And?"]]
    assert results_apart([Message(role="tool", parts=(ran,)), Message(role="user", parts=())], words, given) == [[]]


def test_a_call_without_a_result_is_refused() -> None:
    with pytest.raises(UnansweredToolCall):
        results_apart([Message(role="assistant", parts=(ToolCall(id="c", name="f"),))], words, given)
