"""The inbox: what has happened in a session, and nobody has taken yet.

Law: pure. What the service says is bounded in bytes: while that is full, no more of it is read. What tools say is never
kept back, and bounded in number by those who report it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chat_core.events import MediaDelta, PartEnd, ResponseEnd, ToolProgress
from chat_core.parts import Inline, Media

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.live import LiveEvent
    from chat_core.parts import Part

MAX_UNREAD = 16 * 1024 * 1024
"""Bytes of events that may lie unread before the service is not listened to: some minutes of sound."""

MAX_REPORTS = 10_000
"""Reports of tools that may lie unread."""

EVENT_COST = 256
"""What an event counts in bytes beside its payload."""


class Inbox:
    """Events in the order in which they happened, and how it ended."""

    def __init__(self, bound: int = MAX_UNREAD) -> None:
        """Begin empty; `bound` is in bytes."""
        self._bound = bound
        self._events: deque[tuple[LiveEvent, int]] = deque()
        self._size = 0
        self._reports = 0
        self._ended = False
        self._error: Exception | None = None

    @property
    def full(self) -> bool:
        """Whether the service should not be listened to for now."""
        return self._size >= self._bound

    @property
    def flooded(self) -> bool:
        """Whether tools have reported more than anybody takes."""
        return self._reports >= MAX_REPORTS

    @property
    def ready(self) -> bool:
        """Whether `take` has something to say."""
        return bool(self._events) or self._ended

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come."""
        return self._ended

    def put(self, event: LiveEvent) -> None:
        """Append an event; nothing happens after the end."""
        if self._ended:
            return
        cost = EVENT_COST + _payload(event)
        self._events.append((event, cost))
        self._size += cost
        self._reports += isinstance(event, ToolProgress)

    def end(self, error: Exception | None = None) -> None:
        """Say that nothing more comes, and why; only the first word counts."""
        if not self._ended:
            self._ended, self._error = True, error

    def take(self) -> LiveEvent | None:
        """Return the next event; `None` at the end, and when there is none yet.

        Raises:
            Exception: why it ended, once everything that had happened is taken.
        """
        if self._events:
            event, cost = self._events.popleft()
            self._size -= cost
            self._reports -= isinstance(event, ToolProgress)
            return event
        if self._error is not None:
            raise self._error
        return None


def _payload(event: LiveEvent) -> int:
    match event:
        case MediaDelta(data=data):
            return len(data)
        case PartEnd(part=part):
            return bytes_of((part,))
        case ResponseEnd(response):
            return bytes_of(response.parts)
        case _:
            return len(getattr(event, "text", ""))


def bytes_of(parts: Iterable[Part]) -> int:
    """Count the bytes of media in parts."""
    return sum(len(part.source.data) for part in parts if isinstance(part, Media) and isinstance(part.source, Inline))
