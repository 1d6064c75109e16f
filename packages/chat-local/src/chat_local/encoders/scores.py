"""Scores: what a head gives → probabilities, in 64-bit floats.

Law: pure. The figures are those of transformers' pipelines and of sentence-transformers' `CrossEncoder`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def softmax(logits: Floats) -> Floats:
    """Return probabilities that add up to 1 along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return found


def sigmoid(logits: Floats) -> Floats:
    """Return a probability for each."""
    small = np.exp(-np.abs(logits))  # never above 1, so that nothing overflows
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))


def zero_shot(logits: Floats, entailment: int, contradiction: int, *, apart: bool) -> Floats:
    """Return how well labels fit.

    Args:
        logits: of every text with every label's hypothesis, `[texts, labels, classes]`.
        entailment: the class that says that a hypothesis follows.
        contradiction: the class that says that it does not.
        apart: judge each label by itself; a single one always is.

    Returns:
        `[texts, labels]`.
    """
    if apart or logits.shape[1] == 1:
        return softmax(logits[..., [contradiction, entailment]])[..., 1]
    return softmax(logits[..., entailment])
