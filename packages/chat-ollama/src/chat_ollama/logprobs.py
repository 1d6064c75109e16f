"""Log probabilities of tokens.

Law: bytes of a token that were sent are in `data`; what else a token says is in its `meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import TokenLogprob

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

_KNOWN = frozenset({"token", "logprob", "bytes", "top_logprobs"})
_BYTE = 255


def decode_logprobs(data: JSON, origin: str) -> tuple[TokenLogprob, ...]:
    """Read a list of tokens.

    Raises:
        DecodeError: it is malformed.
    """
    match data:
        case None:
            return ()
        case list(items):
            return tuple(_token(item, origin) for item in items)
        case _:
            raise DecodeError(f"malformed log probabilities: {excerpt(repr(data))}")


def _token(data: JSON, origin: str) -> TokenLogprob:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed log probability: {excerpt(repr(data))}")
    match data.get("token"), data.get("logprob"):
        case str(token), (int() | float()) as logprob if not isinstance(logprob, bool):
            meta = rest(data, _KNOWN)
        case _:
            raise DecodeError(f"malformed log probability: {excerpt(repr(data))}")
    return TokenLogprob(
        token=token,
        logprob=logprob,
        data=_bytes(data.get("bytes")),
        top=decode_logprobs(data.get("top_logprobs"), origin),
        meta={origin: meta} if meta else {},
    )


def _bytes(data: JSON) -> bytes | None:
    match data:
        case None:
            return None
        case list(items):
            numbers = [item for item in items if isinstance(item, int) and 0 <= item <= _BYTE]
            if len(numbers) == len(items):
                return bytes(numbers)
        case _:
            pass
    raise DecodeError(f"malformed bytes of a token: {excerpt(repr(data))}")
