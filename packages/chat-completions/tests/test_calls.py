from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from chat_completions.calls import decode_call, decode_legacy, encode_call, encode_legacy
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import DecodeError
from chat_core.events import UnknownEvent
from chat_core.messages import assistant, tool_results, user
from chat_core.parts import Text, ToolCall, ToolResult
from chat_core.request import Request

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

PROVIDER = Completions(PRESETS["openai-chat"])
REQUEST = Request(model="m", messages=(user("Hi"),))
ORIGIN = PROVIDER.origin("m")


def events_of(*deltas: list[JSONObject], request: Request = REQUEST) -> list[Event]:
    chunks: list[JSONObject] = [{"choices": [{"delta": {"tool_calls": [*delta]}}]} for delta in deltas]
    decoder = PROVIDER.decoder(request)
    frames = [Frame(json.dumps(data).encode()) for data in chunks]
    return [*decoder.feed([*frames, Frame(b"[DONE]")]), *decoder.finish()]


def streamed(*deltas: list[JSONObject]) -> list[tuple[str, str, JSON]]:
    return [(call.id, call.name, call.arguments) for call in fold(events_of(*deltas)).tool_calls]


def whole(message: JSONObject, request: Request = REQUEST) -> tuple[ToolCall, ...]:
    body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
    return PROVIDER.decode(request, WireResponse(body=body)).tool_calls


def entry(name: str | None, arguments: JSON, *, index: int | None = None, id: str | None = None) -> JSONObject:
    place: JSONObject = {} if index is None else {"index": index}
    return {**place, "id": id, "function": {"name": name, "arguments": arguments}}


def test_fragments_belong_together_by_index() -> None:
    assert streamed(
        [entry("f", "", index=0, id="a")],
        [entry("g", "", index=1, id="b")],
        [entry(None, '{"y"', index=1)],
        [entry(None, '{"x"', index=0)],
        [entry(None, ":1}", index=0), entry(None, ":2}", index=1)],
    ) == [("a", "f", {"x": 1}), ("b", "g", {"y": 2})]


def test_without_an_index_a_new_id_begins_a_call() -> None:
    assert streamed(
        [entry("f", '{"x"', id="a")], [entry(None, ":1}", id="a")], [entry("g", "{}", id="b"), entry("h", "{}", id="c")]
    ) == [("a", "f", {"x": 1}), ("b", "g", {}), ("c", "h", {})]


def test_a_new_id_with_a_name_begins_a_call_under_the_same_index() -> None:
    assert streamed([entry("f", '{"x":1}', index=0, id="a")], [entry("f", '{"x":2}', index=0, id="b")]) == [
        ("a", "f", {"x": 1}),
        ("b", "f", {"x": 2}),
    ]


def test_whole_calls_without_ids_under_one_index_are_several() -> None:
    assert streamed([entry("f", '{"x":1}', index=0, id="")], [entry("f", '{"x":2}', index=0, id="")]) == [
        ("local_0", "f", {"x": 1}),
        ("local_1", "f", {"x": 2}),
    ]


def test_calls_without_index_and_id_in_one_delta_are_several() -> None:
    assert streamed([entry("f", "{}"), entry("f", "{}")]) == [("local_0", "f", {}), ("local_1", "f", {})]


def test_without_index_and_id_a_fragment_goes_on_with_the_last_call() -> None:
    assert streamed([entry("f", '{"x"')], [entry(None, ":1}")]) == [("local_0", "f", {"x": 1})]


def test_repeated_names_and_ids_say_nothing_new() -> None:
    assert streamed(
        [entry("f", '{"x"', index=0, id="a")], [entry("f", ":", index=0, id="a")], [entry("", "1}", index=0, id="")]
    ) == [("a", "f", {"x": 1})]


def test_another_id_without_a_name_is_no_new_call_and_is_surfaced() -> None:
    events = events_of([entry("f", '{"x"', index=0, id="a")], [entry(None, ":1}", index=0, id="b")])
    assert [call.arguments for call in fold(events).tool_calls] == [{"x": 1}]
    assert UnknownEvent("tool_calls[].id", "b") in events


def test_a_name_and_an_id_may_come_late() -> None:
    assert streamed(
        [entry(None, '{"x"', index=0)], [entry("f", ":1}", index=0)], [entry(None, "", index=0, id="a")]
    ) == [("a", "f", {"x": 1})]


@pytest.mark.parametrize("arguments", ["", "null", None])
def test_a_call_without_arguments_is_a_call(arguments: JSON) -> None:
    assert streamed([entry("f", arguments, index=0, id="a")]) == [("a", "f", {})]


@pytest.mark.parametrize("arguments", ["", "null", None])
def test_a_call_without_arguments_goes_back_with_an_empty_object(arguments: JSON) -> None:
    (call,) = whole({"tool_calls": [entry("f", arguments, id="a")]})
    assert encode_call(call, {}) == entry("f", "{}", id="a") | {"type": "function"}


def test_arguments_may_be_an_object_already() -> None:
    assert streamed([entry("f", {"x": [1]}, index=0, id="a")]) == [("a", "f", {"x": [1]})]


def test_arguments_that_were_cut_are_kept_as_text() -> None:
    (call,) = whole({"tool_calls": [entry("f", '{"x": "unfin', id="a")]})
    assert (call.arguments, call.raw) == (None, '{"x": "unfin')


def test_local_ids_count_the_calls_of_the_conversation() -> None:
    turn = (
        assistant(ToolCall(id="a", name="f", arguments={})),
        tool_results(ToolResult(call_id="a", content=(Text("1"),))),
    )
    request = Request(model="m", messages=(user("Hi"), *turn))
    assert [call.id for call in whole({"tool_calls": [entry("f", "{}", id=""), entry("g", "{}")]}, request)] == [
        "local_1",
        "local_2",
    ]


def test_fillers_of_the_other_form_say_nothing() -> None:
    filled: JSONObject = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message: JSONObject = {
        "tool_calls": [{**filled, "custom": {"name": "", "input": ""}}],
        "function_call": {"name": "", "arguments": ""},
    }
    assert whole(message) == (ToolCall(id="a", name="f", arguments={}),)


def test_a_free_form_call_keeps_its_text() -> None:
    (call,) = whole({"tool_calls": [{"id": "a", "type": "custom", "custom": {"name": "f", "input": '{"x":1}'}}]})
    assert (call.arguments, call.raw, call.meta) == (None, '{"x":1}', {ORIGIN: {"type": "custom"}})


def test_a_legacy_call_is_a_call_that_says_so() -> None:
    (call,) = whole({"function_call": {"name": "f", "arguments": '{"x":1}'}})
    assert call == ToolCall(id="local_0", name="f", arguments={"x": 1}, meta={ORIGIN: {"type": "function_call"}})


FORMS: list[JSONObject] = [
    {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
    {"id": "a", "type": "function", "function": {"name": "f", "arguments": "cut"}, "cache_control": {"type": "x"}},
    {"id": "a", "type": "custom", "custom": {"name": "f", "input": "text", "odd": 1}},
    {"id": "a", "type": "function", "index": 0, "function": {"name": "f", "arguments": "{}", "odd": 1}},
]


@pytest.mark.parametrize("data", FORMS)
def test_a_call_of_a_request_goes_out_as_it_came(data: JSONObject) -> None:
    call = decode_call(data, 0, "o")
    assert encode_call(call, call.meta.get("o", {})) == data


def test_a_legacy_call_of_a_request_goes_out_as_it_came() -> None:
    data: JSONObject = {"name": "f", "arguments": "{}", "odd": 1}
    call = decode_legacy(data, 3, "o")
    assert call.id == "local_3"
    assert encode_legacy(call, call.meta["o"]) == data


@pytest.mark.parametrize(
    "data", [{"id": "a", "function": {"arguments": "{}"}}, {"id": 3}, {"index": "0"}, {"function": 1}]
)
def test_malformed_calls_of_a_request_are_decode_errors(data: JSONObject) -> None:
    with pytest.raises(DecodeError):
        decode_call(data, 0, "o")


@pytest.mark.parametrize("indexes", [(0, 1), (None, None), (0, 0)])
def test_calls_whose_id_is_the_name_of_the_tool_are_several(indexes: tuple[int | None, int | None]) -> None:
    first, second = indexes
    one, two = entry("f", '{"x":1}', index=first, id="f"), entry("f", '{"x":2}', index=second, id="f")
    calls = [("f", "f", {"x": 1}), ("f", "f", {"x": 2})]
    assert streamed([one], [two]) == calls
    assert streamed([one, two]) == calls


def test_under_one_index_an_id_that_is_known_goes_on_with_its_call() -> None:
    assert streamed(
        [entry("f", '{"x":', index=0, id="a")],
        [entry("g", '{"y":', index=0, id="b")],
        [entry("f", "1}", index=0, id="a")],
        [entry(None, "2}", index=0, id="b")],
    ) == [("a", "f", {"x": 1}), ("b", "g", {"y": 2})]


@pytest.mark.parametrize("filler", [{}, entry("", "", index=0, id=""), entry(None, None)])
def test_an_entry_of_empty_members_is_no_call(filler: JSONObject) -> None:
    assert streamed([filler]) == []
    assert streamed([filler], [entry("f", "{}", index=0, id="a")]) == [("a", "f", {})]
    assert whole({"content": "Hi", "tool_calls": [filler]}) == ()


def test_one_id_under_two_indexes_is_two_calls() -> None:
    assert streamed(
        [entry("f", '{"x":', index=0, id="a")],
        [entry("f", '{"x":', index=1, id="a")],
        [entry(None, "1}", index=0, id="a"), entry(None, "2}", index=1, id="a")],
        [entry("g", "{}", id="a")],
    ) == [("a", "f", {"x": 1}), ("a", "f", {"x": 2}), ("a", "g", {})]


def seconds(pieces: int, data: JSONObject) -> float:
    """Return the least time that a call takes whose arguments come in many pieces."""
    head = entry("f", '{"a": "', index=0, id="a")
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        streamed([head], *[[data]] * pieces, [entry(None, '"}', index=0)])
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize(
    "data", [entry(None, "x}", index=0), entry("f", "x}", index=0, id="a"), entry("f", "x}", index=0)]
)
def test_arguments_in_many_pieces_cost_their_length(data: JSONObject) -> None:
    """Four times the pieces would be sixteen times the work if each were parsed with all that came before."""
    assert seconds(4_000, data) < 10 * seconds(1_000, data) + 0.05
