"""The store in a file does what every store does, with and without a full-text index."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from chat_core.stores.sqlite import SqliteStore
from chat_core.testing.searching import JournalContract, SearchContract
from chat_core.testing.stores import StoreContract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chat_core.stores.protocol import Store


class TestSqliteStore(StoreContract, SearchContract, JournalContract):
    @pytest.fixture(params=[None, False], ids=["full text", "scan"])
    def opens(self, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[], Store]:
        full_text: bool | None = request.param
        return partial(SqliteStore, tmp_path / "chats.db", full_text=full_text)
