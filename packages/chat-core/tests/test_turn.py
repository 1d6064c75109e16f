from __future__ import annotations

import copy
import pickle

from chat_core.messages import Message, assistant, user
from chat_core.parts import ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason, Response, Usage
from chat_core.turn import Turn, total, turn

ASKED = Request(model="m", messages=(user("Hi"),))


def answered(message: Message, reason: FinishReason = FinishReason.STOP, usage: Usage | None = None) -> Response:
    return Response(message=message, finish_reason=reason, usage=usage)


def test_a_turn_goes_on_with_the_history_and_the_answer() -> None:
    response = answered(assistant("Hello"))
    made = turn(ASKED, response)
    assert made.messages == (user("Hi"), assistant("Hello"))
    assert (made.status, made.text, made.response, made.pending) == ("complete", "Hello", response, ())
    assert made.output is None


def test_calls_without_results_pause_a_turn() -> None:
    call = ToolCall(id="1", name="look", arguments={})
    done = ToolCall(id="2", name="search", arguments={}, executed=True)
    made = turn(ASKED, answered(assistant(call, done), FinishReason.TOOL_CALLS))
    assert (made.status, made.pending) == ("paused", (call,))


def test_a_service_that_wants_the_history_again_pauses_a_turn() -> None:
    assert turn(ASKED, answered(assistant("…"), FinishReason.PAUSE)).status == "paused"


def test_the_usage_of_a_turn_is_that_of_all_its_answers() -> None:
    first = answered(assistant("a"), usage=Usage(input_tokens=5, output_tokens=0, raw={"x": 1}))
    second = answered(assistant("b"), usage=Usage(input_tokens=7, reasoning_tokens=2))
    made = Turn(messages=(), responses=(first, answered(assistant("c")), second), output=None)
    assert made.usage == Usage(input_tokens=12, output_tokens=0, reasoning_tokens=2)
    assert made.text == "b"


def test_what_nobody_reports_stays_unreported() -> None:
    assert total([None, Usage(), None]) == Usage()


def test_a_turn_is_a_value() -> None:
    made = turn(ASKED, answered(assistant("Hello")))
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert again == made
        assert hash(again) == hash(made)
