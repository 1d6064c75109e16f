"""Stream events, endings, and what may not be lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_claude.provider import Claude
from chat_core.codec.fold import fold
from chat_core.codec.framers import SSE
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import ChatError, DecodeError, Overloaded, ProviderError, StreamTruncated
from chat_core.events import (
    CitationDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
    UnknownEvent,
)
from chat_core.messages import user
from chat_core.parts import Citation, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.response import FinishReason, Response

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

CLAUDE = Claude()
ORIGIN = CLAUDE.origin("m")
ASK = Request(model="m", messages=(user("Hi"),))

START: JSONObject = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [],
        "stop_reason": None,
        "usage": {"input_tokens": 5, "output_tokens": 1},
    },
}
STOP: JSONObject = {"type": "message_stop"}


def begin(index: int, block: JSONObject) -> JSONObject:
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, kind: str, **body: JSON) -> JSONObject:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **body}}


def stop(index: int) -> JSONObject:
    return {"type": "content_block_stop", "index": index}


def done(reason: str = "end_turn", **more: JSON) -> JSONObject:
    return {
        "type": "message_delta",
        "delta": {"stop_reason": reason, "stop_sequence": None, **more},
        "usage": {"output_tokens": 9},
    }


TEXT = (begin(0, {"type": "text", "text": ""}), delta(0, "text_delta", text="Hel"), delta(0, "text_delta", text="lo"))
CALL: JSONObject = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
HELLO = (START, *TEXT, stop(0), done(), STOP)


def run(*events: JSONObject) -> list[Event]:
    decoder = CLAUDE.decoder(ASK)
    return [*decoder.feed(Frame(json.dumps(event)) for event in events), *decoder.finish()]


def answer(*events: JSONObject) -> Response:
    return fold(run(*events))


def one(*events: JSONObject) -> object:
    (part,) = answer(START, *events, done(), STOP).parts
    return part


def test_text_arrives_in_deltas() -> None:
    response = answer(*HELLO)
    assert run(*HELLO) == [
        ResponseStart(id="msg_1", model="claude-x"),
        PartStart(0, Text("")),
        TextDelta(0, "Hel"),
        TextDelta(0, "lo"),
        PartEnd(0, Text("Hello")),
        ResponseEnd(response),
    ]
    assert response.finish_reason is FinishReason.STOP
    assert response.usage is not None
    assert response.usage.raw == {"input_tokens": 5, "output_tokens": 9}


def test_thinking_gets_its_signature_at_the_end() -> None:
    events = run(
        START,
        begin(0, {"type": "thinking", "thinking": "", "signature": ""}),
        delta(0, "thinking_delta", thinking="hm", estimated_tokens=2),
        delta(0, "signature_delta", signature="sig"),
        stop(0),
        done(),
        STOP,
    )
    assert ReasoningDelta(0, "hm") in events
    assert fold(events).parts == (Reasoning("hm", signature="sig", meta={ORIGIN: {"type": "thinking"}}),)


def test_a_signature_may_come_alone() -> None:
    start = begin(0, {"type": "thinking", "thinking": "", "signature": ""})
    assert one(start, delta(0, "signature_delta", signature="sig"), stop(0)) == Reasoning(
        "", signature="sig", meta={ORIGIN: {"type": "thinking"}}
    )


def test_redacted_thinking_comes_whole() -> None:
    block: JSONObject = {"type": "redacted_thinking", "data": "x"}
    assert one(begin(0, block), stop(0)) == Reasoning("", meta={ORIGIN: block})


def test_parallel_calls_interleave_by_index() -> None:
    response = answer(
        START,
        begin(0, {**CALL, "id": "a"}),
        begin(1, {**CALL, "id": "b"}),
        delta(1, "input_json_delta", partial_json=""),
        delta(1, "input_json_delta", partial_json='{"y":'),
        delta(0, "input_json_delta", partial_json='{"x":1}'),
        delta(1, "input_json_delta", partial_json="2}"),
        stop(0),
        stop(1),
        done("tool_use"),
        STOP,
    )
    assert response.tool_calls == (
        ToolCall(id="a", name="f", arguments={"x": 1}),
        ToolCall(id="b", name="f", arguments={"y": 2}),
    )


@pytest.mark.parametrize("deltas", [(), (delta(0, "input_json_delta", partial_json=""),)])
def test_a_call_without_arguments_starts_and_ends(deltas: tuple[JSONObject, ...]) -> None:
    assert one(begin(0, CALL), *deltas, stop(0)) == ToolCall(id="t", name="f", arguments={})


def test_input_that_is_complete_in_the_start_is_taken() -> None:
    start = begin(0, {**CALL, "input": {"a": [1]}})
    assert one(start, stop(0)) == ToolCall(id="t", name="f", arguments={"a": [1]})
    assert one(start) == ToolCall(id="t", name="f", arguments={"a": [1]})
    assert ToolCallDelta(0, '{"a":[1]}') in run(START, start, stop(0), done(), STOP)


def test_input_that_the_token_limit_cut_stays_as_text() -> None:
    response = answer(
        START, begin(0, CALL), delta(0, "input_json_delta", partial_json='{"a": "b'), done("max_tokens"), STOP
    )
    assert response.tool_calls == (ToolCall(id="t", name="f", raw='{"a": "b'),)
    assert response.finish_reason is FinishReason.LENGTH


def test_citations_come_before_or_after_the_text() -> None:
    place: JSONObject = {"type": "web_search_result_location", "url": "u", "title": "T", "cited_text": "q"}
    events = run(START, begin(0, {"type": "text", "text": ""}), delta(0, "citations_delta", citation=place),
                 delta(0, "text_delta", text="a"), stop(0), done(), STOP)  # fmt: skip
    citation = Citation(url="u", title="T", quote="q", meta={ORIGIN: {"type": "web_search_result_location"}})
    assert CitationDelta(0, citation) in events
    assert fold(events).parts == (Text("a", citations=(citation,)),)


def test_tools_of_the_service_and_their_results_are_parts() -> None:
    call: JSONObject = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    result: JSONObject = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
    parts = answer(
        START, begin(0, call), delta(0, "input_json_delta", partial_json='{"query":"q"}'), stop(0), begin(1, result),
        stop(1), done("pause_turn"), STOP,
    ).parts  # fmt: skip
    assert isinstance(parts[0], ToolCall)
    assert (parts[0].executed, parts[0].arguments) == (True, {"query": "q"})
    assert isinstance(parts[1], ToolResult)
    assert parts[1].executed


def test_a_compaction_grows_by_deltas_and_stays_a_block() -> None:
    part = one(
        begin(0, {"type": "compaction", "content": None}),
        delta(0, "compaction_delta", content="long "),
        delta(0, "compaction_delta", content="story", encrypted_content="e"),
        stop(0),
    )
    data: JSONObject = {"type": "compaction", "content": "long story", "encrypted_content": "e"}
    assert part == Opaque(origin=ORIGIN, kind="compaction", data=data)


def test_details_of_the_end_are_kept() -> None:
    event = done("refusal", stop_details={"type": "refusal"}, container={"id": "c"})
    response = answer(START, {**event, "context_management": {"applied_edits": []}}, STOP)
    assert response.finish_reason is FinishReason.REFUSAL
    assert response.meta == {
        ORIGIN: {
            "stop_details": {"type": "refusal"},
            "container": {"id": "c"},
            "context_management": {"applied_edits": []},
        }
    }


def test_pings_and_the_gateway_s_done_say_nothing() -> None:
    decoder = CLAUDE.decoder(ASK)
    ping: JSONObject = {"type": "ping"}
    frames = [Frame(json.dumps(event)) for event in (ping, *HELLO[:2], ping, *HELLO[2:])]
    events = [*decoder.feed([*frames, Frame("[DONE]")]), *decoder.feed([Frame(b"[DONE]")]), *decoder.finish()]
    assert events == run(*HELLO)


def test_unknown_events_and_deltas_are_surfaced() -> None:
    dream: JSONObject = {"type": "dream", "of": 1}
    odd = delta(0, "dream_delta", more=1)
    events = run(START, dream, *TEXT, odd, stop(0), done(), STOP)
    assert UnknownEvent("dream", dream) in events
    assert UnknownEvent("dream_delta", odd) in events
    assert fold(events).text == "Hello"


def test_unknown_keys_of_events_are_kept_out_of_the_parts() -> None:
    response = answer(
        {**START, "x": 1}, {**begin(0, {"type": "text", "text": "", "mine": 1}), "x": 2},
        {**delta(0, "text_delta", text="a", odd=2), "x": 3}, {**stop(0), "x": 4}, {"type": "ping", "x": 5},
        {**done(), "x": 6}, {**STOP, "metrics": 3},
    )  # fmt: skip
    assert response.parts == (Text("a", meta={ORIGIN: {"mine": 1}}),)
    assert response.meta == {
        ORIGIN: {
            "message_start": {"x": 1},
            "content_block_start": {"0": {"x": 2}},
            "content_block_delta": {"0": {"odd": 2, "x": 3}},
            "content_block_stop": {"0": {"x": 4}},
            "ping": {"x": 5},
            "x": 6,
            "message_stop": {"metrics": 3},
        }
    }


def test_what_comes_after_the_end_is_surfaced_and_not_decoded() -> None:
    late = delta(0, "text_delta", text="!")
    events = run(*HELLO, late, {"type": "ping"})
    assert events[-1] == UnknownEvent("content_block_delta", late)
    assert fold(events).text == "Hello"


def test_a_whole_message_in_place_of_a_stream_is_read() -> None:
    message: JSONObject = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "Hello"}, {**CALL, "input": {"a": 1}}], "usage": {"output_tokens": 2},
    }  # fmt: skip
    whole = CLAUDE.decode(ASK, WireResponse(body=json.dumps(message).encode()))
    assert replace(answer(message), raw=None) == replace(whole, raw=None)


def test_the_sse_line_names_the_event_where_the_payload_does_not() -> None:
    decoder = CLAUDE.decoder(ASK)
    frames = [Frame(json.dumps({k: v for k, v in e.items() if k != "type"}), event=str(e["type"])) for e in HELLO]
    assert fold([*decoder.feed(frames), *decoder.finish()]).text == "Hello"


# --- endings ---


def test_a_clean_end_is_the_last_event() -> None:
    decoder = CLAUDE.decoder(ASK)
    events = list(decoder.feed(Frame(json.dumps(event)) for event in HELLO))
    assert isinstance(events[-1], ResponseEnd)
    assert list(decoder.finish()) == []


def test_a_stop_reason_without_the_last_event_ends_the_answer() -> None:
    decoder = CLAUDE.decoder(ASK)
    events = list(decoder.feed(Frame(json.dumps(event)) for event in HELLO[:-1]))
    assert not isinstance(events[-1], ResponseEnd)
    assert fold([*events, *decoder.finish()]) == replace(answer(*HELLO), raw=HELLO[-2])


@pytest.mark.parametrize("count", range(len(HELLO) - 1))
def test_without_a_stop_reason_the_stream_is_truncated(count: int) -> None:
    decoder = CLAUDE.decoder(ASK)
    list(decoder.feed(Frame(json.dumps(event)) for event in HELLO[:count]))
    with pytest.raises(StreamTruncated) as raised:
        list(decoder.finish())
    if count > len(HELLO) - 4:
        assert raised.value.partial is not None
        assert raised.value.partial.text == "Hello"


def test_a_frame_that_the_end_of_input_cut_is_no_fault_of_the_service() -> None:
    decoder = CLAUDE.decoder(ASK)
    list(decoder.feed(Frame(json.dumps(event)) for event in HELLO[:3]))
    assert list(decoder.feed([Frame('{"type": "content_bl', cut=True)])) == []
    with pytest.raises(StreamTruncated):
        list(decoder.finish())


# --- failures ---


@pytest.mark.parametrize(
    "frame",
    [
        Frame('{"type":"error","error":{"type":"overloaded_error","message":"Later"}}', event="error"),
        Frame('{"error":{"type":"overloaded_error","message":"Later"}}'),
        Frame('{"type":"overloaded_error","message":"Later"}', event="error"),
    ],
)
def test_an_error_in_the_middle_comes_after_what_was_received(frame: Frame) -> None:
    decoder = CLAUDE.decoder(ASK)
    events: list[Event] = []
    with pytest.raises(Overloaded) as raised:
        events.extend(decoder.feed([*(Frame(json.dumps(event)) for event in HELLO[:3]), frame]))
    assert raised.value.message == "Later"
    assert raised.value.partial is not None
    assert raised.value.partial.text == "Hel"
    assert raised.value.partial.finish_reason is None


def test_an_error_event_that_is_no_json_is_an_error_of_the_service() -> None:
    with pytest.raises(ProviderError, match="upstream died"):
        list(CLAUDE.decoder(ASK).feed([Frame("upstream died", event="error")]))


@pytest.mark.parametrize("body", ['{"detail":"upstream died"}', '{"message":"upstream died"}'])
def test_words_of_a_gateway_without_a_type_are_an_error_of_the_service(body: str) -> None:
    with pytest.raises(ProviderError, match="upstream died"):
        list(CLAUDE.decoder(ASK).feed([Frame(body)]))


def test_an_empty_stop_reason_is_no_terminal_signal_and_replaces_none() -> None:
    begun: JSONObject = {"type": "message_start", "message": {"id": "m", "content": [], "stop_reason": ""}}
    with pytest.raises(StreamTruncated):
        run(begun, *TEXT)
    assert answer(begun, *TEXT, stop(0), done("max_tokens"), done(""), STOP).raw_finish_reason == "max_tokens"


def test_a_superseded_stop_reason_is_surfaced() -> None:
    events = run(START, *TEXT, stop(0), done("tool_use"), done(), STOP)
    assert UnknownEvent("stop_reason", "tool_use") in events
    assert fold(events).raw_finish_reason == "end_turn"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "message_start"},
        {"type": "message_start", "message": {"id": 1}},
        {"type": "message_start", "message": {"content": 1}},
        {"type": "content_block_start", "index": 0},
        {"type": "content_block_start", "index": "0", "content_block": CALL},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
        {"type": "content_block_stop", "index": 7},
        {"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta", "text": "a"}},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "text_delta", "text": 1}},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "thinking_delta", "thinking": "a"}},
        {"type": "content_block_delta", "index": 9, "delta": {}},
        {"type": "message_delta"},
        {"type": "message_delta", "delta": {"stop_reason": 1}},
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": "x"}},
        {"type": 1},
        {},
    ],
)
def test_a_malformed_event_raises(event: JSONObject) -> None:
    with pytest.raises(DecodeError):
        run(START, begin(9, {"type": "text", "text": ""}), event)


def test_a_block_that_starts_twice_raises() -> None:
    with pytest.raises(DecodeError, match="twice"):
        run(START, begin(0, CALL), begin(0, CALL))


# --- laws ---


def sse(events: tuple[JSONObject, ...]) -> bytes:
    text = "".join(f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events)
    return text.encode()


LONG = (
    START,
    begin(0, {"type": "text", "text": ""}),
    *(delta(0, "text_delta", text=piece) for piece in ("Grüße \u2028", "🙂", "\u0085.")),
    stop(0),
    begin(1, CALL),
    delta(1, "input_json_delta", partial_json='{"a":"é"}'),
    stop(1),
    done("tool_use"),
    STOP,
)


def read(data: bytes, sizes: list[int]) -> list[Event]:
    framer, decoder = SSE(), CLAUDE.decoder(ASK)
    events: list[Event] = []
    at = 0
    for size in sizes:
        events += decoder.feed(framer.feed(data[at : at + size]))
        at += size
    events += decoder.feed(framer.feed(data[at:]))
    events += decoder.feed(framer.finish())
    return [*events, *decoder.finish()]


@given(st.lists(st.integers(1, 40), max_size=60))
def test_how_the_bytes_are_cut_never_changes_the_events(sizes: list[int]) -> None:
    assert read(sse(LONG), sizes) == read(sse(LONG), [])


KINDS = ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "error"]
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "id"]), inner),
    max_leaves=5,
)
ODD = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*KINDS, "ping", "message_stop", "message", "x"]) | JSONS,
        "index": st.integers(0, 2) | JSONS,
        "delta": st.fixed_dictionaries(
            {"type": st.sampled_from(["text_delta", "input_json_delta", "signature_delta", "compaction_delta", "x"])},
            optional=dict.fromkeys(("text", "partial_json", "signature", "content", "stop_reason"), JSONS),
        )
        | JSONS,
        "content_block": st.sampled_from([CALL, {"type": "text", "text": "a"}, {"type": "compaction"}]) | JSONS,
        "message": JSONS,
        "usage": JSONS,
        "error": JSONS,
    },
)


@given(st.lists(st.sampled_from(LONG) | ODD, max_size=8))
def test_whatever_events_come_only_the_library_s_errors_come_out(events: list[JSONObject]) -> None:
    try:
        fold(run(*events))
    except ChatError as error:
        assert isinstance(error, DecodeError | ProviderError | StreamTruncated)  # noqa: PT017 - success is fine as well


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_whatever_bytes_come_only_the_library_s_errors_come_out(pieces: list[bytes]) -> None:
    try:
        read(sse(LONG[:3]) + b"".join(pieces), [7])
    except ChatError as error:
        assert isinstance(error, DecodeError | ProviderError | StreamTruncated)  # noqa: PT017 - as above
