"""Transcripts of the services that speak this wire: a sound is uploaded, or sent in JSON, in a few dialects.

Law: times are seconds, as sent. What else a reply says is in `meta`: of a segment in the segment's, of the reply in
the reply's.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import field, replace
from typing import TYPE_CHECKING

from chat_completions.beside import (
    STREAM,
    SUFFIXES,
    document,
    form,
    is_json,
    kind_of,
    lacking,
    posted,
    spelled,
    upload,
)
from chat_completions.transcript import TranscriptReader, transcript
from chat_core.codec.framers import SSE
from chat_core.codec.transcription import TranscriptionResponse
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt
from chat_core.parts import URL, FileID, Inline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.transcription import TranscriptionRequest
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice

PATH = "/audio/transcriptions"
TRANSLATIONS = "/audio/translations"
OPTIONS = ("language", "prompt", "temperature")
"""What may be asked, by the names of `TranscriptionRequest`."""

OWN = {name: name for name in OPTIONS}
VERBOSE: Mapping[str, JSON] = {"response_format": "verbose_json"}
SPEAKERS: Mapping[str, JSON] = {"response_format": "diarized_json", "chunking_strategy": "auto"}
FLAG: Mapping[str, JSON] = {"diarize": True}

IGNORED: Mapping[str, str] = {
    "segments[].type": "always `transcription_segment` or `transcript.text.segment`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a service calls things, and what it can do.

    Attributes:
        names: its fields, by the names of `TranscriptionRequest`.
        sources: its fields for a sound that it fetches or has, by the kind of source.
        packed: whether the sound travels as base64 in JSON.
        timed: what has to be said for times beside `timestamp_granularities`; `None` = it gives none.
        diarized: what asks who speaks; `None` = it does not tell.
        translates: what `translate` can be asked together with, by the names of `TranscriptionRequest`; `None` = it
            does not translate.
        streams: whether it can send words as they are heard.
    """

    names: Mapping[str, str] = field(default_factory=lambda: OWN)
    sources: Mapping[type, str] = field(default_factory=dict[type, str])
    packed: bool = False
    timed: Mapping[str, JSON] | None = None
    diarized: Mapping[str, JSON] | None = None
    translates: frozenset[str] | None = None
    streams: bool = False


WHISPER = frozenset({"prompt", "temperature"})

DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(timed=VERBOSE, diarized=SPEAKERS, translates=WHISPER, streams=True),
    "groq": Dialect(timed=VERBOSE, translates=WHISPER, sources={URL: "url"}),
    "mistral": Dialect(
        names={"language": "language", "temperature": "temperature"},
        sources={URL: "file_url", FileID: "file_id"},
        timed={},
        diarized=FLAG,
        streams=True,
    ),
    "together": Dialect(
        sources={URL: "file"}, timed=VERBOSE, diarized=FLAG, translates=frozenset({*OPTIONS, "timestamps"})
    ),
    "openrouter": Dialect(names={"language": "language", "temperature": "temperature"}, packed=True),
    "venice": Dialect(),
    "vllm": Dialect(translates=WHISPER),
    "llamacpp": Dialect(),
}


@dataclass(frozen=True, slots=True)
class CompletionsTranscription:
    """Writes down what is said; implements `chat_core.codec.transcription.Transcription`."""

    provider: Completions

    @property
    def dialect(self) -> Dialect:
        """What the service calls things, and what it can do."""
        return DIALECTS[self.provider.preset.audio]

    def encode(self, request: TranscriptionRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request: a form, or JSON where the service wants that.

        Raises:
            UnsupportedContent: the service cannot be sent such a sound.
        """
        if request.audio.kind not in {"audio", "video"}:
            raise UnsupportedContent(f"sound is written down, no {request.audio.kind}: say kind= if it is one")
        dialect = self.dialect
        asked, notices = _possible(request, dialect)
        body: JSONObject = {"model": request.model} if request.model else {}
        fields, unnamed = spelled(asked, dialect.names, OPTIONS)
        streams = stream and dialect.streams and not asked.translate
        body |= {**fields, **_wishes(asked, dialect), **({STREAM: True} if streams else {})}
        if stream and not streams:
            unnamed = (*unnamed, lacking(STREAM, value=True, reason="the service sends a transcript when it is done"))
        wire = self._posted(asked, {**body, **request.extra}, (*notices, *unnamed))
        return replace(wire, framer=SSE) if streams else wire

    def _posted(self, request: TranscriptionRequest, body: JSONObject, notices: tuple[Notice, ...]) -> WireRequest:
        dialect, audio = self.dialect, request.audio
        path = TRANSLATIONS if request.translate else PATH
        if dialect.packed:
            return posted(self.provider, path, {**body, "input_audio": _packed(request, self.provider.name)}, notices)
        match audio.source:
            case (URL(address) | FileID(address)) as source if type(source) in dialect.sources:
                return posted(self.provider, path, form({**body, dialect.sources[type(source)]: address}, ()), notices)
            case _:
                file = upload("file", audio, self.provider.name)
                return posted(self.provider, path, form(body, (file,)), notices)

    def decode(self, request: TranscriptionRequest, reply: WireResponse) -> TranscriptionResponse:
        """Read the transcript; one that is no JSON is text.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        if is_json(reply) or (not kind_of(reply).startswith("text/") and reply.body.lstrip()[:1] == b"{"):
            return transcript(document(reply), self.provider.origin(request.model))
        try:
            return TranscriptionResponse(text=reply.body.decode("utf-8"))
        except UnicodeDecodeError:
            raise DecodeError(f"a transcript that is no text: {excerpt(reply.body)!r}") from None

    def reader(self, request: TranscriptionRequest, head: WireResponse) -> TranscriptReader:  # noqa: ARG002 - the seam's signature
        """Begin to read a streamed reply; its events are `TextDelta` and `SegmentEnd`."""
        return TranscriptReader(self.provider.origin(request.model))


def _possible(request: TranscriptionRequest, dialect: Dialect) -> tuple[TranscriptionRequest, tuple[Notice, ...]]:
    """Take out what the service cannot do, or not together, with a notice for each."""
    notices: list[Notice] = []

    def without(option: str, value: JSON, reason: str) -> None:
        notices.append(lacking(option, value, reason))

    if request.translate and dialect.translates is None:
        without("translate", value=True, reason="the service does not translate")
        request = replace(request, translate=False)
    if request.diarize and (dialect.diarized is None or request.translate):
        without("diarize", value=True, reason="the service does not tell speakers apart here")
        request = replace(request, diarize=False)
    if request.timestamps and (why := _untimed(request, dialect)) is not None:
        without("timestamps", [*request.timestamps], why)
        request = replace(request, timestamps=())
    if request.translate and dialect.translates is not None:
        for option in OPTIONS:
            if (value := getattr(request, option)) is not None and option not in dialect.translates:
                without(option, value, "the service does not take it for translations")
                request = replace(request, **{option: None})  # type: ignore[arg-type] # each of them may be None
    return request, tuple(notices)


def _untimed(request: TranscriptionRequest, dialect: Dialect) -> str | None:
    """Say why there can be no times as asked; `None` when there can."""
    if dialect.timed is None:
        return "the service gives no times"
    if request.translate and dialect.translates is not None and "timestamps" not in dialect.translates:
        return "the service gives no choice of times for translations: ask for response_format by `extra`"
    if request.diarize and dialect.diarized is SPEAKERS:
        return "the service gives the times of segments, unasked, where it tells speakers apart"
    return None


def _wishes(request: TranscriptionRequest, dialect: Dialect) -> JSONObject:
    """Spell times and speakers."""
    timed: JSONObject = {}
    if request.timestamps:
        timed = {**(dialect.timed or {}), "timestamp_granularities": [*request.timestamps]}
    return {**timed, **((dialect.diarized or {}) if request.diarize else {})}


def _packed(request: TranscriptionRequest, service: str) -> JSON:
    """Spell the sound as JSON."""
    audio = request.audio
    match audio.source:
        case Inline(data) if audio.mime is not None:
            name = SUFFIXES.get(audio.mime, audio.mime.rpartition("/")[2])
            return {"data": b64encode(data).decode("ascii"), "format": name}
        case _:
            raise UnsupportedContent(f"{service} takes sound as bytes of a known type: use media.from_path")
