"""What a session knows of its conversation in a store, and how the store is brought up to what was said.

Law: runs in the store's thread, one call after the other, and learns what it has written in the same call: whoever
comes later, also after having been cancelled, goes on from there. A conversation is created with its first words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_core.errors import StoreConflict, StoreError, StoreMissing
from chat_core.stores.nodes import chain
from chat_core.stores.thread import thread_of

if TYPE_CHECKING:
    from chat_core.codec.effects import Job
    from chat_core.stores.protocol import Store
    from chat_core.stores.records import Entry
    from chat_core.stores.thread import StoreThread


@dataclass(slots=True, kw_only=True)
class Shelf:
    """One conversation's place in a store.

    Attributes:
        store: the store.
        id, title, model: how the conversation is called there.
        created: whether it is there.
        tried: whether it may be there, as creating it has failed in a way that does not say.
        stored: what is there, as far as this session knows.
        ids: the nodes of `stored`; `None` for one that was written together with those behind it.
    """

    store: Store
    id: str
    title: str = ""
    model: str = ""
    created: bool = False
    tried: bool = False
    stored: tuple[Entry, ...] = ()
    ids: list[str | None] = field(default_factory=list[str | None])

    @property
    def thread(self) -> StoreThread:
        """What runs the store's calls: one thread, however many conversations it holds."""
        return thread_of(self.store)

    @property
    def head(self) -> str | None:
        """The last node that this session knows of."""
        return self.ids[-1] if self.ids else None

    def read(self) -> None:
        """Read the conversation.

        Raises:
            StoreMissing: there is none of this id.
        """
        there = self.store.conversation(self.id)
        nodes = self.store.history(there.head)
        self.title, self.model, self.created = there.title, there.model, True
        self.stored, self.ids = tuple(node.entry for node in nodes), [node.id for node in nodes]

    def writing(self, entries: tuple[Entry, ...], now: float) -> Job:
        """Return the job that brings the store up to what was said."""
        return self.thread.job("store", lambda: self.write(entries, now))

    def write(self, entries: tuple[Entry, ...], now: float) -> None:
        """Bring the store up to what was said: go back to what is the same, and put the rest behind it.

        Raises:
            StoreConflict: somebody else has written to the conversation.
        """
        if not self.created:
            self._create(now)
        try:
            self._go_back(_common(self.stored, entries), now)
            rest = entries[len(self.stored) :]
            if rest:
                self._append(rest, now)
            self.stored = entries
        except StoreConflict as conflict:
            raise StoreConflict(
                f"somebody else has written to the conversation {self.id!r}: go on from there with "
                "Session.open(chat, store, id), or keep both with fork()",
                head=conflict.head,
            ) from conflict

    def _append(self, entries: tuple[Entry, ...], now: float) -> None:
        """Put entries behind the head; those that are there already come of a try whose outcome nobody heard of."""
        try:
            head = self.store.append(self.id, entries, head=self.head, now=now)
        except StoreConflict as conflict:
            ours = [node.id for node, _ in chain(self.head, entries)]
            if conflict.head not in ours:
                raise
            there = ours.index(conflict.head) + 1
            self.stored, self.ids = (*self.stored, *entries[:there]), [*self.ids, *ours[:there]]
            if entries[there:]:
                self._append(entries[there:], now)
        else:
            self.ids += [*(None for _ in entries[1:]), head]

    def _create(self, now: float) -> None:
        try:
            self.store.create(now=now, id=self.id, title=self.title, model=self.model)
        except StoreConflict as conflict:
            if self.tried and self.store.conversation(self.id).head is None:
                self.created = True
                return
            raise StoreConflict(
                f"there is a conversation {self.id!r} already: go on with it by Session.open(chat, store, id), or take "
                "another id"
            ) from conflict
        except StoreError:
            self.tried = True
            raise
        self.created = True

    def _go_back(self, length: int, now: float) -> None:
        if length < len(self.stored):
            to = self._id(length)
            try:
                self.store.move(self.id, to, head=self.head, now=now)
            except StoreConflict as conflict:
                if conflict.head != to:  # else it was moved by a try whose outcome nobody heard of
                    raise
            self.stored, self.ids = self.stored[:length], self.ids[:length]

    def _id(self, length: int) -> str | None:
        """Return the node that ends a beginning of what is stored."""
        if not length:
            return None
        if self.ids[length - 1] is None:
            self.ids = [node.id for node in self.store.history(self.head)]
        return self.ids[length - 1]

    def forked(self, id: str, entries: tuple[Entry, ...], now: float) -> Shelf:
        """Begin a conversation that shares a beginning with this one, also where this one lags behind.

        Raises:
            StoreConflict: there is a conversation of this id.
        """
        fork = Shelf(store=self.store, id=id, title=self.title, model=self.model)
        if not self.created:
            return fork
        length = _common(self.stored, entries)
        try:
            self.store.fork(self.id, self._id(length), now=now, id=id)
            fork.created, fork.stored, fork.ids = True, self.stored[:length], self.ids[:length]
        except StoreMissing:  # somebody has taken that back: nodes that are there are found by what they say
            pass
        if len(fork.stored) < len(entries) or not fork.created:
            fork.write(entries, now)
        return fork


def _common(one: tuple[Entry, ...], other: tuple[Entry, ...]) -> int:
    """Return how many entries two histories have in common."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:  # at once, as they are the same objects
        return length
    return next(place for place in range(length) if one[place] is not other[place] and one[place] != other[place])
