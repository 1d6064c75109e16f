"""One answer while it comes: content of the model → events of ours, with a `ResponseBuilder`.

Law: text, thoughts and calls are read as in an answer over HTTP. Sound and its words come apart and are one part, which
ends with the answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.builder import ResponseBuilder, merge
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Inline, Media
from chat_core.response import FinishReason
from chat_gemini.candidates import Candidate
from chat_gemini.media import PCM, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.wire_parts import PartReader

SOURCES = ("groundingMetadata", "urlContextMetadata")

CONTENT = frozenset({"role", "parts"})

REASONS: Mapping[str, FinishReason] = {
    "MALFORMED_FUNCTION_CALL": FinishReason.ERROR,
    **dict.fromkeys(
        (
            "RESPONSE_REJECTED", "PROHIBITED_INPUT_CONTENT", "IMAGE_PROHIBITED_INPUT_CONTENT",
            "INPUT_TEXT_CONTAIN_PROMINENT_PERSON_PROHIBITED", "INPUT_IMAGE_CELEBRITY",
            "INPUT_IMAGE_PHOTO_REALISTIC_CHILD_PROHIBITED", "INPUT_TEXT_NCII_PROHIBITED", "INPUT_OTHER",
            "INPUT_IP_PROHIBITED", "BLOCKLIST", "UNSAFE_PROMPT_FOR_IMAGE_GENERATION", "GENERATED_IMAGE_SAFETY",
            "GENERATED_CONTENT_SAFETY", "GENERATED_AUDIO_SAFETY", "GENERATED_VIDEO_SAFETY",
            "OUTPUT_IMAGE_IP_PROHIBITED", "MAX_REGENERATION_REACHED",
        ),
        FinishReason.CONTENT_FILTER,
    ),
}  # fmt: skip
"""Why a turn is complete, where that is not that the model has said all; others are `other`, with their word."""


class Turn:
    """Decodes one answer.

    Attributes:
        build: the response so far.
    """

    def __init__(self, origin: str, reader: PartReader) -> None:
        """Begin an answer; `reader` gives ids to calls that come without one."""
        self.build = ResponseBuilder(origin)
        self._candidate = Candidate(0, self.build, reader, origin)
        self._sound = 0

    def content(self, data: JSONObject) -> None:
        """Take more of what the model says.

        Raises:
            DecodeError: it is malformed.
        """
        more = rest(data, CONTENT)
        if (role := data.get("role")) not in (None, "model"):
            more["role"] = role
        self.build.note_message(more)
        match data.get("parts"):
            case None:
                return
            case list(parts):
                for number, part in enumerate(parts):
                    self._part(part, first=number == 0)
            case other:
                raise DecodeError(f"malformed parts: {excerpt(repr(other))}")

    def words(self, text: str) -> None:
        """Take more of the words of the model's sound."""
        self.build.media(self._sounding(None), b"", transcript=text)

    def call(self, data: JSONObject) -> None:
        """Take a call of a tool.

        Raises:
            DecodeError: it is malformed.
        """
        self._candidate.part({"functionCall": data}, first=True)

    def source(self, key: str, data: JSON) -> None:
        """Take sources, which become citations of texts."""
        self._candidate.sources[key], _ = merge(self._candidate.sources.get(key), data)
        self.build.note_choice({key: data})

    def end(self, reason: FinishReason, word: str | None) -> None:
        """End the answer."""
        self._candidate.end()
        self.build.finish(reason, word)
        self.build.end()

    def complete(self, word: str | None) -> None:
        """End the answer where the service says that the turn is complete."""
        self.end(FinishReason.STOP if word is None else REASONS.get(word, FinishReason.OTHER), word)

    def _part(self, data: JSON, *, first: bool) -> None:
        match data:
            case {"inlineData": {"mimeType": str(mime), "data": str(text)} as blob} if _is_plain(mime, blob, data):
                if (sound := canonical(text)) is None:
                    raise DecodeError(f"sound that is no base64: {excerpt(text)}")
                self.build.media(self._sounding(mime), sound)
            case dict():
                self._candidate.part(data, first=first)
            case _:
                raise DecodeError(f"a part is no object but {type(data).__name__}")

    def _sounding(self, mime: str | None) -> tuple[str, int]:
        """Return the part of the answer's sound; another kind of sound is another part."""
        key = ("sound", self._sound)
        if not self.build.is_open(key):
            self.build.open(key, Media(kind="audio", source=Inline(b""), mime=mime))
            return key
        part = self.build.part(key)
        if mime is None or not isinstance(part, Media) or part.mime == mime:
            return key
        if part.mime is None:
            self.build.update(key, replace(part, mime=mime))
            return key
        self.build.close(key)
        self._sound += 1
        return self._sounding(mime)


def _is_plain(mime: str, blob: JSON, part: JSON) -> bool:
    """Tell whether a part is sound without a frame around it, and nothing else."""
    if not isinstance(blob, dict) or not isinstance(part, dict) or len(part) > 1:
        return False
    return not rest(blob, {"mimeType", "data"}) and mime.lower().startswith(PCM)
