"""Histories of every provider in the corpus go through a store and come back byte for byte.

Law: what is compared is what `dump` makes, before and after: not what a program may call equal.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.wire.codecs import codec_of
from tests.wire.corpus import VARIABLE, entries, folder, load
from tests.wire.subject import Subject

from chat_core.stores import nodes
from chat_core.stores.records import Entry
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no folder of recorded exchanges"
)

FEWEST = 100
"""A corpus with fewer chats than this proves little; a folder of one's own may have fewer exchanges."""


def conversations() -> Iterator[tuple[str, list[Entry]]]:
    """Yield what each recorded exchange asked and what was answered."""
    for entry in entries(folder()):
        exchange = load(entry)
        codec = codec_of(exchange)
        if codec is None:
            continue
        subject = Subject(exchange, codec, 1)
        if subject.chat is None:
            continue
        said = [Entry(message=message) for message in subject.chat.request.messages]
        answer = subject.answer
        if answer is not None:
            said.append(Entry(message=answer.message, response=answer, at=1.5, seconds=0.25))
        if said:
            yield exchange.id, said


def test_histories_of_every_provider_come_back_byte_for_byte(tmp_path: Path) -> None:
    kept: dict[str, str] = {}
    written: dict[str, list[bytes]] = {}
    with closing(SqliteStore(tmp_path / "corpus.db")) as store:
        for name, said in conversations():
            store.create(now=1.0, id=name)
            kept[name] = store.append(name, said, head=None, now=1.0)
            written[name] = [nodes.body(entry) for entry in said]
    assert len(kept) >= min(FEWEST, len(entries(folder())) // 10)
    with closing(SqliteStore(tmp_path / "corpus.db")) as again:
        changed = [
            name
            for name, head in kept.items()
            if [nodes.body(node.entry) for node in again.history(head)] != written[name]
        ]
    assert changed == []
