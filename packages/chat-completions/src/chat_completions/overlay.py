"""Leftovers: members of an object that this version has no field for, kept at their place and put back there.

Law: `overlay(known members, leftovers)` is the object again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError, UnsupportedContent

if TYPE_CHECKING:
    from chat_completions.provider import Completions
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta


def overlay(data: JSONObject, leftovers: JSONObject) -> JSONObject:
    """Put leftovers back: objects are merged by key, anything else replaces what is there."""
    merged = dict(data)
    for key, value in leftovers.items():
        merged[key] = _over(merged.get(key), value)
    return merged


def under(key: str, leftovers: JSONObject) -> JSONObject:
    """Keep the leftovers of a member at their place; nothing when there are none."""
    return {key: leftovers} if leftovers else {}


def meta_of(origin: str, leftovers: JSONObject) -> Meta:
    """Return `meta` that holds leftovers; empty when there are none."""
    return {origin: leftovers} if leftovers else {}


def _over(old: JSON, new: JSON) -> JSON:
    match old, new:
        case dict(), dict():
            return overlay(old, new)
        case _:
            return new


def as_text(data: JSON) -> str:
    """Write what a service sent as JSON text.

    Raises:
        DecodeError: it is nested too deeply.
    """
    try:
        return dump(data).decode()
    except UnsupportedContent as error:
        raise DecodeError(error.message) from None


def own(provider: Completions, model: str, meta: Meta) -> JSONObject | None:
    """Return the private data that may go to a service, for a model; `None` when there is none.

    A router's other vendors do not count: their seals mean nothing to this model.
    """
    origin = provider.origin(model)
    if origin in meta:
        return meta[origin]
    place = origin.rpartition("/")[0]
    for other, data in meta.items():
        if provider.accepts(other) and other.rpartition("/")[0] != place:
            return data
    return None
