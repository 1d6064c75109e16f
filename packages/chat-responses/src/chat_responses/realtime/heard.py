"""What the service hears of the user: when he speaks, and the words of it.

Law: words that may change are told as such, and words that were told just so are not told again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError
from chat_core.events import UnknownEvent
from chat_core.jsonvalue import excerpt, rest
from chat_core.live import InputTranscript, InputTranscriptDelta, SessionError, SpeechEnd, SpeechStart
from chat_responses.errors import error_from
from chat_responses.realtime.usage import decode_usage
from chat_responses.realtime.words import ALWAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveEvent

_PREFIX = "conversation.item.input_audio_transcription."

TRANSCRIPTIONS = frozenset({f"{_PREFIX}{word}" for word in ("delta", "updated", "completed", "failed")})
"""Events that say words of the user."""

UNFINISHED = "in_progress"
"""The status of words that may change."""


class Heard:
    """Reads what is heard in one session."""

    def __init__(self, origin: str) -> None:
        """Begin with silence."""
        self._origin = origin
        self._last: tuple[str | None, str] | None = None

    def speech(self, kind: str, data: JSONObject) -> Iterator[LiveEvent]:
        """Read that the user has begun to speak, or has stopped.

        Raises:
            DecodeError: the event is malformed.
        """
        begins = kind.endswith("started")
        place = "audio_start_ms" if begins else "audio_end_ms"
        match data.get("item_id"), data.get(place):
            case (str() | None) as item, (int() | None) as at:
                yield (SpeechStart if begins else SpeechEnd)(item=item, at=at)
            case _:
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")
        yield from _beside(kind, data, {"item_id", place})

    def words(self, kind: str, data: JSONObject) -> Iterator[LiveEvent]:
        """Read words of the user.

        Raises:
            DecodeError: the event is malformed.
        """
        item = name if isinstance(name := data.get("item_id"), str) else None
        known = {"item_id"} if item is not None else set[str]()
        if data.get("content_index") == 0:
            known.add("content_index")
        match kind.removeprefix(_PREFIX), data:
            case "delta", {"delta": str(text)}:
                yield InputTranscriptDelta(text=text, item=item)
                yield from _beside(kind, data, known | {"delta"})
            case ("updated" | "completed") as word, {"transcript": str(text)}:
                left = rest(data, known | {"transcript"} | ALWAYS)
                final = word == "completed" and left.get("status") != UNFINISHED
                yield from self._whole(text, item, left, final=final)
            case "failed", {"error": dict()}:
                yield SessionError(error_from(rest(data, ALWAYS)))
            case _:
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")

    def _whole(self, text: str, item: str | None, left: JSONObject, *, final: bool) -> Iterator[LiveEvent]:
        told = rest(left, {"status"}) if left.get("status") == UNFINISHED else left
        if not final and not told and self._last == (item, text):
            return
        self._last = None if final else (item, text)
        meta = meta_of(self._origin, rest(left, {"usage"}))
        usage = decode_usage(left.get("usage"))
        yield InputTranscript(text=text, item=item, final=final, usage=usage, meta=meta)


def _beside(kind: str, data: JSONObject, known: set[str]) -> Iterator[LiveEvent]:
    left: JSON = rest(data, known | ALWAYS)
    if left:
        yield UnknownEvent(kind, left)
