"""Private data of parts: what this wire needs back, under the origin that sent it.

Law: `overlay(known members, leftovers)` is the object again. Keys that begin with `_` are our own: they say where a
part stood on the wire, and are never sent.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from chat_core.codec import leftovers
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta

STEP = "_step"
"""The members of a step beside its content, in a part of it."""
SAME = "_same"
"""True in a part that continues the step of the part before."""
SUMMARY = "_summary"
"""How the text of a thought is cut into pieces, where it is not one plain text: a piece's text is its length."""
LIST = "_list"
"""True in a result that is a list although its content does not say so."""
INSIDE = "_inside"
"""True in the result of a function that stands in a user's input."""
PLACE = "_place"
"""In a message of the program that is no `system_instruction`: the step that it is."""
ANSWER = "_answer"
"""In an answer that can be continued by its id: the id, whether it is stored, and the seal of what came before it."""
PAUSED = "_paused"
"""In an answer that the service has not finished: the token to go on with, and the id of what is stored."""

overlay = partial(leftovers.overlay, marks="_")
"""Puts leftovers back, and our own marks beside them not."""


def own(origin: str, meta: Meta) -> JSONObject | None:
    """Return the private data that may go to an origin, under whatever name it came; `None` when there is none."""
    if origin in meta:
        return meta[origin]
    ours = _service(origin)
    return next((data for other, data in meta.items() if _service(other) == ours), None)


def kept(origin: str, meta: Meta) -> JSONObject | None:
    """Return what the same place has kept for any family of models; `None` when that is nothing."""
    ours = _service(origin).partition(_FAMILY)[0]
    return next((data for other, data in meta.items() if _service(other).partition(_FAMILY)[0] == ours), None)


def origin_of(name: str, host: str, family: str) -> str:
    """Return the name under which parts keep what a family of models at a place understands."""
    return f"{name}@{host}{_FAMILY}.{family}"


def is_of(origin: str, host: str) -> bool:
    """Tell whether an origin is this wire's, at a place."""
    return _service(origin).partition(_FAMILY)[:2] == (host, _FAMILY)


_FAMILY = "/interactions"


def _service(origin: str) -> str:
    return origin.partition("@")[2]


def kind_of(data: JSON, what: str) -> tuple[str, JSONObject]:
    """Return the type of a step or of content, and the object.

    Raises:
        DecodeError: it is no object with a type.
    """
    if isinstance(data, dict) and isinstance(kind := data.get("type"), str):
        return kind, data
    raise DecodeError(f"malformed {what}: {excerpt(repr(data))}")


def absent(said: JSON, later: JSON) -> JSON:
    """Return what a value has and a later form of it has not; `None` when that is nothing."""
    match said, later:
        case dict(), dict():
            found = {key: absent(value, later[key]) if key in later else value for key, value in said.items()}
            return {key: value for key, value in found.items() if value is not None} or None
        case _:
            return None


def healed(text: str) -> str:
    """Join characters that were cut in two between deltas, as surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return text
