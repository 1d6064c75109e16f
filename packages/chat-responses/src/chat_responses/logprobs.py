"""Log probabilities of tokens ↔ `TokenLogprob`.

Law: bytes of a token that were sent are in `data`; what else a token says is in its `meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.parts import TokenLogprob
from chat_responses.overlay import overlay, own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.jsonvalue import JSON, JSONObject

_BYTE = 255
_KNOWN = frozenset({"token", "logprob", "top_logprobs"})


def decode_logprobs(data: JSON, origin: str) -> tuple[TokenLogprob, ...]:
    """Read the probabilities of a text's tokens.

    Raises:
        DecodeError: they are no list of tokens.
    """
    match data:
        case None:
            return ()
        case list():
            return tuple(_token(item, origin) for item in data)
        case _:
            raise DecodeError(f"logprobs are no list but {type(data).__name__}")


def _token(data: JSON, origin: str) -> TokenLogprob:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed log probability of a token: {data!r:.100}")
    match data:
        case {"token": str(token), "logprob": int() | float() as logprob} if not isinstance(logprob, bool):
            raw = _bytes(data.get("bytes"))
            known = _KNOWN if raw is None else _KNOWN | {"bytes"}
            return TokenLogprob(
                token=token,
                logprob=logprob,
                data=raw,
                top=decode_logprobs(data.get("top_logprobs"), origin),
                meta=meta_of(origin, rest(data, known)),
            )
        case _:
            raise DecodeError(f"malformed log probability of a token: {data!r:.100}")


def _bytes(data: JSON) -> bytes | None:
    match data:
        case list():
            numbers = [item for item in data if isinstance(item, int) and 0 <= item <= _BYTE]
            return bytes(numbers) if len(numbers) == len(data) else None
        case _:
            return None


def encode_logprobs(tokens: Sequence[TokenLogprob], origin: str) -> list[JSON]:
    """Spell the probabilities of a text's tokens."""
    spelled: list[JSON] = []
    for token in tokens:
        top: list[JSON] = [_spelled(other, origin) for other in token.top]
        spelled.append({**_spelled(token, origin), "top_logprobs": top})
    return spelled


def _spelled(token: TokenLogprob, origin: str) -> JSONObject:
    raw: JSONObject = {} if token.data is None else {"bytes": [*token.data]}
    return overlay({"token": token.token, "logprob": token.logprob, **raw}, own(origin, token.meta) or {})
