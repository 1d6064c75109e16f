"""The `audio` of a message, whole or in deltas → `Media`.

Law: base64 may be cut anywhere; what is no base64 is kept as text in the part's `meta`, never lost.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import under
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.parts import Inline, Media

if TYPE_CHECKING:
    from chat_core.codec.builder import ResponseBuilder
    from chat_core.jsonvalue import JSON, JSONObject

KEY = "audio"
KNOWN = frozenset({"id", "data", "transcript", "expires_at"})
_QUANTUM = 4


class Sound:
    """The sound of one answer so far."""

    def __init__(self, build: ResponseBuilder, choice: int, mime: str | None) -> None:
        """Begin with silence; `mime` is what was asked for."""
        self._build = build
        self._choice = choice
        self._mime = mime
        self._pending = ""
        self._spoilt: list[str] = []

    def take(self, data: JSON) -> None:
        """Take the `audio` of a message or delta; an object of empty members says nothing.

        Raises:
            DecodeError: it is malformed.
        """
        match data:
            case None:
                return
            case dict():
                pass
            case _:
                raise DecodeError(f"audio is no object but {type(data).__name__}")
        if not self._build.is_open(KEY, choice=self._choice):
            if not any(data.get(key) for key in KNOWN):
                self._build.note_choice(under(KEY, rest(data, KNOWN)), choice=self._choice)
                return
            self._build.open(KEY, Media(kind="audio", source=Inline(b""), mime=self._mime), choice=self._choice)
        transcript = _text(data, "transcript")
        sound = self._decoded(_text(data, "data"))
        if sound or transcript:
            self._build.media(KEY, sound, transcript=transcript, choice=self._choice)
        self._build.note_part(KEY, rest(data, {"data", "transcript"}), choice=self._choice)

    def settle(self) -> None:
        """Keep what never became bytes."""
        if self._pending:
            self._spoilt.append(self._pending)
            self._pending = ""
        if self._spoilt:
            self._build.note_part(KEY, {"data": "".join(self._spoilt)}, choice=self._choice)
            self._spoilt = []

    def _decoded(self, text: str) -> bytes:
        """Decode what is complete and keep the remainder for the next delta."""
        self._pending += text
        size = len(self._pending) - len(self._pending) % _QUANTUM
        ready = self._pending[:size]
        try:
            sound = b64decode(ready, validate=True)
        except ValueError:
            self._spoilt.append(self._pending)
            self._pending = ""
            return b""
        self._pending = self._pending[size:]
        return sound


def _text(data: JSONObject, key: str) -> str:
    match data.get(key):
        case None:
            return ""
        case str(text):
            return text
        case other:
            raise DecodeError(f"{key} of audio is no text but {type(other).__name__}")
