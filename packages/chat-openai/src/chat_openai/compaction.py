"""Compaction: the operation of the wire, which chat-responses has."""

from __future__ import annotations

from chat_responses.compaction import (
    Compacted,
    compact,
)

__all__ = [
    "Compacted",
    "compact",
]
