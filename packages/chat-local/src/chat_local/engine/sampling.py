"""Sampling: from the logits of one place to one token.

Law: the order is that of transformers: penalties and biases, temperature, then the limits `top_k`, `top_p`, `min_p`.
The vocabulary is never sorted: only the candidates are. The same seed and logits give the same token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CANDIDATES = 1024
"""How many of the likeliest tokens are looked at first; more only if they hold too little of the probability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn.

    Attributes:
        temperature: randomness; 0 = always the likeliest token.
        top_k: draw from this many of the likeliest; `None` = no limit.
        top_p: draw from the likeliest that together have this probability; `None` = no limit.
        min_p: draw from those that have at least this share of the likeliest one's probability; `None` = no limit.
        repetition_penalty: divides what speaks for tokens that occurred, prompt included; 1 = none.
        frequency_penalty: is taken off for each time that a token was answered.
        presence_penalty: is taken off once for tokens that were answered.
        logit_bias: added logits by token.
        seed: `None` = a new one each time.
        top_logprobs: how many of the likeliest tokens to report; `None` = no probabilities at all.
    """

    temperature: float = 0.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repetition_penalty: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    logit_bias: Mapping[int, float] = field(default_factory=dict[int, float])
    seed: int | None = None
    top_logprobs: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A token, with its log probability and the likeliest ones where they were asked for."""

    token: int
    logprob: float | None = None
    top: tuple[tuple[int, float], ...] = ()


class Sampler:
    """Draws the tokens of one answer."""

    def __init__(self, sampling: Sampling, prompt: Sequence[int]) -> None:
        """Begin an answer to a prompt."""
        self._how = sampling
        self._draw = np.random.default_rng(None if sampling.seed is None else sampling.seed % 2**64)
        self._seen = np.unique(np.asarray(prompt, np.int64)) if sampling.repetition_penalty != 1.0 else None
        self._counts: dict[int, int] = {}
        self._counted = self._seen is not None or bool(sampling.frequency_penalty or sampling.presence_penalty)
        self._weighed = self._counted or bool(sampling.logit_bias)

    def draw(self, logits: Floats, allowed: NDArray[np.bool_] | None = None) -> Drawn:
        """Draw the next token.

        Args:
            logits: `[vocabulary]`, which is changed.
            allowed: `[vocabulary]`: which tokens a grammar allows; `None` = all.

        Raises:
            ArithmeticError: the logits are no numbers, or a grammar allows no token.
        """
        if self._weighed:
            self._weigh(logits)
        if allowed is not None:
            logits[~allowed[: len(logits)]] = -np.inf
        token = int(logits.argmax())
        if not isfinite(logits[token]):  # also where any is NaN, which counts as the greatest
            raise ArithmeticError("the model gave logits that are no numbers" if allowed is None else _NOTHING)
        if self._how.temperature > 0:
            token = self._drawn(logits)
        drawn = Drawn(token) if self._how.top_logprobs is None else _reported(logits, token, self._how.top_logprobs)
        if self._counted:
            self._counts[token] = self._counts.get(token, 0) + 1
        return drawn

    def _weigh(self, logits: Floats) -> None:
        how = self._how
        if self._seen is not None:
            tokens: NDArray[np.int64] = np.union1d(self._seen, np.fromiter(self._counts, np.int64, len(self._counts)))
            found = logits[tokens]
            logits[tokens] = np.where(found > 0, found / how.repetition_penalty, found * how.repetition_penalty)
        if self._counts and (how.frequency_penalty or how.presence_penalty):
            tokens = np.fromiter(self._counts, np.int64, len(self._counts))
            counts = np.fromiter(self._counts.values(), np.float32, len(self._counts))
            logits[tokens] -= how.frequency_penalty * counts + how.presence_penalty
        for token, bias in how.logit_bias.items():
            if 0 <= token < len(logits):
                logits[token] += bias

    def _drawn(self, logits: Floats) -> int:
        tokens, share = candidates(logits, self._how)
        at = float(self._draw.random()) * float(share.sum())
        place = int(np.searchsorted(np.cumsum(share), at, side="right"))
        return int(tokens[min(place, len(tokens) - 1)])


_NOTHING = "no token may come next: the grammar allows none, or the model gave logits that are no numbers"


def candidates(logits: Floats, how: Sampling) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the tokens that may be drawn, the likeliest first, and their probabilities among all."""
    size = len(logits)
    heated = logits.astype(np.float64) / how.temperature
    heated -= heated.max()
    whole = np.exp(heated)
    total = whole.sum()
    if how.top_k is not None and how.top_k > 0:
        tokens = _likeliest(whole, min(how.top_k, size))
        total = whole[tokens].sum()
    elif how.top_p is not None or how.min_p is not None:
        tokens = _enough(whole, total, how)
    else:
        return np.arange(size), whole / total
    share = whole[tokens] / total
    if how.top_p is not None and how.top_p < 1:
        kept = int(np.searchsorted(np.cumsum(share), how.top_p)) + 1
        tokens, share = tokens[:kept], share[:kept]
    if how.min_p is not None and how.min_p > 0:
        kept = max(1, int((share >= how.min_p * share[0]).sum()))
        tokens, share = tokens[:kept], share[:kept]
    return tokens, share


def _likeliest(weights: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the places of the greatest weights, the greatest first."""
    found = np.argpartition(weights, -count)[-count:] if count < len(weights) else np.arange(len(weights))
    ordered: NDArray[np.int64] = found[np.argsort(-weights[found], kind="stable")]
    return ordered


def _enough(weights: NDArray[np.float64], total: float, how: Sampling) -> NDArray[np.int64]:
    """Return at least those tokens that the limits of probability leave."""
    count = min(CANDIDATES, len(weights))
    while True:
        tokens = _likeliest(weights, count)
        if count == len(weights):
            return tokens
        held = weights[tokens].sum() / total
        enough = how.top_p is not None and how.top_p < 1 and held >= how.top_p
        rare = how.min_p is not None and weights[tokens[-1]] < how.min_p * weights[tokens[0]]
        if enough or rare:
            return tokens
        count = min(count * 8, len(weights))


def _reported(logits: Floats, token: int, top: int) -> Drawn:
    finite = logits.astype(np.float64)
    logs = finite - finite.max()
    logs -= np.log(np.exp(logs).sum())
    likeliest = _likeliest(logs, min(top, len(logs))) if top > 0 else np.empty(0, np.int64)
    possible = likeliest[np.isfinite(logs[likeliest])]  # what a grammar forbids has no probability
    return Drawn(token, float(logs[token]), tuple((int(each), float(logs[each])) for each in possible))
