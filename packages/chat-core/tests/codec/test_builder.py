"""Whatever a codec does with a builder, the events obey the grammar and nothing is thrown away."""

from __future__ import annotations

import time
import tracemalloc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.builder import ResponseBuilder, count_calls, merge
from chat_core.codec.fold import fold
from chat_core.errors import DecodeError, GrammarError
from chat_core.events import Event, MediaDelta, PartEnd, PartStart, ResponseEnd, ResponseStart, TextDelta, UnknownEvent
from chat_core.messages import Message, assistant, user
from chat_core.parts import (
    Citation,
    FileID,
    Inline,
    Json,
    Media,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from chat_core.request import Request
from chat_core.response import FinishReason, Response, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

ORIGIN = "test@host/family"
PARTS: tuple[Part, ...] = (
    Text(""),
    Reasoning("", signature="s"),
    Refusal(""),
    ToolCall(id="1", name="f"),
    Media(kind="audio", source=Inline(b"")),
    Media(kind="image", source=FileID("f")),
    Json({"a": 1}),
    ToolResult(call_id="1"),
    Opaque(origin=ORIGIN, kind="k", data={"a": 1}),
)

Verb: TypeAlias = Literal["open", "delta", "text", "cite", "close", "note", "level", "unknown", "finish"]


@dataclass(frozen=True)
class Step:
    """One thing that a codec may do next."""

    verb: Verb
    key: int
    choice: int
    part: Part
    words: str
    data: dict[str, str | list[int]]


steps = st.builds(
    Step,
    verb=st.sampled_from(["open", "delta", "text", "cite", "close", "note", "level", "unknown", "finish"]),
    key=st.integers(0, 2),
    choice=st.sampled_from([0, 0, 1, 5]),
    part=st.sampled_from(PARTS),
    words=st.sampled_from(["", "a", "é😀", "{}", '{"a": 1}', '{"a":']),
    data=st.dictionaries(
        st.sampled_from(["x", "y"]), st.text("ab", max_size=2) | st.lists(st.integers(0, 1), max_size=2), max_size=2
    ),
)


def act(build: ResponseBuilder, step: Step) -> None:
    """Do a step if a codec could."""
    key, choice = step.key, step.choice
    part = build.part(key, choice=choice) if build.is_open(key, choice=choice) else None
    data: JSONObject = {key: value if isinstance(value, str) else [*value] for key, value in step.data.items()}
    match step.verb, part:
        case "open", None:
            build.open(key, step.part, choice=choice, free_form=step.words == "a")
        case "delta", ToolCall():
            build.arguments(key, step.words, choice=choice)
        case "delta", Media(source=Inline()):
            build.media(key, step.words.encode(), transcript=step.words, choice=choice)
        case "delta", Reasoning() | None:
            build.reasoning(key, step.words, choice=choice)
        case "delta", Refusal():
            build.refusal(key, step.words, choice=choice)
        case "text", Text() | None:
            build.text(key, step.words, choice=choice, logprobs=(TokenLogprob(token=step.words, logprob=-1.0),))
        case "cite", Text() | None:
            build.citation(key, Citation(url=step.words), choice=choice)
        case "close", Text() | Reasoning() | Refusal() | ToolCall() | Media() | Json() | ToolResult() | Opaque():
            build.close(key, choice=choice)
        case "note", Text() | Reasoning() | Refusal() | ToolCall() | Media() | Json() | ToolResult() | Opaque():
            build.note_part(key, data, choice=choice)
        case "level", _:
            build.note(data)
            build.note_message(data, choice=choice)
            build.note_choice(data, choice=choice)
        case "unknown", _:
            build.unknown("k", data)
        case "finish", _:
            build.finish(FinishReason.STOP, step.words, choice=choice)
        case _:
            pass


def text_of(events: list[Event], choice: int) -> str:
    deltas = [event for event in events if isinstance(event, TextDelta) and event.choice == choice]
    return "".join(event.text for event in sorted(deltas, key=lambda event: event.index))


@given(st.lists(steps, max_size=25), st.integers(1, 5))
def test_any_script_of_a_codec_gives_a_lawful_stream(script: list[Step], every: int) -> None:
    build = ResponseBuilder(ORIGIN)
    events: list[Event] = []
    for number, step in enumerate(script):
        act(build, step)
        if number % every == 0:
            events += build.take()
    build.end()
    events += build.take()
    response = fold(events)
    assert build.take() == []
    assert isinstance(events[0], ResponseStart)
    assert events[-1] == ResponseEnd(response)
    assert sum(isinstance(event, PartStart) for event in events) == sum(
        len(answer.parts) for answer in (response, *response.alternatives)
    )


@given(st.lists(steps, max_size=15))
def test_what_was_received_can_be_had_at_every_point(script: list[Step]) -> None:
    build = ResponseBuilder(ORIGIN)
    events: list[Event] = []
    assert build.partial() is None
    for step in script:
        act(build, step)
        events += build.take()
        partial = build.partial()
        seen = any(isinstance(event, PartStart) for event in events)
        assert partial is not None or not seen
        if partial is not None and any(isinstance(event, PartStart) and event.choice == 0 for event in events):
            assert partial.text == text_of(events, 0)
        assert build.partial() == partial
    build.end()
    (end,) = [event for event in build.take() if isinstance(event, ResponseEnd)]
    last = build.partial()
    assert last is None or last.parts == end.response.parts


def test_the_start_is_held_back_until_the_first_content() -> None:
    build = ResponseBuilder(ORIGIN)
    build.id, build.model, build.usage = "r", "m", Usage(input_tokens=1)
    build.note({"region": "x"})
    build.unknown("ping", {"n": 1})
    build.note_message({"a": 1})
    assert build.take() == []
    build.text(0, "")
    assert build.take() == [
        ResponseStart(id="r", model="m"),
        UnknownEvent("ping", {"n": 1}),
        PartStart(0, Text("")),
        TextDelta(0, ""),
    ]


def test_an_answer_without_content_starts_when_it_ends() -> None:
    build = ResponseBuilder(ORIGIN)
    build.finish(FinishReason.CONTENT_FILTER, "filter")
    assert build.finished()
    assert not build.finished(choice=1)
    assert build.take() == []
    build.end()
    start, end = build.take()
    assert start == ResponseStart()
    assert end == ResponseEnd(
        Response(message=assistant(), finish_reason=FinishReason.CONTENT_FILTER, raw_finish_reason="filter")
    )
    assert build.ended


def test_the_response_holds_all_that_was_said_about_it() -> None:
    build = ResponseBuilder(ORIGIN)
    build.open("t", Text(""))
    token = TokenLogprob(token="Hi", logprob=0.0)
    build.text("t", "Hi", logprobs=(token,))
    build.citation("t", Citation(url="u"))
    build.note_part("t", {"mark": 1})
    build.open("c", ToolCall(id="1", name="f", meta={ORIGIN: {"old": 1}}), choice=0)
    build.update("c", ToolCall(id="1", name="g", meta={ORIGIN: {"old": 1}}))
    build.arguments("c", '{"a": ')
    build.arguments("c", "1}")
    build.note_part("c", {"new": 2})
    build.note({"whole": 1})
    build.note_choice({"one": 1})
    build.note_choice({"other": 1}, choice=1)
    build.note_message({"said": 1})
    build.finish(FinishReason.TOOL_CALLS, "tools")
    build.id, build.model, build.usage, build.raw = "r", "m", Usage(output_tokens=0), {"last": 1}
    build.end()
    response = fold(build.take())
    assert response == Response(
        message=Message(
            role="assistant",
            parts=(
                Text("Hi", citations=(Citation(url="u"),), logprobs=(token,), meta={ORIGIN: {"mark": 1}}),
                ToolCall(id="1", name="g", arguments={"a": 1}, meta={ORIGIN: {"old": 1, "new": 2}}),
            ),
            meta={ORIGIN: {"said": 1}},
        ),
        finish_reason=FinishReason.TOOL_CALLS,
        raw_finish_reason="tools",
        usage=Usage(output_tokens=0),
        id="r",
        model="m",
        alternatives=(Response(message=assistant(), finish_reason=FinishReason.OTHER, meta={ORIGIN: {"other": 1}}),),
        meta={ORIGIN: {"whole": 1, "one": 1}},
    )
    assert response.raw == {"last": 1}


@pytest.mark.parametrize(
    ("text", "free_form", "arguments", "raw"),
    [("", False, {}, ""), ('{"a":', False, None, '{"a":'), ("{}", True, None, "{}"), ("{}", False, {}, None)],
)
def test_arguments_are_parsed_once_at_the_end(text: str, free_form: bool, arguments: JSON, raw: str | None) -> None:
    build = ResponseBuilder(ORIGIN)
    build.open(0, ToolCall(id="1", name="f"), free_form=free_form)
    if text:
        build.arguments(0, text)
    build.close(0)
    *_, end = build.take()
    assert isinstance(end, PartEnd)
    assert isinstance(end.part, ToolCall)
    assert (end.part.arguments, end.part.raw) == (arguments, raw)


def test_sound_grows_and_a_given_source_stays() -> None:
    build = ResponseBuilder(ORIGIN)
    build.open(0, Media(kind="audio", source=Inline(b""), mime="audio/wav"))
    build.media(0, b"ab", transcript="x")
    build.media(0, b"c")
    build.open(1, Media(kind="image", source=FileID("f")))
    build.end()
    events = build.take()
    assert [event.data for event in events if isinstance(event, MediaDelta)] == [b"ab", b"c"]
    assert fold(events).media == (
        Media(kind="audio", source=Inline(b"abc"), mime="audio/wav", transcript="x"),
        Media(kind="image", source=FileID("f")),
    )


def test_a_value_that_is_replaced_is_surfaced() -> None:
    build = ResponseBuilder(ORIGIN)
    build.text(0, "a")
    build.note({"state": "a", "n": 1})
    build.note({"state": "b"})
    build.note_part(0, {"mark": 1})
    build.note_part(0, {"mark": 2})
    unknown = [event for event in build.take() if isinstance(event, UnknownEvent)]
    assert unknown == [UnknownEvent("response", {"state": "a", "n": 1}), UnknownEvent("part", {"mark": 1})]
    response = build.partial()
    assert response is not None
    assert response.meta == {ORIGIN: {"state": "b", "n": 1}}


def test_misuse_by_a_codec_is_a_grammar_error() -> None:
    build = ResponseBuilder(ORIGIN)
    build.open(0, Text(""))
    with pytest.raises(GrammarError, match="open already"):
        build.open(0, Text(""))
    build.open(0, Text(""), choice=1)
    build.close(0)
    build.open(0, Text(""))
    assert [event.index for event in build.take() if isinstance(event, PartStart)] == [0, 0, 1]


FULL: tuple[Part, ...] = (
    Text("a"),
    Text("", citations=(Citation(url="u"),)),
    Text("", logprobs=(TokenLogprob(token="a", logprob=0.0),)),
    Reasoning("a"),
    Refusal("a"),
    ToolCall(id="1", name="f", arguments={}),
    ToolCall(id="1", name="f", raw=""),
)


@pytest.mark.parametrize("part", FULL)
def test_content_that_deltas_would_replace_is_not_taken_at_the_start(part: Part) -> None:
    with pytest.raises(GrammarError, match="starts empty"):
        ResponseBuilder(ORIGIN).open(0, part)


MERGES: tuple[tuple[JSON, JSON, JSON, bool], ...] = (
    ({}, {"a": 1}, {"a": 1}, False),
    ({"a": 1}, {"a": 1}, {"a": 1}, False),
    ({"a": 1}, {"a": 2}, {"a": 2}, True),
    ({"a": None}, {"a": 2}, {"a": 2}, False),
    ({"a": 0}, {"a": 2}, {"a": 2}, True),
    ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}, False),
    ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 2}}, True),
    ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}, False),
    ({"a": [1]}, {"a": [1, 2]}, {"a": [1, 2]}, False),
    ({"a": []}, {"a": [1]}, {"a": [1]}, False),
    ({"a": "x"}, {"a": ["x"]}, {"a": ["x"]}, True),
)


@pytest.mark.parametrize(("old", "new", "merged", "replaced"), MERGES)
def test_what_came_later_is_merged(old: JSON, new: JSON, merged: JSON, replaced: bool) -> None:
    before = repr(old)
    assert merge(old, new) == (merged, replaced)
    assert repr(old) == before


def test_calls_of_a_conversation_are_counted_for_local_ids() -> None:
    call = ToolCall(id="1", name="f")
    assert count_calls(Request(model="m", messages=(user("a"), assistant(call, "b", call)))) == 2


HALVES = ("wo\ud83d", "\udc69", "\u200d\ud83d", "", "\udc67!")
"""Two characters beyond the basic plane, as services cut them: in the middle of a surrogate pair."""


def test_characters_that_were_cut_in_two_come_whole() -> None:
    build = ResponseBuilder("o")
    for half in HALVES:
        build.text("t", half)
        build.reasoning("r", half)
        build.refusal("n", half)
    build.end()
    events = build.take()
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["wo", "👩", "\u200d", "👧!"]
    response = fold(events)
    assert [getattr(part, "text", None) for part in response.parts] == ["wo👩\u200d👧!"] * 3
    response.text.encode()


def test_arguments_that_were_cut_in_a_character_are_whole() -> None:
    build = ResponseBuilder("o")
    build.open("c", ToolCall(id="c", name="f"))
    for half in ('{"a":"\ud83d', '\udc69"}'):
        build.arguments("c", half)
    build.end()
    (call,) = fold(build.take()).tool_calls
    assert call.arguments == {"a": "👩"}


def test_half_a_character_is_kept_as_it_came() -> None:
    build = ResponseBuilder("o")
    build.text("t", "wo\ud83d")
    partial = build.partial()
    assert partial is not None
    assert partial.text == "wo\ud83d"
    build.end()
    assert fold(build.take()).text == "wo\ud83d"


def seconds(pieces: int) -> float:
    """Return the least time that a call takes whose arguments come in many pieces."""
    times: list[float] = []
    for _ in range(3):
        build, start = ResponseBuilder(ORIGIN), time.process_time()
        build.open(0, ToolCall(id="1", name="f"))
        for piece in ('{"a": ["', *['x", "y'] * pieces, '"]}'):
            build.arguments(0, piece)
            build.take()
        build.close(0)
        times.append(time.process_time() - start)
    return min(times)


def test_arguments_in_many_pieces_cost_their_length() -> None:
    """Four times the pieces would be sixteen times the work if each were parsed with all that came before."""
    assert seconds(8_000) < 10 * seconds(2_000) + 0.05


CONTINUED: dict[str, tuple[Part, Callable[[ResponseBuilder], None]]] = {
    "text": (Refusal(""), lambda build: build.text("key", "a")),
    "reasoning": (Text(""), lambda build: build.reasoning("key", "a")),
    "refusal": (Text(""), lambda build: build.refusal("key", "a")),
    "arguments": (Text(""), lambda build: build.arguments("key", "{}")),
    "media": (Text(""), lambda build: build.media("key", b"a")),
    "citation": (Refusal(""), lambda build: build.citation("key", Citation(url="https://a.example/"))),
}


@pytest.mark.parametrize(("part", "continues"), CONTINUED.values(), ids=CONTINUED)
def test_a_delta_of_another_kind_than_its_part_is_malformed(
    part: Part, continues: Callable[[ResponseBuilder], None]
) -> None:
    build = ResponseBuilder("origin")
    build.open("key", part)
    build.take()
    with pytest.raises(DecodeError, match=f"continues a {type(part).__name__}"):
        continues(build)
    assert build.take() == []


def test_a_text_in_the_making_takes_its_own_length_and_no_multiple() -> None:
    build = ResponseBuilder(ORIGIN)
    tracemalloc.start()
    try:
        for number in range(20_000):
            build.text("key", f"{number:06}")
            build.take()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    text = "".join(f"{number:06}" for number in range(20_000))
    assert build.text_of("key") == text
    assert taken < 2 * len(text)
    build.end()
    *_, end = build.take()
    assert isinstance(end, ResponseEnd)
    assert end.response.text == text


def test_what_an_answer_has_said_is_the_text_of_its_parts_in_their_order() -> None:
    build = ResponseBuilder(ORIGIN)
    build.text("a", "one ")
    build.reasoning("b", "why")
    build.text("c", "two \ud83d")
    build.close("a")
    build.text("d", "elsewhere", choice=1)
    assert build.said() == "one two \ud83d"
    build.text("c", "\ude00")
    assert (build.said(), build.said(choice=1)) == ("one two \U0001f600", "elsewhere")
    assert (build.holds(Text, "c"), build.holds(Reasoning, "c"), build.holds(Text, "a")) == (True, False, False)
