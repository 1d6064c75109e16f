"""The pulse of a connection: when to ask whether the other side is still there, and when to give it up.

Law: pure: the time is handed in, in seconds of one monotonic clock. Whatever comes is a sign of life, an answer to a
ping or not.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Advice: TypeAlias = Literal["wait", "ping", "gone"]


class Pulse:
    """When something last came, and whether a ping is on its way.

    Attributes:
        at: the moment at which to ask again.
    """

    __slots__ = ("_asked", "_interval", "_patience", "at")

    def __init__(self, interval: float | None, patience: float, now: float) -> None:
        """Ping after `interval` seconds of silence, `None` = never; its answer may take `patience` seconds."""
        self._interval = interval
        self._patience = patience
        self._asked = False
        self.at: float | None = None
        self.heard(now)

    def heard(self, now: float) -> None:
        """Note a sign of life."""
        self._asked = False
        self.at = None if self._interval is None else now + self._interval

    def advice(self, now: float) -> Advice:
        """Say what to do; after `ping` the ping counts as sent."""
        if self.at is None or now < self.at:
            return "wait"
        if self._asked:
            return "gone"
        self._asked = True
        self.at = now + self._patience
        return "ping"
