"""Leftovers: members of an object that this version has no field for, kept at their place and put back there.

Law: `overlay(known members, leftovers)` is the object again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError, UnsupportedContent

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta


def overlay(data: JSONObject, leftovers: JSONObject, *, marks: str | None = None) -> JSONObject:
    """Put leftovers back: objects are merged by key, anything else replaces what is there.

    Args:
        data: the known members.
        leftovers: what was kept.
        marks: how keys begin that are our own notes, which are not put back; `None` = there are none.
    """
    merged = dict(data)
    for key, value in leftovers.items():
        if marks is None or not key.startswith(marks):
            old = merged.get(key)
            if isinstance(old, dict) and isinstance(value, dict):
                merged[key] = overlay(old, value, marks=marks)
            else:
                merged[key] = value
    return merged


def under(key: str, leftovers: JSONObject) -> JSONObject:
    """Keep the leftovers of a member at their place; nothing when there are none."""
    return {key: leftovers} if leftovers else {}


def meta_of(origin: str, leftovers: JSONObject) -> Meta:
    """Return `meta` that holds leftovers; empty when there are none."""
    return {origin: leftovers} if leftovers else {}


def as_text(data: JSON) -> str:
    """Write what a service sent as JSON text.

    Raises:
        DecodeError: it is nested too deeply.
    """
    try:
        return dump(data).decode()
    except UnsupportedContent as error:
        raise DecodeError(error.message) from None
