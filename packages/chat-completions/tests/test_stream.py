from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.fold import Fold, fold
from chat_core.codec.framers import SSE
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import ChatError, DecodeError, ProviderError, StreamTruncated
from chat_core.events import PartStart, ResponseEnd, ResponseStart, TextDelta, UnknownEvent
from chat_core.messages import user
from chat_core.options import Options
from chat_core.parts import Reasoning, Text, ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Response

PROVIDER = Completions(PRESETS["openai-chat"])
REQUEST = Request(model="m", messages=(user("Hi"),))
ORIGIN = PROVIDER.origin("m")
DONE = Frame(b"[DONE]")


def chunk(delta: JSON = None, *, finish: str | None = None, index: int = 0, **more: JSON) -> Frame:
    choice: JSONObject = {"index": index, "delta": {} if delta is None else delta, "finish_reason": finish}
    return Frame(json.dumps({"id": "r1", "model": "m1", "choices": [choice], **more}).encode())


def bare(**members: JSON) -> Frame:
    return Frame(json.dumps(members).encode())


def events_of(*frames: Frame) -> list[Event]:
    decoder = PROVIDER.decoder(REQUEST)
    return [*decoder.feed(frames), *decoder.finish()]


def told(*frames: Frame) -> Response:
    return fold(events_of(*frames))


def failure(*frames: Frame) -> ChatError:
    decoder = PROVIDER.decoder(REQUEST)
    try:
        list(decoder.feed(frames))
        list(decoder.finish())
    except ChatError as error:
        return error
    raise AssertionError("nothing was raised")


def tool(delta: JSONObject, *, finish: str | None = None) -> Frame:
    return chunk({"tool_calls": [delta]}, finish=finish)


# endings


def test_a_stream_ends_at_done() -> None:
    answer = told(chunk({"content": "Hel"}), chunk({"content": "lo"}), chunk(finish="stop"), DONE)
    assert answer.text == "Hello"
    assert answer.finish_reason is FinishReason.STOP
    assert (answer.id, answer.model) == ("r1", "m1")


def test_a_finish_reason_lets_the_stream_end_without_done() -> None:
    assert told(chunk({"content": "Hello"}), chunk(finish="length")).finish_reason is FinishReason.LENGTH


def test_a_stream_without_terminal_signal_is_truncated() -> None:
    error = failure(chunk({"content": "Hel"}))
    assert isinstance(error, StreamTruncated)
    assert error.partial is not None
    assert error.partial.text == "Hel"
    assert error.partial.finish_reason is None


def test_every_choice_has_to_finish() -> None:
    frames = [chunk({"content": "a"}), chunk({"content": "b"}, index=1), chunk(finish="stop")]
    assert isinstance(failure(*frames), StreamTruncated)
    answer = told(*frames, chunk(finish="length", index=1))
    assert [other.text for other in answer.alternatives] == ["b"]
    assert answer.alternatives[0].finish_reason is FinishReason.LENGTH


def test_done_alone_ends_an_answer_that_never_said_why() -> None:
    answer = told(chunk({"content": "x"}), DONE)
    assert answer.finish_reason is FinishReason.OTHER
    assert answer.raw_finish_reason is None


def test_an_empty_stream_is_truncated() -> None:
    assert isinstance(failure(), StreamTruncated)


def test_the_start_is_held_back_until_there_is_content() -> None:
    decoder = PROVIDER.decoder(REQUEST)
    assert list(decoder.feed([chunk({"role": "assistant", "content": ""})])) == []
    assert isinstance(next(iter(decoder.feed([chunk({"content": "x"})]))), ResponseStart)


def test_a_chunk_after_the_finish_reason_changes_nothing() -> None:
    late = chunk(
        {"role": "assistant", "content": ""}, finish="stop", usage={"prompt_tokens": 1, "completion_tokens": 2}
    )
    answer = told(chunk({"content": "x"}), chunk(finish="stop"), late, DONE)
    assert answer.text == "x"
    assert answer.usage is not None
    assert answer.usage.output_tokens == 2


def test_a_frame_that_the_input_cut_is_no_error_of_the_wire() -> None:
    error = failure(chunk({"content": "x"}), Frame(b'{"choices": [{"del', cut=True))
    assert isinstance(error, StreamTruncated)


def test_what_comes_after_done_is_surfaced() -> None:
    events = events_of(chunk({"content": "x"}, finish="stop"), DONE, bare(more=1))
    assert isinstance(events[-1], UnknownEvent)
    assert fold(events).text == "x"


# failures


@pytest.mark.parametrize(
    "frame",
    [
        bare(error={"message": "broken", "code": 502}),
        bare(error="broken"),
        Frame(b'{"message": "broken"}', event="error"),
        Frame(b"broken", event="error"),
        Frame(b'{"error": {"message": "broken"}}', event="error"),
        bare(object="error", message="broken"),
    ],
)
def test_an_error_in_the_stream_is_raised_with_what_came_before(frame: Frame) -> None:
    error = failure(chunk({"content": "Hel"}), frame)
    assert isinstance(error, ProviderError)
    assert error.message == "broken"
    assert error.partial is not None
    assert error.partial.text == "Hel"


def test_an_error_beside_choices_waits_for_the_usage() -> None:
    broken = chunk({"content": "!"}, finish="error", error={"message": "broken", "code": 502})
    error = failure(chunk({"content": "x"}), broken, bare(choices=[], usage={"prompt_tokens": 3}))
    assert isinstance(error, ProviderError)
    assert error.partial is not None
    assert error.partial.text == "x!"
    assert error.partial.usage is not None
    assert error.partial.usage.input_tokens == 3


def test_an_error_in_a_choice_is_raised() -> None:
    frame = bare(choices=[{"index": 0, "delta": {"content": "x"}, "error": {"message": "broken"}}])
    error = failure(frame)
    assert isinstance(error, ProviderError)
    assert error.message == "broken"


def test_whole_calls_of_a_finished_answer_survive_a_failure() -> None:
    call: JSONObject = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a":1}'}}
    error = failure(tool(call, finish="tool_calls"), bare(error={"message": "broken"}))
    assert error.partial is not None
    assert [found.arguments for found in error.partial.tool_calls] == [{"a": 1}]


MALFORMED: list[JSONObject] = [
    {"choices": {}},
    {"choices": [1]},
    {"choices": [{"index": "0", "delta": {}}]},
    {"choices": [{"delta": 1}]},
    {"choices": [{"delta": {"content": 5}}]},
    {"choices": [{"delta": {"refusal": 5}}]},
    {"choices": [{"delta": {"images": 5}}]},
    {"choices": [{"delta": {"function_call": 5}}]},
    {"choices": [{"delta": {"tool_calls": {}}}]},
    {"choices": [{"delta": {"tool_calls": [3]}}]},
    {"choices": [{"delta": {}, "finish_reason": 1}]},
    {"choices": [], "usage": []},
    {"choices": [], "usage": {"prompt_tokens": "many"}},
]


@pytest.mark.parametrize("members", MALFORMED)
def test_malformed_known_members_are_decode_errors(members: JSONObject) -> None:
    assert isinstance(failure(bare(**members)), DecodeError)


def test_a_call_that_never_gets_a_name_is_a_decode_error() -> None:
    assert isinstance(failure(tool({"index": 0, "id": "c", "function": {"arguments": "{}"}}), DONE), DecodeError)


# usage and envelope


def test_the_last_usage_counts_and_nulls_say_nothing() -> None:
    answer = told(
        chunk({"content": "x"}, usage={"prompt_tokens": 1, "completion_tokens": 1}),
        chunk(finish="stop", usage={"prompt_tokens": 1, "completion_tokens": 5}),
        chunk({"content": ""}, usage=None),
        DONE,
    )
    assert answer.usage is not None
    assert answer.usage.output_tokens == 5


def test_usage_may_hide_under_x_groq_or_in_the_choice() -> None:
    hidden = told(chunk({"content": "x"}, finish="stop", x_groq={"id": "g", "usage": {"completion_tokens": 3}}))
    inside = told(
        bare(choices=[{"delta": {"content": "x"}, "finish_reason": "stop", "usage": {"completion_tokens": 3}}])
    )
    assert hidden.usage is not None
    assert hidden.usage.output_tokens == 3
    assert inside.usage is not None
    assert inside.usage.output_tokens == 3


def test_what_a_replaced_usage_alone_said_is_surfaced() -> None:
    events = events_of(
        chunk({"content": "x"}, usage={"prompt_tokens": 1, "odd": 7}),
        chunk(finish="stop", usage={"prompt_tokens": 2}),
        DONE,
    )
    assert UnknownEvent("usage", {"odd": 7}) in events


def test_the_last_id_and_model_count_and_empty_ones_do_not() -> None:
    answer = told(
        bare(id="", model="", choices=[], prompt_filter_results=[{"prompt_index": 0}]),
        bare(id="a", model="m", choices=[{"delta": {"content": "x"}, "finish_reason": "stop"}]),
        bare(id="b", choices=[]),
        DONE,
    )
    assert (answer.id, answer.model) == ("b", "m")
    assert answer.meta == {ORIGIN: {"prompt_filter_results": [{"prompt_index": 0}]}}


def test_unknown_members_are_kept_at_every_level() -> None:
    frame = bare(
        top=1,
        choices=[
            {
                "choice": 2,
                "delta": {
                    "content": "x",
                    "message": 3,
                    "tool_calls": [{"id": "c", "call": 4, "function": {"name": "f", "arguments": "{}", "deep": 5}}],
                },
                "finish_reason": "tool_calls",
            }
        ],
    )
    answer = told(frame, DONE)
    assert answer.meta == {ORIGIN: {"top": 1, "choice": 2}}
    assert answer.message.meta == {ORIGIN: {"message": 3}}
    assert answer.tool_calls[0].meta == {ORIGIN: {"call": 4, "function": {"deep": 5}}}


def test_a_message_beside_the_delta_does_not_double_the_text() -> None:
    def both(delta: str, message: str, finish: str | None = None) -> Frame:
        choice: JSONObject = {"delta": {"content": delta}, "message": {"role": "assistant", "content": message}}
        return bare(choices=[{"index": 0, "finish_reason": finish, **choice}])

    answer = told(both("Hel", "Hel"), both("lo", "Hello"), both("", "Hello", "stop"), DONE)
    assert answer.text == "Hello"
    assert answer.meta == {}


def test_a_whole_reply_in_place_of_a_stream_is_read() -> None:
    reply: JSONObject = {"id": "r", "choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    framer = SSE()
    decoder = PROVIDER.decoder(REQUEST)
    events = [*decoder.feed([*framer.feed(json.dumps(reply).encode()), *framer.finish()]), *decoder.finish()]
    assert fold(events).text == "x"


def test_choices_may_interleave() -> None:
    answer = told(
        chunk({"content": "a"}),
        chunk({"content": "1"}, index=1),
        chunk({"content": "b"}),
        chunk({"content": "2"}, index=1),
        chunk(finish="stop"),
        chunk(finish="stop", index=1),
        DONE,
    )
    assert [answer.text, *(other.text for other in answer.alternatives)] == ["ab", "12"]


def test_a_superseded_finish_reason_is_surfaced() -> None:
    events = events_of(chunk({"content": "x"}, finish="tool_calls"), chunk(finish="stop"), DONE)
    assert UnknownEvent("finish_reason", "tool_calls") in events


# a whole reply and the same one told in pieces

PLAIN: JSONObject = {"role": "assistant", "content": "Hello there"}
THOUGHT: JSONObject = {"reasoning_content": "Let me think", "content": "Yes"}
CALLS: JSONObject = {
    "content": None,
    "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": [1, 2]}'}},
        {"id": "", "type": "function", "function": {"name": "g", "arguments": ""}},
        {"id": "c3", "type": "custom", "custom": {"name": "h", "input": "free text"}},
    ],
}
REFUSED: JSONObject = {"content": None, "refusal": "I cannot"}
SPOKEN: JSONObject = {"content": None, "audio": {"id": "a", "data": "AAECAwQ=", "transcript": "Hi", "expires_at": 5}}
CITED: JSONObject = {
    "content": "See there",
    "annotations": [
        {
            "type": "url_citation",
            "url_citation": {"url": "https://a.test", "title": "A", "start_index": 0, "end_index": 3},
        }
    ],
}
LEGACY: JSONObject = {"content": None, "function_call": {"name": "f", "arguments": '{"a":1}'}}
DETAILED: JSONObject = {
    "reasoning": "ab",
    "reasoning_details": [{"type": "reasoning.text", "text": "ab", "index": 0, "format": "v1"}],
    "content": "Yes",
    "odd": {"key": True},
}


def pieces(message: JSONObject) -> Iterator[JSONObject]:
    """Tell a message as deltas of one or two characters."""
    for key, value in message.items():
        if isinstance(value, str) and key != "role":
            for at in range(0, len(value), 2):
                yield {key: value[at : at + 2]}
        elif key == "tool_calls" and isinstance(value, list):
            for place, call in enumerate(value):
                if isinstance(call, dict):
                    yield {"tool_calls": [{**call, "index": place}]}
        elif key == "audio" and isinstance(value, dict):
            for name, item in value.items():
                yield {"audio": {name: item}}
        else:
            yield {key: value}


@pytest.mark.parametrize("message", [PLAIN, THOUGHT, CALLS, REFUSED, SPOKEN, CITED, LEGACY, DETAILED])
def test_a_folded_stream_equals_the_whole_reply(message: JSONObject) -> None:
    reply: JSONObject = {
        "id": "r1",
        "model": "m1",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    whole = PROVIDER.decode(REQUEST, WireResponse(body=json.dumps(reply).encode()))
    assert told(*(chunk(delta) for delta in pieces(message)), chunk(finish="stop"), DONE) == whole


@given(st.lists(st.sampled_from(["content", "reasoning", "refusal"]), max_size=8), st.text(max_size=20))
def test_texts_of_one_kind_are_one_part(kinds: list[str], text: str) -> None:
    answer = told(*(chunk({kind: text}) for kind in kinds), chunk(finish="stop"))
    assert answer.text == text * kinds.count("content")
    assert answer.reasoning == text * kinds.count("reasoning")
    assert len(answer.parts) == (len(set(kinds)) if text else 0)


# bytes of any kind

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "content", "reasoning", "reasoning_content", "reasoning_details", "refusal", "audio", "images", "annotations",
    "tool_calls", "function_call", "index", "id", "function", "name", "arguments", "type", "text", "data",
    "url_citation", "custom", "thinking", "image_url", "url",
]  # fmt: skip
DELTAS = st.recursive(
    st.none() | st.integers(-1, 2) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from(["choices", "usage", "error", "id", "x"]), JSONS), max_size=4))
def test_only_our_errors_come_out_of_any_chunks(chunks: list[JSONObject]) -> None:
    decoder = PROVIDER.decoder(REQUEST)
    folding = Fold()
    try:
        for event in (*decoder.feed([bare(**members) for members in chunks]), *decoder.finish()):
            folding.feed(event)
    except (DecodeError, StreamTruncated, ProviderError):
        pass


@given(st.lists(DELTAS, max_size=4), st.booleans())
def test_only_our_errors_come_out_of_any_deltas(deltas: list[JSON], whole: bool) -> None:
    decoder = PROVIDER.decoder(REQUEST)
    key = "message" if whole else "delta"
    frames = [bare(choices=[{"index": 0, key: delta, "logprobs": delta}]) for delta in deltas]
    folding = Fold()
    try:
        for event in (*decoder.feed([*frames, DONE]), *decoder.finish()):
            folding.feed(event)
    except (DecodeError, StreamTruncated, ProviderError):
        pass


@given(st.binary(max_size=200))
def test_only_our_errors_come_out_of_any_bytes(data: bytes) -> None:
    framer, decoder = SSE(), PROVIDER.decoder(REQUEST)
    try:
        list(decoder.feed([*framer.feed(data), *framer.finish()]))
        list(decoder.finish())
    except (DecodeError, StreamTruncated, ProviderError):
        pass


@pytest.mark.parametrize("depth", [150, 900, 100_000])
@pytest.mark.parametrize("key", ["odd", "error", "message"])
def test_deep_nesting_is_no_crash(depth: int, key: str) -> None:
    nested = b'{"a":' * depth + b"1" + b"}" * depth
    decoder = PROVIDER.decoder(REQUEST)
    frame = Frame(
        b'{"choices": [{"delta": {"content": "x", "arguments": %b}}], "%b": %b}' % (nested, key.encode(), nested)
    )
    try:
        list(decoder.feed([frame, frame, DONE]))
        list(decoder.finish())
    except (DecodeError, ProviderError):
        pass


def test_events_come_in_the_order_of_first_appearance() -> None:
    events = events_of(chunk({"content": "a"}), chunk({"reasoning": "r"}), chunk({"content": "b"}, finish="stop"), DONE)
    assert [type(event.part) for event in events if isinstance(event, PartStart)] == [Text, Reasoning]
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["a", "b"]
    assert isinstance(events[-1], ResponseEnd)


def test_a_call_is_a_tool_call() -> None:
    answer = told(tool({"index": 0, "id": "c", "function": {"name": "f", "arguments": ""}}), chunk(finish="stop"), DONE)
    assert answer.parts == (ToolCall(id="c", name="f", arguments={}, raw=""),)
    assert answer.finish_reason is FinishReason.TOOL_CALLS
    assert answer.raw_finish_reason == "stop"


def test_a_stream_that_ends_before_all_asked_answers_came_is_truncated() -> None:
    request = Request(model="m", messages=(), options=Options(n=2))
    decoder = PROVIDER.decoder(request)
    list(decoder.feed([chunk({"content": "one"}, finish="stop")]))
    with pytest.raises(StreamTruncated) as caught:
        list(decoder.finish())
    assert caught.value.partial is not None
    assert caught.value.partial.text == "one"


def test_nulls_in_a_later_usage_erase_nothing() -> None:
    counted: JSONObject = {"prompt_tokens": 5, "completion_tokens": 1}
    for later in ({"prompt_tokens": None, "completion_tokens": None}, {"prompt_tokens": 5, "completion_tokens": None}):
        usage = told(chunk({"content": "a"}, usage=counted), chunk(finish="stop", usage={**later}), DONE).usage
        assert usage is not None
        assert (usage.input_tokens, usage.output_tokens) == (5, 1)


@pytest.mark.parametrize("filler", ["", {}, [], False])
def test_an_empty_error_beside_content_is_no_error(filler: JSON) -> None:
    assert told(chunk({"content": "a"}, error=filler), chunk(finish="stop", error=filler), DONE).text == "a"


@pytest.mark.parametrize(
    "after", [Frame('{"error": {"message": "late"}}', event="error"), Frame("oops", event="error")]
)
def test_an_error_after_the_end_is_surfaced_and_raises_no_more(after: Frame) -> None:
    events = events_of(chunk({"content": "a"}, finish="stop"), DONE, after)
    assert isinstance(events[-1], UnknownEvent)
    assert fold(events).text == "a"


def test_a_blank_frame_says_nothing() -> None:
    assert told(chunk({"content": "a"}, finish="stop"), Frame("  "), DONE, Frame(b" ")).text == "a"


def test_probabilities_of_a_choice_without_a_message_are_kept() -> None:
    token: JSON = {"token": "a", "logprob": -0.5}
    bare_choice = bare(choices=[{"index": 0, "logprobs": {"content": [token]}}])
    (text,) = told(chunk({"content": "a"}), bare_choice, chunk(finish="stop"), DONE).parts
    assert isinstance(text, Text)
    assert [found.token for found in text.logprobs] == ["a"]


def test_a_text_beside_the_delta_that_repeats_it_says_nothing() -> None:
    repeated: list[JSON] = [{"index": 0, "delta": {"content": "a"}, "text": "a", "finish_reason": "stop"}]
    other: list[JSON] = [{"index": 0, "delta": {"content": "a"}, "text": "b", "finish_reason": "stop"}]
    assert told(bare(choices=repeated), DONE).meta == {}
    assert told(bare(choices=other), DONE).meta == {ORIGIN: {"text": "b"}}
