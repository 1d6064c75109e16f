"""The scenarios that the recorded demonstration plays, in every way to ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.conversations.test_scenarios import OSLO, City

from chat_core import Approve, dump, load, tool
from chat_core.parts import ToolResult

if TYPE_CHECKING:
    from tests.conversations.asking import Way

DEMO: dict[str, object] = {"model": "replay:demo"}
QUESTION = "How is the weather?"


@tool
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"rain in {city}"


def test_a_tool_round_trip(way: Way) -> None:
    turn, _ = way(DEMO, QUESTION, tools=[get_weather])
    assert (turn.status, len(turn.responses)) == ("complete", 2)
    assert isinstance(turn.messages[2].parts[0], ToolResult)


def test_a_call_that_a_human_decides_about_in_another_process(way: Way) -> None:
    guarded = tool(get_weather.function, name="get_weather", approval=True)
    paused, _ = way(DEMO, QUESTION, tools=[guarded])
    (waits,) = paused.pending
    history = load(json.loads(json.dumps(dump(paused.messages))), tuple)
    turn, _ = way(DEMO, history, {waits.call.id: Approve()}, tools=[guarded])
    assert turn.status == "complete"


def test_structured_output(way: Way) -> None:
    assert way(DEMO, "Tell me about Oslo.", output=City)[0].output == OSLO
