from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest

from chat_completions.preset import AUDIO
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_completions.speech import DIALECTS, CompletionsSpeech
from chat_core.codec.framers import SSE, Pieces
from chat_core.codec.speech import SpeechRequest, SpeechResponse
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import DecodeError, ProviderError, StreamTruncated
from chat_core.events import MediaDelta, UnknownEvent
from chat_core.parts import Inline, Media
from chat_core.response import Usage

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject

MP3 = b"ID3 and more"
ASKED = SpeechRequest(model="m", text="Hello")
FULL = SpeechRequest(
    model="m", text="Hello", voice="v", instructions="slowly", format="wav", speed=0.5, language="en", extra={"x": 1}
)
JSON_HEAD, SOUND_HEAD, EVENTS_HEAD = (
    WireResponse(headers={"content-type": kind}) for kind in ("application/json", "audio/mpeg", "text/event-stream")
)


def of(name: str) -> CompletionsSpeech:
    return CompletionsSpeech(Completions(PRESETS[name]))


OPENAI, MISTRAL = of("openai-chat"), of("mistral")


def decode(body: bytes, kind: str | None, request: SpeechRequest = ASKED) -> SpeechResponse:
    return OPENAI.decode(request, WireResponse(headers={} if kind is None else {"content-type": kind}, body=body))


def test_every_dialect_of_a_row_is_there() -> None:
    assert {*DIALECTS} == {*AUDIO}


SENT: dict[str, tuple[JSONObject, set[str]]] = {
    "openai-chat": ({"voice": "v", "instructions": "slowly", "response_format": "wav", "speed": 0.5}, {"language"}),
    "groq": ({"voice": "v", "response_format": "wav", "speed": 0.5}, {"instructions", "language"}),
    "mistral": ({"voice_id": "v", "response_format": "wav"}, {"instructions", "speed", "language"}),
    "together": ({"voice": "v", "response_format": "wav", "language": "en"}, {"instructions", "speed"}),
    "openrouter": ({"voice": "v", "response_format": "wav", "speed": 0.5}, {"instructions", "language"}),
    "venice": ({"voice": "v", "response_format": "wav", "speed": 0.5}, {"instructions", "language"}),
}


@pytest.mark.parametrize("name", SENT)
def test_what_is_asked_is_sent_or_noticed(name: str) -> None:
    fields, noticed = SENT[name]
    wire = of(name).encode(FULL)
    assert wire.url == of(name).provider.url("/audio/speech")
    assert wire.body == {"model": "m", "input": "Hello", **fields, "x": 1}
    assert {notice.feature for notice in wire.notices} == noticed
    assert len(fields) + len(noticed) == 5


def test_a_stream_is_the_sound_as_it_comes_or_events_where_the_service_wants_that() -> None:
    bare = OPENAI.encode(ASKED, stream=True)
    assert (bare.framer, bare.body) == (Pieces, {"model": "m", "input": "Hello"})
    asked = OPENAI.encode(SpeechRequest(model="m", text="Hello", extra={"stream_format": "sse"}), stream=True)
    assert asked.framer is SSE
    assert (MISTRAL.encode(ASKED, stream=True).framer, MISTRAL.encode(ASKED, stream=True).body) == (
        SSE,
        {"model": "m", "input": "Hello", "stream": True},
    )
    assert MISTRAL.encode(ASKED).framer is None


@pytest.mark.parametrize(
    ("body", "kind", "asked", "mime"),
    [
        (MP3, "audio/mpeg", None, "audio/mpeg"),
        (b"\x00\x01", "audio/pcm;rate=24000", "pcm", "audio/pcm;rate=24000"),
        (MP3, "application/octet-stream", "wav", "audio/mpeg"),
        (b"\x00\x01", None, "pcm", "audio/pcm"),
        (b"\x00\x01", None, None, None),
    ],
)
def test_sound_is_of_the_type_that_is_stated_told_or_asked_for(
    body: bytes, kind: str | None, asked: str | None, mime: str | None
) -> None:
    request = SpeechRequest(model="m", text="Hello", format=asked)
    assert decode(body, kind, request).audio == Media(kind="audio", source=Inline(body), mime=mime)


def test_sound_may_be_base64_in_json() -> None:
    body = {"audio_data": b64encode(MP3).decode(), "took": 2, "usage": {"prompt_tokens": 5}}
    reply = WireResponse(headers={"content-type": "application/json"}, body=json.dumps(body).encode())
    assert MISTRAL.decode(ASKED, reply) == SpeechResponse(
        audio=Media(kind="audio", source=Inline(MP3), mime="audio/mpeg"),
        usage=Usage(input_tokens=5, raw={"prompt_tokens": 5}),
        meta={MISTRAL.provider.origin("m"): {"took": 2}},
    )


def test_events_that_come_whole_are_read_too() -> None:
    found = decode(STREAM, "text/event-stream; charset=utf-8")
    assert found.audio.source == Inline(MP3 + b"!")


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>", "text/html"), (b"", "audio/mpeg"), (b"{}", "application/json"), (b"[]", "application/json")],
)
def test_a_reply_without_sound_is_an_error(body: bytes, kind: str) -> None:
    with pytest.raises(DecodeError):
        decode(body, kind)


def test_an_error_in_the_guise_of_a_success_is_one() -> None:
    with pytest.raises(ProviderError, match="hoarse"):
        decode(b'{"error": {"message": "hoarse"}}', "application/json")


# streams

STREAM = b"".join(
    b"data: " + json.dumps(event).encode() + b"\n\n"
    for event in (
        {"type": "speech.audio.delta", "audio": b64encode(MP3).decode()},
        {"type": "speech.audio.delta", "audio_data": b64encode(b"!").decode(), "place": 1},
        {"type": "speech.audio.done", "usage": {"input_tokens": 1, "output_tokens": 2}},
    )
)


def read(
    speech: CompletionsSpeech, head: WireResponse, *frames: bytes, request: SpeechRequest = ASKED
) -> tuple[list[Event], SpeechResponse]:
    reader = speech.reader(request, head)
    return list(reader.feed([Frame(data) for data in frames])), reader.finish()


def test_sound_is_handed_on_as_it_comes() -> None:
    found, response = read(OPENAI, SOUND_HEAD, b"ID3 ", b"and more")
    assert found == [MediaDelta(0, b"ID3 "), MediaDelta(0, b"and more")]
    assert response == SpeechResponse(audio=Media(kind="audio", source=Inline(MP3), mime="audio/mpeg"))


def test_sound_in_events_is_handed_on_as_it_comes() -> None:
    frames = [frame.data for frame in SSE().feed(STREAM) if isinstance(frame.data, bytes)]
    found, response = read(MISTRAL, EVENTS_HEAD, *frames, b"[DONE]")
    assert found == [MediaDelta(0, MP3), MediaDelta(0, b"!")]
    assert response.audio == Media(kind="audio", source=Inline(MP3 + b"!"), mime="audio/mpeg")
    assert response.usage == Usage(input_tokens=1, output_tokens=2, raw={"input_tokens": 1, "output_tokens": 2})
    assert response.meta == {MISTRAL.provider.origin("m"): {"place": 1}}


def test_a_stream_that_is_one_document_after_all_is_the_result() -> None:
    body = json.dumps({"audio_data": b64encode(MP3).decode()}).encode()
    found, response = read(OPENAI, JSON_HEAD, body[:9], body[9:])
    assert (found, response.audio.source) == ([], Inline(MP3))


def test_an_event_of_another_kind_is_surfaced() -> None:
    done = b'{"type": "speech.audio.done"}'
    delta = b'{"type": "speech.audio.delta", "audio": "YQ=="}'
    found, _ = read(MISTRAL, EVENTS_HEAD, b'{"type": "speech.visemes", "x": 1}', b'{"y": 1}', delta, done)
    assert found[:2] == [
        UnknownEvent("speech.visemes", {"type": "speech.visemes", "x": 1}), UnknownEvent("event", {"y": 1}),
    ]  # fmt: skip


def test_a_stream_without_an_end_or_a_sound_is_truncated() -> None:
    with pytest.raises(StreamTruncated, match="before the sound was complete"):
        read(MISTRAL, EVENTS_HEAD, b'{"type": "speech.audio.delta", "audio": "YQ=="}')
    with pytest.raises(StreamTruncated, match="before any sound"):
        read(MISTRAL, EVENTS_HEAD, b'{"type": "speech.audio.done"}')
    with pytest.raises(StreamTruncated, match="before any sound"):
        read(OPENAI, SOUND_HEAD)


def test_a_malformed_piece_is_an_error_and_an_error_inside_the_stream_is_one() -> None:
    with pytest.raises(DecodeError, match="a piece of sound without sound"):
        read(MISTRAL, EVENTS_HEAD, b'{"type": "speech.audio.delta"}')
    with pytest.raises(ProviderError, match="hoarse"):
        read(MISTRAL, EVENTS_HEAD, b'{"error": {"message": "hoarse"}}')


def test_a_reply_that_its_framer_would_spoil_is_an_error() -> None:
    with pytest.raises(DecodeError, match=r"audio/mpeg where events were asked for: use speak\(\)"):
        MISTRAL.reader(ASKED, SOUND_HEAD)
    with pytest.raises(DecodeError, match="a stream without sound: text/html"):
        OPENAI.reader(ASKED, WireResponse(headers={"content-type": "text/html"}))
