"""Against aimock: live sessions over its Realtime and Gemini Live, in both colours, with a tool beside them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from chat_core import AsyncChat, Chat, tool
from chat_core.events import ResponseEnd, ToolEnd
from chat_core.live import SessionStart

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.live import LiveEvent
    from chat_core.response import Response

BASES = {"openai": "/v1", "gemini": "/v1beta"}
PATIENCE = 20.0
"""Seconds to wait for an event."""


@tool
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"21 degrees in {city}"


def blocking(model: str, address: str, text: str, answers: int) -> list[LiveEvent]:
    found: list[LiveEvent] = []
    with Chat(model, base_url=address, api_key="k") as chat, chat.live(modality="text", tools=[get_weather]) as session:
        session.send(text)
        while len(told(found)) < answers and (event := session.receive(PATIENCE)) is not None:
            found.append(event)
    return found


def awaiting(model: str, address: str, text: str, answers: int) -> list[LiveEvent]:
    async def talk() -> list[LiveEvent]:
        found: list[LiveEvent] = []
        client = AsyncChat(model, base_url=address, api_key="k")
        async with client as chat, chat.live(modality="text", tools=[get_weather]) as session:
            await session.send(text)
            while len(told(found)) < answers and (event := await session.receive(PATIENCE)) is not None:
                found.append(event)
        return found

    return asyncio.run(talk())


def told(events: list[LiveEvent]) -> list[Response]:
    return [event.response for event in events if isinstance(event, ResponseEnd)]


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("talk", [blocking, awaiting])
def test_a_message_is_answered(aimock: str, name: str, talk: Callable[..., list[LiveEvent]]) -> None:
    events = talk(f"{name}:m", aimock + BASES[name], "hello", 1)
    assert isinstance(events[0], SessionStart)
    assert told(events)[0].text == "Hello from aimock."


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("talk", [blocking, awaiting])
def test_a_tool_is_run_beside_and_its_result_answered(
    aimock: str, name: str, talk: Callable[..., list[LiveEvent]]
) -> None:
    events = talk(f"{name}:m", aimock + BASES[name], "weather in Paris", 2)
    (ran,) = [event for event in events if isinstance(event, ToolEnd)]
    assert ran.call.name == "get_weather"
    assert not ran.result.is_error
    first, second = told(events)
    assert first.tool_calls[0].name == "get_weather"
    assert second.text == "It is 21 degrees in Paris."
