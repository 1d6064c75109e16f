"""Sound of an answer, as far as it has come: how long it is, and how it is cut.

Law: lengths are counted from the bytes, in the format that the service has named, or else the one that was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import AudioEncoding, AudioFormat

SAMPLE = {"audio/pcm": 2, "pcm16": 2}
"""Bytes of a sample; other formats have one."""
RATE = {"audio/pcm": 24_000, "pcm16": 24_000}
"""Samples a second where a format does not say it; others have 8000."""
ENCODINGS: Mapping[AudioEncoding, str] = {"pcm16": "audio/pcm", "mulaw": "audio/pcmu", "alaw": "audio/pcma"}
"""The media types of encodings."""
TYPES = {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFormat:
    """How the service writes sound.

    Attributes:
        kind: the media type, or the earlier word for it.
        rate: samples a second.
    """

    kind: str
    rate: int

    @property
    def mime(self) -> str:
        """The media type, with the rate where it is not that of telephones."""
        kind = TYPES.get(self.kind, self.kind)
        return f"{kind};rate={self.rate}" if kind == "audio/pcm" else kind

    def milliseconds(self, size: int) -> int:
        """Return how long so many bytes last."""
        return size * 1000 // (self.rate * SAMPLE.get(self.kind, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One piece of an answer in sound.

    Attributes:
        item: the item that it is in.
        place: its place in the item's content.
        milliseconds: how long it is.
    """

    item: str
    place: int
    milliseconds: int

    def cut(self, heard: int) -> JSONObject:
        """Return the event that cuts off what was not heard."""
        return {
            "type": "conversation.item.truncate",
            "item_id": self.item,
            "content_index": self.place,
            "audio_end_ms": heard,
        }


def sound_of(audio: AudioFormat | None) -> SoundFormat:
    """Return the format that was asked for; without one it is the wire's own."""
    if audio is None:
        return SoundFormat(kind="audio/pcm", rate=RATE["audio/pcm"])
    return SoundFormat(kind=ENCODINGS[audio.encoding], rate=audio.rate)


def sound_format(data: JSON) -> SoundFormat | None:
    """Read a format as a session or an answer names it; `None` when it names none."""
    match data:
        case {"type": str(kind), "rate": int(rate)} if rate > 0:
            return SoundFormat(kind=kind, rate=rate)
        case {"type": str(kind)} | ("pcm16" | "g711_ulaw" | "g711_alaw" as kind):
            return SoundFormat(kind=kind, rate=RATE.get(kind, 8_000))
        case _:
            return None
