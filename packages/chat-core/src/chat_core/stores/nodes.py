"""Nodes as bytes: how an entry is written, what its id is, and how it is read again.

Law: the same entry after the same parent has the same bytes and the same id in every store and version. What was read
is what was written, byte for byte, or `StoreDamaged`.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from chat_core import history
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError, StoreDamaged, StoreError
from chat_core.jsonvalue import parse_object
from chat_core.messages import Message
from chat_core.response import Response
from chat_core.stores.records import Entry, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.jsonvalue import JSON, JSONObject

DIGITS = 64
"""Length of a node's id."""

_HEX = set("0123456789abcdef")
_KEYS = {"message", "response", "at", "seconds"}
_NOBODY: JSONObject = {"role": "assistant", "parts": []}
"""Stands in a saved response for the entry's own message while it is read."""


def body(entry: Entry) -> bytes:
    """Write an entry.

    Raises:
        UnsupportedContent: it holds something that is not JSON.
    """
    written: dict[str, JSON] = {"message": history.dump(entry.message)}
    if entry.response is not None:
        written["response"] = _response(entry.response, entry.message)
    if entry.at is not None:
        written["at"] = entry.at
    if entry.seconds is not None:
        written["seconds"] = entry.seconds
    return dump(written)


def node_id(parent: str | None, data: bytes) -> str:
    """Return the id of a node: of its parent's id and of its bytes."""
    return sha256(checked_id(parent or "") + data).hexdigest()


def chain(parent: str | None, entries: Sequence[Entry]) -> list[tuple[Node, bytes]]:
    """Make the nodes of entries, each the parent of the next.

    Raises:
        StoreError: there is no entry.
        UnsupportedContent: as `body`.
    """
    if not entries:
        raise StoreError("there is nothing to append: pass at least one entry")
    made: list[tuple[Node, bytes]] = []
    for entry in entries:
        data = body(entry)
        node = Node(id=node_id(parent, data), parent=parent, entry=entry)
        made.append((node, data))
        parent = node.id
    return made


def read(id: str, parent: str | None, data: bytes) -> Node:
    """Read a node.

    Raises:
        StoreDamaged: the bytes are not those that were written.
        DecodeError: a newer version has written them.
    """
    if node_id(parent, data) != id:
        raise StoreDamaged(f"the node {id} is not what was written: restore the store from a copy")
    return Node(id=id, parent=parent, entry=_entry(parse_object(data)))


def plain(text: str, what: str) -> str:
    """Return a name that every store can keep.

    Raises:
        StoreError: it holds NUL, or half of a character.
    """
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise StoreError(f"the {what} {text!r} cannot be kept: leave NUL and lone surrogates out")
    return text


def checked_id(text: str) -> bytes:
    """Return a node's id as bytes; empty for what can be none."""
    return bytes.fromhex(text) if len(text) == DIGITS and set(text) <= _HEX else b""


def _response(response: Response, message: Message) -> JSONObject:
    """Write a response; its message is left out where it is the entry's own."""
    dumped = history.dump(response)
    return {key: value for key, value in dumped.items() if key != "message" or response.message is not message}


def _entry(data: JSONObject) -> Entry:
    match data:
        case {"message": dict(message)} if data.keys() <= _KEYS:
            said = history.load(message, Message)
            return Entry(
                message=said,
                response=_loaded(data.get("response"), said),
                at=_number(data.get("at")),
                seconds=_number(data.get("seconds")),
            )
        case _:
            names = ", ".join(data.keys() - _KEYS)
            raise DecodeError(
                f"a stored entry holds {names or 'no message'}: a newer chat-core wrote it, update chat-core"
            )


def _loaded(data: JSON, message: Message) -> Response | None:
    match data:
        case None:
            return None
        case {"message": _}:
            return history.load(data, Response)
        case dict():
            response = history.load({**data, "message": _NOBODY}, Response)
            return replace(response, message=message)
        case _:
            raise DecodeError("a stored entry's response is no object: restore the store from a copy")


def _number(data: JSON) -> float | None:
    if data is None or (isinstance(data, int | float) and not isinstance(data, bool)):
        return data
    raise DecodeError("a stored entry's time is no number: restore the store from a copy")
