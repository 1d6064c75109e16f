from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import HELLO, ORIGIN, decoded, end, event, events_of, output, said, step, streamed, text

from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError, Overloaded, RateLimited, StreamTruncated
from chat_core.events import CitationDelta, MediaDelta, PartEnd, PartStart, TextDelta, ToolCallDelta, UnknownEvent
from chat_core.parts import Inline, Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.response import FinishReason
from chat_gemini.interactions.provider import Interactions

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject


def words(*pieces: str) -> list[JSONObject]:
    return step(0, *(text(piece) for piece in pieces), type="model_output")


def unknown(events: list[Event]) -> list[tuple[str, JSON]]:
    return [(each.kind, each.data) for each in events if isinstance(each, UnknownEvent)]


def test_a_call_is_seen_before_its_arguments() -> None:
    begun: JSONObject = {"type": "function_call", "id": "1", "name": "f", "arguments": {}}
    deltas: list[JSONObject] = [{"type": "arguments_delta", "arguments": piece} for piece in ('{"x"', ":1}")]
    events = events_of(*step(0, *deltas, **begun), end(status="requires_action"))
    assert events[1:5] == [
        PartStart(0, ToolCall(id="1", name="f")),
        ToolCallDelta(0, '{"x"'),
        ToolCallDelta(0, ":1}"),
        PartEnd(0, ToolCall(id="1", name="f", arguments={"x": 1})),
    ]


def test_arguments_that_came_with_the_beginning_are_whole() -> None:
    begun: JSONObject = {"type": "function_call", "id": "1", "name": "f", "arguments": {"x": 1}}
    assert streamed(*step(0, **begun), end(status="requires_action")).tool_calls[0].arguments == {"x": 1}


def test_arguments_that_begin_otherwise_than_they_come_are_kept() -> None:
    begun: JSONObject = {"type": "function_call", "id": "1", "name": "f", "arguments": {"y": 2}}
    response = streamed(*step(0, {"type": "arguments_delta", "arguments": '{"x":1}'}, **begun), end())
    assert response.tool_calls[0].arguments == {"x": 1}
    assert response.meta[ORIGIN]["step.start"] == {"0": {"arguments": {"y": 2}}}


def test_a_completed_interaction_with_calls_waits_for_results() -> None:
    begun: JSONObject = {"type": "function_call", "id": "1", "name": "f", "arguments": {}}
    rests = event("interaction.status_update", interaction_id="v1_1", status="requires_action")
    response = streamed(*step(0, **begun), rests, end())
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.TOOL_CALLS, "completed")


def test_annotations_count_the_bytes_of_the_whole_text() -> None:
    note: JSONObject = {"type": "url_citation", "url": "u", "start_index": 0, "end_index": 7}
    later: JSONObject = {"type": "text_annotation_delta", "annotations": [note]}
    events = events_of(*step(0, text("Zür"), later, text("ich."), type="model_output"), end())
    (cited,) = [each.citation for each in events if isinstance(each, CitationDelta)]
    assert (cited.start, cited.end) == (0, 6)


def test_sound_comes_in_chunks_and_images_come_whole() -> None:
    sound: JSONObject = {"type": "audio", "mime_type": "audio/l16", "sample_rate": 24000}
    image: JSONObject = {"type": "image", "data": "AAAA", "mime_type": "image/png"}
    deltas: list[JSONObject] = [{**sound, "data": "AQI="}, {**sound, "data": "Aw=="}, image, image]
    events = events_of(*step(0, *deltas, type="model_output"), end())
    assert [each.data for each in events if isinstance(each, MediaDelta)] == [b"\1\2", b"\3"]
    parts = [each.part for each in events if isinstance(each, PartEnd)]
    assert [part.source for part in parts if isinstance(part, Media)] == [
        Inline(b"\1\2\3"),
        Inline(b"\0\0\0"),
        Inline(b"\0\0\0"),
    ]


def test_sound_of_another_form_is_a_part_of_its_own() -> None:
    deltas: list[JSONObject] = [
        {"type": "audio", "mime_type": mime, "data": "AQI="} for mime in ("audio/l16", "audio/mp3")
    ]
    assert len(streamed(*step(0, *deltas, type="model_output"), end()).media) == 2


def test_the_services_own_tools_are_put_together() -> None:
    call = step(
        0,
        {"type": "code_execution_call", "arguments": {"language": "python", "code": "print("}},
        {"type": "code_execution_call", "arguments": {"language": "python", "code": "1)"}, "signature": "s"},
        type="code_execution_call",
        id="1",
        signature="",
    )
    result = step(
        1,
        {"type": "code_execution_result", "result": "1"},
        {"type": "code_execution_result", "result": "\n", "is_error": False},
        type="code_execution_result",
        call_id="1",
    )
    ran, gave = streamed(*call, *result, end()).parts
    assert isinstance(ran, ToolCall)
    assert (ran.arguments, ran.meta[ORIGIN]["signature"]) == ({"language": "python", "code": "print(1)"}, "s")
    assert isinstance(gave, ToolResult)
    assert gave.content == (Text("1\n"),)


def test_a_step_of_a_new_type_is_put_together_and_kept() -> None:
    (part,) = streamed(
        *step(0, {"type": "dream", "depth": [2]}, {"type": "dream", "depth": [3]}, type="dream"), end()
    ).parts
    assert part == Opaque(origin=ORIGIN, kind="dream", data={"type": "dream", "depth": [2, 3]})


def test_a_delta_of_a_new_type_is_surfaced() -> None:
    events = events_of(*step(0, text("a"), {"type": "scent", "smell": "pine"}, type="model_output"), end())
    assert unknown(events) == [("step.delta", {"index": 0, "delta": {"type": "scent", "smell": "pine"}})]


def test_a_signature_that_replaces_another_is_surfaced() -> None:
    signs: list[JSONObject] = [{"type": "thought_signature", "signature": each} for each in ("", "a", "", "b")]
    events = events_of(*step(0, *signs, type="thought"), end())
    assert unknown(events) == [("thought_signature", {"index": 0, "replaced": "a"})]
    ended = [each.part for each in events if isinstance(each, PartEnd)]
    assert ended == [Reasoning("", signature="b", meta={ORIGIN: {}})]


def test_steps_of_the_last_event_are_taken_where_none_were_streamed() -> None:
    response = streamed(event("interaction.created", interaction={"id": "v1_1"}), end(steps=[output(text("Hello."))]))
    assert response.message == decoded(said()).message


def test_a_step_without_an_end_is_taken_from_the_last_event() -> None:
    begun = words("Hel")[:-1]
    events = events_of(*begun, end(steps=[output(text("Hello."), error={"code": 3})]))
    assert [each.text for each in events if isinstance(each, TextDelta)] == ["Hel", "lo."]
    (ended,) = [each.part for each in events if isinstance(each, PartEnd)]
    assert ended == Text("Hello.", meta={ORIGIN: {"_step": {"error": {"code": 3}}}})


def test_a_step_that_the_last_event_has_otherwise_is_surfaced() -> None:
    assert unknown(events_of(*words("Hello."), end(steps=[output(text("Hello."))]))) == []
    other = output(text("Bye."))
    assert unknown(events_of(*words("Hello."), end(steps=[other]))) == [("steps.model_output", other)]


def test_what_comes_late_is_surfaced() -> None:
    late = [event("step.delta", index=0, delta=text("b")), event("step.stop", index=0)]
    again = event("step.start", index=0, step={"type": "model_output"})
    kinds = [kind for kind, _ in unknown(events_of(*words("a"), *late, again, end()))]
    assert kinds == ["step.delta", "step.stop", "step.start"]
    assert unknown(events_of(*words("a"), end(), event("ping"))) == [("ping", {"event_type": "ping"})]


def test_a_stream_that_is_taken_up_inside_a_step_goes_on() -> None:
    response = streamed(event("step.delta", index=2, delta=text("lo.")), event("step.stop", index=2), end())
    assert response.text == "lo."


def test_a_whole_interaction_in_place_of_a_stream_is_read() -> None:
    assert streamed(said()).message == decoded(said()).message


def test_a_status_in_which_it_rests_lets_a_stream_end() -> None:
    rests = event(
        "interaction.status_update", interaction_id="v1_1", status="cancelled", usage={"total_input_tokens": 3}
    )
    response = streamed(*words("a"), rests)
    assert (response.finish_reason, response.id) == (FinishReason.CANCELLED, "v1_1")
    assert response.usage is not None
    assert response.usage.input_tokens == 3


def test_a_stream_that_breaks_off_says_where_to_take_it_up() -> None:
    begun = event("interaction.created", interaction={"id": "v1_1", "mood": "good"}, event_id="e1")
    with pytest.raises(StreamTruncated) as raised:
        events_of(begun, *[{**each, "event_id": f"e{at}"} for at, each in enumerate(words("a")[:2], 2)])
    partial = raised.value.partial
    assert partial is not None
    assert (partial.id, partial.text) == ("v1_1", "a")
    assert partial.meta[ORIGIN] == {"last_event_id": "e3", "interaction.created": {"mood": "good"}}


def test_an_error_inside_of_a_stream_keeps_what_came() -> None:
    with pytest.raises(Overloaded, match="Come back") as raised:
        events_of(*words("a"), event("error", error={"code": "unavailable", "message": "Come back."}))
    assert raised.value.partial is not None
    assert raised.value.partial.text == "a"


def test_an_interaction_that_failed_is_its_error() -> None:
    failed = end(status="failed", errors=[{"code": "resource_exhausted", "message": "Too much."}])
    with pytest.raises(RateLimited, match="Too much") as raised:
        events_of(*words("a"), failed)
    assert raised.value.partial is not None
    assert raised.value.partial.raw_finish_reason == "failed"


def test_what_an_event_says_beside_its_payload_is_kept() -> None:
    begun, delta, stop = words("a")
    response = streamed(
        {**begun, "mood": 1},
        {**delta, "metadata": {"usage": {"total_input_tokens": 1}, "weight": 2}},
        {**stop, "usage": {"total_output_tokens": 3}},
        end(usage={"total_input_tokens": 4}),
    )
    assert response.meta[ORIGIN] == {
        "step.start": {"0": {"mood": 1}},
        "step.delta": {"0": {"metadata": {"weight": 2}}},
        "step.stop": {"0": {"usage": {"total_output_tokens": 3}}},
    }
    assert response.usage is not None
    assert response.usage.input_tokens == 4


@pytest.mark.parametrize(
    "wrong",
    [
        event("step.start", index=0),
        event("step.start", index="0", step={"type": "thought"}),
        event("step.delta", index=0),
        event("step.delta", index=0, delta={"text": "a"}),
        event("step.delta", index=0, delta={"type": "text_annotation_delta", "annotations": {}}),
        event("step.delta", index=0, delta={"type": "thought_signature", "signature": 7}),
        event("step.stop"),
        event("interaction.status_update"),
        event("interaction.completed"),
        end(steps="a"),
        end(status=7),
        end(usage=[]),
        {"event_type": 7},
        {},
    ],
)
def test_a_known_event_that_is_malformed_is_an_error(wrong: JSONObject) -> None:
    with pytest.raises(DecodeError):
        events_of(wrong)


def test_a_word_cut_in_two_between_deltas_comes_whole() -> None:
    decoder = Interactions().decoder(HELLO)
    pieces = [rb'"\ud83c"', rb'"\udfd4 Tal"']
    frames = [
        Frame(b'{"event_type":"step.delta","index":0,"delta":{"type":"text","text":%s}}' % each) for each in pieces
    ]
    list(decoder.feed([*frames, Frame(b'{"event_type":"step.stop","index":0}')]))
    assert decoder.build.partial() is not None
    assert [part.text for part in decoder.build.partial().parts if isinstance(part, Text)] == ["🏔 Tal"]  # type: ignore[union-attr] # pyright: ignore[reportOptionalMemberAccess] - asserted above
