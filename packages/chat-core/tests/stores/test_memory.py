"""The store in memory does what every store does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.stores.memory import MemoryStore
from chat_core.testing.searching import JournalContract, SearchContract
from chat_core.testing.stores import StoreContract

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.stores.protocol import Store


class TestMemoryStore(StoreContract, SearchContract, JournalContract):
    @pytest.fixture
    def opens(self) -> Callable[[], Store]:
        store = MemoryStore()
        return lambda: store
