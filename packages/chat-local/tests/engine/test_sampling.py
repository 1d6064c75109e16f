"""Tokens are drawn as transformers draws them, from the same distribution."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from chat_local.engine.sampling import CANDIDATES, Sampler, Sampling, candidates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LOGITS = np.array([2.0, 1.0, 0.5, 0.0, -1.0, -3.0, 1.5, 0.25], np.float32)

HOWS = [
    Sampling(temperature=1.0),
    Sampling(temperature=0.7, top_k=3),
    Sampling(temperature=1.3, top_p=0.8),
    Sampling(temperature=1.0, min_p=0.3),
    Sampling(temperature=0.9, top_k=6, top_p=0.9, min_p=0.1),
    Sampling(temperature=1.0, top_p=0.0001),
    Sampling(temperature=1.0, top_k=100, top_p=1.0, min_p=0.0),
]


def expected(logits: NDArray[np.float32], how: Sampling) -> Floats:
    """Return every token's probability, by filters over the whole sorted vocabulary, one after another."""
    scores: Floats = logits.astype(np.float64) / how.temperature
    if how.top_k is not None:
        scores = np.where(scores < np.sort(scores)[::-1][min(how.top_k, len(scores)) - 1], -np.inf, scores)
    if how.top_p is not None and how.top_p < 1:
        order = np.argsort(scores)
        gone = order[np.cumsum(_softmax(scores)[order]) <= 1 - how.top_p]
        scores[gone[gone != order[-1]]] = -np.inf
    if how.min_p is not None:
        shares = _softmax(scores)
        scores = np.where(shares < how.min_p * shares.max(), -np.inf, scores)
    return _softmax(scores)


def _softmax(scores: Floats) -> Floats:
    found: Floats = np.exp(scores - scores.max())
    share: Floats = found / found.sum()
    return share


def chi_square(how: Sampling, share: Floats, draws: int) -> tuple[float, int]:
    """Return how far drawn tokens are from a distribution, and the degrees of freedom."""
    sampler = Sampler(replace(how, seed=11), ())
    counts = np.bincount([sampler.draw(LOGITS.copy()).token for _ in range(draws)], minlength=len(LOGITS))
    assert not counts[share == 0].any()
    wanted = share[share > 0] * draws
    return float(((counts[share > 0] - wanted) ** 2 / wanted).sum()), len(wanted) - 1


@pytest.mark.parametrize("how", HOWS)
def test_what_may_be_drawn_is_what_the_filters_leave(how: Sampling) -> None:
    tokens, share = candidates(LOGITS, how)
    found = np.zeros(len(LOGITS))
    found[tokens] = share / share.sum()
    assert np.allclose(found, expected(LOGITS, how), atol=1e-9)


@pytest.mark.parametrize("how", HOWS)
def test_what_is_drawn_has_the_exact_distribution(how: Sampling) -> None:
    statistic, freedom = chi_square(how, expected(LOGITS, how), 20_000)
    # 99.99 % of true samples are below: Wilson and Hilferty's approximation of the quantile
    limit = 1e-9 if not freedom else freedom * (1 - 2 / (9 * freedom) + 3.719 * (2 / (9 * freedom)) ** 0.5) ** 3
    assert statistic <= limit


@pytest.mark.parametrize("how", [Sampling(temperature=1.0, top_p=0.97), Sampling(temperature=1.0, min_p=1e-4)])
def test_a_flat_distribution_is_looked_at_beyond_the_first_candidates(how: Sampling) -> None:
    logits = np.random.default_rng(5).normal(0, 0.5, CANDIDATES * 12).astype(np.float32)
    tokens, share = candidates(logits, how)
    found = np.zeros(len(logits))
    found[tokens] = share / share.sum()
    assert len(tokens) > CANDIDATES
    assert np.allclose(found, expected(logits, how), atol=1e-12)


def test_a_repetition_penalty_weighs_prompt_and_answer_once_each() -> None:
    sampler = Sampler(Sampling(repetition_penalty=2.0, top_logprobs=0), (0, 0, 4))
    logits = LOGITS.copy()
    sampler.draw(logits)
    assert np.allclose(logits, [1.0, 1.0, 0.5, 0.0, -2.0, -3.0, 1.5, 0.25])  # divided where positive, else multiplied
    again = LOGITS.copy()
    assert sampler.draw(again).token == 0  # token 6 was answered by now: 1.5 became 0.75, and 0 and 1 tie at 1.0
    assert again[6] == pytest.approx(0.75)


def test_frequency_and_presence_count_what_was_answered_and_not_the_prompt() -> None:
    sampler = Sampler(Sampling(frequency_penalty=0.25, presence_penalty=0.125), (1, 1, 1))
    tokens: list[int] = []
    logits = LOGITS.copy()
    for _ in range(4):
        logits = LOGITS.copy()
        tokens.append(sampler.draw(logits).token)
    # 2.0 → 1.625 → 1.375 < 1.5, so the third one is token 6
    assert tokens == [0, 0, 6, 0]
    assert logits[0] == pytest.approx(2.0 - 2 * 0.25 - 0.125)


def test_a_bias_is_added_before_all_else() -> None:
    assert Sampler(Sampling(logit_bias={5: 100.0}), ()).draw(LOGITS.copy()).token == 5
    assert Sampler(Sampling(logit_bias={0: -100.0}), ()).draw(LOGITS.copy()).token == 6


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    def drawn(seed: int | None) -> list[int]:
        sampler = Sampler(Sampling(temperature=1.0, seed=seed), ())
        return [sampler.draw(LOGITS.copy()).token for _ in range(40)]

    assert drawn(3) == drawn(3) != drawn(4)
    assert drawn(-1) == drawn(-1)
    assert drawn(None) != drawn(None)


def test_probabilities_are_those_after_penalties_and_before_the_temperature() -> None:
    drawn = Sampler(Sampling(temperature=0.5, top_k=1, top_logprobs=2), ()).draw(LOGITS.copy())
    logs = np.log(_softmax(LOGITS.astype(np.float64)))
    assert drawn.logprob == pytest.approx(logs[0])
    assert [token for token, _ in drawn.top] == [0, 6]
    assert [share for _, share in drawn.top] == pytest.approx([logs[0], logs[6]])


def test_what_a_grammar_forbids_is_neither_drawn_nor_reported() -> None:
    allowed = np.zeros(10, np.bool_)  # a mask may be wider than the logits
    allowed[[3, 4]] = True
    drawn = Sampler(Sampling(temperature=5.0, top_logprobs=5), ()).draw(LOGITS.copy(), allowed)
    assert drawn.token in {3, 4}
    assert {token for token, _ in drawn.top} == {3, 4}


def test_no_allowed_token_and_no_number_are_errors() -> None:
    with pytest.raises(ArithmeticError, match="no token may come next"):
        Sampler(Sampling(), ()).draw(LOGITS.copy(), np.zeros(8, np.bool_))
    for temperature in (0.0, 1.0):
        logits = LOGITS.copy()
        logits[3] = np.nan
        with pytest.raises(ArithmeticError, match="no numbers"):
            Sampler(Sampling(temperature=temperature), ()).draw(logits)
