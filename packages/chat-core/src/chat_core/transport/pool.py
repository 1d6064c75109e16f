"""The pool: which connections rest, how many there are, and who waits for one. Bookkeeping only.

Law: pure: no I/O, no clock, no lock; every operation costs the same however many connections there are. A place that
becomes free goes to whoever has waited longest. What must be closed is returned to the caller.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many connections are in use and rest, and how many requests wait for one."""

    used: int
    resting: int
    waiting: int


@dataclass(slots=True, eq=False)
class Lease(Generic[L]):
    """The right to one connection; `line` is `None` when the holder shall open it.

    Attributes:
        key: where the connection leads.
        granted: whether the right is held; a lease that waits is not.
        wake: called when a waiting lease is granted.
        close: connections that the holder must close first.
    """

    key: Hashable
    line: L | None = None
    granted: bool = False
    wake: Callable[[], None] | None = None
    close: Sequence[L] = ()


@dataclass(slots=True, eq=False)
class _Shared(Generic[L]):
    """A connection that carries several exchanges at once."""

    line: L
    most: int
    holders: int


class Pool(Generic[L]):
    """At most `limit` connections, each in use or resting for at most `keepalive` seconds."""

    def __init__(self, limit: int, keepalive: float) -> None:
        """Begin empty."""
        self.limit = limit
        self.keepalive = keepalive
        self.used = 0
        self._resting: OrderedDict[int, tuple[Hashable, float, L]] = OrderedDict()
        self._by_key: dict[Hashable, OrderedDict[int, L]] = {}
        self._waiting: OrderedDict[int, Lease[L]] = OrderedDict()
        self._queues: dict[Hashable, OrderedDict[int, Lease[L]]] = {}
        self._shared: dict[int, _Shared[L]] = {}
        self._room: dict[Hashable, dict[int, _Shared[L]]] = {}

    @property
    def counts(self) -> Counts:
        """How many there are of what."""
        return Counts(self.used, len(self._resting), len(self._waiting))

    def ask(self, key: Hashable, now: float, prefer: L | None = None) -> Lease[L]:
        """Return a lease: of the connection that rested last, of a new one, or one that is not granted yet.

        `prefer` is taken instead if it leads there and has room.
        """
        lease: Lease[L] = Lease(key, close=self._expired(now) or ())
        preferred = prefer is not None and id(prefer) in self._by_key.get(key, ())
        if not preferred and (room := self._room.get(key)):
            self._board(room.get(id(prefer)) or next(iter(room.values())), lease)
        elif key in self._by_key:
            lease.line, lease.granted = self._take(key, id(prefer) if preferred else None), True
        elif self.used + len(self._resting) < self.limit:
            lease.granted = True
        elif self._resting and not self._waiting:
            lease.close = [*lease.close, self._evict()]
            lease.granted = True
        if not lease.granted:
            self._waiting[id(lease)] = lease
            self._queues.setdefault(key, OrderedDict())[id(lease)] = lease
        elif id(lease.line) not in self._shared:
            self.used += 1
        return lease

    def share(self, lease: Lease[L], most: int) -> None:
        """Let a connection that is in use carry up to `most` exchanges."""
        line = lease.line
        if line is not None and id(line) not in self._shared:
            shared = self._shared[id(line)] = _Shared(line, most, 1)
            if most > 1:
                self._room.setdefault(lease.key, {})[id(line)] = shared
            self._fill(shared, lease.key)

    def give_back(self, lease: Lease[L], now: float, *, rest: bool) -> list[L]:
        """Take a lease back, whose connection may `rest` or is of no more use; return what must be closed."""
        if not lease.granted:
            self._unqueue(lease)
            return []
        lease.granted = False
        line = lease.line
        if line is not None and (shared := self._shared.get(id(line))) is not None:
            return self._leave(shared, lease.key, now, rest=rest)
        return self._free(lease.key, line, now, rest=rest)

    def empty(self) -> list[L]:
        """Forget every connection that rests; return them to be closed."""
        lines = [line for _, _, line in self._resting.values()]
        self._resting.clear()
        self._by_key.clear()
        return lines

    def _free(self, key: Hashable, line: L | None, now: float, *, rest: bool) -> list[L]:
        """Pass a place on to whoever waits, or let its connection rest."""
        close = [] if line is None or rest else [line]
        if self._waiting:
            heir = next(iter(self._waiting.values()))
            self._unqueue(heir)
            heir.granted = True
            if rest and line is not None:
                if heir.key == key:
                    heir.line = line
                else:
                    close.append(line)
            if heir.wake is not None:
                heir.wake()
            return close
        self.used -= 1
        if rest and line is not None:
            if self.keepalive <= 0:
                return [line]
            self._resting[id(line)] = (key, now, line)
            self._by_key.setdefault(key, OrderedDict())[id(line)] = line
        return close

    def _leave(self, shared: _Shared[L], key: Hashable, now: float, *, rest: bool) -> list[L]:
        """Take one of several exchanges off a connection; one that ended badly lets no new ones on."""
        shared.holders -= 1
        if not rest:
            shared.most = 0
        room = self._room.setdefault(key, {})
        if shared.holders:
            if shared.holders < shared.most:
                room[id(shared.line)] = shared
            else:
                room.pop(id(shared.line), None)
        else:
            room.pop(id(shared.line), None)
            del self._shared[id(shared.line)]
        if not room:
            del self._room[key]
        if not shared.holders:
            return self._free(key, shared.line, now, rest=shared.most > 0)
        self._fill(shared, key)
        return []

    def _board(self, shared: _Shared[L], lease: Lease[L]) -> None:
        """Put one more exchange on a connection that has room."""
        shared.holders += 1
        if shared.holders >= shared.most:
            room = self._room[lease.key]
            del room[id(shared.line)]
            if not room:
                del self._room[lease.key]
        lease.line, lease.granted = shared.line, True

    def _fill(self, shared: _Shared[L], key: Hashable) -> None:
        """Let those on a connection who wait for one that leads there."""
        while shared.holders < shared.most and (queue := self._queues.get(key)):
            heir = next(iter(queue.values()))
            self._unqueue(heir)
            self._board(shared, heir)
            if heir.wake is not None:
                heir.wake()

    def _unqueue(self, lease: Lease[L]) -> None:
        self._waiting.pop(id(lease), None)
        if queue := self._queues.get(lease.key):
            queue.pop(id(lease), None)
            if not queue:
                del self._queues[lease.key]

    def _take(self, key: Hashable, chosen: int | None = None) -> L:
        lines = self._by_key[key]
        line = lines.popitem()[1] if chosen is None else lines.pop(chosen)
        if not lines:
            del self._by_key[key]
        del self._resting[id(line)]
        return line

    def _evict(self) -> L:
        """Forget the connection that has rested longest; it is the oldest of its key as well."""
        _, (key, _, line) = self._resting.popitem(last=False)
        lines = self._by_key[key]
        lines.popitem(last=False)
        if not lines:
            del self._by_key[key]
        return line

    def _expired(self, now: float) -> list[L]:
        lines: list[L] = []
        while self._resting:
            _, since, _ = next(iter(self._resting.values()))
            if now - since < self.keepalive:
                break
            lines.append(self._evict())
        return lines
