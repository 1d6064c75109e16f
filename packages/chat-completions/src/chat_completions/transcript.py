"""Transcripts as replies and events have them.

Law: the end of a stream is its event `…done`; what came before is a part of it. A segment without a text is malformed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.beside import is_done, meta_of, number_of, require_no_error, text_of, usage_of
from chat_completions.logprobs import decode_logprobs
from chat_core.codec.decoder import frame_object
from chat_core.codec.transcription import Segment, SegmentEnd, TranscriptionResponse
from chat_core.errors import DecodeError, StreamTruncated
from chat_core.events import TextDelta, UnknownEvent
from chat_core.jsonvalue import rest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

LISTS = ("speaker_segments", "segments")
"""Where the segments are; the first one that is there counts."""
SPEAKERS = ("speaker", "speaker_id")
TEXTS = ("text", "word")


def transcript(data: JSONObject, origin: str) -> TranscriptionResponse:
    """Read the document of a transcript.

    Raises:
        DecodeError: it is malformed.
    """
    text = text_of(data, "text")
    if text is None:
        raise DecodeError(f"a transcript without text, which has {sorted(data)}: {data!r:.200}")
    place = next((key for key in LISTS if data.get(key) is not None), "segments")
    known = {"text", "language", "duration", place, "words", "model", "usage"}
    return TranscriptionResponse(
        text=text,
        language=text_of(data, "language"),
        duration=number_of(data, "duration"),
        segments=_segments(data.get(place), origin),
        words=_segments(data.get("words"), origin),
        model=text_of(data, "model"),
        usage=usage_of(data.get("usage")),
        meta=meta_of(origin, rest(data, known)),
        raw=data,
    )


def _segments(items: JSON, origin: str) -> tuple[Segment, ...]:
    match items:
        case None:
            return ()
        case list():
            return tuple(segment(item, origin) for item in items)
        case _:
            raise DecodeError(f"segments are no list but {type(items).__name__}")


def segment(data: JSON, origin: str) -> Segment:
    """Read a segment, or a word.

    Raises:
        DecodeError: it is malformed.
    """
    if not isinstance(data, dict):
        raise DecodeError(f"a segment is no object but {type(data).__name__}")
    place = next((key for key in TEXTS if isinstance(data.get(key), str)), None)
    if place is None:
        raise DecodeError(f"a segment without text, which has {sorted(data)}")
    who = next((key for key in SPEAKERS if data.get(key) is not None), "speaker")
    return Segment(
        text=text_of(data, place) or "",
        start=number_of(data, "start"),
        end=number_of(data, "end"),
        speaker=text_of(data, who),
        meta=meta_of(origin, rest(data, {place, "start", "end", who, "type"})),
    )


class TranscriptReader:
    """Reads one streamed reply; a `chat_core.codec.reader.Reader`."""

    def __init__(self, origin: str) -> None:
        """Begin a transcript whose private data belongs to `origin`."""
        self._origin = origin
        self._segments: list[Segment] = []
        self._places: dict[str, int] = {}
        self._language: str | None = None
        self._meta: JSONObject = {}
        self._whole: TranscriptionResponse | None = None

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

    def finish(self) -> TranscriptionResponse:
        """Return the transcript at the end of input.

        Raises:
            StreamTruncated: the service had not said that it is done.
        """
        if self._whole is None:
            raise StreamTruncated("the stream ended before the transcript was complete")
        whole = self._whole
        meta = {**whole.meta.get(self._origin, {}), **self._meta}
        return replace(
            whole,
            segments=whole.segments or tuple(self._segments),
            language=whole.language if whole.language is not None else self._language,
            meta=meta_of(self._origin, meta),
        )

    def _event(self, data: JSONObject) -> Iterator[Event]:
        kind = data.get("type")
        match kind:
            case "transcript.text.delta" | "transcription.text.delta":
                yield self._delta(data)
            case "transcript.text.segment" | "transcription.segment":
                found = segment(data, self._origin)
                self._segments.append(found)
                yield SegmentEnd(kind, rest(data, {"type"}), segment=found)
            case "transcript.text.done" | "transcription.done":
                self._whole = transcript(rest(data, {"type"}), self._origin)
            case "transcription.language":
                self._language = text_of(data, "audio_language")
                self._meta |= rest(data, {"type", "audio_language"})
            case None if "text" in data:  # the service does not stream
                self._whole = transcript(data, self._origin)
                yield TextDelta(0, self._whole.text)
            case _:
                yield UnknownEvent(kind if isinstance(kind, str) else "event", data)

    def _delta(self, data: JSONObject) -> Event:
        """Read a piece of text; its index tells the segments of a transcript apart, where the service does."""
        place = next((key for key in ("delta", "text") if isinstance(data.get(key), str)), None)
        if place is None:
            raise DecodeError(f"a piece of text without text, which has {sorted(data)}")
        name = text_of(data, "segment_id") or ""
        index = self._places.setdefault(name, len(self._places))
        logprobs, odd = decode_logprobs({"content": data["logprobs"]} if "logprobs" in data else None, self._origin)
        self._meta |= {**rest(data, {"type", place, "segment_id", "logprobs"}), **odd}
        return TextDelta(index, text_of(data, place) or "", logprobs=logprobs)
