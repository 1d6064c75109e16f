"""Conversations as values: how one begins, forks, and changes its name, in every store.

Law: names are text that every store can keep; an id that nobody chose is random.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.stores.nodes import plain
from chat_core.stores.records import Conversation

if TYPE_CHECKING:
    from collections.abc import Sequence

ID_BYTES = 8
"""Random bytes of an id that nobody chose."""


def begun(*, now: float, id: str | None, title: str, model: str, tags: Sequence[str]) -> Conversation:
    """Begin a conversation.

    Raises:
        StoreError: a name holds what no store can keep.
    """
    return Conversation(
        id=_id(id),
        title=plain(title, "title"),
        model=plain(model, "model"),
        tags=_tags(tags),
        created=now,
        updated=now,
    )


def forked(source: Conversation, at: str | None, length: int, *, now: float, id: str | None) -> Conversation:
    """Begin a conversation that shares the past of another one."""
    return replace(source, id=_id(id), head=at, length=length, created=now, updated=now)


def changed(
    there: Conversation, *, now: float, title: str | None, model: str | None, tags: Sequence[str] | None
) -> Conversation:
    """Change what a conversation is called; `None` leaves it."""
    return replace(
        there,
        title=there.title if title is None else plain(title, "title"),
        model=there.model if model is None else plain(model, "model"),
        tags=there.tags if tags is None else _tags(tags),
        updated=now,
    )


def _id(id: str | None) -> str:
    return secrets.token_hex(ID_BYTES) if id is None else plain(id, "id")


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(tag, "tag") for tag in tags))
