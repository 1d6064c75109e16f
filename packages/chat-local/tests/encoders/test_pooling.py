"""Pooling: padding counts for nothing, in every way of it."""

from __future__ import annotations

import numpy as np
import pytest

from chat_local.encoders.pooling import MODES, Mode, pooled, unit

TOKENS = np.random.default_rng(1).normal(size=(3, 6, 4)).astype(np.float32)
LENGTHS = np.array([6, 2, 4])


@pytest.mark.parametrize("mode", MODES)
def test_a_vector_does_not_depend_on_what_it_is_padded_to(mode: Mode) -> None:
    together = pooled(TOKENS, LENGTHS, [mode])
    for row, length in enumerate(LENGTHS):
        alone = pooled(TOKENS[row : row + 1, :length], LENGTHS[row : row + 1], [mode])
        assert np.allclose(together[row], alone[0], atol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_a_prompt_counts_for_nothing_where_it_is_left_out(mode: Mode) -> None:
    found = pooled(TOKENS, LENGTHS, [mode], skip=1)
    changed = TOKENS.copy()
    changed[:, 0] += 5
    assert np.array_equal(found, pooled(changed, LENGTHS, [mode], skip=1))
    assert np.isfinite(pooled(TOKENS, LENGTHS, [mode], skip=50)).all()


def test_several_ways_are_joined_in_their_order() -> None:
    found = pooled(TOKENS, LENGTHS, ["max", "cls"])
    assert found.shape == (3, 8)
    assert np.array_equal(found[:, 4:], TOKENS[:, 0])


def test_a_vector_of_nothing_stays_one() -> None:
    assert np.allclose(np.linalg.norm(unit(TOKENS[:, 0]), axis=1), 1)
    assert np.array_equal(unit(np.zeros((1, 4), np.float32)), np.zeros((1, 4), np.float32))
