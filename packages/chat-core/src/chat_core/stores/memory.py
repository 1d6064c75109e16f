"""Stores in memory: for tests, and where nothing has to outlive the process.

Law: they behave as every other store does, down to the ids of nodes; what cannot be written is refused here too.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.stores import nodes, refusals
from chat_core.stores.conversations import begun, changed, forked
from chat_core.stores.protocol import FOUND, LISTED
from chat_core.stores.records import Conversation, Mark
from chat_core.stores.words import found, holds, searched, terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chat_core.jsonvalue import JSONObject
    from chat_core.stores.records import Entry, Found, Node


class MemoryJournal:
    """A journal that ends with the process."""

    def __init__(self) -> None:
        """Begin without marks."""
        self._lock = threading.RLock()
        self._turns: dict[str, tuple[str, float | None]] = {}
        self._marks: dict[str, Mark] = {}

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        """As `Journal.claim`."""
        with self._lock:
            holder, end = self._turns.get(turn, (owner, now))
            if end is None or (holder != owner and end > now):
                return False
            self._turns[turn] = (owner, until)
            return True

    def end(self, turn: str, owner: str) -> None:
        """As `Journal.end`."""
        with self._lock:
            holder, _ = self._turns.get(turn, (owner, None))
            if holder != owner:
                raise refusals.turn_lost(turn)
            self._turns[turn] = (owner, None)

    def start(self, call: str, *, now: float) -> bool:
        """As `Journal.start`."""
        with self._lock:
            mark = Mark(started=now)
            return self._marks.setdefault(call, mark) is mark

    def finish(self, call: str, result: JSONObject) -> None:
        """As `Journal.finish`."""
        with self._lock:
            mark = self._marks.get(call)
            if mark is None:
                raise refusals.not_started(call)
            if mark.result is not None and dump(mark.result) != dump(result):
                raise refusals.finished_otherwise(call)
            self._marks[call] = replace(mark, result=result)

    def marks(self, calls: Sequence[str]) -> Mapping[str, Mark]:
        """As `Journal.marks`."""
        with self._lock:
            return {call: self._marks[call] for call in calls if call in self._marks}

    def prune(self, *, before: float) -> int:
        """As `Journal.prune`."""
        with self._lock:
            old = [call for call, mark in self._marks.items() if mark.started < before]
            for call in old:
                del self._marks[call]
            return len(old)


class MemoryStore(MemoryJournal):
    """A store that ends with the process."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._nodes: dict[str, Node] = {}
        self._conversations: dict[str, Conversation] = {}

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        """As `Store.create`."""
        return self._put(begun(now=now, id=id, title=title, model=model, tags=tags))

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        """As `Store.append`."""
        made = nodes.chain(head, entries)
        with self._lock:
            there = self._seen(conversation, head)
            self._nodes |= {node.id: node for node, _ in made if node.id not in self._nodes}
            self._conversations[there.id] = replace(
                there, head=made[-1][0].id, length=there.length + len(made), updated=now
            )
        return made[-1][0].id

    def move(self, conversation: str, to: str | None, *, head: str | None, now: float) -> Conversation:
        """As `Store.move`."""
        with self._lock:
            there = self._seen(conversation, head)
            moved = replace(there, head=to, length=len(self.history(to)), updated=now)
            self._conversations[there.id] = moved
            return moved

    def fork(self, conversation: str, at: str | None, *, now: float, id: str | None = None) -> Conversation:
        """As `Store.fork`."""
        with self._lock:
            source = self.conversation(conversation)
            past = [node.id for node in self.history(source.head)]
            if at is not None and at not in past:
                raise refusals.not_in_history(conversation, at)
            length = 0 if at is None else past.index(at) + 1
            return self._put(forked(source, at, length, now=now, id=id))

    def change(
        self,
        conversation: str,
        *,
        now: float,
        title: str | None = None,
        model: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Conversation:
        """As `Store.change`."""
        with self._lock:
            there = changed(self.conversation(conversation), now=now, title=title, model=model, tags=tags)
            self._conversations[conversation] = there
            return there

    def delete(self, conversation: str) -> None:
        """As `Store.delete`."""
        with self._lock:
            del self._conversations[self.conversation(conversation).id]

    def vacuum(self) -> int:
        """As `Store.vacuum`."""
        with self._lock:
            held = self._holders()
            lost = self._nodes.keys() - held.keys()
            self._nodes = {key: node for key, node in self._nodes.items() if key in held}
            return len(lost)

    def history(self, head: str | None) -> tuple[Node, ...]:
        """As `Store.history`."""
        with self._lock:
            return tuple(self._back(head))[::-1]

    def conversation(self, id: str) -> Conversation:
        """As `Store.conversation`."""
        with self._lock:
            if id not in self._conversations:
                raise refusals.no_conversation(id)
            return self._conversations[id]

    def conversations(self, *, tag: str | None = None, limit: int = LISTED, skip: int = 0) -> tuple[Conversation, ...]:
        """As `Store.conversations`."""
        with self._lock:
            listed = [one for one in self._newest() if tag is None or tag in one.tags]
            return tuple(listed[skip : skip + limit])

    def search(self, words: str, *, limit: int = FOUND, marks: tuple[str, str] = ("[", "]")) -> tuple[Found, ...]:
        """As `Store.search`; looks at every entry."""
        wanted = terms(words)
        if not wanted:
            return ()
        with self._lock:
            held = self._holders()
            hits = (
                found(node, held[key], wanted, marks)
                for key, node in reversed(self._nodes.items())
                if key in held and holds(searched(node.message), wanted)
            )
            return tuple(islice(hits, limit))

    def describe(self) -> JSONObject:
        """As `Store.describe`."""
        with self._lock:
            return {"kind": "memory", "conversations": len(self._conversations), "nodes": len(self._nodes)}

    def close(self) -> None:
        """Do nothing: what was kept stays as long as the store does."""

    def _put(self, conversation: Conversation) -> Conversation:
        with self._lock:
            if conversation.id in self._conversations:
                raise refusals.id_taken(conversation.id)
            self._conversations[conversation.id] = conversation
            return conversation

    def _seen(self, conversation: str, head: str | None) -> Conversation:
        """Return a conversation whose head is what the writer has seen."""
        there = self.conversation(conversation)
        if there.head != head:
            raise refusals.head_moved(conversation, there.head)
        return there

    def _back(self, head: str | None) -> Iterator[Node]:
        while head is not None:
            if head not in self._nodes:
                raise refusals.no_node(head)
            yield self._nodes[head]
            head = self._nodes[head].parent

    def _newest(self) -> list[Conversation]:
        return sorted(self._conversations.values(), key=lambda one: (one.updated, one.id), reverse=True)

    def _holders(self) -> dict[str, list[str]]:
        """Return which conversations hold each node that one holds."""
        held: dict[str, list[str]] = {}
        for conversation in self._newest():
            for node in self._back(conversation.head):
                held.setdefault(node.id, []).append(conversation.id)
        return held
