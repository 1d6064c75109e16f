"""Whole replies → `Response`; usage, probabilities and notices for streams too.

Law: a whole reply is the list of a stream's events. Every leaf is in a typed field, in `meta`, in `Usage.raw`, or in
`IGNORED`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.parts import TokenLogprob
from chat_core.response import FinishReason, Notice, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.response import Response
    from chat_local.stream import LocalDecoder

IGNORED: Mapping[str, str] = {
    "start.tail": "the end of the prompt, which the parser of the answer has seen",
    "events[].start.tail": "as above",
}
"""Leaves that are dropped, with the reason."""

FINISH_REASONS: Mapping[str, FinishReason] = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "cancelled": FinishReason.CANCELLED,
}
"""Words for why an answer ended."""

COUNTS: Mapping[str, str] = {
    "prompt_tokens": "input_tokens",
    "cached_tokens": "cache_read_tokens",
    "completion_tokens": "output_tokens",
}
"""Counts of the last event, with the fields of `Usage`."""


def decode_response(reply: WireResponse, decoder: LocalDecoder) -> Response:
    """Read a whole successful reply.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the model failed.
    """
    data = parse_object(reply.body)
    match data.get("events"):
        case list(events):
            pass
        case _:
            raise DecodeError(f"the reply has no events: {sorted(data)}")
    response: Response | None = None
    for event in events:
        if not isinstance(event, dict):
            raise DecodeError(f"an event is no object but {type(event).__name__}")
        decoder.event(event)
        ends = [found for found in decoder.build.take() if isinstance(found, ResponseEnd)]
        response = ends[0].response if ends else response
    if response is None:
        raise DecodeError("the reply does not say that it is over")
    return replace(response, raw=data)


def decode_usage(data: JSON) -> Usage | None:
    """Read the counts of an answer; `None` when there are none.

    Raises:
        DecodeError: a count is no whole number.
    """
    match data:
        case None:
            return None
        case dict():
            counts = {field: _count(data.get(name), name) for name, field in COUNTS.items()}
            return Usage(**counts, raw=data)
        case _:
            raise DecodeError(f"malformed usage: {excerpt(repr(data))}")


def _count(value: JSON, name: str) -> int | None:
    match value:
        case bool():
            pass
        case None | int():
            return value
        case _:
            pass
    raise DecodeError(f"malformed {name}: expected a whole number, got {excerpt(repr(value), 100)}")


def decode_logprobs(data: JSON, origin: str) -> list[TokenLogprob]:
    """Read the probabilities of tokens.

    Raises:
        DecodeError: they are malformed.
    """
    if not isinstance(data, list):
        raise DecodeError(f"malformed logprobs: {excerpt(repr(data))}")
    return [_logprob(item, origin) for item in data]


def _logprob(data: JSON, origin: str) -> TokenLogprob:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed log probability: {excerpt(repr(data))}")
    match data.get("token"), data.get("logprob"):
        case str(token), (int() | float()) as value if not isinstance(value, bool):
            top = tuple(decode_logprobs(found, origin)) if (found := data.get("top")) is not None else ()
            meta = rest(data, {"token", "logprob", "top"})
            return TokenLogprob(token=token, logprob=float(value), top=top, meta={origin: meta} if meta else {})
        case _:
            raise DecodeError(f"malformed log probability: {excerpt(repr(data))}")


def decode_notices(data: JSON) -> tuple[Notice, ...]:
    """Read what the service could not do as asked.

    Raises:
        DecodeError: it is malformed.
    """
    match data:
        case None:
            return ()
        case list():
            return tuple(_notice(item) for item in data)
        case _:
            raise DecodeError(f"malformed notices: {excerpt(repr(data))}")


def _notice(data: JSON) -> Notice:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed notice: {excerpt(repr(data))}")
    match data.get("feature"), data.get("reason"):
        case str(feature), str(reason):
            return Notice(feature=feature, requested=data.get("requested"), applied=data.get("applied"), reason=reason)
        case _:
            raise DecodeError(f"malformed notice: {excerpt(repr(data))}")
