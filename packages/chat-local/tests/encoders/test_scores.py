"""Scores: probabilities of any scores, also of very large ones."""

from __future__ import annotations

import numpy as np

from chat_local.encoders.scores import sigmoid, softmax, zero_shot


def test_large_scores_do_not_overflow() -> None:
    with np.errstate(all="raise", under="ignore"):
        assert np.allclose(softmax(np.array([[1e4, -1e4, 0.0]])), [[1, 0, 0]])
        assert np.allclose(sigmoid(np.array([-1e4, 0.0, 1e4])), [0, 0.5, 1])


def test_labels_share_one_or_are_each_judged_by_themselves() -> None:
    logits = np.array([[[0.0, 2.0], [0.0, 2.0], [4.0, 0.0]]])
    together, apart = (zero_shot(logits, 1, 0, apart=apart) for apart in (False, True))
    assert np.isclose(together.sum(), 1)
    assert np.allclose(apart, sigmoid(np.array([[2.0, 2.0, -4.0]])))


def test_a_single_label_is_judged_by_itself() -> None:
    assert np.allclose(zero_shot(np.array([[[0.0, 2.0]]]), 1, 0, apart=False), sigmoid(np.array([[2.0]])))
