"""The protocols of stores and journals: what a plugin implements to keep conversations.

Law: every method blocks, and may be called from any thread. A method that returned has committed. Nodes are only ever
added; what a writer did not know of is a `StoreConflict`, never overwritten. Clocks are the caller's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSONObject
    from chat_core.stores.records import Conversation, Entry, Found, Mark, Node

FOUND = 20
"""Most entries that a search returns unless told otherwise."""

LISTED = 100
"""Most conversations that are listed unless told otherwise."""


class Journal(Protocol):
    """Marks of turns that are taken up and of calls that run: so that none is taken up twice, and no call runs twice.

    Turns and calls are named by opaque text; times are seconds since 1970.
    """

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        """Take up a turn until a moment, and tell whether that worked.

        It does for a turn that nobody holds, that this owner holds, or whose holder let the time pass; it does not
        for one that somebody else holds, or that was ended.
        """
        ...

    def end(self, turn: str, owner: str) -> None:
        """Say that a turn was taken to its end: it can never be claimed again.

        Raises:
            StoreConflict: somebody else holds it, or has ended it.
        """
        ...

    def start(self, call: str, *, now: float) -> bool:
        """Mark a call as started, before it runs; tell whether the mark is new."""
        ...

    def finish(self, call: str, result: JSONObject) -> None:
        """Keep what a started call gave.

        Raises:
            StoreMissing: the call was not marked as started.
            StoreConflict: another result is there already.
        """
        ...

    def marks(self, calls: Sequence[str]) -> Mapping[str, Mark]:
        """Return the marks of calls; one that was never started has none."""
        ...

    def prune(self, *, before: float) -> int:
        """Forget the marks of calls that were started before a moment; return how many there were.

        A call without its mark would run again: prune what no paused turn waits for.
        """
        ...


class Store(Journal, Protocol):
    """Conversations, and a journal beside them.

    Every method may raise `StoreBusy`, `StoreFull`, `StoreDamaged`, or another `StoreError` that names the fix.
    """

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        """Begin a conversation; without an `id` it gets one.

        Raises:
            StoreConflict: there is one of this id.
        """
        ...

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        """Put entries behind a conversation's head, all or none, and return the new head.

        Args:
            conversation: its id.
            entries: what was said since; at least one.
            head: the head as the writer knows it; `None` = nothing was said yet.
            now: the moment, for `Conversation.updated`.

        Raises:
            StoreConflict: the head is another one, which the error holds: read on from there, or fork.
            StoreMissing: there is no such conversation.
        """
        ...

    def move(self, conversation: str, to: str | None, *, head: str | None, now: float) -> Conversation:
        """Point a conversation to another node, such as an earlier one to undo; the nodes stay.

        Raises:
            StoreConflict: as `append`.
            StoreMissing: there is no such conversation or node.
        """
        ...

    def fork(self, conversation: str, at: str | None, *, now: float, id: str | None = None) -> Conversation:
        """Begin a conversation that shares the past of another one, up to and with a node of its history.

        It takes over the model, the title and the tags.

        Raises:
            StoreMissing: there is no such conversation, or its history does not hold the node.
            StoreConflict: there is one of this id.
        """
        ...

    def change(
        self,
        conversation: str,
        *,
        now: float,
        title: str | None = None,
        model: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Conversation:
        """Set what a conversation is called; `None` leaves it.

        Raises:
            StoreMissing: there is no such conversation.
        """
        ...

    def delete(self, conversation: str) -> None:
        """Forget a conversation; its nodes stay until `vacuum`, but are found no more.

        Raises:
            StoreMissing: there is no such conversation.
        """
        ...

    def vacuum(self) -> int:
        """Remove the nodes that no conversation holds any more; return how many there were."""
        ...

    def history(self, head: str | None) -> tuple[Node, ...]:
        """Return the nodes from the beginning to a head; none for `None`.

        Raises:
            StoreMissing: there is no such node.
            StoreDamaged: a node is not what its id says.
        """
        ...

    def conversation(self, id: str) -> Conversation:
        """Return a conversation.

        Raises:
            StoreMissing: there is no such conversation.
        """
        ...

    def conversations(self, *, tag: str | None = None, limit: int = LISTED, skip: int = 0) -> tuple[Conversation, ...]:
        """List conversations, the one that was written to last first; `tag` picks those that have it."""
        ...

    def search(self, words: str, *, limit: int = FOUND, marks: tuple[str, str] = ("[", "]")) -> tuple[Found, ...]:
        """Find entries that hold all words, the newest first, in the histories of conversations.

        Case and accents do not matter. `word*` finds what begins so. Nothing else has a meaning of its own.

        Args:
            words: what to look for.
            limit: most entries.
            marks: what to put before and behind each hit in `Found.snippet`.
        """
        ...

    def describe(self) -> JSONObject:
        """Say what the store is: its kind, its place without secrets, its schema, how it searches."""
        ...

    def close(self) -> None:
        """Let go of files and connections; the store can be used again, which opens them again."""
        ...
