"""What the service hears of the user: when he speaks, and the words of it.

Law: words come in pieces. They are told as a whole when the service says that they are all, or when the model's answer
to them has ended.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.events import UnknownEvent
from chat_core.jsonvalue import excerpt, rest
from chat_core.live import InputTranscript, InputTranscriptDelta, SpeechEnd, SpeechStart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveEvent

STARTS = frozenset({"ACTIVITY_START", "VAD_SIGNAL_TYPE_SOS"})
ENDS = frozenset({"ACTIVITY_END", "VAD_SIGNAL_TYPE_EOS"})

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


class Heard:
    """Reads what is heard in one session."""

    def __init__(self) -> None:
        """Begin with silence."""
        self._texts: list[str] = []

    def words(self, kind: str, data: JSONObject) -> Iterator[LiveEvent]:
        """Read words of the user.

        Raises:
            DecodeError: they are malformed.
        """
        match data.get("text"), data.get("finished"):
            case (str() | None) as text, (bool() | None) as finished:
                pass
            case other:
                raise DecodeError(f"malformed {kind}: {excerpt(repr(other))}")
        if kind == "interimInputTranscription":
            if text:
                yield InputTranscript(text=text, final=False)
        else:
            if text:
                self._texts.append(text)
                yield InputTranscriptDelta(text=text)
            if finished:
                yield from self.end()
        left = rest(data, {"text"} if finished is False else {"text", "finished"})
        if left:
            yield UnknownEvent(kind, left)

    def end(self) -> Iterator[LiveEvent]:
        """Tell all words that have come since the last time."""
        texts, self._texts = self._texts, []
        if texts:
            yield InputTranscript(text="".join(texts))

    def activity(self, kind: str, data: JSONObject) -> Iterator[LiveEvent]:
        """Read that the user has begun to speak, or has stopped."""
        member = "voiceActivityType" if kind == "voiceActivity" else "vadSignalType"
        word, offset = name if isinstance(name := data.get(member), str) else None, data.get("audioOffset")
        at = None if (passed := seconds(offset)) is None else round(passed * 1000)
        if word in STARTS:
            yield SpeechStart(at=at)
        elif word in ENDS:
            yield SpeechEnd(at=at)
        known = {member} if word in STARTS | ENDS else set[str]()
        if left := rest(data, known if at is None else {*known, "audioOffset"}):
            yield UnknownEvent(kind, left)


def seconds(data: JSON) -> float | None:
    """Read a duration such as `1.5s`; `None` when it is none."""
    match data:
        case str(text) if (found := _DURATION.fullmatch(text)) is not None:
            return float(found[1])
        case _:
            return None
