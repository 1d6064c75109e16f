"""Entries become bytes and ids, and come back as they were."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from chat_core.errors import DecodeError, StoreDamaged
from chat_core.messages import assistant, user
from chat_core.response import Response
from chat_core.stores import nodes
from chat_core.stores.records import Entry, Node

times = st.none() | st.floats(allow_nan=False, allow_infinity=False)


def own(entry: Entry) -> Entry:
    """Let the response be of the entry's own message, as it is in a conversation."""
    return entry if entry.response is None else replace(entry, message=entry.response.message)


entries = st.builds(
    Entry, message=strategies.messages, response=st.none() | strategies.responses, at=times, seconds=times
)


@given(entries, entries.map(own))
def test_entries_are_read_as_they_were_written_byte_for_byte(first: Entry, second: Entry) -> None:
    made = nodes.chain(None, [first, second])
    read = [nodes.read(node.id, node.parent, data) for node, data in made]
    assert read == [node for node, _ in made]
    assert nodes.chain(None, [node.entry for node in read]) == made


def test_an_id_is_a_digest_of_the_parents_id_and_the_bytes() -> None:
    entry = Entry(message=user("Hi"), at=1.5)
    data = nodes.body(entry)
    assert data == (
        b'{"message":{"version":1,"type":"message","role":"user","parts":[{"type":"text","text":"Hi"}]},"at":1.5}'
    )
    (root, _), (child, _) = nodes.chain(None, [entry, entry])
    assert root.id == sha256(data).hexdigest()
    assert child.id == sha256(bytes.fromhex(root.id) + data).hexdigest()
    assert root.id[:12] == "162f8b3f7850"


def test_an_answer_is_written_once() -> None:
    message = assistant("only once")
    data = nodes.body(Entry(message=message, response=Response(message=message, id="r")))
    assert data.count(b"only once") == 1


def test_bytes_that_are_not_of_the_id_are_refused() -> None:
    ((node, data),) = nodes.chain(None, [Entry(message=user("Hi"))])
    with pytest.raises(StoreDamaged, match=node.id):
        nodes.read(node.id, None, data.replace(b"Hi", b"Ho"))
    with pytest.raises(StoreDamaged):
        nodes.read(node.id, node.id, data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            b'{"message":{"version":1,"type":"message","role":"user","parts":[]},"mood":"good"}',
            "mood.*update chat-core",
        ),
        (b'{"at":1}', "no message"),
        (b'{"message":{"version":99,"type":"message"}}', "version 99"),
        (b'{"message":{"version":1,"type":"message","role":"user","parts":[]},"at":true}', "no number"),
        (b'{"message":{"version":1,"type":"message","role":"user","parts":[]},"response":[]}', "no object"),
    ],
)
def test_what_this_version_does_not_know_is_an_error(data: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        nodes.read(nodes.node_id(None, data), None, data)


def test_a_node_shows_its_message() -> None:
    assert Node(id="00", parent=None, entry=Entry(message=user("Hi"))).message == user("Hi")
