"""Laws of what a service offers beside chat: vectors, pictures, speech, transcripts, judgements of texts.

Law: as for chat. What is asked is sent, or a notice or an error says that it is not; whatever comes back, the errors
are those that are promised.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from typing_extensions import TypeIs

from chat_core.codec.capabilities import EmbeddingRequest, Embeddings
from chat_core.codec.classification import Classification, ClassificationRequest
from chat_core.codec.entailment import EntailmentRequest, Entailments
from chat_core.codec.images import ImageRequest, Images
from chat_core.codec.moderation import Moderation, ModerationRequest
from chat_core.codec.rerank import Rerank, RerankRequest
from chat_core.codec.speech import Speech, SpeechRequest
from chat_core.codec.tokenization import Tokenization, TokenizationRequest
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
LABELS = ("canary", "finch")
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
    Embeddings: Asked(
        lambda model: EmbeddingRequest(model=model, inputs=("canary-text",)),
        {"dimensions": 7, "purpose": "query", "encoding": "float", "user": "canary-user", **EXTRA},
    ),
    Moderation: Asked(lambda model: ModerationRequest(model=model, inputs=("canary-text",)), EXTRA),
    Rerank: Asked(
        lambda model: RerankRequest(model=model, query="canary-query", documents=("canary-1", "canary-2")),
        {"top_n": 1, **EXTRA},
    ),
    Classification: Asked(
        lambda model: ClassificationRequest(model=model, inputs=("canary-text",)),
        {"labels": LABELS, "multi_label": True, "hypothesis": "It is a {}.", "top_n": 1, **EXTRA},
    ),
    Entailments: Asked(lambda model: EntailmentRequest(model=model, pairs=(("canary-1", "canary-2"),)), EXTRA),
    Tokenization: Asked(
        lambda model: TokenizationRequest(model=model, inputs=("canary-text",)), {"special": True, **EXTRA}
    ),
}  # fmt: skip
"""What may be asked, by protocol; `temperature=0` is a value and no absence."""

LABELLED = Asked(
    lambda model: ClassificationRequest(model=model, inputs=("canary-text",), labels=LABELS),
    {"hypothesis": "It is a {}.", "top_n": 1, **EXTRA},
)
"""What may be asked of a choice between given classes: some services sort in no other way, others say it elsewhere.
`multi_label` is not among it: it may be worked out of what the service says of each class, see `several_labels_hold`.
"""

BODIES = (b"", b"\xff\x00", b"{}", b"[]", b"null", b'"words"', b'{"error": {"message": "no"}}', b"<html>", b"{")
KINDS = ("application/json", "text/event-stream", "text/html", "audio/mpeg", "")


class _Offer(Protocol):
    """What all have in common; those that stream take `stream` and have a `reader` too."""

    def encode(self, request: object) -> WireRequest: ...
    def decode(self, request: object, reply: WireResponse) -> object: ...


class _Streaming(_Offer, Protocol):
    """One that streams."""

    def encode(self, request: object, *, stream: bool = False) -> WireRequest: ...
    def reader(self, request: object, head: WireResponse) -> Reader[object]: ...


def _streams(offer: _Offer) -> TypeIs[_Streaming]:
    return hasattr(offer, "reader")


def _ways(offer: _Offer) -> Iterator[tuple[str, Callable[[object], WireRequest]]]:
    """Yield how a request may be spelled, in words and as the function that does it."""
    if _streams(offer):
        yield " (stream=False)", offer.encode
        yield " (stream=True)", partial(offer.encode, stream=True)
    else:
        yield "", offer.encode


def _offers(subject: Subject) -> Iterator[tuple[str, _Offer, object, Mapping[str, object]]]:
    for protocol, asked in (*OFFERED.items(), (Classification, LABELLED)):
        offered = subject.provider.capabilities.get(protocol)
        if offered is not None:
            yield protocol.__name__, cast("_Offer", offered), asked.base(subject.model), asked.fields


def fields_are_sent(subject: Subject) -> Iterator[str]:
    """Yield which fields are dropped without a word."""
    for name, offer, base, fields in _offers(subject):
        for way, encode in _ways(offer):
            for field, value in fields.items():
                if _dropped(encode, base, _with(base, field, value), field):
                    yield f"{name}: {field}={value!r} is neither sent nor noticed{way}"


def _with(base: object, field: str, value: object) -> object:
    return cast("Callable[..., object]", replace)(base, **{field: value})  # the names are those of its fields


def _dropped(encode: Callable[[object], WireRequest], base: object, request: object, field: str) -> bool:
    try:
        wire = encode(request)
        plain = encode(base)
    except UnsupportedContent:
        return False
    noticed = any(notice.feature == field for notice in wire.notices)
    return not noticed and (wire.url, wire.body) == (plain.url, plain.body)


def several_labels_hold(subject: Subject) -> Iterator[str]:
    """Yield what is wrong where a text may be of several classes: each has a score by itself, or a notice says no."""
    offer = cast("Classification", subject.provider.capabilities[Classification])
    one = ClassificationRequest(model=subject.model, inputs=("canary-text",), labels=LABELS)
    several = replace(one, multi_label=True)
    try:
        wire, plain = offer.encode(several), offer.encode(one)
    except UnsupportedContent:
        return
    if any(notice.feature == "multi_label" for notice in wire.notices):
        return
    if not subject.several:
        yield f"no reply shows it: let `several` hold one in which {' and '.join(LABELS)} fit the text, both above 0.5"
    for reply in subject.several:
        scores = _scores(offer, several, reply)
        yield from _faults_of_several(scores)
        if (wire.url, wire.body) == (plain.url, plain.body) and _scores(offer, one, reply) == scores:
            yield "multi_label is not sent, and the same is read without it"


def _scores(offer: Classification, request: ClassificationRequest, reply: WireResponse) -> list[tuple[str, float]]:
    return [(label.name, label.score) for each in offer.decode(request, reply).results for label in each.labels]


def _faults_of_several(found: list[tuple[str, float]]) -> Iterator[str]:
    scores = [score for _, score in found]
    if sorted(name for name, _ in found) != sorted(LABELS):
        yield f"{', '.join(LABELS)} were given, and the classes are {', '.join(name for name, _ in found) or 'none'}"
    if outside := [score for score in scores if not 0 <= score <= 1]:
        yield f"scores are not from 0 to 1: {outside}"
    if not all(score > SURE for score in scores):
        yield f"each of the labels fits, and the scores are {scores}: have they been made to add up to 1?"
    if scores != sorted(scores, reverse=True):
        yield f"the surest class does not come first: {scores}"


SURE = 0.5
"""What the score of a class that fits is above, by itself; two that add up to 1 are never both."""


def offers_are_pure(subject: Subject) -> Iterator[str]:
    """Yield whether equal requests are spelled differently, or are no values."""
    for name, offer, base, _ in _offers(subject):
        if pickle.loads(pickle.dumps(base)) != base:  # noqa: S301 - bytes of our own
            yield f"{name}: a request is another one after it was pickled"
        for way, encode in _ways(offer):
            if _spelled(encode, base) != _spelled(encode, base):
                yield f"{name}: one request is spelled in two ways{way}"


def _spelled(encode: Callable[[object], WireRequest], request: object) -> WireRequest | str:
    try:
        return encode(request)
    except UnsupportedContent as error:
        return str(error)


def offers_survive_damage(subject: Subject) -> Iterator[str]:
    """Read replies that are none, whole and streamed; a crash is the only fault there can be.

    Raises:
        Crash: an error came out that is not promised.
    """
    for _, offer, base, _ in _offers(subject):
        for kind in KINDS:
            head = WireResponse(headers={"content-type": kind} if kind else {})
            for body in BODIES:
                _only_promised(partial(offer.decode, base), replace(head, body=body))
                if _streams(offer):
                    _only_promised(partial(_streamed, offer, base), replace(head, body=body))
    yield from ()


def _streamed(offer: _Streaming, base: object, reply: WireResponse) -> object:
    return _read(offer.reader(base, replace(reply, body=b"")), reply.body)


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
