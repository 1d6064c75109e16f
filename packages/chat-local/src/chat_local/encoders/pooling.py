"""Pooling: what every token became → one vector for a text, as sentence-transformers does it.

Law: padding counts for nothing, so that a vector does not depend on what it was read beside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Lengths = NDArray[np.int64]

Mode: TypeAlias = Literal["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]

TINY = 1e-9
"""What keeps means from dividing by nothing."""


def pooled(tokens: Floats, lengths: Lengths, modes: Sequence[Mode], skip: int = 0) -> Floats:
    """Return a vector for each text.

    Args:
        tokens: what every token became, `[texts, longest, width]`.
        lengths: how many tokens each text has, `[texts]`.
        modes: how they become one; the vectors of several are joined.
        skip: how many tokens at the beginning are a prompt's, and do not count.

    Returns:
        `[texts, width * modes]`.
    """
    place = np.arange(tokens.shape[1], dtype=np.int64)
    inside: NDArray[np.bool_] = (place < lengths[:, None]) & (place >= np.minimum(skip, lengths - 1)[:, None])
    counts = inside.astype(np.float32)
    parts = [MODES[mode](tokens, counts) for mode in modes]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def unit(vectors: Floats) -> Floats:
    """Return vectors of length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return found


def _weighed(tokens: Floats, weights: Floats) -> Floats:
    """Add up tokens by their weights."""
    found: Floats = np.matmul(weights[:, None, :], tokens)[:, 0]
    return found


def _many(counts: Floats) -> Floats:
    """Return how many tokens count, never none."""
    found: Floats = np.maximum(counts.sum(axis=1, keepdims=True), np.float32(TINY))
    return found


def _mean(tokens: Floats, counts: Floats) -> Floats:
    found: Floats = _weighed(tokens, counts) / _many(counts)
    return found


def _mean_sqrt(tokens: Floats, counts: Floats) -> Floats:
    found: Floats = (_weighed(tokens, counts) / np.sqrt(_many(counts))).astype(np.float32)
    return found


def _weighted_mean(tokens: Floats, counts: Floats) -> Floats:
    """Later tokens count for more."""
    return _mean(tokens, counts * np.arange(1, counts.shape[1] + 1, dtype=np.float32))


def _max(tokens: Floats, counts: Floats) -> Floats:
    found: Floats = np.where(counts[:, :, None] > 0, tokens, np.float32(-np.inf)).max(axis=1)
    return found


def _first(tokens: Floats, counts: Floats) -> Floats:
    found: Floats = tokens[np.arange(len(tokens)), counts.argmax(axis=1)]
    return found


def _last(tokens: Floats, counts: Floats) -> Floats:
    found: Floats = tokens[np.arange(len(tokens)), counts.shape[1] - 1 - counts[:, ::-1].argmax(axis=1)]
    return found


MODES: Mapping[Mode, Callable[[Floats, Floats], Floats]] = {
    "cls": _first,
    "max": _max,
    "mean": _mean,
    "mean_sqrt_len_tokens": _mean_sqrt,
    "weightedmean": _weighted_mean,
    "lasttoken": _last,
}
"""How the tokens of a text become one vector, by sentence-transformers' names."""
