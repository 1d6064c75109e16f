"""Speech written down: the capability `Transcription`.

Law: one request, one reply, whole or streamed. Times are seconds from the beginning of the sound.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from chat_core.events import UnknownEvent
from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Media
    from chat_core.response import Notice, Usage

Timed: TypeAlias = Literal["segment", "word"]
"""What of a transcript can have times."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TranscriptionRequest:
    """A sound to be written down.

    Attributes:
        model: the service's name of the model.
        audio: the sound.
        language: the language that is spoken, such as `en`.
        prompt: words that help: names, the text before.
        timestamps: what gets times.
        translate: write it down in English.
        diarize: tell who speaks.
        temperature: how freely to choose words.
        extra: further fields, sent as they are.
    """

    model: str
    audio: Media
    language: str | None = None
    prompt: str | None = None
    timestamps: tuple[Timed, ...] = ()
    translate: bool = False
    diarize: bool = False
    temperature: float | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Segment:
    """A piece of a transcript: some words, or a single one.

    Attributes:
        text: the words.
        start, end: when they are said, in seconds.
        speaker: the service's name of who says them.
        meta: what else the service said, by origin.
    """

    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TranscriptionResponse:
    """A transcript.

    Attributes:
        text: all of it; of `srt` and `vtt`, asked for as `extra`, the file.
        language: the language that was heard, in the service's spelling.
        duration: the length of the sound in seconds.
        segments: its pieces, in order, where the service sends them.
        words: its words, in order, where the service sends them.
        model: the model that answered.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed, where it is JSON; of a stream its last object.
    """

    text: str
    language: str | None = None
    duration: float | None = None
    segments: tuple[Segment, ...] = ()
    words: tuple[Segment, ...] = ()
    model: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SegmentEnd(UnknownEvent):
    """A piece of the transcript is complete: an event of `transcribe_stream`.

    Attributes:
        segment: the piece.
    """

    _: KW_ONLY
    segment: Segment


class Transcription(Protocol):
    """Writes down what is said."""

    def encode(self, request: TranscriptionRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request; what cannot be streamed is asked for whole, with a notice.

        Raises:
            UnsupportedContent: the service cannot be sent such a sound.
        """
        ...

    def decode(self, request: TranscriptionRequest, reply: WireResponse) -> TranscriptionResponse:
        """Read the transcript.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...

    def reader(self, request: TranscriptionRequest, head: WireResponse) -> Reader[TranscriptionResponse]:
        """Begin to read a streamed reply, whose head has come; its events are `TextDelta` and `SegmentEnd`."""
        ...
