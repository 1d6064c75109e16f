"""Timeouts: how long each phase of a call may take, and which limit comes first.

Law: the phases share one monotonic clock, and the error names the phase that ran out. Only content counts as content:
pings and comments move no limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.errors import TimedOut
from chat_core.frozen import dataclass, maker

if TYPE_CHECKING:
    from chat_core.response import Response

Phase: TypeAlias = Literal["connect", "pool", "first_byte", "first_content", "between_content", "total"]

WORDS: dict[str, str] = {
    "connect": "no connection was made",
    "pool": "no connection became free",
    "first_byte": "no reply had come",
    "first_content": "no content had come",
    "between_content": "no further content had come",
    "total": "the call had not ended",
}
"""What has not happened when a phase runs out."""

USAGE_GRACE = 5.0
"""Most seconds to wait for trailing usage once an answer is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Most seconds for each phase of a call; `None` = no limit.

    Attributes:
        connect: to make a connection.
        pool: to get a place among the transport's connections.
        first_byte: from the start of an attempt to the head of its reply; a reply that is not streamed has to be
            complete by then, thinking included.
        first_content: from the start of an attempt to the first content of a stream.
        between_content: from content to content of a stream.
        total: for the whole call, retries and the waiting between them included.
    """

    connect: float | None = 10.0
    pool: float | None = 60.0
    first_byte: float | None = 600.0
    first_content: float | None = 600.0
    between_content: float | None = 300.0
    total: float | None = None

    def limit(self, phase: Phase, since: float) -> Limit | None:
        """Return when a phase that began at `since` runs out."""
        seconds: float | None = getattr(self, phase)
        return None if seconds is None else _limit(since + seconds, phase, seconds)


@dataclass(frozen=True, slots=True)
class Limit:
    """The moment, on the monotonic clock, at which a phase runs out."""

    at: float
    phase: Phase
    seconds: float

    def error(self, partial: Response | None = None) -> TimedOut:
        """Return the error that says so."""
        message = f"{WORDS[self.phase]} within {self.seconds:g} s (timeout of the phase {self.phase})"
        return TimedOut(message, phase=self.phase, seconds=self.seconds, partial=partial)


_limit = maker(Limit)


def earliest(*limits: Limit | None) -> Limit | None:
    """Return the limit that runs out first."""
    first: Limit | None = None
    for limit in limits:
        if limit is not None and (first is None or limit.at < first.at):
            first = limit
    return first


def moment(limit: Limit | None) -> float | None:
    """Return when a limit runs out, as effects take it."""
    return None if limit is None else limit.at
