"""Streams: what comes, what is said again, what differs, and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame, dump
from chat_core.errors import DecodeError, Overloaded, QuotaExceeded, StreamTruncated
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
from chat_core.parts import Media, Opaque, Reasoning, Text, TokenLogprob, ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason
from chat_responses.presets import OPENAI, PRESETS
from chat_responses.provider import Responses

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

REQUEST = Request(model="m", messages=(user("Hi"),))
ORIGIN = Responses(OPENAI).origin("m")

AT: JSONObject = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
MESSAGE: JSONObject = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
BEGUN: JSONObject = {"type": "response.created", "response": {"id": "resp_1", "model": "m", "status": "in_progress"}}


def content(text: str, **more: JSON) -> JSONObject:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": [], **more}


def message(text: str, **more: JSON) -> JSONObject:
    return {**MESSAGE, "content": [content(text, **more)]}


def end(*items: JSON, kind: str = "response.completed", **more: JSON) -> JSONObject:
    answer: JSONObject = {"id": "resp_1", "model": "m", "status": "completed", "output": [*items], **more}
    return {"type": kind, "response": answer}


def delta(text: str) -> JSONObject:
    return {"type": "response.output_text.delta", **AT, "delta": text}


def item_event(word: str, item: JSONObject, at: int = 0) -> JSONObject:
    return {"type": f"response.output_item.{word}", "output_index": at, "item": item}


def events(*payloads: JSONObject, provider: Responses | None = None, request: Request = REQUEST) -> list[Event]:
    decoder = (provider or Responses(OPENAI)).decoder(request)
    found = [*decoder.feed([Frame(dump(payload)) for payload in payloads]), *decoder.finish()]
    assert fold(found) is not None
    return found


def last(found: list[Event]) -> ResponseEnd:
    event = found[-1]
    assert isinstance(event, ResponseEnd)
    return event


def surfaced(found: list[Event]) -> list[str]:
    return [event.kind for event in found if isinstance(event, UnknownEvent)]


def test_a_text_comes_as_deltas_and_ends_whole() -> None:
    found = events(
        BEGUN,
        item_event("added", {**MESSAGE, "status": "in_progress", "content": []}),
        delta("Hel"),
        delta("lo"),
        {"type": "response.output_text.done", **AT, "text": "Hello"},
        item_event("done", message("Hello")),
        end(message("Hello")),
    )
    part = Text("Hello", meta={ORIGIN: {"_item": {"id": "msg_1", "status": "completed"}}})
    assert found[:-1] == [
        ResponseStart(id="resp_1", model="m"),
        PartStart(0, Text("")),
        TextDelta(0, "Hel"),
        TextDelta(0, "lo"),
        PartEnd(0, part),
    ]
    response = last(found).response
    assert (response.text, response.finish_reason, response.raw_finish_reason) == (
        "Hello",
        FinishReason.STOP,
        "completed",
    )


@pytest.mark.parametrize("end_word", ["response.completed", "response.done"])
def test_an_answer_that_comes_at_once_is_read_at_its_end(end_word: str) -> None:
    found = events(end(message("Hello"), kind=end_word))
    assert [type(event).__name__ for event in found] == [
        "ResponseStart",
        "PartStart",
        "TextDelta",
        "PartEnd",
        "ResponseEnd",
    ]


def test_items_that_the_end_leaves_out_are_those_that_were_streamed() -> None:
    found = events(BEGUN, delta("Hello"), item_event("done", message("Hello")), end())
    assert last(found).response.text == "Hello"
    assert surfaced(found) == []


def test_an_item_without_an_end_keeps_its_deltas() -> None:
    found = events(BEGUN, item_event("added", {**MESSAGE, "content": []}), delta("Hel"), end())
    assert last(found).response.text == "Hel"
    assert surfaced(found) == ["response.output_item.added"]


def test_what_is_said_again_may_go_on() -> None:
    found = events(BEGUN, delta("Hel"), {"type": "response.output_text.done", **AT, "text": "Hello"}, end())
    assert [event.text for event in found if isinstance(event, TextDelta)] == ["Hel", "lo"]


@pytest.mark.parametrize(
    "again",
    [
        {"type": "response.output_text.done", **AT, "text": "Ho"},
        {"type": "response.content_part.done", **AT, "part": content("Ho")},
        item_event("done", message("Ho")),
    ],
)
def test_what_is_said_otherwise_is_surfaced_and_the_deltas_stand(again: JSONObject) -> None:
    found = events(BEGUN, delta("Hello"), again, end())
    assert last(found).response.text == "Hello"
    assert len(surfaced(found)) == 1


def test_an_end_that_differs_from_what_was_streamed_is_surfaced() -> None:
    found = events(BEGUN, delta("Hello"), item_event("done", message("Hello")), end(message("Bye")))
    assert surfaced(found) == ["output.message"]
    changed_id = {**message("Hello"), "id": "other"}
    assert surfaced(events(BEGUN, delta("Hello"), item_event("done", message("Hello")), end(changed_id))) == []


def test_an_item_that_ends_otherwise_than_it_began_is_surfaced() -> None:
    call: JSONObject = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": ""}
    found = events(BEGUN, item_event("added", {**call, "new": 1}), item_event("done", {**call, "name": "g"}), end())
    assert last(found).response.tool_calls[0].name == "g"
    assert surfaced(found) == ["response.output_item.added"]
    assert last(found).response.meta[ORIGIN]["response.output_item.added"] == {"0": {"new": 1}}


def test_a_call_without_arguments_starts_and_ends() -> None:
    call: JSONObject = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "now", "arguments": ""}
    found = events(BEGUN, item_event("added", call), item_event("done", {**call, "arguments": "{}"}), end())
    assert [type(event) for event in found[1:4]] == [PartStart, ToolCallDelta, PartEnd]
    (done,) = last(found).response.tool_calls
    assert (done.id, done.name, done.arguments, done.raw) == ("c", "now", {}, None)
    assert last(found).response.finish_reason is FinishReason.TOOL_CALLS


def test_arguments_are_what_was_streamed() -> None:
    call: JSONObject = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": ""}
    found = events(
        BEGUN,
        item_event("added", call),
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": '{"a": '},
        {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "1}"},
        {"type": "response.function_call_arguments.done", "output_index": 0, "arguments": '{"a": 1}'},
        item_event("done", {**call, "arguments": '{"a": 1}'}),
        end(),
    )
    assert last(found).response.tool_calls[0].arguments == {"a": 1}
    assert surfaced(found) == []


def test_a_free_form_call_is_not_parsed() -> None:
    call: JSONObject = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "f", "input": ""}
    found = events(
        BEGUN,
        item_event("added", call),
        {"type": "response.custom_tool_call_input.delta", "output_index": 0, "delta": '{"a":1}'},
        item_event("done", {**call, "input": '{"a":1}'}),
        end(),
    )
    (done,) = last(found).response.tool_calls
    assert (done.arguments, done.raw) == (None, '{"a":1}')


def test_reasoning_is_a_part_for_each_piece_and_keeps_the_seal() -> None:
    at: JSONObject = {"output_index": 0, "item_id": "rs_1"}
    whole: JSONObject = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}],
        "encrypted_content": "sealed",
    }
    found = events(
        BEGUN,
        item_event("added", {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "part of it"}),
        {"type": "response.reasoning_summary_text.delta", **at, "summary_index": 0, "delta": "a"},
        {"type": "response.reasoning_summary_text.delta", **at, "summary_index": 1, "delta": "b"},
        item_event("done", whole),
        end(whole),
    )
    first, second = last(found).response.parts
    assert first == Reasoning("a", meta={ORIGIN: {"_item": {"id": "rs_1", "encrypted_content": "sealed"}}})
    assert second == Reasoning("b", meta={ORIGIN: {"_same": True}})
    assert [event.text for event in found if isinstance(event, ReasoningDelta)] == ["a", "b"]
    assert surfaced(found) == []


def test_citations_and_probabilities_come_with_the_text() -> None:
    note: JSONObject = {
        "type": "url_citation",
        "start_index": 0,
        "end_index": 5,
        "url": "https://a.example",
        "title": "A",
    }
    token: JSONObject = {"token": "Hello", "logprob": -0.5, "bytes": None, "top_logprobs": []}
    whole = message("Hello", annotations=[note], logprobs=[token])
    found = events(
        BEGUN,
        {**delta("Hello"), "logprobs": [token]},
        {"type": "response.output_text.annotation.added", **AT, "annotation_index": 0, "annotation": note},
        item_event("done", whole),
        end(whole),
    )
    (part,) = last(found).response.parts
    assert isinstance(part, Text)
    assert part.logprobs == (TokenLogprob(token="Hello", logprob=-0.5),)
    assert part.citations[0].url == "https://a.example"
    assert len([event for event in found if isinstance(event, CitationDelta)]) == 1
    assert surfaced(found) == []


def test_the_services_tools_are_parts_and_their_progress_is_surfaced() -> None:
    call: JSONObject = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    found = events(
        BEGUN,
        item_event("added", {**call, "status": "in_progress"}),
        {"type": "response.web_search_call.searching", "output_index": 0, "item_id": "ws_1"},
        item_event("done", {**call, "action": {"type": "search", "query": "tides"}}),
        end(),
    )
    (part,) = last(found).response.parts
    assert isinstance(part, ToolCall)
    assert (part.name, part.arguments, part.executed) == ("web_search", {"type": "search", "query": "tides"}, True)
    assert surfaced(found) == ["response.web_search_call.searching"]
    assert last(found).response.finish_reason is FinishReason.STOP


def test_an_image_is_media_and_its_drafts_are_surfaced() -> None:
    image: JSONObject = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "iVBORw0KGgo="}
    found = events(
        BEGUN,
        item_event("added", {"type": "image_generation_call", "id": "ig_1", "status": "in_progress"}),
        {"type": "response.image_generation_call.partial_image", "output_index": 0, "partial_image_b64": "iVBO"},
        item_event("done", image),
        end(),
    )
    (part,) = last(found).response.parts
    assert isinstance(part, Media)
    assert surfaced(found) == ["response.image_generation_call.partial_image"]


def test_parts_keep_the_order_in_which_their_items_began() -> None:
    tools: JSONObject = {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": []}
    found = events(
        BEGUN,
        item_event("added", tools),
        {**delta("Hello"), "output_index": 1},
        item_event("done", message("Hello"), at=1),
        end({**tools, "tools": [{"name": "a"}]}, message("Hello")),
    )
    first, second = last(found).response.parts
    assert isinstance(first, Opaque)
    assert first.data["tools"] == [{"name": "a"}]
    assert isinstance(second, Text)


def test_xai_runs_tools_that_nobody_declared() -> None:
    call: JSONObject = {"type": "custom_tool_call", "id": "c1", "call_id": "c", "name": "x_search", "input": "{}"}
    xai = Responses(PRESETS["xai-responses"])
    (there,) = last(events(end(call), provider=xai)).response.parts
    (here,) = last(events(end(call))).response.parts
    assert isinstance(there, ToolCall)
    assert isinstance(here, ToolCall)
    assert (there.executed, here.executed) == (True, False)


def test_an_error_before_content_is_raised_with_what_is_known() -> None:
    decoder = Responses(OPENAI).decoder(REQUEST)
    error: JSONObject = {"type": "error", "error": {"type": "insufficient_quota", "code": "insufficient_quota"}}
    failed = end(kind="response.failed", status="failed", error={"code": "insufficient_quota", "message": "No."})
    with pytest.raises(QuotaExceeded) as raised:
        list(decoder.feed([Frame(dump(BEGUN)), Frame(dump(error)), Frame(dump(failed))]))
    assert raised.value.type == "insufficient_quota"
    assert raised.value.partial is not None
    assert (raised.value.partial.id, raised.value.partial.raw_finish_reason) == ("resp_1", "failed")


def test_an_error_alone_ends_the_stream() -> None:
    decoder = Responses(OPENAI).decoder(REQUEST)
    error: JSONObject = {"type": "error", "code": "server_is_overloaded", "message": "Later.", "param": None}
    list(decoder.feed([Frame(dump(BEGUN)), Frame(dump(delta("Hel"))), Frame(dump(error))]))
    assert decoder.terminal
    with pytest.raises(Overloaded, match="Later") as raised:
        list(decoder.finish())
    assert raised.value.partial is not None
    assert raised.value.partial.text == "Hel"


@pytest.mark.parametrize(
    "error",
    [
        {"type": "error", "status": 503, "error": {"code": "server_is_overloaded", "message": "Later."}},
        {"error": {"code": "server_is_overloaded", "message": "Later."}},
    ],
)
def test_an_error_that_nothing_follows_is_raised_at_once(error: JSONObject) -> None:
    decoder = Responses(OPENAI).decoder(REQUEST)
    with pytest.raises(Overloaded, match="Later"):
        list(decoder.feed([Frame(dump(error))]))


def test_a_stream_without_its_end_is_truncated() -> None:
    decoder = Responses(OPENAI).decoder(REQUEST)
    list(decoder.feed([Frame(dump(BEGUN)), Frame(dump(delta("Hel")))]))
    with pytest.raises(StreamTruncated) as raised:
        list(decoder.finish())
    assert raised.value.partial is not None
    assert raised.value.partial.text == "Hel"


def test_what_comes_after_the_end_is_surfaced() -> None:
    found = events(end(message("Hello")), {"type": "response.weather"})
    assert surfaced(found[-1:]) == ["response.weather"]


def test_a_marker_after_the_end_says_nothing() -> None:
    decoder = Responses(OPENAI).decoder(REQUEST)
    found = list(decoder.feed([Frame(dump(end(message("Hello")))), Frame(b"[DONE]"), Frame(b" ")]))
    assert isinstance(found[-1], ResponseEnd)
    assert list(decoder.finish()) == []


def test_the_type_may_be_on_the_line_alone() -> None:
    payload = {key: value for key, value in delta("Hello").items() if key != "type"}
    decoder = Responses(OPENAI).decoder(REQUEST)
    found = list(decoder.feed([Frame(dump(payload), event="response.output_text.delta")]))
    assert found[-1] == TextDelta(0, "Hello")


def test_unknown_members_of_events_are_kept() -> None:
    found = events({**BEGUN, "x": 1}, {**delta("Hello"), "y": 2}, {**end(), "z": 3})
    assert last(found).response.meta[ORIGIN] == {
        "response.created": {"x": 1},
        "response.output_text.delta": {"y": 2},
        "response.completed": {"z": 3},
    }


@pytest.mark.parametrize(
    "payload",
    [
        {"no": "type"},
        {"type": 7},
        {"type": "response.output_text.delta", "delta": "no place"},
        {"type": "response.output_text.delta", **AT, "delta": 7},
        {"type": "response.output_item.done", "output_index": 0, "item": {"no": "type"}},
        {"type": "response.completed", "response": {"output": "none"}},
        {"type": "response.completed", "response": {"output": [], "usage": 7}},
        {"type": "response.created", "response": []},
        {"type": "response.output_text.done", **AT, "text": None},
    ],
)
def test_a_malformed_event_is_an_error(payload: JSONObject) -> None:
    with pytest.raises(DecodeError):
        events(payload)
