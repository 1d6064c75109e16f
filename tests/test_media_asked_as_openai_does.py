"""Pictures, sound and moderation: what we ask is what OpenAI's own client asks, and both read the same from a reply."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from tests.wire.corpus import fields

from chat_core import Chat, media
from chat_core.events import MediaDelta, TextDelta
from chat_core.parts import Inline
from chat_core.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON
    from chat_core.testing.loopback import Asked

openai = pytest.importorskip("openai", reason="the vendor's client is in the group `oracle`")

WAV = b"RIFF\x00\x00\x00\x00WAVE"
PNG = b"\x89PNG\r\n\x1a\n"
PACKED = b64encode(PNG).decode()
SOUND = media.from_bytes(WAV, name="talk.wav")
PICTURE = media.from_bytes(PNG, name="cat.png")


def answer(body: JSON) -> Answer:
    return Answer(headers={"content-type": "application/json"}, pieces=(json.dumps(body).encode(),))


def events(*found: JSON) -> Answer:
    frames = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in found]
    return Answer(headers={"content-type": "text/event-stream"}, pieces=(*frames, b"data: [DONE]\n\n"))


PAINTED = answer({"created": 1, "data": [{"b64_json": PACKED, "revised_prompt": "a big cat"}]})
PAINTING = events(
    {"type": "image_generation.partial_image", "b64_json": PACKED, "partial_image_index": 0},
    {"type": "image_generation.completed", "b64_json": PACKED},
)
SPOKEN = Answer(headers={"content-type": "audio/mpeg"}, pieces=(b"ID3", b" and more"))
HEARD = answer({"text": "Hi", "language": "english", "duration": 1.5, "words": [{"word": "Hi", "start": 0, "end": 1}]})
HEARING = events(
    {"type": "transcript.text.delta", "delta": "H"},
    {"type": "transcript.text.delta", "delta": "i"},
    {"type": "transcript.text.done", "text": "Hi"},
)
JUDGED = answer({
    "id": "i", "model": "m", "results": [{"flagged": True, "categories": {}, "category_scores": {}} for _ in "ab"],
})  # fmt: skip


def theirs(server: Loopback) -> Any:  # noqa: ANN401 - a vendor's client, whose types are not ours to check
    return openai.OpenAI(api_key="sk-0123456789", base_url=f"{server.address}/v1", max_retries=0)


def ours(server: Loopback) -> Chat:
    return Chat("openai-chat:m", api_key="sk-0123456789", base_url=f"{server.address}/v1")


def said(asked: Asked) -> object:
    """Return what a request says: a JSON body, or the fields of a form whatever their order."""
    kind = asked.headers["content-type"]
    if kind.startswith("multipart/"):
        found = [(field.name, field.filename, field.data) for field in fields(asked.body, kind)]
        return asked.path, sorted(found, key=repr)
    return asked.path, json.loads(asked.body)


FILE = ("talk.wav", WAV, "audio/wav")
TABLE: dict[str, tuple[Answer, Callable[[Any], object], Callable[[Chat], object]]] = {
    "picture": (
        PAINTED,
        lambda client: client.images.generate(
            model="m", prompt="a cat", n=2, size="auto", quality="low", output_format="webp", background="opaque",
            user="u",
        ),
        lambda chat: chat.image("a cat", n=2, size="auto", quality="low", format="webp", background="opaque", user="u"),
    ),
    "streamed picture": (
        PAINTING,
        lambda client: list(client.images.generate(model="m", prompt="a cat", stream=True, partial_images=1)),
        lambda chat: list(chat.image_stream("a cat", extra={"partial_images": 1})),
    ),
    "changed picture": (
        PAINTED,
        lambda client: client.images.edit(
            model="m", prompt="blue", image=("cat.png", PNG, "image/png"), mask=("cat.png", PNG, "image/png"), n=1
        ),
        lambda chat: chat.image("blue", images=[PICTURE], mask=PICTURE, n=1),
    ),
    "several pictures": (
        PAINTED,
        lambda client: client.images.edit(model="m", prompt="blue", image=[("cat.png", PNG, "image/png")] * 2),
        lambda chat: chat.image("blue", images=[PICTURE, PICTURE]),
    ),
    "speech": (
        SPOKEN,
        lambda client: client.audio.speech.create(
            model="m", input="Hi", voice="alloy", instructions="slowly", response_format="wav", speed=1.5
        ),
        lambda chat: chat.speak("Hi", voice="alloy", instructions="slowly", format="wav", speed=1.5),
    ),
    "transcript": (
        HEARD,
        lambda client: client.audio.transcriptions.create(
            model="m", file=FILE, language="en", prompt="names", temperature=0.5, response_format="verbose_json",
            timestamp_granularities=["word", "segment"],
        ),
        lambda chat: chat.transcribe(
            SOUND, language="en", prompt="names", temperature=0.5, timestamps=["word", "segment"]
        ),
    ),
    "speakers": (
        HEARD,
        lambda client: client.audio.transcriptions.create(
            model="m", file=FILE, response_format="diarized_json", chunking_strategy="auto"
        ),
        lambda chat: chat.transcribe(SOUND, diarize=True),
    ),
    "streamed transcript": (
        HEARING,
        lambda client: list(client.audio.transcriptions.create(model="m", file=FILE, stream=True)),
        lambda chat: list(chat.transcribe_stream(SOUND)),
    ),
    "translation": (
        HEARD,
        lambda client: client.audio.translations.create(model="m", file=FILE, prompt="names"),
        lambda chat: chat.transcribe(SOUND, translate=True, prompt="names"),
    ),
    "moderation": (
        JUDGED,
        lambda client: client.moderations.create(model="m", input=["a", "b"]),
        lambda chat: chat.moderate(["a", "b"]),
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")  # of the vendor's client, about translations
@pytest.mark.parametrize("name", TABLE)
def test_we_ask_as_openai_does(name: str) -> None:
    reply, they, we = TABLE[name]
    with Loopback(reply) as server:
        they(theirs(server))
        we(ours(server))
    first, second = map(said, server.asked)
    assert first == second


def test_both_read_the_same() -> None:
    with Loopback(PAINTED) as server:
        picture = ours(server).image("a cat").images[0]
        other = theirs(server).images.generate(model="m", prompt="a cat").data[0]
    assert (picture.source, [*picture.meta.values()]) == (Inline(PNG), [{"revised_prompt": other.revised_prompt}])
    with Loopback(HEARD) as server:
        heard = ours(server).transcribe(SOUND, timestamps=["word"])
        same = theirs(server).audio.transcriptions.create(model="m", file=FILE, response_format="verbose_json")
    assert (heard.text, heard.language, heard.duration) == (same.text, same.language, float(same.duration))
    assert [(word.text, word.start, word.end) for word in heard.words] == [
        (word.word, word.start, word.end) for word in same.words
    ]


def test_both_hear_the_same_as_it_comes() -> None:
    with Loopback(SPOKEN) as server:
        pieces = [event.data for event in ours(server).speak_stream("Hi") if isinstance(event, MediaDelta)]
        whole = theirs(server).audio.speech.create(model="m", input="Hi", voice="alloy").read()
    assert b"".join(pieces) == whole
    with Loopback(HEARING) as server:
        words = [event.text for event in ours(server).transcribe_stream(SOUND) if isinstance(event, TextDelta)]
        stream = theirs(server).audio.transcriptions.create(model="m", file=FILE, stream=True)
        assert words == [event.delta for event in stream if event.type == "transcript.text.delta"]
