"""Usage objects and statuses of answers.

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

STATUSES: Mapping[str, FinishReason] = {
    "completed": FinishReason.STOP,
    "complete": FinishReason.STOP,
    "cancelled": FinishReason.CANCELLED,
    "failed": FinishReason.ERROR,
}
"""What the status of an answer says by itself; those that are not here are `OTHER`: it is not there yet."""

INCOMPLETE: Mapping[str, FinishReason] = {
    "max_output_tokens": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
}
"""Why an answer is `incomplete`; other reasons are `OTHER`."""


def finish_reason(status: str | None, reason: str | None, *, calls: bool, refused: bool) -> FinishReason:
    """Translate a status; what was answered says what a plain `completed` means."""
    if status == "incomplete":
        return INCOMPLETE.get(reason, FinishReason.OTHER) if reason is not None else FinishReason.OTHER
    found = STATUSES.get(status, FinishReason.OTHER) if status is not None else FinishReason.OTHER
    if found is FinishReason.STOP and (calls or refused):
        return FinishReason.TOOL_CALLS if calls else FinishReason.REFUSAL
    return found


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
    asked, told = _count(data, "input_tokens"), _count(data, "output_tokens")
    thought = _count(data, "output_tokens_details", "reasoning_tokens")
    return Usage(
        input_tokens=asked,
        output_tokens=_output(asked, told, thought, _count(data, "total_tokens")),
        cache_read_tokens=_count(data, "input_tokens_details", "cached_tokens"),
        cache_write_tokens=_count(data, "input_tokens_details", "cache_write_tokens"),
        reasoning_tokens=thought,
        audio_input_tokens=_count(data, "input_tokens_details", "audio_tokens"),
        audio_output_tokens=_count(data, "output_tokens_details", "audio_tokens"),
        raw=data,
    )


def _output(asked: int | None, told: int | None, thought: int | None, total: int | None) -> int | None:
    """Count reasoning as output where a service leaves it out, which its total gives away."""
    if asked is None or told is None or not thought or total is None:
        return told
    return told + thought if total == asked + told + thought else told


def _count(data: JSONObject, *path: str) -> int | None:
    value: JSON = data
    for key in path:
        match value:
            case None:
                return None
            case dict():
                value = value.get(key)
            case _:
                raise DecodeError(f"usage.{'.'.join(path)} is inside {type(value).__name__}")
    match value:
        case bool():
            raise DecodeError(f"usage.{'.'.join(path)} is no number")
        case None | int():
            return value
        case float() if value.is_integer():
            return int(value)
        case _:
            raise DecodeError(f"usage.{'.'.join(path)} is no whole number but {value!r:.50}")
