"""Records are values: equal by content, hashable, frozen, copied and pickled."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from chat_core.messages import user
from chat_core.stores.records import Conversation, Entry, Found, Mark, Node

ENTRY = Entry(message=user("Hi"), at=1.0)
RECORDS = (
    ENTRY,
    Node(id="00", parent=None, entry=ENTRY),
    Conversation(id="a", tags=("x",), created=1.0, updated=2.0),
    Found(node="00", conversations=("a",), role="user", snippet="[Hi]"),
    Mark(started=1.0, result={"k": []}),
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_is_a_value(record: Entry | Node | Conversation | Found | Mark) -> None:
    for twin in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert twin == record
        assert hash(twin) == hash(record)
    for item in fields(record):
        with pytest.raises(FrozenInstanceError):
            setattr(record, item.name, None)
