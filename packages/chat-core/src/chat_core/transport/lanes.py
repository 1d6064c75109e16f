"""Lanes: the requests that share one WebSocket connection, and what has come for each. Bookkeeping only.

Law: pure: no I/O, no clock, no lock. A frame goes to the request that it belongs to, or to nobody once that request is
over; what belongs to the connection as a whole goes to all. A request whose queue is full is given up alone. The name
of a request that was left in the middle serves no other one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import ref

from chat_core.errors import SlowConsumer, TransportError
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from weakref import ReferenceType

    from chat_core.codec.wire import Frame, Lane
    from chat_core.errors import ChatError

MAX_QUEUE = 16 * 1024 * 1024
"""Most bytes that may lie unread for one request; a single longer message may, too."""

MAX_EARLY = 100
"""Most frames that may come before the first request."""

FRAME_COST = 256
"""What a frame counts in bytes beside its payload."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a connection ended: `error` makes the error for one request, `in_order` says that it may be an answer's end.

    A service without a last message of its own ends a stream by closing the connection; whether the answer was
    complete is for its decoder to say.
    """

    error: Callable[[], ChatError]
    in_order: bool = False


class Inbox:
    """What has come for one request.

    Attributes:
        name: the request's name on the connection; `None` where requests have none.
        came: whether anything ever came.
        wake: called when there is something to take.
    """

    __slots__ = ("_bound", "_ended", "_frames", "_size", "came", "name", "wake")

    def __init__(self, name: str | None, bound: int, wake: Callable[[], None]) -> None:
        """Begin empty; `bound` is in bytes."""
        self.name = name
        self.came = False
        self.wake = wake
        self._bound = bound
        self._frames: list[Frame] = []
        self._size = 0
        self._ended: Ended | None = None

    @property
    def ready(self) -> bool:
        """Whether `take` has something to say."""
        return bool(self._frames) or self._ended is not None

    @property
    def full(self) -> bool:
        """Whether no more may come before something is taken."""
        return self._size > self._bound

    @property
    def clean(self) -> bool:
        """Whether nothing is left that nobody has taken, and nothing went wrong."""
        return not self.ready

    def put(self, frame: Frame) -> None:
        """Append a frame; what comes after the end is dropped."""
        if self._ended is None:
            self.came = True
            self._frames.append(frame)
            self._size += len(frame.data) + FRAME_COST

    def end(self, ended: Ended) -> None:
        """Say that nothing more comes; only the first word counts."""
        self._ended = self._ended or ended

    def take(self) -> tuple[Frame, ...] | None:
        """Return what has come, `None` at an end in order.

        Raises:
            ChatError: why nothing more comes, once everything that had come is taken.
        """
        if not self._frames and (ended := self._ended) is not None:
            if ended.in_order and self.came:
                return None
            raise ended.error()
        frames = tuple(self._frames)
        self._frames.clear()
        self._size = 0
        return frames


class Lanes:
    """The requests on one connection.

    Attributes:
        stray: whether something came although nobody had asked: what follows might be taken for an answer.
    """

    def __init__(self, lane: Lane | None, bound: int = MAX_QUEUE) -> None:
        """Begin without requests; without a `lane` there is one at a time."""
        self.stray = False
        self._lane = lane
        self._bound = bound
        self._inboxes: dict[str | None, Inbox] = {}
        self._early: list[Frame] | None = []
        self._free: deque[str] = deque()
        self._left: set[str] = set()
        self._named = 0

    @property
    def paused(self) -> bool:
        """Whether nothing more should be read: the only request on the connection has enough to do."""
        return self._lane is None and any(inbox.full for inbox in self._inboxes.values())

    @property
    def busy(self) -> bool:
        """Whether there are requests."""
        return bool(self._inboxes)

    @property
    def spare(self) -> bool:
        """Whether there are names for as many requests as the connection may carry."""
        lane = self._lane
        if lane is None or lane.names is None:
            return True
        return lane.names - len(self._left) >= lane.limit

    def join(self, wake: Callable[[], None]) -> Inbox:
        """Begin a request.

        Raises:
            TransportError: there is no room for it.
        """
        name = None if self._lane is None else self._name(self._lane)
        if name in self._inboxes:
            raise TransportError("the connection serves another request")
        inbox = self._inboxes[name] = Inbox(name, self._bound, wake)
        if self._early is not None:
            early, self._early = self._early, None
            self.put(early)
        return inbox

    def leave(self, inbox: Inbox, *, clean: bool) -> None:
        """End a request; unless it was read to its end of meaning, more may come for it, which nobody wants."""
        if self._inboxes.get(inbox.name) is not inbox:
            return
        del self._inboxes[inbox.name]
        if inbox.name is None:
            self.stray = self.stray or not clean
        elif self._lane is None or self._lane.names is None:
            pass  # it is not used again
        elif clean:
            self._free.append(inbox.name)
        else:
            self._left.add(inbox.name)

    def put(self, frames: Iterable[Frame]) -> None:
        """Hand out the frames of one network read, and wake those who got some.

        Raises:
            ChatError: a frame cannot be assigned.
        """
        if self._early is not None:  # a greeting, which may come before the first request is there
            self._early += frames
            self.stray = len(self._early) > MAX_EARLY
            return
        woken: dict[int, Inbox] = {}
        try:
            for frame in frames:
                for inbox in self._for(frame):
                    inbox.put(frame)
                    woken[id(inbox)] = inbox
        finally:
            for inbox in woken.values():
                if self._lane is not None and inbox.full:
                    inbox.end(Ended(_too_slow))
                inbox.wake()

    def end(self, ended: Ended) -> None:
        """Tell every request that nothing more comes."""
        for inbox in self._inboxes.values():
            inbox.end(ended)
            inbox.wake()

    def _name(self, lane: Lane) -> str:
        """Return a name, a new one as long as there are some: what comes late for an old one then finds nobody."""
        if lane.names is None or self._named < lane.names:
            self._named += 1
            return str(self._named)
        if not self._free:
            raise TransportError("the connection has no name for another request")
        return self._free.popleft()

    def _for(self, frame: Frame) -> Iterable[Inbox]:
        """Return whom a frame is for."""
        name = None if self._lane is None else self._lane.of(frame)
        if name is None:
            self.stray = self.stray or not self._inboxes
            return self._inboxes.values()
        if (inbox := self._inboxes.get(name)) is not None:
            return (inbox,)
        if name in self._free:
            self._free.remove(name)
            self._left.add(name)
        elif not self._was(name):
            raise TransportError("a message came for a request that was never sent")
        return ()

    def _was(self, name: str) -> bool:
        """Tell whether a request ever had this name: they are counted."""
        return name.isdecimal() and len(name) <= len(str(self._named)) and 0 < int(name) <= self._named


def _too_slow() -> SlowConsumer:
    return SlowConsumer("the program read the answer more slowly than it came, and the queue for it is full")


L = TypeVar("L")


class Recent(Generic[L]):
    """Which connection last served a conversation; a bounded number of them is remembered, and none is kept alive."""

    def __init__(self, bound: int = 4096) -> None:
        """Begin without any."""
        self._bound = bound
        self._lines: dict[object, ReferenceType[L]] = {}

    def get(self, conversation: object) -> L | None:
        """Return the connection of a conversation."""
        found = self._lines.get(conversation)
        return None if found is None else found()

    def note(self, conversation: object, line: L) -> None:
        """Remember the connection of a conversation; `None` is no conversation."""
        if conversation is None:
            return
        self._lines.pop(conversation, None)
        self._lines[conversation] = ref(line)
        while len(self._lines) > self._bound:
            self._lines.pop(next(iter(self._lines), None), None)
