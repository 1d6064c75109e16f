"""Retries: whether a failed attempt is repeated, and after how long. Policy is data, the decision is a pure function.

Law: this is the only layer that retries. What the program has seen is never repeated; a service's own word about when
to come back beats the computed delay; what may have been done already is asked for again at most once.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.errors import ConnectFailed, ProviderError, TimedOut, TransportError
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.errors import ChatError


def _chance() -> float:
    from random import random  # noqa: PLC0415 - a call that succeeds needs no chance

    return random()  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """When to try again.

    Attributes:
        attempts: most attempts, the first one included; 1 = never again.
        lost: most times that a request is sent again after its connection was lost, or its reply did not come: it may
            have been served, and may be paid for twice.
        first: seconds to wait before the second attempt, doubled for each further one.
        longest: most seconds that this waits by itself.
        longest_asked: most seconds to wait when the service asks for it; if it asks for more the error goes out.
        jitter: the part of the delay that is left to chance, from 0 to 1.
        chance: gives a number in [0, 1).
    """

    attempts: int = 3
    lost: int = 1
    first: float = 0.5
    longest: float = 8.0
    longest_asked: float = 60.0
    jitter: float = 0.5
    chance: Callable[[], float] = field(default=_chance, compare=False, repr=False)

    def delay(self, error: ChatError, tried: int, lost: int = 0) -> float | None:
        """Return how long to wait before the next attempt; `None` when there shall be none.

        Args:
            error: why the last attempt failed.
            tried: how many attempts there were.
            lost: how many of them failed as this one when `is_lost` says so, this one not counted.
        """
        if not error.retryable or tried >= self.attempts:
            return None
        if is_lost(error) and lost >= self.lost:
            return None
        asked = error.retry_after if isinstance(error, ProviderError) else None
        if asked is not None:
            return asked if asked <= self.longest_asked else None
        return self.backoff(tried)

    def backoff(self, tried: int) -> float:
        """Return the computed delay after so many attempts."""
        full = min(self.longest, self.first * 2.0 ** min(tried - 1, 60))
        return full * (1.0 - self.jitter * self.chance())


NEVER = Retry(attempts=1)
"""Each call is one attempt."""


def is_lost(error: ChatError) -> bool:
    """Tell whether the service may have served the request although no reply came."""
    if isinstance(error, TimedOut):
        return error.phase not in {"connect", "pool"}
    return isinstance(error, TransportError) and not isinstance(error, ConnectFailed)
