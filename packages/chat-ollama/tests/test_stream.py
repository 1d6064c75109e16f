"""Lines of a stream, its endings, and what may not be lost on the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.fold import fold
from chat_core.codec.framers import NDJSON
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import ChatError, DecodeError, ProviderError, ServerError, StreamTruncated
from chat_core.events import (
    PartEnd,
    PartStart,
    ReasoningDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
    UnknownEvent,
)
from chat_core.messages import assistant, tool_results, user
from chat_core.parts import Reasoning, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.response import FinishReason
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

OLLAMA = Ollama()
ORIGIN = OLLAMA.origin("m")
ASK = Request(model="m", messages=(user("Hi"),))


def said(content: str = "", **message: JSON) -> JSONObject:
    return {"model": "m", "message": {"role": "assistant", "content": content, **message}, "done": False}


def done(reason: str | None = "stop", **more: JSON) -> JSONObject:
    ended: JSONObject = {} if reason is None else {"done_reason": reason}
    return {**said(), "done": True, **ended, **more}


def call(name: str, **arguments: JSON) -> JSON:
    return {"function": {"name": name, "arguments": arguments}}


def run(*lines: JSON, request: Request = ASK) -> list[Event]:
    decoder = OLLAMA.decoder(request)
    events = list(decoder.feed([Frame(json.dumps(line).encode()) for line in lines]))
    return [*events, *decoder.finish()]


def test_a_text_comes_in_deltas_and_ends_with_the_last_line() -> None:
    events = run(said("Hel"), said("lo"), done(eval_count=2))
    assert events[:5] == [
        ResponseStart(model="m"),
        PartStart(0, Text("")),
        TextDelta(0, "Hel"),
        TextDelta(0, "lo"),
        PartEnd(0, Text("Hello")),
    ]
    assert isinstance(events[-1], ResponseEnd)
    response = fold(events)
    assert response.text == "Hello"
    assert response.usage is not None
    assert response.usage.output_tokens == 2


def test_thoughts_are_one_part_and_go_back() -> None:
    events = run(said(thinking="Ra"), said(thinking="in."), said("Yes."), done())
    assert [event.text for event in events if isinstance(event, ReasoningDelta)] == ["Ra", "in."]
    assert fold(events).parts == (Reasoning("Rain.", meta={ORIGIN: {}}), Text("Yes."))


def test_calls_come_whole_in_several_lines() -> None:
    events = run(said(tool_calls=[call("add", a=1)]), said(tool_calls=[call("now")]), done())
    assert [event.arguments for event in events if isinstance(event, ToolCallDelta)] == ['{"a":1}', "{}"]
    response = fold(events)
    assert response.tool_calls == (
        ToolCall(id="local_0", name="add", arguments={"a": 1}),
        ToolCall(id="local_1", name="now", arguments={}),
    )
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.TOOL_CALLS, "stop")


def test_ids_of_our_own_go_on_counting_in_the_conversation() -> None:
    earlier = (assistant(ToolCall(id="local_0", name="f", arguments={})), tool_results(ToolResult(call_id="local_0")))
    request = Request(model="m", messages=(user("Hi"), *earlier))
    (made,) = fold(run(said(tool_calls=[call("f")]), done(), request=request)).tool_calls
    assert made.id == "local_1"


def test_text_after_a_call_belongs_to_the_one_text() -> None:
    assert fold(run(said("One, "), said(tool_calls=[call("f")]), said("two."), done())).text == "One, two."


def test_probabilities_of_thoughts_wait_for_the_text() -> None:
    hm: JSON = {"token": "Hm", "logprob": -1.0}
    yes: JSON = {"token": "Yes", "logprob": -0.5, "bytes": [89], "top_logprobs": [hm]}
    response = fold(run({**said(thinking="Hm"), "logprobs": [hm]}, {**said("Yes"), "logprobs": [yes]}, done()))
    (text,) = [part for part in response.parts if isinstance(part, Text)]
    assert [item.token for item in text.logprobs] == ["Hm", "Yes"]
    assert text.logprobs[1].data == b"Y"
    assert text.logprobs[1].top[0].logprob == -1.0


def test_probabilities_without_a_text_are_kept() -> None:
    hm: JSON = {"token": "Hm", "logprob": -1.0}
    response = fold(run({**said(thinking="Hm"), "logprobs": [hm]}, done()))
    assert response.meta[ORIGIN]["logprobs"] == [hm]


def test_the_time_of_the_last_line_is_kept() -> None:
    lines = ({**said("a"), "created_at": "1"}, {**done(), "created_at": "2"})
    assert fold(run(*lines)).meta == {ORIGIN: {"created_at": "2"}}


def test_a_line_that_nobody_knows_is_surfaced() -> None:
    assert UnknownEvent("line", {"weather": "low"}) in run(said("a"), {"weather": "low"}, done())


def test_a_value_that_changes_from_line_to_line_is_surfaced() -> None:
    events = run({**said("a"), "remote_host": "one"}, {**done(), "remote_host": "two"})
    assert UnknownEvent("response", {"remote_host": "one"}) in events
    assert fold(events).meta[ORIGIN]["remote_host"] == "two"


def test_what_comes_after_the_end_is_surfaced() -> None:
    decoder = OLLAMA.decoder(ASK)
    list(decoder.feed([Frame(json.dumps(done()).encode())]))
    late = list(decoder.feed([Frame(b'{"more":1}'), Frame(b"rubbish"), Frame(b" ")]))
    assert late == [UnknownEvent("after_end", {"more": 1}), UnknownEvent("after_end", "rubbish")]


def test_an_error_in_the_middle_keeps_what_came_before_it() -> None:
    decoder = OLLAMA.decoder(ASK)
    frames = [Frame(json.dumps(line).encode()) for line in (said("The an"), {"error": "model runner crashed"})]
    with pytest.raises(ServerError, match="model runner crashed") as caught:
        list(decoder.feed(frames))
    assert caught.value.partial is not None
    assert caught.value.partial.text == "The an"
    assert caught.value.partial.finish_reason is None


def test_an_error_beside_a_message_keeps_the_message() -> None:
    with pytest.raises(ProviderError) as caught:
        run(said("a"), {**said("b"), "error": "no"})
    assert caught.value.partial is not None
    assert caught.value.partial.text == "ab"


@pytest.mark.parametrize("lines", [(), (said("a"),), (said("a"), {"model": "m", "done": False})])
def test_a_stream_without_its_last_line_is_truncated(lines: tuple[JSON, ...]) -> None:
    with pytest.raises(StreamTruncated):
        run(*lines)


def test_a_last_line_without_a_line_end_counts_when_it_is_whole() -> None:
    whole = b"".join(json.dumps(line).encode() + b"\n" for line in (said("a"), done()))
    assert fold(read(whole.rstrip(b"\n"), [])).text == "a"
    with pytest.raises(StreamTruncated):
        read(whole.rstrip(b"}\n"), [])


def test_a_whole_reply_is_the_same_as_its_stream() -> None:
    reply = {**said("Hi", thinking="Hm", tool_calls=[call("f")]), "done": True, "done_reason": "stop", "eval_count": 3}
    streamed = fold(run(said(thinking="Hm"), said("Hi"), said(tool_calls=[call("f")]), done(eval_count=3)))
    assert OLLAMA.decode(ASK, WireResponse(body=json.dumps(reply).encode())) == streamed


LINES = [
    said("Grüße \u2028 "), said("🏔", thinking="Hm"), said(tool_calls=[call("f", a="é")]), {"x": 1},
    done(total_duration=1),
]  # fmt: skip


def read(data: bytes, sizes: list[int]) -> list[Event]:
    framer, decoder = NDJSON(), OLLAMA.decoder(ASK)
    events: list[Event] = []
    for size in [*sizes, len(data)]:
        piece, data = data[:size], data[size:]
        events += decoder.feed(framer.feed(piece))
    events += decoder.feed(framer.finish())
    return [*events, *decoder.finish()]


BYTES = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in LINES)


@given(st.lists(st.integers(1, 40), max_size=60))
def test_how_the_bytes_are_cut_never_changes_the_events(sizes: list[int]) -> None:
    assert read(BYTES, sizes) == read(BYTES, [])


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "function", "token"]), inner),
    max_leaves=5,
)
MEMBERS = [
    "model", "created_at", "message", "done", "done_reason", "error", "logprobs", "eval_count", "content", "thinking",
    "tool_calls", "role", "x",
]  # fmt: skip
ODD = st.dictionaries(
    st.sampled_from(MEMBERS), JSONS | st.dictionaries(st.sampled_from(MEMBERS), JSONS, max_size=3), max_size=4
)


@given(st.lists(st.sampled_from(LINES) | ODD, max_size=8))
def test_whatever_lines_come_only_the_library_s_errors_come_out(lines: list[JSONObject]) -> None:
    try:
        fold(run(*lines))
    except ChatError as error:
        assert isinstance(error, DecodeError | ProviderError | StreamTruncated)  # noqa: PT017 - success is fine as well


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_whatever_bytes_come_only_the_library_s_errors_come_out(pieces: list[bytes]) -> None:
    try:
        read(BYTES[:99] + b"".join(pieces), [7])
    except ChatError as error:
        assert isinstance(error, DecodeError | ProviderError | StreamTruncated)  # noqa: PT017 - as above
