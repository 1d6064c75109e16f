"""Stores in files for tests: one conversation `a`, to which words are said."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from chat_core.messages import user
from chat_core.stores.records import Entry
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path) -> list[str]:
    with closing(SqliteStore(path)) as store:
        return [node.message.text.rstrip(".") for node in store.history(store.conversation("a").head)]


def begun(path: Path) -> Path:
    with closing(SqliteStore(path)) as store:
        store.create(now=0.0, id="a")
    return path


def say(store: SqliteStore, text: str) -> str:
    return store.append("a", [Entry(message=user(text))], head=store.conversation("a").head, now=1.0)
