"""Answers that are made in the background: the operations of the wire, which chat-responses has."""

from __future__ import annotations

from chat_responses.background import (
    cancel,
    delete,
    resume,
    retrieve,
    wait,
)

__all__ = [
    "cancel",
    "delete",
    "resume",
    "retrieve",
    "wait",
]
