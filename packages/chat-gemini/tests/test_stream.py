"""Events of a stream, where parts begin and end, and what may not be lost on the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.fold import fold
from chat_core.codec.framers import SSE, JSONArray
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import DecodeError, InvalidRequest, Overloaded, StreamTruncated
from chat_core.events import PartEnd, PartStart, ResponseEnd, ResponseStart, TextDelta, ToolCallDelta, UnknownEvent
from chat_core.messages import assistant, user
from chat_core.options import Options
from chat_core.parts import Citation, Inline, Media, Reasoning, Text, TokenLogprob, ToolCall
from chat_core.request import Request
from chat_core.response import FinishReason, Usage
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Response

GEMINI = Gemini()
MODEL = "gemini-3.8-flash"
ORIGIN = GEMINI.origin(MODEL)
ASK = Request(model=MODEL, messages=(user("Hi"),))
STOP: JSONObject = {"finishReason": "STOP"}


def event(*parts: JSON, **candidate: JSON) -> JSONObject:
    content: JSONObject = {"content": {"role": "model", "parts": [*parts]}} if parts else {}
    return {"candidates": [{**content, **candidate}], "modelVersion": "m1", "responseId": "r1"}


def run(*events: JSON, request: Request = ASK) -> list[Event]:
    decoder = GEMINI.decoder(request)
    found = list(decoder.feed([Frame(json.dumps(item).encode()) for item in events]))
    return [*found, *decoder.finish()]


def answer(*events: JSON, request: Request = ASK) -> Response:
    return fold(run(*events, request=request))


def whole(body: JSON) -> Response:
    return GEMINI.decode(ASK, WireResponse(body=json.dumps(body).encode()))


def test_a_text_comes_in_deltas_and_ends_with_the_input() -> None:
    events = run(event({"text": "Hel"}), event({"text": "lo"}, **STOP))
    assert events[:5] == [
        ResponseStart(id="r1", model="m1"),
        PartStart(0, Text("")),
        TextDelta(0, "Hel"),
        TextDelta(0, "lo"),
        PartEnd(0, Text("Hello")),
    ]
    assert isinstance(events[-1], ResponseEnd)
    assert fold(events).finish_reason is FinishReason.STOP


def test_two_texts_of_one_event_are_two_parts() -> None:
    assert answer(event({"text": "a"}, {"text": "b"}), event({"text": "c"}, **STOP)).parts == (Text("a"), Text("bc"))


def test_a_signature_ends_a_part_and_begins_one() -> None:
    response = answer(
        event({"text": "Hm", "thought": True}),
        event({"text": ".", "thought": True, "thoughtSignature": "s"}),
        event({"text": "Yes"}),
        event({"text": "", "thoughtSignature": "t"}),
        event({"text": " and no."}),
        event({"text": ""}, **STOP),
    )
    assert response.parts == (
        Reasoning("Hm", meta={ORIGIN: {}}),
        Reasoning(".", signature="s", meta={ORIGIN: {}}),
        Text("Yes"),
        Text("", meta={ORIGIN: {"thoughtSignature": "t"}}),
        Text(" and no."),
    )
    assert response.text == "Yes and no."


def test_ids_of_ours_go_on_counting_in_the_conversation() -> None:
    before = assistant(ToolCall(id="local_0", name="f", arguments={}))
    asked = Request(model=MODEL, messages=(user("Hi"), before))
    calls: list[JSON] = [{"functionCall": {"name": "f"}}, {"functionCall": {"name": "f", "id": ""}}]
    response = answer(event(*calls, **STOP), request=asked)
    assert [call.id for call in response.tool_calls] == ["local_1", "local_2"]
    assert response.finish_reason is FinishReason.TOOL_CALLS


def test_arguments_in_pieces_come_as_the_text_of_an_object() -> None:
    piece: JSONObject = {
        "functionCall": {"partialArgs": [{"jsonPath": "$.a", "stringValue": "x"}], "willContinue": True}
    }
    events = run(
        event({"functionCall": {"id": "c1", "name": "f", "willContinue": True}, "thoughtSignature": "s"}),
        event(piece),
        event(piece),
        event({"functionCall": {}}),
        event({"functionCall": {"id": "c2", "name": "g"}}),
        event(**STOP),
    )
    assert [delta.arguments for delta in events if isinstance(delta, ToolCallDelta)] == ['{"a":"x', "x", '"}']
    first, second = fold(events).tool_calls
    assert first == ToolCall(id="c1", name="f", arguments={"a": "xx"}, meta={ORIGIN: {"thoughtSignature": "s"}})
    assert (second.arguments, second.raw) == ({}, "")


def test_a_call_that_the_end_cuts_has_no_arguments() -> None:
    piece: JSONObject = {
        "functionCall": {"partialArgs": [{"jsonPath": "$.a", "stringValue": "x"}], "willContinue": True}
    }
    (call,) = answer(
        event({"functionCall": {"name": "f", "willContinue": True}}), event(piece, finishReason="MAX_TOKENS")
    ).tool_calls
    assert (call.arguments, call.raw) == (None, '{"a":"x"')


def test_a_piece_of_no_call_is_malformed() -> None:
    with pytest.raises(DecodeError, match="did not begin"):
        run(event({"functionCall": {"partialArgs": []}}))


def test_pieces_of_sound_are_one_and_images_are_not() -> None:
    def media(mime: str, data: str) -> JSONObject:
        return {"inlineData": {"mimeType": mime, "data": data}}

    pcm = "audio/L16;codec=pcm;rate=24000"
    response = answer(
        event(media(pcm, "AAE=")), event(media(pcm, "AAI=")), event(media("image/png", "AAE=")),
        event(media("image/png", "AAI="), **STOP),
    )  # fmt: skip
    assert [part.source for part in response.media] == [Inline(b"\0\1\0\2"), Inline(b"\0\1"), Inline(b"\0\2")]
    assert response.media[0] == Media(kind="audio", mime=pcm, source=Inline(b"\0\1\0\2"))


def test_several_candidates_are_alternatives() -> None:
    response = answer(
        {"candidates": [{"content": {"parts": [{"text": "a"}]}}, {"index": 1, "content": {"parts": [{"text": "b"}]}}]},
        {"candidates": [{"index": 1, "finishReason": "MAX_TOKENS"}, {"index": 0, "finishReason": "STOP"}]},
    )
    (other,) = response.alternatives
    assert (response.text, response.finish_reason) == ("a", FinishReason.STOP)
    assert (other.text, other.finish_reason) == ("b", FinishReason.LENGTH)


def test_a_stream_ends_when_all_candidates_have() -> None:
    with pytest.raises(StreamTruncated):
        run({"candidates": [{"index": 0, "finishReason": "STOP"}, {"index": 1, "content": {"parts": [{"text": "b"}]}}]})


def test_a_stream_in_which_a_candidate_never_came_is_truncated() -> None:
    both = Request(model=MODEL, messages=(user("Hi"),), options=Options(n=2))
    first, second = event({"text": "a"}, index=0, **STOP), event({"text": "b"}, index=1, **STOP)
    assert len(answer(first, second, request=both).alternatives) == 1
    with pytest.raises(StreamTruncated) as caught:
        run(first, request=both)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"


def test_without_a_finish_reason_a_stream_is_truncated_and_what_came_is_kept() -> None:
    with pytest.raises(StreamTruncated) as caught:
        run(event({"text": "Hel"}))
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


def test_sources_are_told_at_the_end_in_characters() -> None:
    data: JSONObject = {
        "groundingChunks": [{"web": {"uri": "https://a.example", "title": "A"}}],
        "groundingSupports": [
            {"segment": {"startIndex": 6, "endIndex": 12, "text": "Täler"}, "groundingChunkIndices": [0]}
        ],
    }
    response = answer(event({"text": "Über T"}), event({"text": "äler."}, groundingMetadata=data, **STOP))
    assert response.citations == (Citation(url="https://a.example", title="A", start=5, end=10),)
    assert response.meta == {ORIGIN: {"groundingMetadata": data}}


def test_probabilities_are_those_of_the_text_beside_them() -> None:
    def scored(token: str) -> JSONObject:
        return {"chosenCandidates": [{"token": token, "logProbability": -1}]}

    response = answer(
        event({"text": "Hm", "thought": True}, {"text": "a"}, logprobsResult=scored("a")),
        event({"text": "b"}, logprobsResult=scored("b"), **STOP),
    )
    assert response.parts[1] == Text(
        "ab", logprobs=(TokenLogprob(token="a", logprob=-1), TokenLogprob(token="b", logprob=-1))
    )
    alone = answer(event({"text": "Hm", "thought": True}, logprobsResult=scored("a"), **STOP))
    assert alone.meta == {ORIGIN: {"logprobsResult": scored("a")}}


def test_what_a_candidate_says_beside_its_parts_is_kept() -> None:
    response = answer(
        event({"text": "a"}, finishMessage="Done.", safetyRatings=[{"category": 8}], avgLogprobs=-1, **STOP)
    )
    assert response.meta == {ORIGIN: {"finishMessage": "Done.", "safetyRatings": [{"category": 8}], "avgLogprobs": -1}}


def test_a_pause_keeps_the_token_with_the_message() -> None:
    response = answer(event({"text": "a"}, finishReason="CONTINUATION", continuationToken="t"))
    assert response.finish_reason is FinishReason.PAUSE
    assert response.message.meta == {ORIGIN: {"continuationToken": "t"}}


def test_a_blocked_prompt_is_an_answer_without_parts() -> None:
    feedback: JSONObject = {"promptFeedback": {"blockReason": "JAILBREAK", "blockReasonMessage": "No."}}
    response = answer(feedback)
    assert (response.parts, response.finish_reason) == ((), FinishReason.CONTENT_FILTER)
    assert response.raw_finish_reason == "JAILBREAK"
    assert response.meta == {ORIGIN: feedback}
    assert whole(feedback) == response


def test_usage_is_that_of_the_last_event_that_has_one() -> None:
    response = answer(
        {**event({"text": "a"}), "usageMetadata": {"promptTokenCount": 3, "totalTokenCount": 3}},
        {**event(**STOP), "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1}},
        {"modelVersion": "m1"},
    )
    assert response.usage is not None
    assert response.usage.raw == {"promptTokenCount": 3, "candidatesTokenCount": 1}


def test_a_count_stays_where_the_last_event_is_silent_about_it() -> None:
    counts: JSONObject = {"promptTokenCount": 5, "candidatesTokenCount": 3}
    last: JSONObject = {**event(**STOP), "usageMetadata": {"promptTokenCount": 5}}
    usage = answer({**event({"text": "a"}), "usageMetadata": counts}, last).usage
    assert usage == Usage(input_tokens=5, output_tokens=3, raw={"promptTokenCount": 5})


def test_an_error_in_a_stream_is_raised_after_what_came() -> None:
    decoder = GEMINI.decoder(ASK)
    failed: JSONObject = {"error": {"code": 503, "message": "Busy.", "status": "UNAVAILABLE"}}
    frames = [Frame(json.dumps(item).encode()) for item in (event({"text": "Hel"}), failed)]
    with pytest.raises(Overloaded, match="Busy") as caught:
        list(decoder.feed(frames))
    assert caught.value.partial is not None
    assert caught.value.partial.text == "Hel"


def test_an_event_of_no_known_members_is_surfaced() -> None:
    events = run({"weather": "low"}, event({"text": "a"}, **STOP))
    assert UnknownEvent("event", {"weather": "low"}) in events


def test_an_id_that_changes_is_surfaced() -> None:
    events = run(event({"text": "a"}), {**event(**STOP), "responseId": "r2"})
    assert UnknownEvent("responseId", "r1") in events
    assert fold(events).id == "r2"


def test_a_stream_as_one_array_is_read_by_the_framer_of_arrays_and_as_one_document() -> None:
    events: list[JSON] = [event({"text": "Hel"}), event({"text": "lo"}, **STOP)]
    body = json.dumps(events).encode()
    expected = answer(*events)
    for make in (JSONArray, SSE):
        framer, decoder = make(), GEMINI.decoder(ASK)
        found = [*decoder.feed([*framer.feed(body), *framer.finish()]), *decoder.finish()]
        assert fold(found) == expected
    assert whole(events) == expected


def test_blank_events_and_an_end_of_gateways_say_nothing() -> None:
    decoder = GEMINI.decoder(ASK)
    frames = [
        Frame(b" "),
        Frame(json.dumps(event({"text": "a"}, **STOP)).encode()),
        Frame(b"[DONE]"),
        Frame(b'{"c', cut=True),
    ]
    assert fold([*decoder.feed(frames), *decoder.finish()]).text == "a"


MALFORMED: list[JSON] = [
    7,
    {"candidates": 7},
    {"candidates": [7]},
    {"candidates": [{"content": 7}]},
    {"candidates": [{"content": {"parts": 7}}]},
    {"candidates": [{"index": "0"}]},
    {"candidates": [{"finishReason": []}]},
    {"promptFeedback": 7},
    {"modelVersion": 7},
    {"usageMetadata": 7},
]


@pytest.mark.parametrize("wrong", MALFORMED)
def test_a_malformed_event_is_refused(wrong: JSON) -> None:
    with pytest.raises(DecodeError):
        run(wrong)


def test_a_whole_reply_may_be_an_error_in_the_guise_of_a_success() -> None:
    with pytest.raises(InvalidRequest, match="No such thing"):
        whole([{"error": {"code": 400, "message": "No such thing.", "status": "INVALID_ARGUMENT"}}])


@pytest.mark.parametrize("body", [7, {}, {"usageMetadata": {}}, {"candidates": []}])
def test_a_reply_without_an_answer_is_refused(body: JSON) -> None:
    with pytest.raises(DecodeError):
        whole(body)


PIECES = st.sampled_from([
    {"text": "a"}, {"text": ""}, {"text": "b", "thought": True}, {"text": "c", "thoughtSignature": "s"},
    {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}},
])  # fmt: skip


@given(st.lists(st.lists(PIECES, max_size=3), max_size=5))
def test_however_parts_come_their_words_are_all_there(events: list[list[JSON]]) -> None:
    response = answer(*(event(*parts) for parts in events), event(**STOP))
    parts = [part for parts in events for part in parts if isinstance(part, dict)]
    assert response.text == "".join(str(part["text"]) for part in parts if "text" in part and "thought" not in part)
    assert len(response.tool_calls) == sum("functionCall" in part for part in parts)
