"""Whole replies → `Response`; finish reasons for streams too.

Law: a whole reply is a stream of one event. Every leaf is in a typed field, in `meta`, in an `Opaque`, in `Usage.raw`,
or in `IGNORED`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse
from chat_core.response import FinishReason
from chat_gemini.errors import headers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.response import Response
    from chat_gemini.stream import GenerateDecoder

IGNORED: Mapping[str, str] = {
    "usageMetadata.*": "every event counts anew; Usage.raw holds the last counts, which are of the whole answer",
    "candidates[].index": "the answers are in this order; that of a single one is nothing",
    "candidates[].content.parts[].functionCall.partialArgs[].willContinue": "a text goes on with the next piece of it",
    "candidates[].content.parts[].functionCall.partialArgs[].nullValue": "a word for null, which is in the arguments",
}
"""Leaves that are dropped, with the reason."""

FINISH_REASONS: Mapping[str, FinishReason] = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    **dict.fromkeys(
        (
            "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR",
        ),
        FinishReason.CONTENT_FILTER,
    ),
    **dict.fromkeys(
        (
            "LANGUAGE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS",
            "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE", "NO_IMAGE",
        ),
        FinishReason.ERROR,
    ),
    "CONTINUATION": FinishReason.PAUSE,
    "1": FinishReason.STOP,
    "2": FinishReason.LENGTH,
    "3": FinishReason.CONTENT_FILTER,
    "4": FinishReason.CONTENT_FILTER,
}  # fmt: skip
"""Words for why an answer ended, and the numbers in which the surfaces agree; others are `other`, with their word."""


def decode_response(reply: WireResponse, decoder: GenerateDecoder) -> Response:
    """Read a whole successful reply: an object, or the array of a stream.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = parse(reply.body)
    if not isinstance(data, dict | list):
        raise DecodeError(f"the reply is no object but {type(data).__name__}")
    return replace(decoder.whole(data, status=reply.status, headers=reply.headers), headers=headers_of(reply))


def reason_word(value: JSON) -> str | None:
    """Return a finish reason as text: services write numbers where they were asked to.

    Raises:
        DecodeError: it is neither text nor number.
    """
    match value:
        case bool():
            pass
        case None | str():
            return value
        case int() if abs(value) < 2**63:
            return str(value)
        case _:
            pass
    raise DecodeError(f"a finish reason is neither text nor number but {type(value).__name__}")


def finish_reason(word: str, *, calls: bool) -> FinishReason:
    """Translate a reason; an answer that holds calls and says that it stopped, as it does here, is one that calls."""
    reason = FINISH_REASONS.get(word, FinishReason.OTHER)
    return FinishReason.TOOL_CALLS if calls and reason is FinishReason.STOP else reason
