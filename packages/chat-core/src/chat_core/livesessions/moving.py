"""When a session goes on over another connection, and how soon.

Law: pure. The first time is at once. After a connection that was lost again in no time, it is later each time, as the
client's retries are: a service that takes sessions and drops them is not overrun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import TimedOut, TransportError

if TYPE_CHECKING:
    from chat_core.flow.retry import Retry

BRIEF = 10.0
"""Seconds that a connection has to last for the next one to be made at once."""

IDLE = "idle"
"""The phase of a limit on the service's silence: the program has said that it gives up then."""


class Moves:
    """What was tried so far."""

    def __init__(self, retry: Retry) -> None:
        """Begin with nothing tried; `retry` says how long to wait."""
        self._retry = retry
        self._tried = 0
        self._last: float | None = None

    def pause(self, now: float) -> float:
        """Return how many seconds to wait before the next connection; it counts as made then."""
        brief = self._last is not None and now - self._last < BRIEF
        self._tried = self._tried + 1 if brief else 0
        seconds = self._retry.backoff(self._tried) if self._tried else 0.0
        self._last = now + seconds
        return seconds


def lost(error: Exception) -> bool:
    """Tell whether another connection may help: this one was lost, and would not be refused again."""
    idle = isinstance(error, TimedOut) and error.phase == IDLE
    return isinstance(error, TransportError) and error.retryable and not idle
