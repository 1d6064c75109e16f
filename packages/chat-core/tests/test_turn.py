from __future__ import annotations

import copy
import pickle

import pytest

from chat_core.approval import Pending
from chat_core.messages import Message, assistant, user
from chat_core.parts import ToolCall
from chat_core.response import FinishReason, Response, Usage
from chat_core.turn import Turn, total


def answered(message: Message, usage: Usage | None = None) -> Response:
    return Response(message=message, finish_reason=FinishReason.STOP, usage=usage)


def test_the_usage_of_a_turn_is_that_of_all_its_answers() -> None:
    first = answered(assistant("a"), usage=Usage(input_tokens=5, output_tokens=0, raw={"x": 1}))
    second = answered(assistant("b"), usage=Usage(input_tokens=7, reasoning_tokens=2))
    made = Turn(messages=(), responses=(first, answered(assistant("c")), second), output=None)
    assert made.usage == Usage(input_tokens=12, output_tokens=0, reasoning_tokens=2)
    assert (made.text, made.response) == ("b", second)


def test_a_turn_in_which_the_model_said_nothing_has_no_text() -> None:
    made = Turn(status="cancelled", messages=(user("Hi"),), responses=(), output=None)
    assert made.text == ""
    with pytest.raises(IndexError):
        _ = made.response


def test_the_text_of_an_answer_that_was_paused_is_that_of_all_its_pieces() -> None:
    before, *pieces = (assistant(text) for text in ("calling", "one ", "two ", "three"))
    reasons = (FinishReason.PAUSE, FinishReason.PAUSE, FinishReason.STOP)
    paused = tuple(
        Response(message=message, finish_reason=reason) for message, reason in zip(pieces, reasons, strict=True)
    )
    made = Turn(messages=(), responses=(answered(before), *paused), output=None)
    assert made.text == "one two three"
    assert Turn(messages=(), responses=paused[:1], output=None).text == "one "


def test_what_nobody_reports_stays_unreported() -> None:
    assert total([None, Usage(), None]) == Usage()


def test_a_turn_is_shown_briefly() -> None:
    waits = Pending(call=ToolCall(id="1", name="look", arguments={"a": 1}), why="approval")
    first = answered(assistant("word " * 1000), usage=Usage(input_tokens=5, output_tokens=0, raw={"x": 1}))
    made = Turn(status="paused", messages=(user("Hi"), first.message), responses=(first,), pending=(waits,), output=7)
    assert len(repr(made)) < 400
    assert repr(made).startswith("Turn(status='paused', text='word word ")
    assert repr(made).endswith("output=7, waiting=['look'], usage=Usage(input_tokens=5, output_tokens=0), 2 messages)")
    assert f"{Turn(messages=(), responses=(), output=None)}" == (
        "Turn(status='complete', text='', usage=Usage(), 0 messages)"
    )


def test_a_turn_is_a_value() -> None:
    call = ToolCall(id="1", name="look", arguments={"a": 1})
    made = Turn(
        status="paused",
        messages=(user("Hi"), assistant(call)),
        responses=(answered(assistant(call)),),
        pending=(Pending(call=call, why="approval"),),
        output=None,
    )
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert again == made
        assert hash(again) == hash(made)
