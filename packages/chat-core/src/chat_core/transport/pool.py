"""The pool: which connections rest, how many there are, and who waits for one. Bookkeeping only.

Law: pure: no I/O, no clock, no lock; every operation costs the same however many connections there are. A place that
becomes free goes to whoever has waited longest. What must be closed is returned to the caller.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

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
    close: list[L] = field(default_factory=list[L])


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
        self._by_key: dict[Hashable, deque[L]] = {}
        self._waiting: OrderedDict[int, Lease[L]] = OrderedDict()
        self._shared: dict[int, _Shared[L]] = {}
        self._room: dict[Hashable, dict[int, _Shared[L]]] = {}

    @property
    def counts(self) -> Counts:
        """How many there are of what."""
        return Counts(self.used, len(self._resting), len(self._waiting))

    def ask(self, key: Hashable, now: float) -> Lease[L]:
        """Return a lease: of the connection that rested last, of a new one, or one that is not granted yet."""
        lease: Lease[L] = Lease(key, close=self._expired(now))
        if room := self._room.get(key):
            shared = next(iter(room.values()))
            shared.holders += 1
            if shared.holders >= shared.most:
                del room[id(shared.line)]
            lease.line, lease.granted = shared.line, True
        elif key in self._by_key:
            lease.line, lease.granted = self._take(key), True
        elif self.used + len(self._resting) < self.limit:
            lease.granted = True
        elif self._resting and not self._waiting:
            lease.close.append(self._evict())
            lease.granted = True
        if not lease.granted:
            self._waiting[id(lease)] = lease
        elif id(lease.line) not in self._shared:
            self.used += 1
        return lease

    def share(self, lease: Lease[L], most: int) -> None:
        """Let a connection that is in use carry up to `most` exchanges."""
        line = lease.line
        if line is not None and id(line) not in self._shared:
            shared = self._shared[id(line)] = _Shared(line, most, 1)
            self._room.setdefault(lease.key, {})[id(line)] = shared

    def give_back(self, lease: Lease[L], now: float, *, rest: bool) -> list[L]:
        """Take a lease back, whose connection may `rest` or is of no more use; return what must be closed."""
        if not lease.granted:
            self._waiting.pop(id(lease), None)
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
            _, heir = self._waiting.popitem(last=False)
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
            self._by_key.setdefault(key, deque()).append(line)
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
        return [] if shared.holders else self._free(key, shared.line, now, rest=shared.most > 0)

    def _take(self, key: Hashable) -> L:
        lines = self._by_key[key]
        line = lines.pop()
        if not lines:
            del self._by_key[key]
        del self._resting[id(line)]
        return line

    def _evict(self) -> L:
        """Forget the connection that has rested longest; it is the oldest of its key as well."""
        _, (key, _, line) = self._resting.popitem(last=False)
        lines = self._by_key[key]
        lines.popleft()
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
