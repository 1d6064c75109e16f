"""Log probabilities of tokens: `logprobsResult` of a candidate.

Law: the chosen tokens are in order, each with the likeliest ones at its place. What else is said stays as it is.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import TokenLogprob

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

_KNOWN = frozenset({"token", "logProbability"})


def decode_logprobs(data: JSON, origin: str) -> tuple[tuple[TokenLogprob, ...], JSONObject]:
    """Read a result into tokens, and what it holds beside them.

    Raises:
        DecodeError: it is malformed.
    """
    match data:
        case None:
            return (), {}
        case dict():
            pass
        case _:
            raise DecodeError(f"malformed logprobsResult: {excerpt(repr(data))}")
    chosen, top = _items(data, "chosenCandidates"), _items(data, "topCandidates")
    more = rest(data, {"chosenCandidates", "topCandidates"})
    if len(top) > len(chosen):
        more["topCandidates"] = [*top[len(chosen) :]]
        top = top[: len(chosen)]
    return tuple(_placed(item, likely, origin) for item, likely in zip_longest(chosen, top)), more


def _placed(item: JSON, likely: JSON, origin: str) -> TokenLogprob:
    match likely:
        case None:
            return _token(item, (), {}, origin)
        case dict():
            top = tuple(_token(one, (), {}, origin) for one in _items(likely, "candidates"))
            beside = rest(likely, {"candidates"})
            return _token(item, top, {"topCandidates": beside} if beside else {}, origin)
        case _:
            raise DecodeError(f"malformed topCandidates: {excerpt(repr(likely))}")


def _token(data: JSON, top: tuple[TokenLogprob, ...], beside: JSONObject, origin: str) -> TokenLogprob:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed log probability: {excerpt(repr(data))}")
    match data.get("token", ""), data.get("logProbability", 0.0):  # members that are zero are left out
        case str(token), (int() | float()) as logprob if not isinstance(logprob, bool):
            meta = {**rest(data, _KNOWN), **beside}
        case _:
            raise DecodeError(f"malformed log probability: {excerpt(repr(data))}")
    return TokenLogprob(token=token, logprob=logprob, top=top, meta={origin: meta} if meta else {})


def _items(data: JSONObject, key: str) -> list[JSON]:
    match data.get(key):
        case None:
            return []
        case list(items):
            return items
        case other:
            raise DecodeError(f"malformed {key}: {excerpt(repr(other))}")
