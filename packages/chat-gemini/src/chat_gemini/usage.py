"""Counts of tokens.

Law: the object of the service is kept whole, and a count that was told is not lost where a later one is silent. What a
tool of the service fed to the model is counted there alone, as the service counts it beside the prompt; thoughts are
counted beside the answer there, and as a part of it here.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt
from chat_core.response import Usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

AUDIO = ("AUDIO", 4)
"""How sound is called among modalities, in words and in numbers."""


def decode_usage(raw: JSON) -> Usage | None:
    """Read a `usageMetadata`.

    Raises:
        DecodeError: it is no object, or a count is no whole number.
    """
    match raw:
        case None:
            return None
        case dict():
            pass
        case _:
            raise DecodeError(f"malformed usageMetadata: {excerpt(repr(raw))}")
    said, thought = _count(raw, "candidatesTokenCount"), _count(raw, "thoughtsTokenCount")
    return Usage(
        input_tokens=_count(raw, "promptTokenCount"),
        output_tokens=None if said is None and thought is None else (said or 0) + (thought or 0),
        cache_read_tokens=_count(raw, "cachedContentTokenCount"),
        reasoning_tokens=thought,
        audio_input_tokens=_audio(raw.get("promptTokensDetails")),
        audio_output_tokens=_audio(raw.get("candidatesTokensDetails")),
        raw=raw,
    )


def counted(before: Usage | None, usage: Usage) -> Usage:
    """Return the later counts of a stream, and the earlier ones where those say nothing."""
    if before is None:
        return usage
    silent = [item.name for item in fields(Usage) if getattr(usage, item.name) is None]
    return replace(usage, **{name: getattr(before, name) for name in silent})


def _count(data: JSONObject, key: str) -> int | None:
    match data.get(key):
        case None:
            return None
        case int(number) if not isinstance(number, bool):
            return number
        case other:
            raise DecodeError(f"malformed usageMetadata: {key} is {excerpt(repr(other), 100)}")


def _audio(details: JSON) -> int | None:
    """Return the tokens of sound; `None` when no modality is named so."""
    items = details if isinstance(details, list) else []
    counts = [item.get("tokenCount") for item in items if isinstance(item, dict) and item.get("modality") in AUDIO]
    return sum(count for count in counts if isinstance(count, int)) if counts else None
