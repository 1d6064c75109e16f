from __future__ import annotations

from dataclasses import replace

import pytest

from chat_core.flow.pausing import OWN, edited, left, open_turn
from chat_core.messages import assistant, tool_results, user
from chat_core.parts import Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.response import FinishReason, Response

HI = (user("Hi"),)
ORIGIN = "toy@toy.example/toy"
ASKED = ToolCall(id="c", name="look", arguments={})
SEARCH = ToolCall(id="s", name="search", arguments={}, executed=True)
FOUND = ToolResult(call_id="s", content=(Text("found"),), executed=True)
THOUGHT = Reasoning("hm", signature="s", meta={ORIGIN: {"sealed": True}})


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ((Text("Let"),), (Text("Let"),)),
        ((THOUGHT, Text("Let")), (THOUGHT, Text("Let"))),
        ((THOUGHT,), ()),  # services refuse an answer that only thinks, or ends with it
        ((Text("Let"), THOUGHT), (Text("Let"),)),
        ((Text(""),), ()),
        ((THOUGHT, Text("")), ()),
        ((THOUGHT, ASKED), ()),
        ((Text("Let"), ASKED), (Text("Let"),)),
        ((Text("Let"), SEARCH), (Text("Let"),)),
        ((SEARCH, FOUND), (SEARCH, FOUND)),
        ((THOUGHT, SEARCH, FOUND, THOUGHT), (THOUGHT, SEARCH, FOUND)),
    ],
)
def test_the_history_holds_of_an_answer_that_was_left_what_can_be_sent_back(
    parts: tuple[Part, ...], kept: tuple[Part, ...]
) -> None:
    partial = Response(message=assistant(*parts))
    messages, (response,) = left(HI, partial)
    assert messages == ((*HI, assistant(*kept)) if kept else HI)
    assert (response.parts, response.finish_reason) == (parts, FinishReason.CANCELLED)


def test_an_answer_that_was_complete_when_it_was_left_is_in_the_history_as_it_is() -> None:
    partial = Response(message=assistant(ASKED), finish_reason=FinishReason.TOOL_CALLS)
    assert left(HI, partial) == ((*HI, partial.message), (partial,))
    assert left(HI, None) == (HI, ())


def test_results_in_several_messages_become_one_in_the_order_of_the_calls() -> None:
    calls = [ToolCall(id=name, name="look", arguments={}) for name in "abc"]
    second, first = (tool_results(ToolResult(call_id=name)) for name in "ca")
    turn = open_turn((*HI, assistant(*calls), second, first))
    assert turn is not None
    assert sorted(turn.results) == [0, 2]
    answered = turn.answered({**turn.results, 1: ToolResult(call_id="b")})
    assert [part.call_id for part in answered[-1].parts if isinstance(part, ToolResult)] == ["a", "b", "c"]
    assert len(answered) == len(HI) + 2


def test_results_of_one_id_belong_to_the_calls_in_turn() -> None:
    twice = (ToolCall(id="c", name="look", arguments={"x": 1}), ToolCall(id="c", name="look", arguments={"x": 2}))
    first, second = (ToolResult(call_id="c", content=(Text(text),)) for text in ("one", "two"))
    turn = open_turn((*HI, assistant(*twice), tool_results(first, second)))
    assert turn is not None
    assert turn.results == {0: first, 1: second}


def test_what_else_stands_among_the_results_stays_there() -> None:
    stray = ToolResult(call_id="other")
    turn = open_turn((*HI, assistant(ASKED), tool_results(stray, ToolResult(call_id="c"))))
    assert turn is not None
    assert turn.others == (stray,)
    assert turn.answered(turn.results)[-1].parts == (ToolResult(call_id="c"), stray)


@pytest.mark.parametrize(
    "messages",
    [(), HI, (*HI, assistant("Ho")), (*HI, assistant(SEARCH, FOUND)), (*HI, assistant(ASKED), user("What?"))],
)
def test_a_history_is_open_only_where_calls_end_it(messages: tuple[object, ...]) -> None:
    assert open_turn(messages) is None  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of histories


def test_an_edit_leaves_the_message_the_name_that_a_journal_knows() -> None:
    answer = replace(assistant(ASKED), meta={OWN: {"turn": "t"}, ORIGIN: {"id": "r"}})
    (message,) = edited((answer,), {0: {"x": 1}})
    assert message.meta == {OWN: {"turn": "t"}}
    assert edited((answer,), {}) == (answer,)


def test_an_edit_counts_the_calls_that_the_program_runs_and_bares_everything_beside_it() -> None:
    refusal, opaque = Refusal("no", meta={ORIGIN: {}}), Opaque(origin=ORIGIN, kind="odd", data={"a": 1})
    answer = assistant(SEARCH, FOUND, THOUGHT, refusal, opaque, ASKED, ToolCall(id="d", name="look", raw="{"))
    (message,) = edited((answer,), {1: {"x": 1}})
    assert message.parts == (
        SEARCH, FOUND, Reasoning("hm"), Refusal("no"), opaque, ASKED,
        ToolCall(id="d", name="look", arguments={"x": 1}),
    )  # fmt: skip
