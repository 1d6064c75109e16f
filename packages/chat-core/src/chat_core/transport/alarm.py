"""Alarms: the end of a task's patience with a connection of its loop.

Law: one timer serves a whole stream: a deadline that moves on costs nothing until the timer fires, not even a look at
the clock.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Callable

    from chat_core.errors import TimedOut
    from chat_core.transport.deadline import Deadline


class Alarm:
    """Rings when the deadline of a connection has passed."""

    __slots__ = ("_at", "_deadline", "_late", "_loop", "_timer")

    def __init__(self, loop: AbstractEventLoop, deadline: Deadline, late: Callable[[TimedOut], None]) -> None:
        """`late` wakes whoever waits with the error; it is also called when nobody does."""
        self._loop = loop
        self._deadline = deadline
        self._late = late
        self._timer: TimerHandle | None = None
        self._at = 0.0

    def set(self) -> None:
        """Make sure that it rings in time; call it before each wait.

        Raises:
            TimedOut: the deadline has passed.
        """
        until = self._deadline.until
        if until is not None and (self._timer is None or until < self._at):
            self._arm(self._deadline.left() or 0.0, until)

    def rest(self) -> None:
        """Forget the timer: no exchange is going on."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, seconds: float, until: float) -> None:
        self.rest()
        self._at = until
        self._timer = self._loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        until = self._deadline.until
        if until is None:
            return
        if (seconds := until - monotonic()) > 0:
            self._arm(seconds, until)
        else:
            self._late(self._deadline.late())
