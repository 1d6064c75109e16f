"""Usage objects and statuses of interactions.

Law: a number that was not sent is `None`, and the service's own object is kept whole in `Usage.raw`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.response import FinishReason, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

FAILED, CONTINUES = "failed", "requires_continuation"

STATUSES: Mapping[str, FinishReason] = {
    "budget_exceeded": FinishReason.LENGTH,
    "cancelled": FinishReason.CANCELLED,
    "completed": FinishReason.STOP,
    FAILED: FinishReason.ERROR,
    "incomplete": FinishReason.LENGTH,
    "requires_action": FinishReason.TOOL_CALLS,
    CONTINUES: FinishReason.PAUSE,
}
"""The statuses in which an interaction rests; others are `OTHER`: it is not there yet."""


def finish_reason(status: str | None, *, calls: bool) -> FinishReason:
    """Translate a status; calls that wait for results say what a plain `completed` means."""
    found = STATUSES.get(status, FinishReason.OTHER) if status is not None else FinishReason.OTHER
    return FinishReason.TOOL_CALLS if found is FinishReason.STOP and calls else found


def decode_usage(data: JSON) -> Usage | None:
    """Read a usage object; `None` when nothing is reported.

    Raises:
        DecodeError: it is no object, or a count is no whole number.
    """
    match data:
        case None:
            return None
        case dict():
            return _usage(data) if rest(data, ()) else None
        case _:
            raise DecodeError(f"usage is no object but {type(data).__name__}")


def _usage(data: JSONObject) -> Usage:
    told, thought = _count(data, "total_output_tokens"), _count(data, "total_thought_tokens")
    return Usage(
        input_tokens=_count(data, "total_input_tokens"),
        output_tokens=told if told is None or thought is None else told + thought,
        cache_read_tokens=_count(data, "total_cached_tokens"),
        reasoning_tokens=thought,
        audio_input_tokens=_sound(data.get("input_tokens_by_modality")),
        audio_output_tokens=_sound(data.get("output_tokens_by_modality")),
        raw=data,
    )


def _count(data: JSONObject, key: str) -> int | None:
    match data.get(key):
        case bool():
            raise DecodeError(f"usage.{key} is no number")
        case (None | int()) as count:
            return count
        case float() as count if count.is_integer():
            return int(count)
        case other:
            raise DecodeError(f"usage.{key} is no whole number but {other!r:.50}")


def _sound(counts: JSON) -> int | None:
    """Return the tokens that stand for sound, where they are counted apart."""
    for item in counts if isinstance(counts, list) else ():
        match item:
            case {"modality": str(kind), "tokens": int(tokens)} if kind.lower() == "audio":
                return tokens
            case _:
                pass
    return None
