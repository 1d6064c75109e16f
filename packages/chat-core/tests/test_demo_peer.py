"""Live sessions of `replay:demo`: the recorded conversations, spoken both ways, in both colours."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from chat_core import AsyncChat, Chat, tool
from chat_core.demo import demo_transport
from chat_core.errors import TimedOut
from chat_core.events import ReasoningDelta, ResponseEnd
from chat_core.live import ResponseRequest, SessionUpdate
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from chat_core.livesession import LiveSession
    from chat_core.response import Response


@tool
def get_weather(city: str) -> str:
    return f"rain in {city}"


def answer(session: LiveSession) -> Response:
    while not isinstance(event := session.receive(10), ResponseEnd):
        assert event is not None
    return event.response


def test_the_scenes_are_those_of_calls() -> None:
    chat = Chat("replay:demo", transport=demo_transport(0))
    with chat.live() as session:
        for words in ("Hello", "Tell me a story"):
            session.send(words)
            assert answer(session).text == chat.complete(words).text


def test_the_tool_is_called_where_it_is_offered() -> None:
    with Chat("replay:demo", transport=demo_transport(0)).live() as session:
        session.send("The weather?")
        assert answer(session).tool_calls == ()
        session.update(tools=[get_weather])
        while not isinstance(session.receive(10), SessionUpdate):
            pass
        session.send(ResponseRequest())
        assert [call.name for call in answer(session).tool_calls] == ["get_weather"]
        assert "umbrella" in answer(session).text
        assert session.usage.input_tokens is not None


def test_a_spoken_turn_is_answered() -> None:
    with Chat("replay:demo", transport=demo_transport(0)).live() as session:
        session.send_audio(bytes(320))
        session.end_turn()
        assert answer(session).text.startswith("Hello")


def test_an_answer_can_be_interrupted_and_takes_its_time() -> None:
    async def talk() -> Response:
        async with AsyncChat("replay:demo", transport=demo_transport(20)).live() as session:
            await session.send("Tell me a story")
            async for event in session:
                match event:
                    case ReasoningDelta():
                        with pytest.raises(TimedOut):
                            await session.receive(0.01)
                        await session.interrupt()
                    case ResponseEnd(response):
                        return response
                    case _:
                        pass
            raise AssertionError

    assert asyncio.run(talk()).finish_reason is FinishReason.CANCELLED


def test_leaving_wakes_who_listens() -> None:
    with Chat("replay:demo").live() as session:
        got: list[object] = []
        listening = threading.Thread(target=lambda: got.extend(session))
        listening.start()
        session.close()
        listening.join(5)
        assert not listening.is_alive()
    assert len(got) <= 1
