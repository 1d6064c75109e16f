"""Usage objects and finish reasons in every spelling of this wire.

Law: a number that was not sent is `None`, and the vendor's own object is kept whole in `Usage.raw`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.response import FinishReason, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

CACHE_READ = (
    ("prompt_tokens_details", "cached_tokens"),
    ("prompt_cache_hit_tokens",),
    ("cached_tokens",),
    ("num_cached_tokens",),
    ("cache_read_input_tokens",),
)
CACHE_WRITE = (("prompt_tokens_details", "cache_write_tokens"), ("cache_creation_input_tokens",))
REASONING = (("completion_tokens_details", "reasoning_tokens"), ("reasoning_tokens",))

FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "end_turn": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "model_length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "tool_call": FinishReason.TOOL_CALLS,
    "tool_use": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
    "refusal": FinishReason.REFUSAL,
    "error": FinishReason.ERROR,
    "insufficient_system_resource": FinishReason.ERROR,
}
"""Every word that a service of this wire was seen to use; others are `OTHER`."""


def finish_reason(word: str | None, *, calls: bool) -> FinishReason:
    """Translate a finish reason; an answer that holds calls and only says that it stopped is one that calls."""
    reason = FINISH_REASONS.get(word, FinishReason.OTHER) if word is not None else FinishReason.OTHER
    if calls and (reason is FinishReason.STOP or not word):
        return FinishReason.TOOL_CALLS
    return reason


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
    prompt, completion = _count(data, "prompt_tokens"), _count(data, "completion_tokens")
    reasoning = _first(data, REASONING)
    return Usage(
        input_tokens=prompt,
        output_tokens=_output(prompt, completion, reasoning, _count(data, "total_tokens")),
        cache_read_tokens=_first(data, CACHE_READ),
        cache_write_tokens=_first(data, CACHE_WRITE),
        reasoning_tokens=reasoning,
        audio_input_tokens=_count(data, "prompt_tokens_details", "audio_tokens"),
        audio_output_tokens=_count(data, "completion_tokens_details", "audio_tokens"),
        raw=data,
    )


def _output(prompt: int | None, completion: int | None, reasoning: int | None, total: int | None) -> int | None:
    """Count reasoning as output: xAI leaves it out of `completion_tokens`, which its total gives away."""
    if prompt is None or completion is None or reasoning is None or total is None:
        return completion
    return completion + reasoning if total == prompt + completion + reasoning else completion


def _first(data: JSONObject, paths: tuple[tuple[str, ...], ...]) -> int | None:
    for path in paths:
        if (found := _count(data, *path)) is not None:
            return found
    return None


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
