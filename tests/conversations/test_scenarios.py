"""Scenarios: what a conversation with tools has to do, on every provider, in every way to ask.

Each test is a row of `docs/concepts/conversations.md`. The service is scripted; that recorded conversations come out as
they were recorded is in `test_recorded`.
"""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.conversations.asking import awaited_stream, streamed
from tests.conversations.said import Said

from chat_core import (
    Approve,
    AsyncChat,
    Chat,
    Defer,
    Options,
    Reject,
    Result,
    ToolContext,
    dump,
    load,
    output,
    tool,
    user,
)
from chat_core.errors import StepsExceeded
from chat_core.events import OutputDelta, TextDelta, ToolEnd, ToolStart
from chat_core.messages import system
from chat_core.parts import Reasoning, Text, ToolCall
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conversations.conftest import Service

    from chat_core.approval import Decision, Verdict
    from chat_core.jsonvalue import JSON
    from chat_core.turn import Turn


@dataclass(frozen=True)
class City:
    """A city."""

    name: str
    people: int


OSLO = City("Oslo", 717710)
RIGHT, WRONG = '{"name": "Oslo", "people": 717710}', '{"name": "Oslo", "people": "many"}'
THOUGHT = Reasoning("I should look that up.", signature="c2VhbGVk")
SEALING = frozenset({"claude", "openai", "gemini", "gemini-interactions"})
"""Providers whose reasoning has a seal, which goes back."""
only_streams = pytest.mark.parametrize("way", [streamed, awaited_stream], ids=["streamed", "awaited_stream"])


@tool
def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


@tool(approval=True)
async def delete(path: str) -> str:
    """Delete a file."""
    await asyncio.sleep(0)
    return f"deleted {path}"


def call(name: str, /, id: str = "call00001", **arguments: JSON) -> ToolCall:
    return ToolCall(id=id, name=name, arguments=arguments)


def raw(id: str, name: str, text: str) -> ToolCall:
    return ToolCall(id=id, name=name, raw=text)


def saved(turn: Turn[Any]) -> tuple[Any, ...]:
    """Return the history as another process would load it."""
    return load(json.loads(json.dumps(dump(turn.messages))), tuple)


def features(turn: Turn[Any]) -> set[str]:
    return {notice.feature for response in turn.responses for notice in response.notices}


# tools


def test_a_tool_round_trip(service: Service) -> None:
    service.says((Text("Let me see."), call("weather", city="Oslo")), (Text("It is sunny."),))
    turn = service.turn("How is the weather?", tools=[weather])
    assert (turn.status, turn.text, turn.usage.input_tokens, turn.usage.output_tokens) == (
        "complete", "It is sunny.", 20, 10,
    )  # fmt: skip
    first, second = service.asked
    assert service.wire.told(first) == []
    assert service.wire.told(second) == [("call00001", "sunny in Oslo", False)]
    assert service.wire.called(second) == [("weather", {"city": "Oslo"})]
    assert first["tools"] == second["tools"]
    if service.streams:
        assert [type(event) for event in service.events if isinstance(event, ToolStart | ToolEnd)] == [
            ToolStart, ToolEnd,
        ]  # fmt: skip


def test_parallel_calls_whose_ends_are_swapped(service: Service) -> None:
    second_has_ended = threading.Event()

    @tool
    def first(wait: float) -> str:
        """End last."""
        assert second_has_ended.wait(wait)
        return "one"

    @tool
    async def second() -> str:
        """End first."""
        second_has_ended.set()
        await asyncio.sleep(0)
        return "two"

    service.says((call("first", "call00001", wait=5), call("second", "call00002")), (Text("Both."),))
    turn = service.turn("Do both.", tools=[first, second])
    assert turn.text == "Both."
    assert service.wire.called(service.asked[1]) == [("first", {"wait": 5}), ("second", {})]
    assert service.wire.told(service.asked[1]) == [("call00001", "one", False), ("call00002", "two", False)]


def test_two_calls_of_one_id_are_answered_each(service: Service) -> None:
    service.says((call("weather", "same", city="Oslo"), call("weather", "same", city="Rome")), (Text("Both."),))
    service.turn("Both?", tools=[weather])
    told = service.wire.told(service.asked[1])
    assert [text for _, text, _ in told] == ["sunny in Oslo", "sunny in Rome"]


def test_an_unknown_tool(service: Service) -> None:
    service.says((call("whether", city="Oslo"),), (Text("Sorry."),))
    assert service.turn("Weather?", tools=[weather]).text == "Sorry."
    ((_, text, failed),) = service.wire.told(service.asked[1])
    assert failed
    assert text == "there is no tool 'whether'; available: weather"


def test_bad_arguments(service: Service) -> None:
    service.says((call("weather", town="Oslo"),), (call("weather", "call00002", city="Oslo"),), (Text("Sunny."),))
    assert service.turn("Weather?", tools=[weather]).text == "Sunny."
    (_, text, failed), right = service.wire.told(service.asked[2])
    assert failed
    assert "- city: Field required" in text
    assert right == ("call00002", "sunny in Oslo", False)


def test_arguments_that_are_no_json(service: Service) -> None:
    service.says((raw("call00001", "weather", '{"city": "Os'),), (Text("Sorry."),))
    assert service.turn("Weather?", tools=[weather]).text == "Sorry."
    ((_, text, failed),) = service.wire.told(service.asked[1])
    assert failed
    assert "cannot be read" in text


def test_the_step_limit(service: Service) -> None:
    service.says(*((call("weather", f"call0000{step}", city="Oslo"),) for step in range(3)))
    with pytest.raises(StepsExceeded) as caught:
        service.turn("Weather?", settings={"max_steps": 3}, tools=[weather])
    assert len(service.asked) == len(caught.value.responses) == 3
    service.says((Text("Enough."),))
    assert service.turn(caught.value.messages, tools=[weather]).text == "Enough."
    assert len(service.wire.told(service.asked[0])) == 3


def test_a_pause_of_the_service(service: Service) -> None:
    service.says(Said((Text("Searching"),), pause=True), (Text("Found."),))
    turn = service.turn("Search.")
    assert turn.text == "SearchingFound."
    assert [message["role"] for message in service.wire.history(service.asked[1])] == ["user", "assistant"]


# approval


def _deferring(_: ToolCall) -> Verdict:
    return Defer("later")


DECISIONS: dict[str, tuple[Decision, tuple[str, bool]]] = {
    "approve": (Approve(), ("deleted a", False)),
    "reject": (Reject("Never."), ("Never.", True)),
    "edit": (Approve({"path": "b"}), ("deleted b", False)),
    "result": (Result("gone already"), ("gone already", False)),
}


@pytest.mark.parametrize("decided", DECISIONS)
def test_a_call_that_a_human_decides_about_in_another_process(service: Service, decided: str) -> None:
    decision, (text, failed) = DECISIONS[decided]
    service.says((THOUGHT, Text("Deleting."), call("delete", path="a"), call("weather", "call00002", city="Oslo")))
    paused = service.turn("Delete it.", tools=[weather, delete])
    assert (paused.status, [item.call.id for item in paused.pending]) == ("paused", ["call00001"])
    service.says((Text("Done."),))
    turn = service.turn(saved(paused), {"call00001": decision}, tools=[weather, delete])
    assert turn.text == "Done."
    (body,) = service.asked
    assert service.wire.told(body) == [("call00001", text, failed), ("call00002", "sunny in Oslo", False)]
    assert service.wire.called(body)[0] == ("delete", {"path": "b" if decided == "edit" else "a"})
    assert ("arguments of delete" in features(turn)) is (decided == "edit")
    assert ("c2VhbGVk" in json.dumps(body)) is (service.name in SEALING and decided != "edit")


def test_a_result_that_comes_later(service: Service) -> None:
    service.says((call("weather", city="Oslo"),))
    paused = service.turn("Weather?", settings={"policy": _deferring}, tools=[weather])
    assert [item.why for item in paused.pending] == ["deferred"]
    service.says((Text("Rain."),))
    assert service.turn(saved(paused), {"call00001": Result({"sky": "grey"})}, tools=[weather]).text == "Rain."
    assert service.wire.told(service.asked[0]) == [("call00001", '{"sky":"grey"}', False)]


def test_an_edit_of_an_answer_that_thought(service: Service) -> None:
    budget = Options(reasoning_tokens=2048) if service.name == "claude" else Options()
    settings: dict[str, object] = {"options": budget}
    service.says((THOUGHT, call("delete", path="a")))
    paused = service.turn("Delete it.", settings=settings, tools=[delete])
    service.says((Text("Done."),))
    turn = service.turn(saved(paused), {"call00001": Approve({"path": "b"})}, settings=settings, tools=[delete])
    assert turn.text == "Done."
    (body,) = service.asked
    assert "I should look" not in json.dumps(body)
    if service.name == "claude":  # which refuses a budget in a turn that does not begin with its thinking
        assert body["thinking"] == {"type": "disabled"}
        assert {"thinking", "reasoning"} <= features(turn)


# structured output


@pytest.mark.parametrize("strategy", ["native", "tool", "prompted"])
def test_structured_output(service: Service, strategy: Any) -> None:  # noqa: ANN401 - one of three words
    given = call("final_answer", **json.loads(RIGHT)) if strategy == "tool" else Text(RIGHT)
    service.says((given,))
    turn = service.turn([system("Be brief."), user("Oslo?")], output=output(City, strategy=strategy))
    assert turn.output == OSLO
    (body,) = service.asked
    assert ("tools" in body) is (strategy == "tool")
    assert ("people" in service.wire.words(body)[0][1]) is (strategy == "prompted")
    assert [role for role, _ in service.wire.words(body)] == ["system", "user"]
    if service.streams:
        assert [event.value for event in service.events if isinstance(event, OutputDelta)][-1] == OSLO


@pytest.mark.parametrize("strategy", ["native", "tool", "prompted"])
def test_structured_output_that_does_not_fit_at_first(service: Service, strategy: Any) -> None:  # noqa: ANN401 - as above
    tries = [
        call("final_answer", f"call0000{at}", **json.loads(text)) if strategy == "tool" else Text(text)
        for at, text in enumerate((WRONG, RIGHT))
    ]
    service.says(*((each,) for each in tries))
    assert service.turn("Oslo?", output=output(City, strategy=strategy)).output == OSLO
    last = json.dumps(service.wire.history(service.asked[1])[-1])
    assert "people" in last
    assert "valid integer" in last
    if service.streams:
        values = [event.value for event in service.events if isinstance(event, OutputDelta)]
        assert values[-2:] == [{"name": "Oslo", "people": 717710}, OSLO]


@pytest.mark.parametrize("strategy", ["native", "tool", "prompted"])
def test_structured_output_after_tools(service: Service, strategy: Any) -> None:  # noqa: ANN401 - as above
    given = call("final_answer", "call00002", **json.loads(RIGHT)) if strategy == "tool" else Text(RIGHT)
    service.says((Text("Let me see."), call("weather", city="Oslo")), (given,))
    turn = service.turn("Oslo?", tools=[weather], output=output(City, strategy=strategy))
    assert turn.output == OSLO
    assert service.wire.told(service.asked[1]) == [("call00001", "sunny in Oslo", False)]
    if service.streams:
        values = [event.value for event in service.events if isinstance(event, OutputDelta) and not event.final]
        assert values[-1] == {"name": "Oslo", "people": 717710}
    service.says((Text("Anything."),))
    assert service.turn([*saved(turn), user("And now?")], tools=[weather]).text == "Anything."


def test_a_forced_tool_where_it_cannot_be_forced(service: Service) -> None:
    settings: dict[str, object] = {"options": Options(reasoning_tokens=2048)} if service.name == "claude" else {}
    service.says((Text(RIGHT),))
    turn = service.turn("Oslo?", settings=settings, output=output(City, strategy="tool"))
    assert turn.output == OSLO
    body = service.asked[0]
    choice = body.get("tool_choice", body.get("toolConfig", body.get("generation_config", {}).get("tool_choice")))
    unforced = {"claude": {"type": "auto"}, "compatible": None, "ollama": None}
    if service.name in unforced:
        assert choice == unforced[service.name]
        assert "tool_choice" in features(turn)
    else:
        assert "final_answer" in json.dumps(choice)


# leaving


def leave(service: Service, tools: list[Any], until: Callable[[object], bool]) -> Turn[Any]:
    """Begin a streamed turn, and leave it at an event."""
    if service.way_is_async:
        return asyncio.run(_left(service, tools, until))
    with Chat(**service.settings()).stream("Hi", tools=tools) as stream:
        next(event for event in stream if until(event))
    return stream.result


async def _left(service: Service, tools: list[Any], until: Callable[[object], bool]) -> Turn[Any]:
    async with AsyncChat(**service.settings()).stream("Hi", tools=tools) as stream:
        async for event in stream:
            if until(event):
                break
    return stream.result


@only_streams
def test_leaving_in_the_middle_of_a_text_and_carrying_on(service: Service) -> None:
    service.says(Said((THOUGHT, Text("Once upon a time there was a tool.")), cut="Once up"))
    turn = leave(service, [weather], lambda event: isinstance(event, TextDelta))
    assert turn.status == "cancelled"
    assert turn.response.finish_reason is FinishReason.CANCELLED
    assert "Once upon a time there was a tool.".startswith(turn.text)
    service.says((Text("Go on."),))
    assert service.turn([*saved(turn), user("Go on.")], tools=[weather]).text == "Go on."
    assert ("assistant", turn.text) in service.wire.words(service.asked[0])


@only_streams
def test_leaving_in_the_middle_of_its_reasoning_and_carrying_on(service: Service) -> None:
    service.says(Said((THOUGHT, Text("Well.")), cut="I shoul"))
    turn = leave(service, [weather], lambda event: type(event).__name__ == "ReasoningDelta")
    assert turn.response.reasoning
    service.says((Text("Go on."),))
    assert service.turn([*saved(turn), user("Go on.")], tools=[weather]).text == "Go on."
    assert [item["role"] for item in service.wire.history(service.asked[0])] == ["user", "user"]


@only_streams
def test_leaving_in_the_middle_of_a_tool_and_carrying_on(service: Service) -> None:
    @tool
    def patient(context: ToolContext[object]) -> str:
        """Wait to be cancelled."""
        over = threading.Event()
        while not context.cancelled:
            over.wait(0.001)
        return "stopped"

    service.says((call("weather", "call00001", city="Oslo"), call("patient", "call00002")))
    turn = leave(service, [weather, patient], lambda event: isinstance(event, ToolEnd))
    assert turn.status == "cancelled"
    service.says((Text("Sunny."),))
    history = saved(turn)
    resumed = service.turn(history, {"call00002": Reject("The user left.")}, tools=[weather, patient])
    assert resumed.text == "Sunny."
    assert service.wire.told(service.asked[0]) == [
        ("call00001", "sunny in Oslo", False), ("call00002", "The user left.", True),
    ]  # fmt: skip
