"""Pictures, sound and moderation of the demo: whole and streamed they are the same, and what is asked is noticed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from chat_core import AsyncChat, Chat, media
from chat_core.codec.images import ImageRequest, PartialImage
from chat_core.codec.moderation import ModerationRequest
from chat_core.codec.speech import SpeechRequest
from chat_core.codec.transcription import SegmentEnd, TranscriptionRequest
from chat_core.codec.wire import Frame, WireResponse
from chat_core.demo import demo_transport
from chat_core.demo_media import DemoImages, DemoModeration, DemoSpeech, DemoTranscription
from chat_core.errors import DecodeError, StreamTruncated, UnsupportedContent
from chat_core.events import MediaDelta, TextDelta, UnknownEvent
from chat_core.parts import Inline

if TYPE_CHECKING:
    from collections.abc import Callable

SOUND = media.from_bytes(b"RIFF\x00\x00\x00\x00WAVE")
PAINT = ImageRequest(model="demo", prompt="a sun")
SAY = SpeechRequest(model="demo", text="Hi")
HEAR = TranscriptionRequest(model="demo", audio=SOUND)
HEAD = WireResponse()


def chat() -> Chat:
    return Chat("replay:demo", transport=demo_transport(pace=0))


def test_a_picture_is_the_same_whole_and_streamed() -> None:
    whole, stream = chat().image("a sun"), chat().image_stream("a sun")
    found = list(stream)
    assert [type(event) for event in found] == [PartialImage]
    assert stream.result == whole
    assert whole.images[0].mime == "image/png"


def test_a_sound_is_the_same_whole_and_streamed() -> None:
    whole, stream = chat().speak("Hi"), chat().speak_stream("Hi")
    pieces = [event.data for event in stream if isinstance(event, MediaDelta)]
    assert len(pieces) == 3
    assert stream.result == whole
    assert whole.audio.source == Inline(b"".join(pieces))
    assert media.sniff(b"".join(pieces)) == "audio/wav"


def test_a_transcript_is_the_same_whole_and_streamed() -> None:
    async def main() -> None:
        client = AsyncChat("replay:demo", transport=demo_transport(pace=0))
        whole, stream = await client.transcribe(SOUND), client.transcribe_stream(SOUND)
        found = [event async for event in stream]
        assert "".join(event.text for event in found if isinstance(event, TextDelta)) == whole.text
        assert tuple(event.segment for event in found if isinstance(event, SegmentEnd)) == whole.segments
        assert stream.result == whole

    asyncio.run(main())


def test_each_text_is_judged() -> None:
    assert len(chat().moderate(["a", "b"]).results) == 2
    with pytest.raises(UnsupportedContent, match="nothing was recorded with pictures"):
        chat().moderate([SOUND])


def test_what_a_recording_cannot_do_otherwise_is_noticed() -> None:
    assert [notice.feature for notice in chat().image("a", n=2, seed=1, extra={"x": 1}).notices] == [
        "n",
        "seed",
        "extra",
    ]
    assert chat().speak("a").notices == ()


MALFORMED: tuple[Callable[[], object], ...] = (
    lambda: DemoImages().decode(PAINT, WireResponse(body=b"{}")),
    lambda: DemoImages().decode(PAINT, WireResponse(body=b'{"images": [1]}')),
    lambda: DemoImages().decode(PAINT, WireResponse(body=b'{"images": ["?"]}')),
    lambda: DemoSpeech().decode(SAY, WireResponse()),
    lambda: DemoTranscription().decode(HEAR, WireResponse(body=b"{}")),
    lambda: DemoTranscription().decode(HEAR, WireResponse(body=b'{"transcript": "a", "segments": [1]}')),
    lambda: DemoModeration().decode(ModerationRequest(model="demo", inputs=()), WireResponse(body=b"{}")),
)


@pytest.mark.parametrize("decode", MALFORMED)
def test_a_malformed_recording_is_an_error(decode: Callable[[], object]) -> None:
    with pytest.raises(DecodeError):
        decode()


def test_a_recording_that_breaks_off_is_truncated_and_a_stranger_in_it_is_surfaced() -> None:
    stranger = Frame(b'{"odd": 1}')
    for reader in (DemoImages().reader(PAINT, HEAD), DemoTranscription().reader(HEAR, HEAD)):
        assert list(reader.feed([stranger])) == [UnknownEvent("odd", {"odd": 1})]
        with pytest.raises(StreamTruncated):
            reader.finish()
    for pieces in ((), (Frame(b""),)):
        speech = DemoSpeech().reader(SAY, HEAD)
        _ = list(speech.feed(pieces))
        with pytest.raises(StreamTruncated):
            speech.finish()
