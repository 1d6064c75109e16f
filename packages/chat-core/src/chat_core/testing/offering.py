"""Laws of what a service offers beside chat: pictures, speech, transcripts.

Law: as for chat. What is asked is sent, or a notice or an error says that it is not; whatever comes back, the errors
are those that are promised.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from chat_core.codec.images import ImageRequest, Images
from chat_core.codec.speech import Speech, SpeechRequest
from chat_core.codec.transcription import Transcription, TranscriptionRequest
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import UnsupportedContent
from chat_core.parts import Inline, Media
from chat_core.testing.outcome import ALLOWED, Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import WireRequest
    from chat_core.testing.subject import Subject

PICTURE = Media(kind="image", source=Inline(b"\x89PNG\r\n\x1a\ncanary"), mime="image/png", name="canary.png")
SOUND = Media(kind="audio", source=Inline(b"RIFF\x00\x00\x00\x00WAVEcanary"), mime="audio/wav", name="canary.wav")
EXTRA: Mapping[str, object] = {"extra": {"canary_field": 7321}}


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to ask for, and all that can be said of it.

    Attributes:
        base: makes the plainest request of a model.
        fields: a value for every further field.
    """

    base: Callable[[str], object]
    fields: Mapping[str, object]


OFFERED: Mapping[type, Asked] = {
    Images: Asked(
        lambda model: ImageRequest(model=model, prompt="canary-prompt"),
        {
            "images": (PICTURE,), "mask": PICTURE, "n": 3, "size": "640x320", "aspect": "2:1", "quality": "canary-fine",
            "format": "webp", "background": "canary-ground", "seed": 8642, "user": "canary-user", **EXTRA,
        },
    ),
    Speech: Asked(
        lambda model: SpeechRequest(model=model, text="canary-words"),
        {
            "voice": "canary-voice", "instructions": "canary-how", "format": "flac", "speed": 1.75, "language": "nn",
            **EXTRA,
        },
    ),
    Transcription: Asked(
        lambda model: TranscriptionRequest(model=model, audio=SOUND),
        {
            "language": "nn", "prompt": "canary-names", "timestamps": ("word",), "translate": True, "diarize": True,
            "temperature": 0.0, **EXTRA,
        },
    ),
}  # fmt: skip
"""What may be asked, by protocol; `temperature=0` is a value and no absence."""

BODIES = (b"", b"\xff\x00", b"{}", b"[]", b"null", b'"words"', b'{"error": {"message": "no"}}', b"<html>", b"{")
KINDS = ("application/json", "text/event-stream", "text/html", "audio/mpeg", "")


class _Offer(Protocol):
    """What the three have in common."""

    def encode(self, request: object, *, stream: bool = False) -> WireRequest: ...
    def decode(self, request: object, reply: WireResponse) -> object: ...
    def reader(self, request: object, head: WireResponse) -> Reader[object]: ...


def _offers(subject: Subject) -> Iterator[tuple[str, _Offer, object, Mapping[str, object]]]:
    for protocol, asked in OFFERED.items():
        offered = subject.provider.capabilities.get(protocol)
        if offered is not None:
            yield protocol.__name__, cast("_Offer", offered), asked.base(subject.model), asked.fields


def fields_are_sent(subject: Subject) -> Iterator[str]:
    """Yield which fields are dropped without a word."""
    for name, offer, base, fields in _offers(subject):
        for stream in (False, True):
            plain = offer.encode(base, stream=stream)
            for field, value in fields.items():
                if _dropped(offer, plain, _with(base, field, value), field=field, stream=stream):
                    yield f"{name}: {field}={value!r} is neither sent nor noticed (stream={stream})"


def _with(base: object, field: str, value: object) -> object:
    return cast("Callable[..., object]", replace)(base, **{field: value})  # the names are those of its fields


def _dropped(offer: _Offer, plain: WireRequest, request: object, *, field: str, stream: bool) -> bool:
    try:
        wire = offer.encode(request, stream=stream)
    except UnsupportedContent:
        return False
    noticed = any(notice.feature == field for notice in wire.notices)
    return not noticed and (wire.url, wire.body) == (plain.url, plain.body)


def offers_are_pure(subject: Subject) -> Iterator[str]:
    """Yield whether equal requests are spelled differently, or are no values."""
    for name, offer, base, _ in _offers(subject):
        if pickle.loads(pickle.dumps(base)) != base:  # noqa: S301 - bytes of our own
            yield f"{name}: a request is another one after it was pickled"
        for stream in (False, True):
            if offer.encode(base, stream=stream) != offer.encode(base, stream=stream):
                yield f"{name}: one request is spelled in two ways (stream={stream})"


def offers_survive_damage(subject: Subject) -> Iterator[str]:
    """Read replies that are none, whole and streamed; a crash is the only fault there can be.

    Raises:
        Crash: an error came out that is not promised.
    """
    for _, offer, base, _ in _offers(subject):
        for kind in KINDS:
            head = WireResponse(headers={"content-type": kind} if kind else {})
            for body in BODIES:
                _only_promised(lambda reply: offer.decode(base, reply), replace(head, body=body))  # noqa: B023 - called at once
                _only_promised(lambda reply: _read(offer.reader(base, head), reply.body), replace(head, body=body))  # noqa: B023 - as above
    yield from ()


def _read(reader: Reader[Any], body: bytes) -> object:
    for _ in reader.feed([Frame(body)] if body else []):
        pass
    return reader.finish()


def _only_promised(read: Callable[[WireResponse], object], reply: WireResponse) -> None:
    try:
        read(reply)
    except ALLOWED:
        pass
    except Exception as error:
        raise Crash.of(error) from error
