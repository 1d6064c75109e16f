"""What stores keep and give back: entries, nodes, conversations, what a search found, and marks of running calls.

Law: records are values. A node never changes: its id is made of its parent's id and of its own bytes.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message, Role
    from chat_core.response import Response


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Entry:
    """One message of a conversation, and where it came from.

    Attributes:
        message: what is said.
        response: the answer that the message is of, with its usage, model and notices; without `Response.raw`.
        at: when it was said, in seconds since 1970.
        seconds: how long the model took.
    """

    message: Message
    response: Response | None = None
    at: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Node:
    """An entry in its place: what a store has kept.

    Attributes:
        id: SHA-256, in hexadecimal digits, of the parent's id and the entry's bytes.
        parent: the node before it; `None` at the beginning of a conversation.
        entry: what was kept.
    """

    id: str
    parent: str | None
    entry: Entry

    @property
    def message(self) -> Message:
        """What is said."""
        return self.entry.message


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Conversation:
    """A name for a history: it points to the history's last node.

    Attributes:
        id: its name, which never changes.
        head: its last node; `None` while nothing was said.
        length: how many entries its history has.
        title: what people call it.
        model: the model that it is led with, such as `provider:model`.
        tags: further words to find it by.
        created, updated: seconds since 1970, as the writers said.
    """

    id: str
    head: str | None = None
    length: int = 0
    title: str = ""
    model: str = ""
    tags: tuple[str, ...] = ()
    created: float
    updated: float


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Found:
    """An entry that a search found.

    Attributes:
        node: its id.
        conversations: the conversations that hold it, the one that was written to last first; forks share their past.
        role: who said it.
        snippet: the words around the first hit, with marks around each hit.
        at: when it was said.
    """

    node: str
    conversations: tuple[str, ...]
    role: Role
    snippet: str
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Mark:
    """What a journal knows of a call that was started.

    Attributes:
        started: when, in seconds since 1970.
        result: what it gave; `None` while it has given nothing.
    """

    started: float
    result: JSONObject | None = field(default=None, hash=False)
