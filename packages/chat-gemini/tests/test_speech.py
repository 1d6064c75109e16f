from __future__ import annotations

import io
import json
import wave
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.provider import capability
from chat_core.codec.speech import Speech, SpeechRequest
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import DecodeError, StreamTruncated
from chat_core.events import MediaDelta
from chat_core.parts import Inline, Media
from chat_gemini.provider import Gemini
from chat_gemini.speech import GeminiSpeech, head

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

SPEECH = GeminiSpeech(Gemini())
ASKED = SpeechRequest(model="tts", text="Hello")
FILE = SpeechRequest(model="tts", text="Hello", format="wav")
RAW = "audio/L16;codec=pcm;rate=24000"
SAMPLES = b"\x01\x00\x02\x00"


def sound(data: bytes = SAMPLES, mime: str = RAW) -> JSON:
    return {"inlineData": {"mimeType": mime, "data": b64encode(data).decode()}}


def answer(*parts: JSON, reason: str | None = "STOP") -> JSONObject:
    candidate: JSONObject = {"content": {"role": "model", "parts": [*parts]}}
    return {"candidates": [candidate if reason is None else {**candidate, "finishReason": reason}]}


def reply(body: JSONObject) -> WireResponse:
    return WireResponse(body=json.dumps(body).encode())


def test_gemini_speaks() -> None:
    assert capability(Gemini(), Speech) == SPEECH


def test_speech_is_an_answer_of_its_modality() -> None:
    wire = SPEECH.encode(SpeechRequest(model="tts", text="Hello", voice="Kore", language="en-US", format="wav"))
    assert wire.url.endswith("/models/tts:generateContent")
    assert wire.body == {
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}, "languageCode": "en-US"},
        },
        "contents": [{"role": "user", "parts": [{"text": "Hello"}]}],
    }
    assert wire.notices == ()


def test_what_has_no_field_is_noticed() -> None:
    request = SpeechRequest(model="tts", text="Hello", language="en", instructions="slowly", speed=2.0, format="mp3")
    wire = SPEECH.encode(request, stream=True)
    assert [(notice.feature, notice.applied) for notice in wire.notices] == [
        ("instructions", None), ("speed", None), ("format", "pcm"),
    ]  # fmt: skip
    assert isinstance(wire.body, dict)
    assert wire.body["generationConfig"] == {"responseModalities": ["AUDIO"], "speechConfig": {"languageCode": "en"}}


def test_samples_stay_raw_and_come_in_one_piece() -> None:
    response = SPEECH.decode(ASKED, reply(answer(sound(), sound(b"\x03\x00"))))
    assert response.audio == Media(kind="audio", source=Inline(SAMPLES + b"\x03\x00"), mime=RAW)


def test_samples_become_a_file_where_one_is_asked_for() -> None:
    response = SPEECH.decode(FILE, reply(answer(sound())))
    assert response.audio.mime == "audio/wav"
    assert isinstance(response.audio.source, Inline)
    with wave.open(io.BytesIO(response.audio.source.data)) as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth(), file.readframes(9))
    assert shape == (24000, 1, 2, SAMPLES)


def test_sound_of_another_type_stays_what_it_is() -> None:
    response = SPEECH.decode(FILE, reply(answer(sound(b"ID3", "audio/mpeg"))))
    assert response.audio == Media(kind="audio", source=Inline(b"ID3"), mime="audio/mpeg")


def test_an_answer_without_sound_is_an_error_that_says_how_it_ended() -> None:
    with pytest.raises(DecodeError, match="an answer without sound, which ended with SAFETY"):
        SPEECH.decode(ASKED, reply(answer({"text": "No."}, reason="SAFETY")))


@pytest.mark.parametrize(("request_", "before"), [(ASKED, []), (FILE, [MediaDelta(0, head(24000))])])
def test_a_stream_hands_samples_on_as_they_come(request_: SpeechRequest, before: list[MediaDelta]) -> None:
    reader = SPEECH.reader(request_, WireResponse())
    bodies = (answer(sound(), reason=None), answer(sound(b"\x03\x00")))
    events = list(reader.feed(Frame(json.dumps(body)) for body in bodies))
    assert events == [*before, MediaDelta(0, SAMPLES), MediaDelta(0, b"\x03\x00")]
    assert reader.finish().audio == SPEECH.decode(request_, reply(answer(sound(SAMPLES + b"\x03\x00")))).audio


def test_the_head_of_a_file_that_is_being_written_leaves_its_size_open() -> None:
    assert head(8000)[4:8] == head(8000)[-4:] == b"\xff\xff\xff\xff"


def test_a_stream_without_an_end_is_truncated() -> None:
    reader = SPEECH.reader(ASKED, WireResponse())
    list(reader.feed([Frame(json.dumps(answer(sound(), reason=None)))]))
    with pytest.raises(StreamTruncated):
        reader.finish()
