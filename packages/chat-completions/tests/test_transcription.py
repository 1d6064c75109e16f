from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_completions.preset import AUDIO
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_completions.transcription import DIALECTS, CompletionsTranscription
from chat_core.codec.framers import SSE
from chat_core.codec.transcription import Segment, TranscriptionRequest, TranscriptionResponse
from chat_core.codec.wire import FormField, Multipart, WireResponse
from chat_core.errors import DecodeError, ProviderError, UnsupportedContent
from chat_core.parts import URL, FileID, Inline, Media
from chat_core.response import Usage

if TYPE_CHECKING:
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON

WAV = b"RIFF\x00\x00\x00\x00WAVE"
SOUND = Media(kind="audio", source=Inline(WAV), mime="audio/wav", name="a.wav")
ASKED = TranscriptionRequest(model="m", audio=SOUND)
FULL = replace(ASKED, language="en", prompt="names", timestamps=("word", "segment"), temperature=0.5, extra={"x": "1"})
FILE = FormField(name="file", data=WAV, filename="a.wav", mime="audio/wav")


def of(name: str) -> CompletionsTranscription:
    return CompletionsTranscription(Completions(PRESETS[name]))


OPENAI, MISTRAL = of("openai-chat"), of("mistral")
ORIGIN = OPENAI.provider.origin("m")


def sent(wire: WireRequest) -> dict[str, list[str]]:
    """Return the fields of a form but for the sound, by name."""
    assert isinstance(wire.body, Multipart)
    found: dict[str, list[str]] = {}
    for field in wire.body.fields:
        if field != FILE:
            found.setdefault(field.name, []).append(field.data.decode())
    assert FILE in wire.body.fields
    return found


def noticed(wire: WireRequest) -> set[str]:
    return {notice.feature for notice in wire.notices}


def decode(body: JSON, service: CompletionsTranscription = OPENAI) -> TranscriptionResponse:
    return service.decode(ASKED, WireResponse(body=json.dumps(body).encode()))


def test_every_dialect_of_a_row_is_there() -> None:
    assert {*DIALECTS} == {*AUDIO}


TIMES = {"timestamp_granularities[]": ["word", "segment"]}
SENT: dict[str, tuple[dict[str, list[str]], set[str]]] = {
    "openai-chat": ({"prompt": ["names"], "response_format": ["verbose_json"], **TIMES}, set()),
    "groq": ({"prompt": ["names"], "response_format": ["verbose_json"], **TIMES}, set()),
    "mistral": (TIMES, {"prompt"}),
    "together": ({"prompt": ["names"], "response_format": ["verbose_json"], **TIMES}, set()),
    "vllm": ({"prompt": ["names"]}, {"timestamps"}),
    "llamacpp": ({"prompt": ["names"]}, {"timestamps"}),
}


@pytest.mark.parametrize("name", SENT)
def test_what_is_asked_is_sent_or_noticed(name: str) -> None:
    fields, lacking = SENT[name]
    wire = of(name).encode(FULL)
    assert wire.url == of(name).provider.url("/audio/transcriptions")
    assert sent(wire) == {"model": ["m"], "language": ["en"], "temperature": ["0.5"], **fields, "x": ["1"]}
    assert noticed(wire) == lacking


@pytest.mark.parametrize(
    ("name", "fields", "lacking"),
    [
        ("openai-chat", {"response_format": ["diarized_json"], "chunking_strategy": ["auto"]}, set[str]()),
        ("mistral", {"diarize": ["true"]}, set[str]()),
        ("together", {"diarize": ["true"]}, set[str]()),
        ("groq", {}, {"diarize"}),
    ],
)
def test_speakers_are_asked_for_or_noticed(name: str, fields: dict[str, list[str]], lacking: set[str]) -> None:
    wire = of(name).encode(replace(ASKED, diarize=True))
    assert (sent(wire), noticed(wire)) == ({"model": ["m"], **fields}, lacking)


def test_times_are_noticed_where_speakers_bring_their_own() -> None:
    wire = OPENAI.encode(replace(ASKED, diarize=True, timestamps=("word",)))
    assert sent(wire)["response_format"] == ["diarized_json"]
    assert noticed(wire) == {"timestamps"}


@pytest.mark.parametrize(
    ("name", "path", "lacking"),
    [
        ("openai-chat", "/audio/translations", {"language", "timestamps", "diarize"}),
        ("groq", "/audio/translations", {"language", "timestamps", "diarize"}),
        ("together", "/audio/translations", {"diarize"}),
        ("mistral", "/audio/transcriptions", {"translate", "prompt"}),
    ],
)
def test_a_translation_takes_less(name: str, path: str, lacking: set[str]) -> None:
    wire = of(name).encode(replace(FULL, translate=True, diarize=True))
    assert wire.url == of(name).provider.url(path)
    assert noticed(wire) == lacking


@pytest.mark.parametrize(
    ("name", "source", "field"),
    [
        ("groq", URL("https://a.example/x"), "url"),
        ("mistral", URL("https://a.example/x"), "file_url"),
        ("mistral", FileID("https://a.example/x"), "file_id"),
        ("together", URL("https://a.example/x"), "file"),
    ],
)
def test_a_sound_that_is_elsewhere_is_named_where_that_is_possible(name: str, source: URL | FileID, field: str) -> None:
    wire = of(name).encode(replace(ASKED, audio=Media(kind="audio", source=source)))
    assert wire.body == Multipart(
        (FormField(name="model", data=b"m"), FormField(name=field, data=b"https://a.example/x"))
    )


def test_a_sound_that_is_elsewhere_is_refused_where_it_is_not() -> None:
    with pytest.raises(UnsupportedContent, match="openai-chat takes audio as bytes"):
        OPENAI.encode(replace(ASKED, audio=Media(kind="audio", source=URL("https://a.example/x"))))


def test_a_sound_travels_in_json_where_the_service_wants_that() -> None:
    wire = of("openrouter").encode(replace(ASKED, language="en"))
    packed = {"data": b64encode(WAV).decode(), "format": "wav"}
    assert wire.body == {"model": "m", "language": "en", "input_audio": packed}
    with pytest.raises(UnsupportedContent, match="openrouter takes sound as bytes of a known type"):
        of("openrouter").encode(replace(ASKED, audio=Media(kind="audio", source=Inline(WAV))))


def test_a_stream_is_asked_for_where_there_is_one() -> None:
    wire = OPENAI.encode(ASKED, stream=True)
    assert (wire.framer, sent(wire)) == (SSE, {"model": ["m"], "stream": ["true"]})
    for other in (of("groq").encode(ASKED, stream=True), OPENAI.encode(replace(ASKED, translate=True), stream=True)):
        assert (other.framer, sent(other), noticed(other)) == (None, {"model": ["m"]}, {"stream"})


def test_a_verbose_transcript_has_times() -> None:
    body: JSON = {
        "task": "transcribe",
        "language": "english",
        "duration": 3.5,
        "text": "Hi there",
        "segments": [{"id": 0, "text": "Hi there", "start": 0, "end": 1.5, "tokens": [1]}],
        "words": [{"word": "Hi", "start": 0.0, "end": 0.5}, {"word": "there", "start": 0.5, "end": 1.5}],
        "usage": {"type": "duration", "seconds": 4},
    }
    assert decode(body) == TranscriptionResponse(
        text="Hi there",
        language="english",
        duration=3.5,
        segments=(Segment(text="Hi there", start=0.0, end=1.5, meta={ORIGIN: {"id": 0, "tokens": [1]}}),),
        words=(Segment(text="Hi", start=0.0, end=0.5), Segment(text="there", start=0.5, end=1.5)),
        usage=Usage(raw={"type": "duration", "seconds": 4}),
        meta={ORIGIN: {"task": "transcribe"}},
    )


@pytest.mark.parametrize(
    "segments",
    [
        {"segments": [{"text": "Hi", "speaker": "A", "type": "transcript.text.segment"}]},
        {"segments": [{"text": "Hi", "speaker_id": "A", "type": "transcription_segment"}]},
        {"segments": [{"text": "Hi"}], "speaker_segments": [{"text": "Hi", "speaker_id": "A"}]},
    ],
)
def test_speakers_come_with_the_segments(segments: dict[str, JSON]) -> None:
    assert decode({"text": "Hi", **segments}).segments == (Segment(text="Hi", speaker="A"),)


def test_a_transcript_that_is_no_json_is_text() -> None:
    reply = WireResponse(headers={"content-type": "text/plain"}, body="1\n00:00 --> 00:01\nDé".encode())
    assert OPENAI.decode(ASKED, reply) == TranscriptionResponse(text="1\n00:00 --> 00:01\nDé")
    braced = WireResponse(headers={"content-type": "text/plain"}, body=b"{laughs} Hi")
    assert OPENAI.decode(ASKED, braced).text == "{laughs} Hi"
    with pytest.raises(DecodeError, match="a transcript that is no text"):
        OPENAI.decode(ASKED, WireResponse(headers={"content-type": "text/plain"}, body=b"\xff\xfe"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "without text"),
        ({"text": 1}, "text is no text"),
        ({"text": "Hi", "segments": {}}, "no list"),
        ({"text": "Hi", "segments": [1]}, "no object"),
        ({"text": "Hi", "words": [{"start": 1}]}, "a segment without text"),
        ({"text": "Hi", "segments": [{"text": "Hi", "start": "now"}]}, "start is no number"),
    ],
)
def test_a_malformed_transcript_is_an_error(body: dict[str, JSON], words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_one() -> None:
    with pytest.raises(ProviderError, match="deaf"):
        decode({"error": {"message": "deaf"}})


def test_what_is_no_sound_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match="no image"):
        OPENAI.encode(replace(ASKED, audio=Media(kind="image", source=Inline(b"x"), mime="image/png")))


@pytest.mark.parametrize("mime", ["audio/x-wav", "AUDIO/WAV", "audio/wav; codecs=1", None, "application/octet-stream"])
def test_a_sound_without_a_name_gets_the_suffix_of_what_it_is(mime: str | None) -> None:
    body = OPENAI.encode(replace(ASKED, audio=Media(kind="audio", source=Inline(WAV), mime=mime))).body
    assert isinstance(body, Multipart)
    (file,) = (field for field in body.fields if field.name == "file")
    assert (file.filename, file.mime) == ("audio.wav", mime if mime is not None else "audio/wav")
