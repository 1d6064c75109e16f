"""Ollama's native API against aimock, where aimock is right about it; and its errors about it, which are borne.

aimock says `reasoning_content` for `thinking`, sends errors as objects, counts nothing and ends all answers by `stop`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import BASES, STREAMS

from chat_core import Chat, ChatError, user
from chat_core.errors import (
    AuthenticationFailed,
    DecodeError,
    InvalidRequest,
    NotFound,
    Overloaded,
    RateLimited,
    StreamTruncated,
)
from chat_core.events import UnknownEvent
from chat_core.flow.retry import NEVER, Retry
from chat_core.messages import tool_results
from chat_core.parts import Text, ToolCall, ToolResult
from chat_core.response import FinishReason
from chat_core.tools import Tool

if TYPE_CHECKING:
    from tests.proving.asking import Answer, Way

    from chat_core.calls import Content

WEATHER = Tool(name="get_weather", description="Tell the weather.", parameters={"type": "object", "properties": {}})


class Ask:
    """Asks aimock in one way."""

    def __init__(self, way: Way, server: str) -> None:
        self.streams = way.__name__ in STREAMS
        self._way = way
        self._base = server + BASES["ollama"]

    def __call__(self, asked: Content, **settings: object) -> Answer:
        return self._way("ollama:m", asked, (WEATHER,), base_url=self._base, **{"retry": NEVER, **settings})


@pytest.fixture
def ask(way: Way, aimock: str) -> Ask:
    return Ask(way, aimock)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("hello", "Hello from aimock."),
        ("unicode", "héllo 👩‍👩‍👧 日本語 \u2028 end"),
        ("long answer", " ".join(["0123456789"] * 20)),
    ],
)
def test_a_text(ask: Ask, said: str, text: str) -> None:
    turn, events = ask(said)
    assert (turn.status, turn.text) == ("complete", text)
    assert turn.response.finish_reason is FinishReason.STOP
    assert bool(events) is ask.streams


def test_a_tool_and_its_result(ask: Ask) -> None:
    turn, _ = ask(user("weather in Paris"))
    assert turn.status == "paused"
    (call,) = turn.response.tool_calls
    assert (call.name, call.arguments) == ("get_weather", {"city": "Paris"})
    answered, _ = ask([*turn.messages, tool_results(ToolResult(call_id=call.id, content=(Text("21 degrees"),)))])
    assert answered.text == "It is 21 degrees in Paris."


@pytest.mark.parametrize(
    ("said", "names", "text"),
    [
        ("two tools", ["get_weather", "get_time"], ""),
        ("tool first", ["get_weather"], "Looking that up."),
        ("text then tool", ["get_weather"], "One moment."),
    ],
)
def test_several_parts(ask: Ask, said: str, names: list[str], text: str) -> None:
    response = ask(said)[0].responses[0]
    assert [part.name for part in response.parts if isinstance(part, ToolCall)] == names
    assert response.text == text
    assert response.finish_reason is FinishReason.TOOL_CALLS


@pytest.mark.parametrize(
    ("said", "kind", "status"),
    [
        ("fault:400-context", InvalidRequest, 400),
        ("fault:401", AuthenticationFailed, 401),
        ("fault:404", NotFound, 404),
        ("fault:429-always", RateLimited, 429),
        ("fault:503", Overloaded, 503),
    ],
)
def test_an_error_has_its_class_also_as_an_object(ask: Ask, said: str, kind: type[ChatError], status: int) -> None:
    with pytest.raises(kind) as caught:
        ask(said)
    assert f"HTTP {status}" in str(caught.value)
    assert caught.value.partial is None


def test_what_fails_once_is_asked_again(ask: Ask, request: pytest.FixtureRequest) -> None:
    turn, _ = ask("fault:500-once", headers={"X-Test-Id": request.node.nodeid}, retry=Retry(first=0.01))
    assert turn.text == "after one 500"
    assert len(turn.response.attempts) == 2


@pytest.mark.parametrize("fault", ["truncate", "disconnect"])
def test_a_cut_stream_never_looks_complete(ask: Ask, fault: str) -> None:
    if not ask.streams:  # aimock cuts nothing else
        assert ask(f"fault:{fault}")[0].status == "complete"
        return
    with pytest.raises(StreamTruncated) as caught:
        ask(f"fault:{fault}")
    assert caught.value.partial is not None
    assert caught.value.partial.finish_reason is None


def test_garbage_is_no_answer(ask: Ask) -> None:
    with pytest.raises(StreamTruncated if ask.streams else DecodeError):  # half a line is what a cut leaves
        ask("fault:malformed")


def test_a_member_that_ollama_does_not_have_is_kept_and_not_taken_for_thoughts(ask: Ask) -> None:
    turn, events = ask("think hard")
    response = turn.response
    assert response.text == "Decided."
    assert response.reasoning == ""
    (kept,) = response.message.meta.values()
    surfaced = [event.data for event in events if isinstance(event, UnknownEvent)]
    assert "First I" in str([*surfaced, kept["reasoning_content"]])


def test_the_models_are_listed(aimock: str) -> None:
    assert Chat("ollama:m", base_url=aimock, retry=NEVER).models()
