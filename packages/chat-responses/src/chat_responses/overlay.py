"""Private data of parts: what this wire needs back, under the origin that sent it.

Law: `overlay(known members, leftovers)` is the object again. Keys that begin with `_` are our own: they say where a
part stood on the wire, and are never sent.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chat_core.codec import leftovers
from chat_core.jsonvalue import rest, same

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta

ITEM = "_item"
"""The members of the item that a part begins, beside its content."""
SAME = "_same"
"""True in a part that continues the item of the part before."""
LIST = "_list"
"""In a piece of reasoning that is not in the summary of its item: the list that it is in."""
PLACE = "_place"
"""In a system message that stands among the items although it could be the instructions."""
RESPONSE = "_response"
"""In an answer that can be continued by its id: the id, whether it is stored, and the seal of what came before it."""

overlay = partial(leftovers.overlay, marks="_")
"""Puts leftovers back, and our own marks beside them not."""


def is_of(origin: str, other: str) -> bool:
    """Tell whether two origins are the same service, under whatever name, and the same vendor's models."""
    return origin.partition("@")[2] == other.partition("@")[2]


def own(origin: str, meta: Meta) -> JSONObject | None:
    """Return the private data that may go to an origin; `None` when there is none."""
    if origin in meta:
        return meta[origin]
    return next((data for other, data in meta.items() if is_of(origin, other)), None)


def absent(said: JSON, later: JSON) -> JSON:
    """Return what a value has and a later form of it has not; `None` when that is nothing."""
    match said, later:
        case dict(), dict():
            found = {key: absent(value, later[key]) if key in later else value for key, value in said.items()}
            return rest(found, ()) or None
        case list(), list():
            pairs = enumerate(zip(said, later, strict=False))
            return rest({str(at): absent(*pair) for at, pair in pairs}, ()) or None
        case _:
            return None


def contradicts(said: JSON, later: JSON) -> bool:
    """Tell whether a later form of a value says something else, and does not only go on."""
    match said, later:
        case None, _:
            return False
        case dict(), dict():
            return any(key in later and contradicts(value, later[key]) for key, value in said.items())
        case list(), list():
            return len(said) > len(later) or any(contradicts(*pair) for pair in zip(said, later, strict=False))
        case str(), str():
            return not later.startswith(said)
        case _:
            return not same(said, later)
