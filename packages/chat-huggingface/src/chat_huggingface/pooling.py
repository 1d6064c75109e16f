"""Vectors out of nested lists: one for each text, or one for each token of each text.

Law: vectors of tokens are made one only where it is said how; numbers are floats of 32 bits.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, cast

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_huggingface.presets import Pooling

_DEEPEST = 4


def vectors_of(data: JSON, count: int, pooling: Pooling | None) -> tuple[array[float], ...]:
    """Read the vectors of as many texts, in their order.

    Args:
        data: lists of numbers: one for each text, or for each of its tokens; the list around a lone text may be
            missing, and one more may be around the tokens of a text.
        count: how many texts were sent.
        pooling: how vectors of tokens become one.

    Raises:
        DecodeError: the lists are of another shape, or hold vectors of tokens and it is not said how to make one.
    """
    match _depth(data), data:
        case _, [] if count == 0:
            return ()
        case 1, list() if count == 1:
            return (_vector(data),)
        case 2, list(rows) if len(rows) == count:
            return tuple(_vector(row) for row in rows)
        case 2, list(tokens) if count == 1:
            return (_pooled(tokens, pooling),)
        case 3, list(texts) if len(texts) == count:
            return tuple(_pooled(_listed(tokens), pooling) for tokens in texts)
        case 4, list(texts) if len(texts) == count:
            return tuple(_pooled(_alone(tokens), pooling) for tokens in texts)
        case _:
            raise DecodeError(f"no vectors of {count} texts: {excerpt(repr(data))}")


def _depth(data: JSON) -> int:
    """Count how deep the first number lies."""
    depth = 0
    while isinstance(data, list) and depth <= _DEEPEST:
        depth += 1
        data = data[0] if data else 0
    return depth


def _listed(data: JSON) -> list[JSON]:
    if isinstance(data, list):
        return data
    raise DecodeError(f"the vectors of a text are no list: {excerpt(repr(data), 100)}")


def _alone(data: JSON) -> list[JSON]:
    match data:
        case [list(tokens)]:
            return tokens
        case _:
            raise DecodeError(f"the vectors of a text are in several lists: {excerpt(repr(data), 100)}")


def _pooled(tokens: list[JSON], pooling: Pooling | None) -> array[float]:
    if pooling is None:
        raise DecodeError(
            f"the model gives a vector for each of {len(tokens)} tokens: choose one that gives one for a text, or say "
            "how to make one of them: pooling='mean' or 'first', as its card has it"
        )
    vectors = [_vector(token) for token in tokens]
    if not vectors or any(len(vector) != len(vectors[0]) for vector in vectors):
        raise DecodeError(f"the vectors of a text's {len(tokens)} tokens do not fit together")
    if pooling == "first":
        return vectors[0]
    return array("f", [math.fsum(column) / len(vectors) for column in zip(*vectors, strict=True)])


def _vector(row: JSON) -> array[float]:
    if not isinstance(row, list) or not row or not set(map(type, row)) <= {int, float}:
        raise DecodeError(f"a vector is no list of numbers: {excerpt(repr(row), 100)}")
    try:
        vector = array("f", cast("list[float]", row))  # the types were checked above, at once
    except OverflowError:
        raise DecodeError("a vector holds a number that is too large") from None
    if any(map(math.isinf, vector)):
        raise DecodeError("a vector holds a number that is too large for 32 bits")
    return vector
