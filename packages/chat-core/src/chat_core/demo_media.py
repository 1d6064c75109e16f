"""Pictures, speech, transcripts and moderation of `replay:demo`: one recording each, whatever is asked.

Law: as `demo`: what is played was recorded before, and what is asked beyond that is a notice.

The wire: `{"images": [base64]}` whole, and `{"partial": base64}` before it when streamed; a WAV file; `{"text": …}` in
pieces, `{"segment": {…}}` and then `{"finish": …}`, or `{"transcript": …, "segments": […]}` whole; `{"flagged": …,
"scores": {…}}`.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

from chat_core import media
from chat_core.codec.decoder import frame_object
from chat_core.codec.framers import SSE, Pieces
from chat_core.codec.images import ImageResponse, Images, PartialImage
from chat_core.codec.moderation import Judgement, Moderation, ModerationResponse
from chat_core.codec.speech import Speech, SpeechResponse
from chat_core.codec.transcription import Segment, SegmentEnd, Transcription, TranscriptionResponse
from chat_core.codec.wire import WireRequest
from chat_core.demo import RECORDED, address
from chat_core.errors import DecodeError, StreamTruncated, UnsupportedContent
from chat_core.events import MediaDelta, TextDelta, UnknownEvent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse_object
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.codec.images import ImageRequest
    from chat_core.codec.moderation import ModerationRequest
    from chat_core.codec.speech import SpeechRequest
    from chat_core.codec.transcription import TranscriptionRequest
    from chat_core.codec.wire import Frame, WireResponse
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Media

MAIN: Mapping[str, frozenset[str]] = {
    "ImageRequest": frozenset({"model", "prompt"}),
    "SpeechRequest": frozenset({"model", "text"}),
    "TranscriptionRequest": frozenset({"model", "audio"}),
}
"""What a request is about: the only fields that a recording needs."""


def offered() -> Mapping[type, object]:
    """Return what is offered for pictures and sound, by protocol."""
    return {
        Images: DemoImages(),
        Speech: DemoSpeech(),
        Transcription: DemoTranscription(),
        Moderation: DemoModeration(),
    }


def _wire(request: ImageRequest | SpeechRequest | TranscriptionRequest, path: str) -> WireRequest:
    return WireRequest(url=address(request.model, path), body={}, notices=tuple(_notices(request)))


def _notices(request: ImageRequest | SpeechRequest | TranscriptionRequest) -> Iterator[Notice]:
    """Say of what is asked that a recording cannot do otherwise."""
    for item in fields(request):
        usual: object = item.default if item.default is not MISSING else dict[str, object]()
        if item.name not in MAIN[type(request).__name__] and getattr(request, item.name) != usual:
            yield Notice(feature=item.name, reason=RECORDED)


def _streamed(wire: WireRequest, framer: type[SSE | Pieces]) -> WireRequest:
    return WireRequest(url=f"{wire.url}/stream", body=wire.body, framer=framer, notices=wire.notices)


@dataclass(frozen=True, slots=True)
class DemoImages:
    """One recorded picture."""

    def encode(self, request: ImageRequest, *, stream: bool = False) -> WireRequest:
        """Ask for it."""
        wire = _wire(request, "image")
        return _streamed(wire, SSE) if stream else wire

    def decode(self, request: ImageRequest, reply: WireResponse) -> ImageResponse:
        """Read it."""
        return _pictures(parse_object(reply.body), request.model)

    def reader(self, request: ImageRequest, head: WireResponse) -> DemoImageReader:  # noqa: ARG002 - the seam's signature
        """Begin to read it while it is painted."""
        return DemoImageReader(request.model)


def _pictures(data: JSONObject, model: str) -> ImageResponse:
    match data.get("images"):
        case list(items):
            return ImageResponse(images=tuple(_picture(item) for item in items), model=model, raw=data)
        case _:
            raise DecodeError("the reply has no images")


def _picture(packed: JSON) -> Media:
    if not isinstance(packed, str):
        raise DecodeError("a picture is no text")
    try:
        return media.from_bytes(b64decode(packed, validate=True), mime="image/png")
    except (ValueError, UnsupportedContent):
        raise DecodeError("a picture is no base64") from None


class DemoImageReader:
    """Reads the recorded picture while it is painted."""

    def __init__(self, model: str) -> None:
        """Begin."""
        self._model = model
        self._whole: ImageResponse | None = None

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read what is painted so far."""
        for data in filter(None, map(frame_object, frames)):
            if "partial" in data:
                yield PartialImage("partial", None, media=_picture(data["partial"]))
            elif "images" in data:
                self._whole = _pictures(data, self._model)
            else:
                yield UnknownEvent(next(iter(data)), data)

    def finish(self) -> ImageResponse:
        """Return the picture."""
        if self._whole is None:
            raise StreamTruncated("the recording ended before the picture")
        return self._whole


@dataclass(frozen=True, slots=True)
class DemoSpeech:
    """One recorded sound."""

    def encode(self, request: SpeechRequest, *, stream: bool = False) -> WireRequest:
        """Ask for it."""
        wire = _wire(request, "speech")
        return _streamed(wire, Pieces) if stream else wire

    def decode(self, request: SpeechRequest, reply: WireResponse) -> SpeechResponse:  # noqa: ARG002 - the seam's signature
        """Read it."""
        try:
            return SpeechResponse(audio=media.from_bytes(reply.body, mime="audio/wav"))
        except UnsupportedContent:
            raise DecodeError("the reply has no sound") from None

    def reader(self, request: SpeechRequest, head: WireResponse) -> DemoSpeechReader:  # noqa: ARG002 - the seam's signature
        """Begin to hear it."""
        return DemoSpeechReader()


class DemoSpeechReader:
    """Hears the recorded sound."""

    def __init__(self) -> None:
        """Begin."""
        self._pieces: list[bytes] = []

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Hand on the pieces."""
        for frame in frames:
            piece = frame.data.encode() if isinstance(frame.data, str) else frame.data
            self._pieces.append(piece)
            yield MediaDelta(0, piece)

    def finish(self) -> SpeechResponse:
        """Return the sound."""
        if not any(self._pieces):
            raise StreamTruncated("the recording ended before the sound")
        return SpeechResponse(audio=media.from_bytes(b"".join(self._pieces), mime="audio/wav"))


@dataclass(frozen=True, slots=True)
class DemoTranscription:
    """One recorded transcript."""

    def encode(self, request: TranscriptionRequest, *, stream: bool = False) -> WireRequest:
        """Ask for it."""
        wire = _wire(request, "transcript")
        return _streamed(wire, SSE) if stream else wire

    def decode(self, request: TranscriptionRequest, reply: WireResponse) -> TranscriptionResponse:
        """Read it."""
        match data := parse_object(reply.body):
            case {"transcript": str(text), "segments": list(items)}:
                segments = tuple(_segment(item) for item in items)
                return TranscriptionResponse(text=text, segments=segments, model=request.model, raw=data)
            case _:
                raise DecodeError("the reply has no transcript")

    def reader(self, request: TranscriptionRequest, head: WireResponse) -> DemoTranscriptReader:  # noqa: ARG002 - the seam's signature
        """Begin to read it word by word."""
        return DemoTranscriptReader(request.model)


def _segment(data: JSON) -> Segment:
    match data:
        case {"text": str(text), "start": float(start), "end": float(end)}:
            return Segment(text=text, start=start, end=end)
        case _:
            raise DecodeError(f"malformed segment: {data!r:.80}")


class DemoTranscriptReader:
    """Reads the recorded transcript word by word."""

    def __init__(self, model: str) -> None:
        """Begin."""
        self._model = model
        self._words: list[str] = []
        self._segments: list[Segment] = []
        self._finished = False

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read the words."""
        for data in filter(None, map(frame_object, frames)):
            match data:
                case {"text": str(text)}:
                    self._words.append(text)
                    yield TextDelta(0, text)
                case {"segment": found}:
                    self._segments.append(_segment(found))
                    yield SegmentEnd("segment", found, segment=self._segments[-1])
                case {"finish": str()}:
                    self._finished = True
                case _:
                    yield UnknownEvent(next(iter(data)), data)

    def finish(self) -> TranscriptionResponse:
        """Return the transcript."""
        if not self._finished:
            raise StreamTruncated("the recording ended before the transcript")
        words, segments = "".join(self._words), tuple(self._segments)
        return TranscriptionResponse(text=words, segments=segments, model=self._model)


@dataclass(frozen=True, slots=True)
class DemoModeration:
    """One recorded judgement, of each text."""

    def encode(self, request: ModerationRequest) -> WireRequest:
        """Ask for it."""
        if not all(isinstance(item, str) for item in request.inputs):
            raise UnsupportedContent("nothing was recorded with pictures: let words be judged")
        notices = (Notice(feature="extra", reason=RECORDED),) if request.extra else ()
        return WireRequest(url=address(request.model, "moderation"), body={}, notices=notices)

    def decode(self, request: ModerationRequest, reply: WireResponse) -> ModerationResponse:
        """Read it."""
        match data := parse_object(reply.body):
            case {"flagged": bool(flagged), "scores": dict(scores)}:
                numbers = {name: score for name, score in scores.items() if isinstance(score, float)}
                one = Judgement(flagged=flagged, categories=dict.fromkeys(numbers, False), scores=numbers)
                return ModerationResponse(results=(one,) * len(request.inputs), model=request.model, raw=data)
            case _:
                raise DecodeError("the reply has no judgement")
