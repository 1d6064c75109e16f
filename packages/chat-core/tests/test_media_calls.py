"""Pictures, speech, transcripts and moderation: what arguments become, and what is said where it is not possible."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

import pytest
from test_calls import Able, toy
from toy import World

from chat_core import media_calls
from chat_core.codec.images import ImageRequest, ImageResponse, Images
from chat_core.codec.moderation import Judgement, Moderation, ModerationRequest, ModerationResponse
from chat_core.codec.speech import Speech, SpeechRequest, SpeechResponse
from chat_core.codec.transcription import Transcription, TranscriptionRequest, TranscriptionResponse
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import UnsupportedCapability
from chat_core.parts import Inline, Media
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.effects import Flow
    from chat_core.codec.reader import Reader
    from chat_core.setup import Setup

R = TypeVar("R")
N = TypeVar("N", bound=ImageResponse | SpeechResponse | TranscriptionResponse)

SOUND = Media(kind="audio", source=Inline(b"x"), mime="audio/wav")
PICTURE = Media(kind="image", source=Inline(b"x"), mime="image/png")
LACKS = Notice(feature="n", reason="there is one")


@dataclass
class Maker(Generic[R, N]):
    """Notices something of every request, and makes one thing."""

    made: N
    asked: list[R] = field(default_factory=list)

    def encode(self, request: R, *, stream: bool = False) -> WireRequest:  # noqa: ARG002 - the protocol's parameter
        self.asked.append(request)
        return WireRequest(url="http://toy.example/make", body={}, notices=(LACKS,))

    def decode(self, request: R, reply: WireResponse) -> N:  # noqa: ARG002 - as above
        return self.made

    def reader(self, request: R, head: WireResponse) -> Reader[N]:
        raise NotImplementedError


class Judge:
    asked: ModerationRequest

    def encode(self, request: ModerationRequest) -> WireRequest:
        self.asked = request
        return WireRequest(url="http://toy.example/judge", body={})

    def decode(self, request: ModerationRequest, reply: WireResponse) -> ModerationResponse:  # noqa: ARG002 - as above
        return ModerationResponse(results=(Judgement(flagged=False, categories={}),))


def world() -> World:
    return World(WireResponse(body=b"{}"))


def painter() -> tuple[Setup, Maker[ImageRequest, ImageResponse]]:
    maker: Maker[ImageRequest, ImageResponse] = Maker(ImageResponse(images=(PICTURE,)))
    return toy(provider=Able(able={Images: maker})), maker


def test_words_become_a_request_of_the_clients_model() -> None:
    setup, maker = painter()
    world().run(media_calls.image(setup, "a cat", {"n": 2, "images": [PICTURE], "headers": {"a": "b"}}))
    assert maker.asked == [ImageRequest(model="toy-1", prompt="a cat", n=2, images=(PICTURE,))]


def test_a_whole_request_is_sent_but_for_what_the_call_itself_says() -> None:
    setup, maker = painter()
    whole = ImageRequest(model="other", prompt="a cat", n=3)
    world().run(media_calls.image(setup, whole, {"size": "auto"}))
    world().run(media_calls.image(setup, whole, {"model": "toy-1"}))
    assert maker.asked == [replace(whole, size="auto"), replace(whole, model="toy-1")]


def test_what_was_not_sent_is_in_the_result() -> None:
    setup, _ = painter()
    assert world().run(media_calls.image(setup, "a cat", {})).notices == (LACKS,)


def test_speech_and_transcripts_are_asked_for_alike() -> None:
    speaker: Maker[SpeechRequest, SpeechResponse] = Maker(SpeechResponse(audio=SOUND))
    listener: Maker[TranscriptionRequest, TranscriptionResponse] = Maker(TranscriptionResponse(text="Hi"))
    setup = toy(provider=Able(able={Speech: speaker, Transcription: listener}))
    assert world().run(media_calls.speak(setup, "Hi", {"voice": "v"})).audio == SOUND
    assert world().run(media_calls.transcribe(setup, SOUND, {"timestamps": ["word"]})).text == "Hi"
    assert speaker.asked == [SpeechRequest(model="toy-1", text="Hi", voice="v")]
    assert listener.asked == [TranscriptionRequest(model="toy-1", audio=SOUND, timestamps=("word",))]


@pytest.mark.parametrize(
    ("inputs", "asked"),
    [
        ("a", ("a",)),
        (PICTURE, (PICTURE,)),
        (["a", PICTURE], ("a", PICTURE)),
        (ModerationRequest(model="toy-1", inputs=("a",)), ("a",)),
    ],
)
def test_texts_and_pictures_are_judged(inputs: media_calls.Judged, asked: tuple[str | Media, ...]) -> None:
    judge = Judge()
    found = world().run(media_calls.moderate(toy(provider=Able(able={Moderation: judge})), inputs))
    assert judge.asked == ModerationRequest(model="toy-1", inputs=asked)
    assert not found.flagged


FLOWS: tuple[tuple[str, Callable[[Setup], Flow[object]]], ...] = (
    ("images", lambda setup: media_calls.image(setup, "x", {})),
    ("images", lambda setup: media_calls.image(setup, "x", {}, stream=True)),
    ("speech", lambda setup: media_calls.speak(setup, "x", {})),
    ("transcription", lambda setup: media_calls.transcribe(setup, SOUND, {})),
    ("moderation", lambda setup: media_calls.moderate(setup, "x")),
)


@pytest.mark.parametrize(("word", "flow"), FLOWS)
def test_a_capability_that_is_missing_is_an_error_that_says_who_has_it(
    word: str, flow: Callable[[Setup], Flow[object]]
) -> None:
    with pytest.raises(UnsupportedCapability, match=f"toy has no {word}; installed providers that have: .*replay"):
        World().run(flow(toy()))


def test_something_else_is_an_error_that_names_the_fix() -> None:
    listener: Maker[TranscriptionRequest, TranscriptionResponse] = Maker(TranscriptionResponse(text="Hi"))
    setup = toy(provider=Able(able={Transcription: listener}))
    with pytest.raises(
        TypeError, match=r"audio= takes Media or a whole request, not str; make it with media.from_path"
    ):
        media_calls.transcribe(setup, "talk.wav", {})  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a program without a type checker
    with pytest.raises(TypeError, match="what is judged is text or Media, not int"):
        World().run(media_calls.moderate(toy(provider=Able(able={Moderation: Judge()})), [1]))  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - as above
