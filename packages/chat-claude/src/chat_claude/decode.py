"""A whole reply → `Response`; usage and finish reasons for streams too.

Law: every leaf of a reply is in a typed field, in `meta`, in an `Opaque`, in `Usage.raw`, or in `IGNORED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_claude.blocks import decode_block
from chat_claude.errors import error_from, headers_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.messages import Message
from chat_core.response import FinishReason, Response, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

IGNORED: Mapping[str, str] = {
    "delta.estimated_tokens": "running estimate of the thinking tokens; usage has the count",
    "message.usage.*": "figures at the start; message_delta restates them, and Usage.raw holds what stands at the end",
    "usage.output_tokens": "of several message_delta events the last has the whole count",
}
"""Leaves that are dropped, with the reason."""

FINISH_REASONS: Mapping[str, FinishReason] = {
    "end_turn": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    "model_context_window_exceeded": FinishReason.LENGTH,
    "tool_use": FinishReason.TOOL_CALLS,
    "pause_turn": FinishReason.PAUSE,
    "refusal": FinishReason.REFUSAL,
}
"""Stop reasons; others are `other`, with their own word in `raw_finish_reason`."""

ENVELOPE = frozenset({"id", "type", "role", "model", "content", "stop_reason", "usage"})
"""Keys of a message object that have typed fields; the others are in `Response.meta`."""


CONSTANTS: Mapping[str, str] = {"type": "message", "role": "assistant"}
"""Keys of a message object that say the same in every reply; another word is kept in `Response.meta`."""


def decode_response(reply: WireResponse, origin: str) -> Response:
    """Read a whole successful reply.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    match data:
        case {"content": list(content)} if data.get("type") != "error":
            pass
        case {"type": "error"} | {"error": _}:
            raise error_from(data, status=reply.status, headers=reply.headers)
        case _:
            raise DecodeError(f"no message: {excerpt(reply.body)}")
    identity, model, reason = envelope(data)
    meta = leftovers(data)
    return Response(
        message=Message(role="assistant", parts=tuple(decode_block(block, origin) for block in content)),
        finish_reason=FinishReason.OTHER if reason is None else finish_reason(reason),
        raw_finish_reason=reason,
        usage=decode_usage(data.get("usage")),
        id=identity,
        model=model,
        headers=headers_of(reply),
        meta={origin: meta} if meta else {},
        raw=data,
    )


def envelope(data: JSONObject) -> tuple[str | None, str | None, str | None]:
    """Read a message object's id, model and stop reason.

    Raises:
        DecodeError: one of them is something else than text.
    """
    match data.get("id"), data.get("model"), data.get("stop_reason"):
        case (str() | None) as identity, (str() | None) as model, (str() | None) as reason:
            return identity, model, reason
        case wrong:
            raise DecodeError(f"malformed message: id, model, stop_reason are {excerpt(repr(wrong))}")


def leftovers(message: JSONObject) -> JSONObject:
    """Return what a message object says beyond the typed fields."""
    left = rest(message, ENVELOPE)
    for key, usual in CONSTANTS.items():
        if (value := message.get(key)) is not None and value != usual:
            left[key] = value
    return left


def finish_reason(word: str) -> FinishReason:
    """Translate a stop reason."""
    return FINISH_REASONS.get(word, FinishReason.OTHER)


def decode_usage(raw: JSON) -> Usage | None:
    """Read a usage object; its `input_tokens` leave out cached ones, ours do not.

    Raises:
        DecodeError: it is no object, or a count is no number.
    """
    match raw:
        case None:
            return None
        case dict():
            pass
        case _:
            raise DecodeError(f"malformed usage: {excerpt(repr(raw))}")
    fresh, written, read = (_count(raw, key) for key in _INPUT)
    match raw.get("output_tokens_details"):
        case dict(details):
            thinking = _count(details, "thinking_tokens")
        case _:
            thinking = None
    return Usage(
        input_tokens=None if fresh is None else fresh + (written or 0) + (read or 0),
        output_tokens=_count(raw, "output_tokens"),
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=thinking,
        raw=raw,
    )


_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def merge_usage(old: JSON, new: JSON) -> JSON:
    """Merge the usage of a later event into that of an earlier one: key by key, the later value counts.

    Nulls erase nothing, and neither do input counts that are all zero, as some gateways send them: a prompt has tokens.
    """
    if not isinstance(new, dict):
        return old if new is None else new
    before: JSONObject = old if isinstance(old, dict) else {}
    blank = not any(new.get(key) for key in _INPUT) and any(before.get(key) for key in _INPUT)
    merged = dict(before)
    for key, value in new.items():
        if value is not None and not (blank and key in _INPUT):
            merged[key] = merge_usage(merged.get(key), value)
    return merged


def _count(data: JSONObject, key: str) -> int | None:
    match data.get(key):
        case None:
            return None
        case int(number) if not isinstance(number, bool):
            return number
        case other:
            raise DecodeError(f"malformed usage: {key} is {excerpt(repr(other), 100)}")
