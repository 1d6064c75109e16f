"""The outbox: what waits to be sent, and what of it goes first.

Law: pure. An interruption goes before everything that waits, results of tools before all but that; the rest keeps the
order in which it was said. An interruption of what is still to be asked for goes behind that. One input's messages stay
together. Nothing is dropped: what is full is for the speaker to wait for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.codec.wire import dump
from chat_core.live import (
    AudioInput,
    FrameInput,
    Interruption,
    MessageInput,
    ResponseRequest,
    ResultsInput,
    TurnEnd,
)
from chat_core.livesessions.inbox import EVENT_COST, bytes_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.codec.live import LiveMessage
    from chat_core.live import LiveInput

Place: TypeAlias = Literal["first", "soon", "in_order"]

PLACES: tuple[Place, ...] = ("first", "soon", "in_order")

MAX_WAITING = 1024 * 1024
"""Bytes that may wait to be sent before who says more has to wait: 20 seconds of sound, and a picture."""

Message: TypeAlias = tuple[bytes, bool]
"""A message's bytes, and whether it is text."""


@dataclass(slots=True, eq=False)
class _Item:
    """Messages, and the inputs that they say: none where the codec itself had to say something."""

    said: tuple[LiveInput, ...]
    messages: deque[Message]


class Outbox:
    """Messages on their way to the connection.

    Attributes:
        size: bytes that wait.
    """

    def __init__(self, bound: int = MAX_WAITING) -> None:
        """Begin empty; `bound` is in bytes."""
        self.size = 0
        self._bound = bound
        self._items: dict[Place, deque[_Item]] = {place: deque() for place in PLACES}
        self._begun: _Item | None = None
        self._kept: list[LiveInput] = []
        self._kept_size = 0

    @property
    def full(self) -> bool:
        """Whether more of what can wait has to wait."""
        return self.size + self._kept_size >= self._bound

    def place(self, said: LiveInput | None, *, answering: bool) -> Place:
        """Return where an input is to wait; `answering`: whether the model answers at the moment."""
        match said:
            case Interruption():
                return "first" if answering else self._asked() or "first"
            case ResultsInput():
                return "soon"
            case _:
                return "in_order"

    def put(self, said: LiveInput | None, messages: Iterable[LiveMessage], place: Place = "in_order") -> None:
        """Let messages wait, those of one input together; what the codec itself says may be what it had kept."""
        spelled = deque(map(_spelled, messages))
        if spelled:
            self._items[place].append(_Item(self._released() if said is None else (said,), spelled))
            self.size += sum(len(data) for data, _ in spelled)

    def keep(self, said: LiveInput) -> None:
        """Count an input that the codec keeps until the service listens."""
        self._kept.append(said)
        self._kept_size += EVENT_COST + _payload(said)

    def take(self) -> Message | None:
        """Return what is to be sent next; `None` when nothing waits."""
        if self._begun is None or not self._begun.messages:
            self._begun = next((items.popleft() for items in self._items.values() if items), None)
        if self._begun is None:
            return None
        message = self._begun.messages.popleft()
        self.size -= len(message[0])
        return message

    def left(self) -> tuple[LiveInput, ...]:
        """Return the inputs that nothing was sent of, in order, and forget all that waits."""
        items = [item for place in PLACES for item in self._items[place]]
        kept = self._released()
        for waiting in self._items.values():
            waiting.clear()
        self._begun = None
        self.size = 0
        return (*(said for item in items for said in item.said), *kept)

    def _released(self) -> tuple[LiveInput, ...]:
        """Return what the codec had kept, and count it no more."""
        kept, self._kept, self._kept_size = tuple(self._kept), [], 0
        return kept

    def _asked(self) -> Place | None:
        """Return where the last input waits that asks for an answer."""
        return next(
            (place for place in reversed(PLACES) for item in self._items[place] if any(map(_asks, item.said))), None
        )


def waits_for_room(said: LiveInput) -> bool:
    """Tell whether an input waits while the outbox is full: what can be large, and what comes without end."""
    return isinstance(said, AudioInput | FrameInput | MessageInput)


def _asks(said: LiveInput) -> bool:
    match said:
        case MessageInput(respond=asks) | ResultsInput(respond=asks) | TurnEnd(asks):
            return asks
        case _:
            return isinstance(said, ResponseRequest)


def _payload(said: LiveInput) -> int:
    match said:
        case AudioInput(data):
            return len(data)
        case FrameInput(image):
            return bytes_of((image,))
        case MessageInput(message):
            return bytes_of(message.parts) + len(message.text)
        case _:
            return 0


def _spelled(message: LiveMessage) -> Message:
    return (message, False) if isinstance(message, bytes) else (dump(message), True)
