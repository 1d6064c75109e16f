"""A response reads as its message does, and tells zero from not reported."""

from __future__ import annotations

from chat_core.messages import assistant
from chat_core.parts import URL, Citation, Media, Reasoning, Refusal, Text, ToolCall
from chat_core.response import Attempt, FinishReason, Notice, Response, Usage

CITED = (Citation(url="a"), Citation(url="b"))
PICTURE = Media(kind="image", source=URL("https://host.example/a.png"))
CALL = ToolCall(id="1", name="f")


def test_a_response_offers_its_parts_by_kind() -> None:
    response = Response(
        message=assistant(
            Reasoning("h"),
            Text("a", citations=CITED[:1]),
            Reasoning("m"),
            PICTURE,
            Text("b", citations=CITED[1:]),
            CALL,
        )
    )
    assert response.parts == response.message.parts
    assert response.text == "ab"
    assert response.reasoning == "hm"
    assert response.media == (PICTURE,)
    assert response.citations == CITED
    assert response.tool_calls == (CALL,)
    assert response.refusal is None
    assert Response(message=assistant(Refusal("no"))).refusal == "no"


def test_what_is_not_reported_is_not_zero() -> None:
    assert Usage() != Usage(input_tokens=0)
    assert Usage().output_tokens is None
    assert Response(message=assistant()).usage is None


def test_a_finish_reason_is_its_word() -> None:
    assert FinishReason("stop") is FinishReason.STOP
    assert f"{FinishReason.TOOL_CALLS}" == "tool_calls"
    assert len(FinishReason) == 9


def test_notices_and_attempts_say_what_happened() -> None:
    assert Notice(feature="seed", requested=0).applied is None
    assert Attempt(number=1).delay == 0
