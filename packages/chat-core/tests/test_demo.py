from __future__ import annotations

import asyncio

import pytest

from chat_core import AsyncChat, Chat, Tool
from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame
from chat_core.demo import FORM, SCENES, Demo, demo_transport
from chat_core.errors import (
    ConfigurationError,
    DecodeError,
    Overloaded,
    StreamTruncated,
    UnansweredToolCall,
    UnsupportedContent,
)
from chat_core.events import UnknownEvent
from chat_core.flow.retry import NEVER
from chat_core.messages import assistant, tool_results, user
from chat_core.options import Options
from chat_core.parts import URL, Media, Text, ToolCall, ToolResult
from chat_core.request import OutputFormat, Request
from chat_core.response import FinishReason

WEATHER = Tool(name="get_weather")
OTHER = Tool(name="get_time")


@pytest.fixture
def chat() -> Chat:
    """Give the demo without the pauses that were recorded."""
    return Chat("replay:demo", transport=demo_transport(pace=0), retry=NEVER)


@pytest.mark.parametrize("question", ["Hello", "Tell me a story"])
def test_a_streamed_answer_is_the_whole_one(chat: Chat, question: str) -> None:
    whole = chat.complete(question).response
    with chat.stream(question) as stream:
        response = fold(stream)
    assert response.message == whole.message
    assert (response.finish_reason, response.usage) == (FinishReason.STOP, whole.usage)
    assert whole.text


def test_a_story_is_thought_about_first(chat: Chat) -> None:
    assert chat.complete("a story, please").response.reasoning


def test_a_tool_is_called_and_its_result_answered(chat: Chat) -> None:
    turn = chat.complete("How is the weather?", tools=[WEATHER])
    assert (turn.status, turn.pending[0].call.arguments) == ("paused", {"city": "Oslo"})
    result = ToolResult(call_id=turn.pending[0].call.id, content=(Text("rain"),))
    again = chat.complete([*turn.messages, tool_results(result)], tools=[WEATHER])
    assert (again.status, again.text) == ("complete", "Take an umbrella: that is what I make of it.")


def test_a_tool_that_a_recording_can_call_is_not_noticed(chat: Chat) -> None:
    turn = chat.complete("How is the weather?", tools=[WEATHER])
    assert turn.pending[0].call.name == "get_weather"
    assert turn.response.notices == ()


def test_without_the_tool_nothing_calls_it(chat: Chat) -> None:
    assert chat.complete("How is the weather?").status == "complete"


def test_a_service_without_capacity_and_a_stream_that_breaks_off_can_be_tried(chat: Chat) -> None:
    with pytest.raises(Overloaded, match="no capacity"):
        chat.complete("Are you busy?")
    with pytest.raises(StreamTruncated) as caught:
        chat.stream("a cut answer").finish()
    assert caught.value.partial is not None
    assert caught.value.partial.text.startswith("This answer will break off")


def test_vectors_models_and_counts_were_recorded(chat: Chat) -> None:
    assert [model.id for model in chat.models()] == ["demo"]
    assert chat.count_tokens("Hello").input_tokens > 0
    assert [len(vector) for vector in chat.embed(["a", "b"]).vectors] == [8, 8]
    with pytest.raises(UnsupportedContent, match="vectors of 4 texts were recorded, not of 5"):
        chat.embed(["a"] * 5)


def test_another_model_was_not_recorded() -> None:
    with pytest.raises(ConfigurationError, match="write replay:demo"):
        Chat("replay:other").complete("Hello")


def test_it_works_in_both_colours_with_nothing_set_up() -> None:
    assert "recording" in Chat("replay:demo").complete("Hello").text
    assert "recording" in asyncio.run(AsyncChat("replay:demo").stream("Hello").finish()).text


def test_every_scene_was_recorded_whole_and_streamed() -> None:
    recorded = {exchange.request.url.partition("/demo/")[2] for exchange in demo_transport().left}
    for scene in ("hello", "forecast", *(name for name, _ in SCENES)):
        assert {f"{scene}/whole", f"{scene}/stream"} <= recorded


def test_a_demo_accepts_only_its_own() -> None:
    assert Demo().accepts(Demo().origin("demo"))
    assert not Demo().accepts("toy@toy.example/toy")


def test_what_a_recording_cannot_do_otherwise_is_noticed() -> None:
    asked = Request(
        model="demo", messages=(user("Hello"),), tools=(WEATHER, OTHER), options=Options(seed=1, temperature=0.0)
    )
    assert [notice.feature for notice in Demo().encode(asked).notices] == ["temperature", "seed", "tools"]


def test_the_notices_say_what_the_recording_does_instead() -> None:
    asked = Request(model="demo", messages=(user("Hello"),), tools=(OTHER,), output=OutputFormat(schema={}, name="n"))
    tools, output = (notice.reason or "" for notice in Demo().encode(asked).notices)
    assert "get_weather" in tools
    assert "weather" in tools
    assert "name, people" in output
    told = Chat("replay:demo", transport=demo_transport(pace=0)).complete("x", output={"type": "object"}).output
    assert isinstance(told, dict)
    assert tuple(told) == FORM


def test_media_were_not_recorded() -> None:
    picture = Media(kind="image", source=URL("https://media.example/a.png"))
    with pytest.raises(UnsupportedContent, match="nothing was recorded with Media: ask in words"):
        Demo().encode(Request(model="demo", messages=(user("What is that?", picture),)))


def test_a_call_needs_its_result_first() -> None:
    call = ToolCall(id="c", name="get_weather", arguments={})
    with pytest.raises(UnansweredToolCall, match="get_weather"):
        Demo().encode(Request(model="demo", messages=(user("weather"), assistant(call))))


def test_an_unknown_piece_is_surfaced_and_a_malformed_one_is_an_error() -> None:
    decoder = Demo().decoder(Request(model="demo", messages=()))
    frames = [Frame(b'{"mood":"low"}'), Frame(b'{"finish":"stop"}'), Frame(b'{"text":"late"}')]
    unknown = [event.kind for event in decoder.feed(frames) if isinstance(event, UnknownEvent)]
    assert unknown == ["mood", "after_finish"]
    with pytest.raises(DecodeError, match="malformed piece"):
        list(Demo().decoder(Request(model="demo", messages=())).feed([Frame(b'{"text":1}')]))
