"""What this package offers to chat-core; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.plugins.spec import StoreSpec
    from chat_core.stores.protocol import Store


@hookimpl
def chat_stores() -> Iterator[StoreSpec]:
    """Offer conversations on a PostgreSQL server."""
    from chat_core.plugins.spec import StoreSpec

    yield StoreSpec(name="postgres", load=_load, api=1)


def _load(address: str) -> Store:
    from chat_store_postgres.store import PostgresStore

    return PostgresStore(address)
