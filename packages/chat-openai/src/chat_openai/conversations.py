"""Conversations that the service keeps: the operations of the wire, which chat-responses has."""

from __future__ import annotations

from chat_responses.conversations import (
    add,
    create,
    delete,
    item,
    items,
    remove,
    retrieve,
    update,
)
from chat_responses.kept import (
    Conversation,
    ItemPage,
)

__all__ = [
    "Conversation",
    "ItemPage",
    "add",
    "create",
    "delete",
    "item",
    "items",
    "remove",
    "retrieve",
    "update",
]
