"""Speech of the services that speak this wire: sound as it is, or as base64 in JSON, in a few dialects.

Law: sound comes out as it came in. Its type is what the reply says it is, else what its bytes say, else what was asked
for.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from chat_completions.beside import (
    STREAM,
    document,
    is_done,
    is_json,
    kind_of,
    meta_of,
    posted,
    require_no_error,
    spelled,
    text_of,
    unpacked,
    usage_of,
)
from chat_core import media
from chat_core.codec.decoder import frame_object
from chat_core.codec.framers import SSE, Pieces
from chat_core.codec.speech import SpeechResponse
from chat_core.errors import DecodeError, StreamTruncated
from chat_core.events import MediaDelta, UnknownEvent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Inline, Media

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.speech import SpeechRequest
    from chat_core.codec.wire import Frame, WireRequest, WireResponse
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Usage

PATH = "/audio/speech"
OPTIONS = ("voice", "instructions", "format", "speed", "language")
"""What may be asked, by the names of `SpeechRequest`."""

EVENTS = "text/event-stream"
SOUNDS = ("audio_data", "audio")
"""Where JSON has the sound, as base64; the first one that is there counts."""

MIMES: Mapping[str, str] = {
    "aac": "audio/aac",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "mulaw": "audio/basic",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "pcm": "audio/pcm",
    "wav": "audio/wav",
}
"""Media types of formats."""

VOICE = {"voice": "voice", "format": "response_format"}
SPEED = {**VOICE, "speed": "speed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a service calls things.

    Attributes:
        names: its body fields, by the names of `SpeechRequest`.
        events: what asks for a stream of events; without it, the sound itself is read as it comes.
    """

    names: Mapping[str, str] = field(default_factory=lambda: SPEED)
    events: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"])


DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(names={**SPEED, "instructions": "instructions"}),
    "groq": Dialect(),
    "mistral": Dialect(names={"voice": "voice_id", "format": "response_format"}, events={STREAM: True}),
    "together": Dialect(names={**VOICE, "language": "language"}),
    "openrouter": Dialect(),
    "venice": Dialect(),
    "vllm": Dialect(),
    "llamacpp": Dialect(),
}


@dataclass(frozen=True, slots=True)
class CompletionsSpeech:
    """Speaks; implements `chat_core.codec.speech.Speech`."""

    provider: Completions

    @property
    def dialect(self) -> Dialect:
        """What the service calls things."""
        return DIALECTS[self.provider.preset.audio]

    def encode(self, request: SpeechRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request; `extra={"stream_format": "sse"}` asks OpenAI for events instead of bare sound."""
        body: JSONObject = {"model": request.model} if request.model else {}
        fields, notices = spelled(request, self.dialect.names, OPTIONS)
        body |= {"input": request.text, **fields}
        body |= self.dialect.events if stream else {}
        body |= request.extra
        wire = posted(self.provider, PATH, body, notices)
        return replace(wire, framer=SSE if self._in_events(request) else Pieces) if stream else wire

    def decode(self, request: SpeechRequest, reply: WireResponse) -> SpeechResponse:
        """Read the sound.

        Raises:
            DecodeError: the reply is malformed, or holds no sound.
            ProviderError: the reply is an error in the guise of a success.
        """
        kind = kind_of(reply)
        if is_json(reply):
            return self._packed(request, document(reply))
        if kind == EVENTS:
            reader, framer = self.reader(request, reply), SSE()
            for _ in reader.feed([*framer.feed(reply.body), *framer.finish()]):
                pass
            return reader.finish()
        if kind.startswith("text/") or not reply.body:
            raise DecodeError(f"a reply without sound: {kind or 'no type'}, {excerpt(reply.body)!r}")
        return SpeechResponse(audio=sound(request, reply.body, reply.headers.get("content-type")))

    def _in_events(self, request: SpeechRequest) -> bool:
        """Tell whether a stream is one of events."""
        return bool(self.dialect.events) or request.extra.get("stream_format") == "sse"

    def _packed(self, request: SpeechRequest, data: JSONObject) -> SpeechResponse:
        place = _place(data)
        if place is None:
            raise DecodeError(f"a reply without sound, which has {sorted(data)}")
        return SpeechResponse(
            audio=sound(request, unpacked(text_of(data, place) or ""), None),
            usage=usage_of(data.get("usage")),
            meta=meta_of(self.provider.origin(request.model), rest(data, {place, "usage"})),
            raw=data,
        )

    def reader(self, request: SpeechRequest, head: WireResponse) -> SpeechReader:
        """Begin to read a streamed reply; its events are `MediaDelta`."""
        kind = kind_of(head)
        if is_json(head):
            return JSONReader(self, request, head)
        if kind == EVENTS:
            return EventReader(self, request, head)
        if kind.startswith("text/"):
            raise DecodeError(f"a stream without sound: {kind}")
        if self._in_events(request):
            raise DecodeError(f"the service sends {kind or 'no type'} where events were asked for: use speak()")
        return SpeechReader(self, request, head)


def sound(request: SpeechRequest, data: bytes, kind: str | None) -> Media:
    """Make the sound, of the type that the reply states, the bytes tell, or the request asked for."""
    stated = kind if kind is not None and kind.lower().startswith("audio/") else None
    asked = MIMES.get(request.format) if request.format is not None else None
    return Media(kind="audio", source=Inline(data), mime=stated or media.sniff(data) or asked)


def _place(data: JSONObject) -> str | None:
    return next((key for key in SOUNDS if isinstance(data.get(key), str)), None)


class SpeechReader:
    """Reads sound as it comes; a `chat_core.codec.reader.Reader`."""

    def __init__(self, speech: CompletionsSpeech, request: SpeechRequest, head: WireResponse) -> None:
        """Begin a reply."""
        self.speech = speech
        self.request = request
        self.head = head
        self.pieces: list[bytes] = []

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read frames in order.

        Raises:
            DecodeError: a frame is malformed.
            ProviderError: the service reported an error inside the stream.
        """
        for frame in frames:
            piece = frame.data.encode() if isinstance(frame.data, str) else frame.data
            self.pieces.append(piece)
            yield MediaDelta(0, piece)

    def finish(self) -> SpeechResponse:
        """Return the sound at the end of input.

        Raises:
            StreamTruncated: none had come.
        """
        return SpeechResponse(audio=self.joined(self.head.headers.get("content-type")))

    def joined(self, kind: str | None) -> Media:
        """Return the sound so far.

        Raises:
            StreamTruncated: there is none.
        """
        if not self.pieces:
            raise StreamTruncated("the stream ended before any sound")
        return sound(self.request, b"".join(self.pieces), kind)


class EventReader(SpeechReader):
    """Reads sound in events."""

    def __init__(self, speech: CompletionsSpeech, request: SpeechRequest, head: WireResponse) -> None:
        """Begin a reply."""
        super().__init__(speech, request, head)
        self._last: JSONObject | None = None
        self._meta: JSONObject = {}
        self._usage: Usage | None = None

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read frames in order.

        Raises:
            DecodeError: a frame is malformed.
            ProviderError: the service reported an error inside the stream.
        """
        for frame in frames:
            data = None if is_done(frame) else frame_object(frame)
            if data is not None:
                require_no_error(data)
                yield from self._event(data)

    def _event(self, data: JSONObject) -> Iterator[Event]:
        place = _place(data)
        match data.get("type"), place:
            case "speech.audio.done", _:
                self._last = data
                self._usage = usage_of(data.get("usage"))
                self._meta |= rest(data, {"type", "usage"})
            case "speech.audio.delta", str():
                piece = unpacked(text_of(data, place) or "")
                self.pieces.append(piece)
                self._meta |= rest(data, {"type", place})
                yield MediaDelta(0, piece)
            case "speech.audio.delta", None:
                raise DecodeError(f"a piece of sound without sound: {sorted(data)}")
            case kind, _:
                yield UnknownEvent(kind if isinstance(kind, str) else "event", data)

    def finish(self) -> SpeechResponse:
        """Return the sound at the end of input.

        Raises:
            StreamTruncated: the service had not said that it is done.
        """
        if self._last is None:
            raise StreamTruncated("the stream ended before the sound was complete")
        meta = meta_of(self.speech.provider.origin(self.request.model), self._meta)
        return SpeechResponse(audio=self.joined(None), usage=self._usage, meta=meta, raw=self._last)


class JSONReader(SpeechReader):
    """Gathers a reply that is one JSON document after all; its sound comes at the end."""

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Keep the frames."""
        for _ in super().feed(frames):
            pass
        yield from ()

    def finish(self) -> SpeechResponse:
        """Decode the whole document.

        Raises:
            DecodeError: it is malformed.
            ProviderError: it is an error in the guise of a success.
        """
        reply = replace(self.head, body=b"".join(self.pieces))
        return self.speech.decode(self.request, reply)
