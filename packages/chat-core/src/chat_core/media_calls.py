"""Pictures, speech, transcripts and moderation: arguments become requests and flows, as `calls` does it for chat.

Law: what was not sent as asked is in the result's `notices`, and an error under `strict`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast

from chat_core.calls import required
from chat_core.codec.provider import capability
from chat_core.flow.call import exchange
from chat_core.parts import Media
from chat_core.setup import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.codec.images import ImageRequest, ImageResponse
    from chat_core.codec.moderation import ModerationRequest, ModerationResponse
    from chat_core.codec.reader import Reader
    from chat_core.codec.speech import SpeechRequest, SpeechResponse
    from chat_core.codec.transcription import Timed, TranscriptionRequest, TranscriptionResponse
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.response import Notice
    from chat_core.setup import Setup

Prompt: TypeAlias = "str | ImageRequest"
"""What can be painted: words, or a whole request."""

Words: TypeAlias = "str | SpeechRequest"
"""What can be spoken: words, or a whole request."""

Sound: TypeAlias = "Media | TranscriptionRequest"
"""What can be written down: a sound, or a whole request."""

Judged: TypeAlias = "str | Media | Sequence[str | Media] | ModerationRequest"
"""What can be judged: a text or a picture, several of them, or a whole request."""


class Imaging(Changes, total=False):
    """What can be said of a picture to be made: see `chat_core.codec.images.ImageRequest`."""

    images: Sequence[Media]
    mask: Media | None
    n: int | None
    size: str | None
    aspect: str | None
    quality: str | None
    format: str | None
    background: str | None
    seed: int | None
    user: str | None
    extra: Mapping[str, JSON]


class Speaking(Changes, total=False):
    """What can be said of words to be spoken: see `chat_core.codec.speech.SpeechRequest`."""

    voice: str | None
    instructions: str | None
    format: str | None
    speed: float | None
    language: str | None
    extra: Mapping[str, JSON]


class Transcribing(Changes, total=False):
    """What can be said of a sound to be written down: see `chat_core.codec.transcription.TranscriptionRequest`."""

    language: str | None
    prompt: str | None
    timestamps: Sequence[Timed]
    translate: bool
    diarize: bool
    temperature: float | None
    extra: Mapping[str, JSON]


def image(setup: Setup, prompt: Prompt, asking: Imaging, *, stream: bool = False) -> Flow[ImageResponse]:
    """Make pictures."""
    from chat_core.codec.images import ImageRequest, Images  # noqa: PLC0415 - few programs make pictures

    images = required(setup, Images, capability(setup.provider, Images))
    return _made(setup, images, _request(ImageRequest, "prompt", (setup, prompt, str), asking), stream=stream)


def speak(setup: Setup, text: Words, asking: Speaking, *, stream: bool = False) -> Flow[SpeechResponse]:
    """Speak words."""
    from chat_core.codec.speech import Speech, SpeechRequest  # noqa: PLC0415 - few programs speak

    speech = required(setup, Speech, capability(setup.provider, Speech))
    return _made(setup, speech, _request(SpeechRequest, "text", (setup, text, str), asking), stream=stream)


def transcribe(
    setup: Setup, audio: Sound, asking: Transcribing, *, stream: bool = False
) -> Flow[TranscriptionResponse]:
    """Write a sound down."""
    from chat_core.codec.transcription import Transcription, TranscriptionRequest  # noqa: PLC0415 - few programs listen

    listener = required(setup, Transcription, capability(setup.provider, Transcription))
    request = _request(TranscriptionRequest, "audio", (setup, audio, Media), asking)
    return _made(setup, listener, request, stream=stream)


def moderate(setup: Setup, inputs: Judged) -> Flow[ModerationResponse]:
    """Judge texts and pictures."""
    from chat_core.codec.moderation import Moderation, ModerationRequest  # noqa: PLC0415 - few programs judge

    judge = required(setup, Moderation, capability(setup.provider, Moderation))
    if isinstance(inputs, ModerationRequest):
        request = inputs
    else:
        many = (inputs,) if isinstance(inputs, (str, Media)) else tuple(inputs)
        strangers = {
            type(item).__name__ for item in cast("Sequence[object]", many) if not isinstance(item, (str, Media))
        }
        if strangers:  # for programs without a type checker
            raise TypeError(f"what is judged is text or Media, not {', '.join(sorted(strangers))}")
        request = ModerationRequest(model=setup.model, inputs=many)
    wire = judge.encode(request)
    found = yield from exchange(setup.provider, setup.settings, wire, lambda reply: judge.decode(request, reply))
    return noticed(found, wire)


class _Noticing(Protocol):
    """A result of a capability."""

    @property
    def notices(self) -> tuple[Notice, ...]: ...


R = TypeVar("R")
N = TypeVar("N", bound=_Noticing)
Taken = TypeVar("Taken", contravariant=True)  # noqa: PLC0105 - a name as short as the others
Given = TypeVar("Given", bound=_Noticing, covariant=True)  # noqa: PLC0105 - as above


class _Capability(Protocol[Taken, Given]):
    """What pictures, speech and transcripts have in common."""

    def encode(self, request: Taken, *, stream: bool = False) -> WireRequest: ...
    def decode(self, request: Taken, reply: WireResponse) -> Given: ...
    def reader(self, request: Taken, head: WireResponse) -> Reader[Given]: ...


def _made(setup: Setup, offered: _Capability[R, N], request: R, *, stream: bool) -> Flow[N]:
    wire = offered.encode(request, stream=stream)
    if stream:
        from chat_core.flow.service import Service, follow  # noqa: PLC0415 - for streams only

        service = Service(setup.provider, setup.model, setup.settings)
        made = yield from follow(service, wire, lambda head: offered.reader(request, head))
    else:
        made = yield from exchange(setup.provider, setup.settings, wire, lambda reply: offered.decode(request, reply))
    return noticed(made, wire)


def noticed(result: N, wire: WireRequest) -> N:
    """Say in a result what the request could not."""
    if not wire.notices:
        return result
    add = cast("Callable[..., N]", replace)  # a dataclass, which a protocol cannot say
    return add(result, notices=(*wire.notices, *result.notices))


def _request(
    make: Callable[..., R], what: str, given: tuple[Setup, object, type], asking: Imaging | Speaking | Transcribing
) -> R:
    """Make a request of what is given, or change the one that is.

    Args:
        make: the type of the request.
        what: its main field.
        given: the set-up, what was passed, and what the main field takes.
        asking: what else was passed.

    Raises:
        TypeError: what was passed is neither.
    """
    setup, content, kind = given
    fields: dict[str, Any] = {name: value for name, value in asking.items() if name not in Changes.__annotations__}
    for name in ("images", "timestamps"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if isinstance(content, cast("type", make)):
        fields |= {"model": setup.model} if "model" in asking else {}
        return cast("Callable[..., R]", replace)(content, **fields)
    if not isinstance(content, kind):  # for programs without a type checker
        fix = "; make it with media.from_path" if kind is Media else ""
        raise TypeError(f"{what}= takes {kind.__name__} or a whole request, not {type(content).__name__}{fix}")
    return make(model=setup.model, **{what: content}, **fields)
