"""Keep the conversations of chat-core in PostgreSQL. Names are loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_store_postgres.store import PostgresStore as PostgresStore

__all__ = ["PostgresStore"]


def __getattr__(name: str) -> object:
    """Load the store when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from chat_store_postgres.store import PostgresStore

    return PostgresStore
