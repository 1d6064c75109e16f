"""Log probabilities of tokens, in the wire's own shape; other shapes are handed back to be kept as they are.

Law: bytes of a token that were sent are in `data`; what else a token says is in its `meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.jsonvalue import rest
from chat_core.parts import TokenLogprob

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

_KNOWN = frozenset({"token", "logprob", "bytes", "top_logprobs"})


def decode_logprobs(data: JSON, origin: str) -> tuple[tuple[TokenLogprob, ...], JSONObject]:
    """Return the probabilities of the text's tokens, and what is to be kept as it came."""
    match data:
        case None:
            return (), {}
        case dict():
            tokens = _tokens(data, "content", origin)
            if tokens is None:
                return (), rest(data, ())
            return tokens, rest(data, {"content"})
        case _:
            return (), {"": data}


def _tokens(data: JSONObject, key: str, origin: str) -> tuple[TokenLogprob, ...] | None:
    """Read a list of tokens; `None` when it is one of another shape."""
    match data.get(key):
        case None:
            return ()
        case list(items):
            read = [_token(item, origin) if isinstance(item, dict) else None for item in items]
            tokens = tuple(token for token in read if token is not None)
            return tokens if len(tokens) == len(read) else None
        case _:
            return None


def _token(data: JSONObject, origin: str) -> TokenLogprob | None:
    match data:
        case {"token": str(token), "logprob": int() | float() as logprob} if not isinstance(logprob, bool):
            top, raw = _tokens(data, "top_logprobs", origin), _bytes(data.get("bytes"))
            known = {"token", "logprob"}
            known |= set() if raw is None else {"bytes"}
            known |= set() if top is None else {"top_logprobs"}
            return TokenLogprob(
                token=token,
                logprob=logprob,
                data=raw,
                top=() if top is None else top,
                meta=meta_of(origin, rest(data, known)),
            )
        case _:
            return None


def _bytes(data: JSON) -> bytes | None:
    match data:
        case list():
            numbers = [item for item in data if isinstance(item, int) and 0 <= item <= 255]  # noqa: PLR2004 - a byte
            return bytes(numbers) if len(numbers) == len(data) else None
        case _:
            return None
