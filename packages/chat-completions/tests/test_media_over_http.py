"""Pictures, sound and transcripts over a real server, in both colours: bytes, forms, streams, retries."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from chat_core import AsyncChat, Chat, media
from chat_core.codec.images import PartialImage
from chat_core.errors import DecodeError, InvalidRequest, StreamTruncated, TransportError, UnsupportedContent
from chat_core.events import MediaDelta, TextDelta
from chat_core.flow.retry import Retry
from chat_core.parts import Inline
from chat_core.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from chat_core.flow.adrive import ADrive
    from chat_core.flow.drive import Drive
    from chat_core.jsonvalue import JSON

SOUND = bytes(range(256)) * 4096
"""A mebibyte of every byte there is."""
KEY = "sk-0123456789abcdef"
WAV = media.from_bytes(b"RIFF\x00\x00\x00\x00WAVE" + SOUND, name="talk.wav")
SPOKEN = Answer(headers={"content-type": "audio/mpeg"}, pieces=(SOUND[:1000], SOUND[1000:1001], SOUND[1001:]))
BUSY = Answer(status=429, headers={"retry-after": "0"}, pieces=(b'{"error": {"message": "busy"}}',))


def answer(body: JSON) -> Answer:
    return Answer(headers={"content-type": "application/json"}, pieces=(json.dumps(body).encode(),))


def events(*found: JSON) -> Answer:
    frames = tuple(b"data: " + json.dumps(event).encode() + b"\n\n" for event in found)
    return Answer(headers={"content-type": "text/event-stream"}, pieces=frames)


def chat(server: Loopback, **settings: Any) -> Chat:  # noqa: ANN401 - settings of any kind
    return Chat("openai-chat:m", base_url=f"{server.address}/v1", api_key=KEY, **settings)


def achat(server: Loopback) -> AsyncChat:
    return AsyncChat("openai-chat:m", base_url=f"{server.address}/v1", api_key=KEY)


async def gathered(drive: ADrive[Any]) -> list[object]:
    return [event async for event in drive]


def test_sound_comes_whole_as_it_is() -> None:
    with Loopback(SPOKEN) as server:
        response = chat(server).speak("Hello", voice="alloy")
        again = asyncio.run(achat(server).speak("Hello", voice="alloy"))
    assert response.audio.source == Inline(SOUND)
    assert response.audio.mime == "audio/mpeg"
    assert again == response
    assert [(asked.path, json.loads(asked.body)) for asked in server.asked] == [
        ("/v1/audio/speech", {"model": "m", "input": "Hello", "voice": "alloy"})
    ] * 2
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_sound_comes_piece_by_piece() -> None:
    with Loopback(SPOKEN) as server:
        stream: Drive[Any] = chat(server).speak_stream("Hello")
        found = list(stream)
        other = achat(server).speak_stream("Hello")
        later = asyncio.run(gathered(other))
    for pieces in (found, later):
        assert len(pieces) > 1
        assert b"".join(piece.data for piece in pieces if isinstance(piece, MediaDelta)) == SOUND
    assert stream.result.audio.source == Inline(SOUND)
    assert other.result == stream.result


def test_leaving_in_the_middle_of_a_sound_lets_go_of_the_connection() -> None:
    with Loopback(Answer(headers={"content-type": "audio/mpeg"}, pieces=(b"ID3",), ending="silent")) as server:
        with chat(server).speak_stream("Hello") as stream:
            assert next(stream) == MediaDelta(0, b"ID3")
        assert server.left.wait(5)


def test_a_big_sound_is_uploaded_as_a_form_and_again_after_a_refusal() -> None:
    with Loopback(BUSY, answer({"text": "words"})) as server:
        response = chat(server, retry=Retry(attempts=2)).transcribe(WAV, language="en", timestamps=["word"])
    assert response.text == "words"
    first, second = server.asked
    assert first.body == second.body
    assert first.headers["content-type"] == second.headers["content-type"]
    assert first.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert SOUND in first.body
    assert b'name="file"; filename="talk.wav"\r\ncontent-type: audio/wav\r\n' in first.body
    assert b'name="timestamp_granularities[]"\r\n\r\nword\r\n' in first.body


def test_a_transcript_comes_word_by_word() -> None:
    done: JSON = {"type": "transcript.text.done", "text": "Hi there"}
    deltas: list[JSON] = [{"type": "transcript.text.delta", "delta": word} for word in ("Hi", " there")]
    with Loopback(events(*deltas, done)) as server:
        stream = chat(server).transcribe_stream(WAV)
        found = list(stream)
        other = achat(server).transcribe_stream(WAV)
        later = asyncio.run(gathered(other))
    assert found == later == [TextDelta(0, "Hi"), TextDelta(0, " there")]
    assert stream.result.text == other.result.text == "Hi there"
    assert b'name="stream"\r\n\r\ntrue\r\n' in server.asked[0].body


def test_a_transcript_without_an_end_is_truncated() -> None:
    with Loopback(events({"type": "transcript.text.delta", "delta": "Hi"})) as server:
        stream = chat(server).transcribe_stream(WAV)
        assert next(stream) == TextDelta(0, "Hi")
        with pytest.raises(StreamTruncated):
            next(stream)


PNG = b64encode(b"\x89PNG\r\n\x1a\n").decode()


def test_pictures_come_whole_and_while_they_are_painted() -> None:
    partial: JSON = {"type": "image_generation.partial_image", "b64_json": PNG, "partial_image_index": 0}
    done: JSON = {"type": "image_generation.completed", "b64_json": PNG}
    with Loopback(answer({"data": [{"b64_json": PNG}]}), events(partial, done)) as server:
        client = chat(server)
        whole = client.image("a cat", size="auto", extra={"moderation": "low"})
        stream = client.image_stream("a cat", extra={"partial_images": 1})
        found = list(stream)
    assert whole.images[0].mime == "image/png"
    assert [type(event) for event in found] == [PartialImage]
    assert stream.result.images == whole.images
    assert [json.loads(asked.body) for asked in server.asked] == [
        {"model": "m", "prompt": "a cat", "size": "auto", "moderation": "low"},
        {"model": "m", "prompt": "a cat", "stream": True, "partial_images": 1},
    ]


def test_texts_are_judged_in_both_colours() -> None:
    with Loopback(answer({"results": [{"flagged": True, "categories": {"hate": True}}]})) as server:
        one = chat(server).moderate("words")
        other = asyncio.run(achat(server).moderate(["words"], model="n"))
    assert one.flagged
    assert other.results == one.results
    assert [json.loads(asked.body) for asked in server.asked] == [
        {"model": "m", "input": "words"}, {"model": "n", "input": "words"},
    ]  # fmt: skip


def test_what_is_not_sent_is_in_the_result_and_an_error_under_strict() -> None:
    with Loopback(SPOKEN) as server:
        assert [notice.feature for notice in chat(server).speak("Hello", language="en").notices] == ["language"]
        stream = chat(server).speak_stream("Hello", language="en")
        assert [notice.feature for notice in stream.finish().notices] == ["language"]
        careful = chat(server, strict=True)
        with pytest.raises(UnsupportedContent, match="language: the service has no field for it"):
            careful.speak("Hello", language="en")
        with pytest.raises(UnsupportedContent, match="language: the service has no field for it"):
            careful.speak_stream("Hello", language="en").finish()
    assert len(server.asked) == 2


def test_a_refusal_is_the_error_of_the_service_and_shows_no_key() -> None:
    refused = Answer(status=400, pieces=(json.dumps({"error": {"message": f"bad voice {KEY}"}}).encode(),))
    with Loopback(refused) as server:
        with pytest.raises(InvalidRequest, match="bad voice") as whole:
            chat(server).speak("Hello")
        with pytest.raises(InvalidRequest, match="bad voice") as streamed:
            chat(server).speak_stream("Hello").finish()
    for error in (whole.value, streamed.value):
        assert KEY not in str(error) + repr(error)


def test_a_refusal_is_tried_again_and_nothing_once_sound_was_heard() -> None:
    broken = Answer(headers={"content-type": "audio/mpeg"}, pieces=(b"ID3",), ending="lost")
    with Loopback(BUSY, broken) as server:
        stream = chat(server, retry=Retry(attempts=5)).speak_stream("Hello")
        assert next(stream) == MediaDelta(0, b"ID3")
        with pytest.raises(TransportError):
            next(stream)
    assert len(server.asked) == 2


def test_a_page_is_no_sound() -> None:
    with Loopback(Answer(headers={"content-type": "text/html"}, pieces=(b"<p>",))) as server:
        with pytest.raises(DecodeError, match="a stream without sound"):
            chat(server).speak_stream("Hello").finish()
        with pytest.raises(DecodeError, match="a reply without sound"):
            chat(server).speak("Hello")
