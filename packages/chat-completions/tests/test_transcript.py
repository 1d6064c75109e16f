from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_completions.transcript import TranscriptReader
from chat_core.codec.transcription import Segment, SegmentEnd, TranscriptionResponse
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError, ProviderError, StreamTruncated
from chat_core.events import TextDelta, UnknownEvent
from chat_core.parts import TokenLogprob
from chat_core.response import Usage

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject

ORIGIN = Completions(PRESETS["openai-chat"]).origin("m")


def read(*events: object) -> tuple[list[Event], TranscriptionResponse]:
    reader = TranscriptReader(ORIGIN)
    frames = [Frame(event if isinstance(event, str) else json.dumps(event)) for event in events]
    return list(reader.feed(frames)), reader.finish()


def test_words_come_as_events_and_the_transcript_as_the_result() -> None:
    logprobs = [{"token": "Hi", "logprob": -0.5}]
    found, response = read(
        {"type": "transcript.text.delta", "delta": "Hi", "logprobs": logprobs},
        {"type": "transcript.text.delta", "delta": " there", "mood": "calm"},
        {
            "type": "transcript.text.done",
            "text": "Hi there",
            "usage": {"input_tokens": 1},
            "languages": [{"code": "en"}],
        },
        "[DONE]",
    )
    assert found == [TextDelta(0, "Hi", logprobs=(TokenLogprob(token="Hi", logprob=-0.5),)), TextDelta(0, " there")]
    assert response == TranscriptionResponse(
        text="Hi there",
        usage=Usage(input_tokens=1, raw={"input_tokens": 1}),
        meta={ORIGIN: {"languages": [{"code": "en"}], "mood": "calm"}},
    )


def test_segments_come_as_events_and_pieces_of_text_are_told_apart() -> None:
    one: JSONObject = {
        "type": "transcript.text.segment",
        "id": "s0",
        "text": " Hi",
        "speaker": "A",
        "start": 0.0,
        "end": 1.0,
    }
    found, response = read(
        {"type": "transcript.text.delta", "delta": " Hi", "segment_id": "s0"},
        one,
        {"type": "transcript.text.delta", "delta": " Ho", "segment_id": "s1"},
        {"type": "transcript.text.done", "text": "Hi Ho"},
    )
    segment = Segment(text=" Hi", start=0.0, end=1.0, speaker="A", meta={ORIGIN: {"id": "s0"}})
    left: JSONObject = {key: value for key, value in one.items() if key != "type"}
    assert found == [
        TextDelta(0, " Hi"), SegmentEnd("transcript.text.segment", left, segment=segment), TextDelta(1, " Ho"),
    ]  # fmt: skip
    assert response == TranscriptionResponse(text="Hi Ho", segments=(segment,))


def test_the_events_of_mistral_are_read() -> None:
    found, response = read(
        {"type": "transcription.language", "audio_language": "en", "sure": 1},
        {"type": "transcription.text.delta", "text": "Hi"},
        {"type": "transcription.segment", "text": "Hi", "start": 0.1, "end": None, "speaker_id": "speaker_1"},
        {"type": "transcription.done", "model": "v", "text": "Hi", "language": None, "usage": {"prompt_tokens": 2}},
    )
    segment = Segment(text="Hi", start=0.1, speaker="speaker_1")
    assert found[0] == TextDelta(0, "Hi")
    assert isinstance(found[1], SegmentEnd)
    assert found[1].segment == segment
    assert response == TranscriptionResponse(
        text="Hi",
        language="en",
        segments=(segment,),
        model="v",
        usage=Usage(input_tokens=2, raw={"prompt_tokens": 2}),
        meta={ORIGIN: {"sure": 1}},
    )


def test_a_reply_that_is_not_streamed_after_all_is_the_result() -> None:
    assert read({"text": "Hi"}) == ([TextDelta(0, "Hi")], TranscriptionResponse(text="Hi"))


def test_an_event_of_another_kind_is_surfaced() -> None:
    found, _ = read({"type": "transcript.cough", "x": 1}, {"y": 1}, {"type": "transcript.text.done", "text": ""})
    assert found == [
        UnknownEvent("transcript.cough", {"type": "transcript.cough", "x": 1}), UnknownEvent("event", {"y": 1}),
    ]  # fmt: skip


def test_a_stream_without_its_last_event_is_truncated() -> None:
    with pytest.raises(StreamTruncated, match="before the transcript was complete"):
        read({"type": "transcript.text.delta", "delta": "Hi"}, "[DONE]")


def test_a_malformed_piece_is_an_error_and_an_error_inside_the_stream_is_one() -> None:
    with pytest.raises(DecodeError, match="a piece of text without text"):
        read({"type": "transcript.text.delta"})
    with pytest.raises(ProviderError, match="deaf"):
        read({"type": "error", "error": {"message": "deaf"}})
