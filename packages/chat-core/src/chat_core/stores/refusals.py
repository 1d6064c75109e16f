"""Refusals: what every store says when it cannot do what was asked.

Law: one wording for all stores, and each names the fix.
"""

from __future__ import annotations

from chat_core.errors import StoreConflict, StoreDamaged, StoreMissing, StoreOutdated


def no_conversation(id: str) -> StoreMissing:
    """Refuse a conversation that is not there."""
    return StoreMissing(f"there is no conversation {id!r}: create it, or list what is there with conversations()")


def no_node(id: str) -> StoreMissing:
    """Refuse a node that is not there."""
    return StoreMissing(f"there is no node {id!r}: read the conversation's head again")


def not_in_history(conversation: str, node: str) -> StoreMissing:
    """Refuse to fork where the conversation never was."""
    return StoreMissing(f"the history of {conversation!r} holds no node {node!r}: take one from history()")


def head_moved(conversation: str, head: str | None) -> StoreConflict:
    """Refuse a writer that was second."""
    return StoreConflict(
        f"another writer has moved the head of {conversation!r}: read on from the head in this error, or fork",
        head=head,
    )


def id_taken(id: str) -> StoreConflict:
    """Refuse a second conversation of one id."""
    return StoreConflict(f"there is a conversation {id!r} already: take another id, or leave it out")


def turn_lost(turn: str) -> StoreConflict:
    """Refuse to end somebody else's turn."""
    return StoreConflict(f"the turn {turn!r} is held or was ended by somebody else: claim it before you take it up")


def not_started(call: str) -> StoreMissing:
    """Refuse the result of a call without a mark."""
    return StoreMissing(f"the call {call!r} was not marked as started: start it before it runs")


def finished_otherwise(call: str) -> StoreConflict:
    """Refuse a second, other result."""
    return StoreConflict(f"the call {call!r} has another result already: read it with marks()")


def outdated(place: str, found: int, known: int) -> StoreOutdated:
    """Refuse a store that a newer version has made."""
    return StoreOutdated(
        f"{place} has schema {found}, this software knows up to {known}: upgrade it; nothing was written",
        found=found,
        known=known,
    )


def foreign(place: str) -> StoreDamaged:
    """Refuse what is somebody else's."""
    return StoreDamaged(f"{place} is no store of conversations: name another place; nothing was changed")
