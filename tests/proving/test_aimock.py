"""Against aimock: text, tools, reasoning, ends, errors, retries, cuts and garbage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import BASES, STREAMS

from chat_core import ChatError, user
from chat_core.codec.fold import fold_conversation
from chat_core.errors import (
    AuthenticationFailed,
    DecodeError,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    RateLimited,
    StreamTruncated,
    TransportError,
)
from chat_core.flow.retry import NEVER, Retry
from chat_core.messages import tool_results
from chat_core.parts import Reasoning, Text, ToolCall, ToolResult
from chat_core.response import FinishReason
from chat_core.tools import Tool

if TYPE_CHECKING:
    from tests.proving.asking import Answer, Way

    from chat_core.calls import Content

WEATHER = Tool(name="get_weather", description="Tell the weather.", parameters={"type": "object", "properties": {}})


class Ask:
    """Asks aimock as one provider, in one way."""

    def __init__(self, way: Way, provider: str, server: str) -> None:
        self.streams = way.__name__ in STREAMS
        self.provider = provider
        self._way = way
        self._model = f"{provider}:m"
        self._base = server + BASES[provider]

    def __call__(self, asked: Content, **settings: object) -> Answer:
        made = {"retry": NEVER, **settings}
        turn, events = self._way(self._model, asked, (WEATHER,), base_url=self._base, **made)
        if self.streams:
            assert fold_conversation(events) == turn.responses
        return turn, events


@pytest.fixture
def ask(way: Way, provider: str, aimock: str) -> Ask:
    return Ask(way, provider, aimock)


@pytest.mark.parametrize(
    ("said", "text", "reason"),
    [
        ("hello", "Hello from aimock.", FinishReason.STOP),
        ("as json", '{"city":"Paris","degrees":21}', FinishReason.STOP),
        ("stop at length", "cut sho", FinishReason.LENGTH),
        ("unicode", "héllo 👩‍👩‍👧 日本語 \u2028 end", FinishReason.STOP),
        ("long answer", " ".join(["0123456789"] * 20), FinishReason.STOP),
    ],
)
def test_a_text(ask: Ask, said: str, text: str, reason: FinishReason) -> None:
    turn, events = ask(said)
    assert turn.status == "complete"
    assert turn.text == text
    if ask.provider == "openai" and reason is FinishReason.LENGTH:
        reason = FinishReason.OTHER  # aimock says that the answer is incomplete, and not why
        assert turn.response.raw_finish_reason == "incomplete"
    assert turn.response.finish_reason is reason
    assert bool(events) is ask.streams


def test_what_was_counted(ask: Ask) -> None:
    usage = ask("counted")[0].usage
    assert (usage.input_tokens, usage.output_tokens) == (11, 7)


def test_reasoning_before_the_text(ask: Ask) -> None:
    thought, said = ask("think hard")[0].response.parts
    assert isinstance(thought, Reasoning)
    assert thought.text == "First I consider. Then I decide."
    assert isinstance(said, Text)
    assert said.text == "Decided."


def test_a_tool_and_its_result(ask: Ask) -> None:
    question = user("weather in Paris")
    turn, _ = ask(question)
    assert turn.status == "paused"
    (waits,) = turn.pending
    call = waits.call
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
    response = ask(said)[0].response
    assert [part.name for part in response.parts if isinstance(part, ToolCall)] == names
    assert response.text == text
    if ask.provider == "gemini":  # aimock says FUNCTION_CALL, a word that Gemini does not have
        assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.OTHER, "FUNCTION_CALL")
    else:
        assert response.finish_reason is FinishReason.TOOL_CALLS


@pytest.mark.parametrize(
    ("said", "kind", "status"),
    [
        ("fault:400-context", InvalidRequest, 400),
        ("fault:401", AuthenticationFailed, 401),
        ("fault:403", PermissionDenied, 403),
        ("fault:404", NotFound, 404),
        ("fault:429-always", RateLimited, 429),
        ("fault:503", Overloaded, 503),
        ("fault:529", Overloaded, 529),
    ],
)
def test_an_error_has_its_class(ask: Ask, said: str, kind: type[ChatError], status: int) -> None:
    with pytest.raises(kind) as caught:
        ask(said)
    assert f"HTTP {status}" in str(caught.value)
    assert caught.value.partial is None
    assert [attempt.number for attempt in caught.value.attempts] == [1]


def test_the_service_says_when_to_come_back(ask: Ask) -> None:
    with pytest.raises(RateLimited) as caught:
        ask("fault:429-always")
    assert caught.value.retry_after == 1.0


def test_what_fails_once_is_asked_again(ask: Ask, request: pytest.FixtureRequest) -> None:
    turn, _ = ask("fault:500-once", headers={"X-Test-Id": request.node.nodeid}, retry=Retry(first=0.01))
    assert turn.text == "after one 500"
    first, second = turn.response.attempts
    assert first.cause is None
    assert second.cause is not None
    assert "HTTP 500" in second.cause


@pytest.mark.parametrize("fault", ["truncate", "disconnect"])
def test_a_cut_stream_never_looks_complete(ask: Ask, fault: str) -> None:
    if not ask.streams:  # aimock cuts nothing else
        assert ask(f"fault:{fault}")[0].status == "complete"
        return
    with pytest.raises(StreamTruncated) as caught:
        ask(f"fault:{fault}")
    partial = caught.value.partial
    assert partial is not None
    assert partial.finish_reason is None
    assert any(words.startswith(partial.text) for words in ("this stream is cut", "this connection is destroyed"))


def test_garbage_is_a_decode_error(ask: Ask) -> None:
    with pytest.raises(DecodeError):
        ask("fault:malformed")


def test_a_reset_before_the_reply_is_the_networks_fault(ask: Ask) -> None:
    with pytest.raises(TransportError) as caught:
        ask("fault:reset")
    assert caught.value.retryable
