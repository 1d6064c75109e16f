"""Deadlines: how long one connection may still wait, and what to say when it may not.

Law: pure but for the clock. Every wait on a socket asks here first, so an endless trickle of bytes never outlives
`until`. Moments are those of `time.monotonic()`.
"""

from __future__ import annotations

from time import monotonic

from chat_core.errors import TimedOut


class Deadline:
    """What an exchange may wait for: `connect` bounds the making of a connection, `until` everything."""

    __slots__ = ("_began", "connect", "peer", "until")

    def __init__(self, peer: str) -> None:
        """Begin without any limit; `peer` names the other side in errors."""
        self.peer = peer
        self.connect: float | None = None
        self.until: float | None = None
        self._began = 0.0

    def begin(self, *, connect: float | None, until: float | None) -> None:
        """Start an exchange: `connect` is in seconds from now, `until` a moment."""
        self._began = monotonic()
        self.connect = None if connect is None else self._began + connect
        self.until = until

    def left(self, *, connecting: bool = False) -> float | None:
        """Return the seconds that are left, `None` for no limit.

        Raises:
            TimedOut: none are.
        """
        moment = self._nearest() if connecting else self.until
        if moment is None:
            return None
        if (seconds := moment - monotonic()) <= 0:
            raise self.late(connecting=connecting)
        return seconds

    def late(self, *, connecting: bool = False) -> TimedOut:
        """Return the error that says which limit was reached: `connect`, or `read` when it was `until`."""
        moment = self._nearest() if connecting else self.until
        phase = "connect" if connecting and moment == self.connect else "read"
        return late(phase, max((moment or 0.0) - self._began, 0.0), self.peer)

    def _nearest(self) -> float | None:
        match self.connect, self.until:
            case None, moment:
                return moment
            case moment, None:
                return moment
            case connect, until:
                return min(connect, until)


_WAITED_FOR = {
    "connect": "no connection to {peer} could be made",
    "pool": "no connection to {peer} became free",
    "read": "{peer} did not answer",
}


def late(phase: str, seconds: float, peer: str) -> TimedOut:
    """Return the error for a phase that took too long."""
    return TimedOut(f"{_WAITED_FOR[phase].format(peer=peer)} within {seconds:.3g} s", phase=phase, seconds=seconds)
