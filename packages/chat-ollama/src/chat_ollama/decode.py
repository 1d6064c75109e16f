"""Whole replies → `Response`; usage and finish reasons for streams too.

Law: a whole reply is a stream of one line. Every leaf is in a typed field, in `meta`, in `Usage.raw`, or in `IGNORED`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object
from chat_core.response import FinishReason, Usage
from chat_ollama.errors import headers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Response
    from chat_ollama.stream import ChatDecoder

IGNORED: Mapping[str, str] = {
    "created_at": "every line has a time; that of the last one is in the response's meta",
}
"""Leaves that are dropped, with the reason."""

FINISH_REASONS: Mapping[str, FinishReason] = {"stop": FinishReason.STOP, "length": FinishReason.LENGTH}
"""Words for why an answer ended; others, such as `load` and `unload` of a request that asks nothing, are `other`."""

COUNTS: Mapping[str, str] = {"prompt_eval_count": "input_tokens", "eval_count": "output_tokens"}
"""Counts of the last line, with the fields of `Usage`; its durations, in nanoseconds, are in the response's meta."""


def decode_response(reply: WireResponse, decoder: ChatDecoder) -> Response:
    """Read a whole successful reply.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    return replace(decoder.whole(data, status=reply.status, headers=reply.headers), headers=headers_of(reply))


def finish_reason(word: str | None, *, calls: bool) -> FinishReason:
    """Translate a reason; an answer that holds calls and says that it stopped, as it does here, is one that calls."""
    reason = FINISH_REASONS.get(word, FinishReason.OTHER) if word is not None else FinishReason.OTHER
    return FinishReason.TOOL_CALLS if calls and (reason is FinishReason.STOP or not word) else reason


def decode_usage(data: JSONObject) -> Usage | None:
    """Read the counts of a line; `None` when it has none.

    Raises:
        DecodeError: a count is no whole number.
    """
    counts = {key: count for key in COUNTS if (count := _count(data.get(key), key)) is not None}
    if not counts:
        return None
    return Usage(input_tokens=counts.get("prompt_eval_count"), output_tokens=counts.get("eval_count"), raw={**counts})


def _count(value: JSON, key: str) -> int | None:
    match value:
        case bool():
            pass
        case None | int():
            return value
        case _:
            pass
    raise DecodeError(f"malformed {key}: expected a whole number, got {excerpt(repr(value), 100)}")
