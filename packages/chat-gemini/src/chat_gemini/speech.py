"""Speech by generateContent: an answer of the modality `AUDIO`, which is raw samples.

Law: samples are handed on as they come; asked for as `wav`, they get the head of such a file before them, and nothing
else is done to them.
"""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.speech import SpeechResponse
from chat_core.errors import DecodeError
from chat_core.events import MediaDelta, PartStart, UnknownEvent
from chat_core.frozen import dataclass
from chat_core.parts import Inline, Media
from chat_core.response import Notice
from chat_gemini.made import AnswerReader, asked, joined, lacking, media_of, rest_of
from chat_gemini.options import GeminiOptions, voice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.speech import SpeechRequest
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_gemini.provider import Gemini

MODALITIES = ("AUDIO",)
RAW = re.compile(r"(?i)audio/L16\s*;(?:.*;)?\s*rate=(?P<rate>\d+)")
"""Samples of 16 bits, of one channel; the rate is samples a second."""
WAV = "audio/wav"
FORMATS = frozenset({"pcm", "wav"})
UNKNOWN_SIZE = 0xFFFFFFFF
"""What stands for the size of a file that is still being written."""


@dataclass(frozen=True, slots=True)
class GeminiSpeech:
    """Speaks; implements `chat_core.codec.speech.Speech`."""

    provider: Gemini

    def encode(self, request: SpeechRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request; how to speak is said in the words themselves on this wire."""
        wire = self.provider.encode(self._asked(request), stream=stream)
        return replace(wire, notices=(*wire.notices, *_notices(request)))

    def _asked(self, request: SpeechRequest) -> Request:
        native = GeminiOptions(
            response_modalities=MODALITIES, speech_config=_config(request) or None, extra=request.extra
        )
        return asked(request.model, request.text, (), native)

    def decode(self, request: SpeechRequest, reply: WireResponse) -> SpeechResponse:
        """Read the sound.

        Raises:
            DecodeError: the reply is malformed, or holds no sound.
            ProviderError: the reply is an error in the guise of a success.
        """
        return self.read(request, self.provider.decode(self._asked(request), reply))

    def read(self, request: SpeechRequest, response: Response) -> SpeechResponse:
        """Pick the sound out of an answer.

        Raises:
            DecodeError: there is none.
        """
        sounds = media_of(response, "audio")
        if not sounds:
            raise DecodeError(f"an answer without sound, which ended with {response.raw_finish_reason}")
        first, data = sounds[0], joined(sounds)
        audio = replace(first, source=Inline(data))
        if (rate := rate_of(request, first)) is not None:
            audio = replace(audio, source=Inline(head(rate, len(data)) + data), mime=WAV)
        meta = rest_of(response, self.provider.origin(request.model))
        return SpeechResponse(audio=audio, usage=response.usage, notices=response.notices, meta=meta, raw=response.raw)

    def reader(self, request: SpeechRequest, head: WireResponse) -> SpeechReader:  # noqa: ARG002 - the seam's signature
        """Begin to read a streamed reply; its events are `MediaDelta`."""
        return SpeechReader(self, request, self._asked(request))


def _config(request: SpeechRequest) -> JSONObject:
    if request.voice is not None:
        return voice(request.voice, language=request.language)
    return {} if request.language is None else {"languageCode": request.language}


def _notices(request: SpeechRequest) -> Iterator[Notice]:
    yield from lacking(request, "instructions", "speed")
    if request.format is not None and request.format not in FORMATS:
        reason = "the service sends raw samples: ask for pcm, or for wav, which is those with a head"
        yield Notice(feature="format", requested=request.format, applied="pcm", reason=reason)


def rate_of(request: SpeechRequest, sound: Media) -> int | None:
    """Return the rate of samples that shall become a file; `None` where they stay as they are."""
    found = RAW.match(sound.mime or "") if request.format == "wav" else None
    return int(found["rate"]) if found is not None else None


def head(rate: int, size: int = UNKNOWN_SIZE) -> bytes:
    """Return the head of a WAV file of 16-bit samples of one channel; `size` is that of the samples in bytes."""
    whole = size if size == UNKNOWN_SIZE else size + 36
    shape = struct.pack("<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16)
    return b"RIFF" + struct.pack("<I", whole) + b"WAVEfmt " + shape + b"data" + struct.pack("<I", size)


class SpeechReader(AnswerReader):
    """Reads one streamed answer; a `chat_core.codec.reader.Reader`."""

    def __init__(self, speech: GeminiSpeech, request: SpeechRequest, answer: Request) -> None:
        """Begin an answer."""
        super().__init__(speech.provider, answer)
        self._speech = speech
        self._request = request
        self._begun = False

    def picked(self, event: Event) -> Iterator[Event]:
        """Yield sound, with the head of a file before it where one was asked for, and what is not known."""
        match event:
            case PartStart(part=Media(kind="audio") as sound):
                if not self._begun and (rate := rate_of(self._request, sound)) is not None:
                    yield MediaDelta(0, head(rate))
                self._begun = True
            case MediaDelta(data=data):
                yield MediaDelta(0, data)
            case UnknownEvent():
                yield event
            case _:
                pass

    def finish(self) -> SpeechResponse:
        """Return the sound at the end of input: a file whose head has its size.

        Raises:
            StreamTruncated: the answer had not ended.
            DecodeError: there is no sound.
        """
        return self._speech.read(self._request, self.ended())
