from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from scripted import Model, call, called, results, said
from toy import World

from chat_core.approval import Approve
from chat_core.codec.answers import require_answers
from chat_core.codec.effects import emit
from chat_core.codec.fold import fold_conversation
from chat_core.errors import OutputInvalid
from chat_core.events import OutputDelta, PartEnd, PartStart, ResponseEnd, ResponseStart, TextDelta
from chat_core.flow.converse import converse
from chat_core.flow.rules import Rules
from chat_core.flow.structured import ANSWER, Structured
from chat_core.functions import tool
from chat_core.messages import Message, system, user
from chat_core.outputs import output
from chat_core.parts import Text, ToolCall
from chat_core.request import OutputFormat, Request
from chat_core.response import FinishReason
from chat_core.tools import Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.approval import Decision
    from chat_core.codec.effects import Flow
    from chat_core.events import Event
    from chat_core.flow.call import Call
    from chat_core.request import Strategy
    from chat_core.response import Response
    from chat_core.turn import Turn


@dataclass(frozen=True)
class City:
    name: str
    people: int


OSLO = City("Oslo", 700_000)
RIGHT = '{"name": "Oslo", "people": 700000}'
WRONG = '{"name": "Oslo", "people": "many"}'


@tool
def look(city: str) -> str:
    """Look a city up."""
    return f"{city} has 700000 people"


@tool(approval=True)
def guarded() -> str:
    """Do something that a human decides about."""
    return "done"


def taken(
    model: Call,
    strategy: Strategy,
    *messages: Message,
    world: World | None = None,
    retries: int = 2,
    decisions: Mapping[str, Decision] | None = None,
    tools: tuple[object, ...] = (),
    **changes: object,
) -> Turn[City]:
    functions = {each.name: each for each in (look, guarded) if each in tools}
    declared = tuple(each.declaration for each in functions.values())
    request = Request(model="m", messages=messages or (system("Be brief."), user("Oslo?")), tools=declared, **changes)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of fields
    structured = Structured(output(City), strategy, request, retries)
    flow = converse(model, request, Rules(functions=functions), structured=structured, decisions=decisions)
    return (World() if world is None else world).run(flow)


def answering(arguments: str, *others: ToolCall) -> Response:
    return called(ToolCall(id="a", name=ANSWER, arguments=json.loads(arguments)), *others)


def in_words(strategy: Strategy, text: str) -> Response:
    return answering(text) if strategy == "tool" else said(text)


every_strategy = pytest.mark.parametrize("strategy", ["native", "tool", "prompted"])


@every_strategy
def test_an_answer_becomes_the_value_that_is_wanted(strategy: Strategy) -> None:
    turn = taken(Model(in_words(strategy, RIGHT)), strategy)
    assert (turn.output, turn.status) == (OSLO, "complete")


def test_native_sends_the_schema() -> None:
    model = Model(said(RIGHT))
    taken(model, "native")
    sent = model.asked[0].output
    assert sent is not None
    assert sent.schema is not None
    assert sent.schema["required"] == ["name", "people"]


def test_tool_declares_the_schema_and_forces_a_call() -> None:
    model = Model(answering(RIGHT))
    turn = taken(model, "tool")
    (tool,) = model.asked[0].tools
    assert isinstance(tool, Tool)
    assert (tool.name, model.asked[0].output) == (ANSWER, None)
    assert model.asked[0].tool_choice == ToolChoice(mode="required", names=(ANSWER,))
    assert results(turn.messages[-1]) == {"a": ("accepted", False)}


def test_tool_beside_others_asks_for_any_call_unless_told_otherwise() -> None:
    model = Model(answering(RIGHT), answering(RIGHT))
    taken(model, "tool", tools=(look,))
    taken(model, "tool", tools=(look,), tool_choice=ToolChoice(mode="auto"))
    assert [request.tool_choice for request in model.asked] == [ToolChoice(mode="required"), ToolChoice(mode="auto")]


def test_tool_says_what_the_output_says_of_itself() -> None:
    request = Request(model="m", messages=())
    wanted = output(City, strict=True, description="A city in Norway.")
    (tool,) = Structured(wanted, "tool", request, 0).asked(request).tools
    assert isinstance(tool, Tool)
    assert (tool.strict, tool.description) == (True, "A city in Norway.")


def test_a_tool_of_the_same_name_is_let_be() -> None:
    request = Request(model="m", messages=(), tools=(Tool(name=ANSWER),))
    structured = Structured(output(City), "tool", request, 0)
    assert [tool.name for tool in structured.asked(request).tools if isinstance(tool, Tool)] == [ANSWER, f"{ANSWER}_"]


def test_prompted_says_it_after_the_instructions_and_the_history_does_not_hold_that() -> None:
    model = Model(said(f"Here it is:\n```json\n{RIGHT}\n```"))
    turn = taken(model, "prompted")
    roles = [message.role for message in model.asked[0].messages]
    assert roles == ["system", "user"]
    assert model.asked[0].messages[0].text.startswith("Be brief.\n\n")
    assert "people" in model.asked[0].messages[0].text
    assert [message.role for message in turn.messages] == ["system", "user", "assistant"]
    assert turn.output == OSLO


def test_prompted_asks_for_json_where_the_service_can_be_told_so() -> None:
    request = Request(model="m", messages=(user("Oslo?"),))
    asked = Structured(output(City), "prompted", request, 0, json_mode=True).asked(request)
    assert asked.output == OutputFormat(kind="json")


@every_strategy
def test_what_an_answer_that_never_fits_leaves_behind_can_be_carried_on_with(strategy: Strategy) -> None:
    with pytest.raises(OutputInvalid) as caught:
        taken(Model(in_words(strategy, WRONG)), strategy, retries=0)
    require_answers((*caught.value.messages, user("Again, please.")))
    assert caught.value.messages[2].role == "assistant"


@every_strategy
def test_a_model_whose_answer_does_not_fit_is_asked_again_with_the_faults(strategy: Strategy) -> None:
    model = Model(in_words(strategy, WRONG), in_words(strategy, RIGHT))
    turn = taken(model, strategy)
    assert turn.output == OSLO
    assert turn.usage.input_tokens == 20
    told = turn.messages[3]
    assert told.role == ("tool" if strategy == "tool" else "user")
    words = results(told)["a"][0] if strategy == "tool" else told.text
    assert "people" in words
    assert model.asked[1].messages[-1] == told


@every_strategy
def test_after_the_last_try_the_answer_is_in_the_error(strategy: Strategy) -> None:
    answers = (in_words(strategy, WRONG), in_words(strategy, WRONG))
    with pytest.raises(OutputInvalid) as caught:
        taken(Model(*answers), strategy, retries=1)
    error = caught.value
    assert "people" in error.faults[0]
    assert "many" in error.text
    assert len(error.responses) == 2
    assert error.partial == answers[1]


@pytest.mark.parametrize("reason", [FinishReason.REFUSAL, FinishReason.LENGTH, FinishReason.CONTENT_FILTER])
def test_a_model_that_cannot_do_better_is_not_asked_again(reason: FinishReason) -> None:
    model = Model(said('{"name": "Os', reason=reason))
    with pytest.raises(OutputInvalid):
        taken(model, "native")
    assert len(model.asked) == 1


def test_an_answer_that_was_cut_says_so() -> None:
    with pytest.raises(OutputInvalid, match=r"cut off at the token limit: raise max_tokens") as caught:
        taken(Model(said('{"name": "Os', reason=FinishReason.LENGTH)), "native")
    assert caught.value.fix is not None


def test_what_is_lacking_for_a_better_way_is_a_notice_and_the_fix() -> None:
    request = Request(model="m", messages=(user("Oslo?"),))
    structured = Structured(output(City), "prompted", request, 0, lacking="install this")
    turn = World().run(converse(Model(said(RIGHT)), request, Rules(), structured=structured))
    assert [(notice.feature, notice.applied, notice.reason) for notice in turn.response.notices] == [
        ("output", "prompted", "install this")
    ]
    with pytest.raises(OutputInvalid, match="install this") as caught:
        World().run(converse(Model(said(WRONG)), request, Rules(), structured=structured))
    assert caught.value.fix == "install this"


@every_strategy
def test_tools_run_before_the_answer(strategy: Strategy) -> None:
    model = Model(called(call("1", "look", city="Oslo")), in_words(strategy, RIGHT))
    turn = taken(model, strategy, tools=(look,))
    assert turn.output == OSLO
    assert results(turn.messages[3]) == {"1": ("Oslo has 700000 people", False)}


def test_calls_beside_a_right_answer_do_not_run() -> None:
    turn = taken(Model(answering(RIGHT, call("1", "look", city="x"))), "tool", tools=(look,))
    assert turn.output == OSLO
    assert results(turn.messages[-1]) == {"a": ("accepted", False), "1": ("not run: the final answer was given", True)}


def test_calls_beside_a_wrong_answer_run_and_the_model_goes_on() -> None:
    model = Model(answering(WRONG, call("1", "look", city="x")), answering(RIGHT))
    turn = taken(model, "tool", tools=(look,))
    told = results(turn.messages[3])
    assert (told["a"][1], told["1"]) == (True, ("x has 700000 people", False))
    assert turn.output == OSLO


def test_a_wrong_answer_beside_a_call_that_waits_pauses_the_turn_and_it_goes_on_from_there() -> None:
    paused = taken(Model(answering(WRONG, call("1", "guarded"))), "tool", tools=(guarded,))
    assert paused.status == "paused"
    turn = taken(Model(answering(RIGHT)), "tool", *paused.messages, tools=(guarded,), decisions={"1": Approve()})
    assert turn.output == OSLO


def test_arguments_that_are_no_json_are_complained_about() -> None:
    cut = called(ToolCall(id="a", name=ANSWER, raw='{"name": "Os'))
    assert taken(Model(cut, answering(RIGHT)), "tool").output == OSLO


def test_text_instead_of_the_answers_tool_is_read_as_the_answer() -> None:
    assert taken(Model(said(RIGHT)), "tool").output == OSLO


class Slow:
    """A model that says its answer letter by letter."""

    def __init__(self, text: str, *, batch: int = 1) -> None:
        self.text = text
        self.batch = batch

    def __call__(self, request: Request) -> Flow[Response]:  # noqa: ARG002 - it always says the same
        response = said(self.text)
        events: list[Event] = [
            ResponseStart(),
            PartStart(0, Text("")),
            *(TextDelta(0, letter) for letter in self.text),
            PartEnd(0, Text(self.text)),
            ResponseEnd(response),
        ]
        for at in range(0, len(events), self.batch):
            yield from emit(*events[at : at + self.batch])
        return response


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_the_output_grows_in_the_stream_and_the_last_one_is_the_validated_value(batch: int) -> None:
    world = World()
    turn = taken(Slow(RIGHT, batch=batch), "native", world=world)
    grown = [event for event in world.events if isinstance(event, OutputDelta)]
    assert grown[-1] == OutputDelta(OSLO, final=True)
    assert turn.output == OSLO
    assert all(not event.final for event in grown[:-1])
    assert len(grown) == 8  # the object, its name: empty and letter by letter, its number; the value
    assert fold_conversation(world.events) == turn.responses


def test_partial_values_are_what_the_text_surely_says() -> None:
    seen: list[object] = []

    class Looking(World):
        def _perform(self, effect: object) -> object:
            grown = [event for event in getattr(effect, "events", ()) if isinstance(event, OutputDelta)]
            seen.extend(copy.deepcopy(event.value) for event in grown if not event.final)
            return super()._perform(effect)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - an effect

    taken(Slow(RIGHT), "native", world=Looking())
    assert seen == [
        {}, {"name": ""}, {"name": "O"}, {"name": "Os"}, {"name": "Osl"}, {"name": "Oslo"},
        {"name": "Oslo", "people": 700000},
    ]  # fmt: skip


def test_the_history_can_be_carried_on_without_an_output() -> None:
    turn = taken(Model(answering(RIGHT)), "tool")
    request = Request(model="m", messages=(*turn.messages, user("And?")))
    assert World().run(converse(Model(said("Fine.")), request, Rules())).text == "Fine."


def test_an_answer_that_the_service_paused_is_checked_as_one() -> None:
    model = Model(said(RIGHT[:9], reason=FinishReason.PAUSE), said(RIGHT[9:]))
    assert taken(model, "native").output == OSLO
