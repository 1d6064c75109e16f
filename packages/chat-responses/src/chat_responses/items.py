"""Items of an answer → parts: messages, reasoning, calls, images, and what stays as it is.

Law: what an item says beside its content is in its first part's `meta`, under `ITEM`; the parts that follow are marked
by `SAME`. An item without a name here is `Opaque`; a named one that is malformed is a `DecodeError`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import as_text
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_responses.calls import decode_call
from chat_responses.content import decode_part, unbase64
from chat_responses.overlay import ITEM, LIST, SAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part

THOUGHTS: Mapping[str, str] = {"summary": "summary_text", "content": "reasoning_text"}
"""The lists of a reasoning item, in order, and the type of what is in them."""

RESULTS: Mapping[str, str] = {"shell_call_output": "output", "tool_search_output": "tools"}
"""Items that hold what a tool gave, and the member that it is in."""

IMAGE = "image_generation_call"


def decode_item(data: JSON, origin: str) -> tuple[Part, ...]:
    """Read an item of an answer: one part, or several of a message and of reasoning.

    Raises:
        DecodeError: it is no object with a type, or a known item is malformed.
    """
    kind, item = kind_of(data)
    match kind, item:
        case "message", {"role": "assistant", "content": list(content)} if content:
            return _message(content, item, origin)
        case "message", _ if not isinstance(item.get("content"), list | str):
            raise DecodeError(f"malformed message item: {excerpt(as_text(item))}")
        case "reasoning", _:
            return _reasoning(item, origin)
        case "image_generation_call", {"result": str(text)} if (image := unbase64(text)) is not None and text:
            return (_image(image, item, origin),)
        case _ if (call := decode_call(item, origin)) is not None:
            return (call,)
        case _ if kind in RESULTS and (result := decode_result(item, origin)) is not None:
            return (result,)
        case _:
            return (Opaque(origin=origin, kind=kind, data=item),)


def kind_of(data: JSON) -> tuple[str, JSONObject]:
    """Return an item's type, and the item as an object.

    Raises:
        DecodeError: it is no object with a type.
    """
    if isinstance(data, dict) and isinstance(kind := data.get("type"), str):
        return kind, data
    raise DecodeError(f"malformed item: {excerpt(repr(data))}")


def _message(content: list[JSON], item: JSONObject, origin: str) -> tuple[Part, ...]:
    parts = [decode_part(piece, origin, role="assistant") for piece in content]
    if all(isinstance(part, Text | Refusal) for part in parts):
        return marked(parts, rest(item, {"type", "role", "content"}), origin)
    return (Opaque(origin=origin, kind="message", data=item),)


def _reasoning(item: JSONObject, origin: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for key, kind in THOUGHTS.items():
        match item.get(key):
            case None:
                pass
            case list(pieces):
                parts += [_thought(piece, key, kind, origin) for piece in pieces]
            case other:
                raise DecodeError(f"malformed {key} of a reasoning item: {excerpt(repr(other))}")
    return marked(parts or [Reasoning("")], rest(item, {"type", *THOUGHTS}), origin)


def _thought(data: JSON, key: str, kind: str, origin: str) -> Part:
    match data:
        case dict() if isinstance(text := data.get("text"), str):
            odd: JSONObject = {} if key == "summary" else {LIST: key}
            known = {"text", "type"} if data.get("type") == kind else {"text"}
            return Reasoning(text, meta={origin: {**odd, **rest(data, known)}})
        case _:
            raise DecodeError(f"malformed {key} of a reasoning item: {excerpt(repr(data))}")


def marked(parts: list[Part], item: JSONObject, origin: str) -> tuple[Part, ...]:
    """Mark parts as those of one item, whose other members the first one keeps."""
    found: list[Part] = []
    for number, part in enumerate(parts):
        mark: JSONObject = {SAME: True} if number else {ITEM: item}
        match part:
            case Text() | Refusal() | Reasoning():
                found.append(replace(part, meta={origin: {**part.meta.get(origin, {}), **mark}}))
            case _:
                found.append(part)
    return tuple(found)


def _image(data: bytes, item: JSONObject, origin: str) -> Media:
    form = item.get("output_format")
    mime = f"image/{form}" if isinstance(form, str) else None
    return Media(kind="image", source=Inline(data), mime=mime, meta={origin: rest(item, {"result"})})


def decode_result(item: JSONObject, origin: str, *, executed: bool = True) -> ToolResult | None:
    """Read what a tool of the wire gave, as one JSON value; `None` when no call is named."""
    kind, _ = kind_of(item)
    place = RESULTS[kind]
    match item.get("call_id"), item.get(place):
        case str(id), list(value):
            meta = {origin: rest(item, {"call_id", place})}
            return ToolResult(call_id=id, content=(Json(value),), executed=executed, meta=meta)
        case _:
            return None


def emptied(part: Part) -> Part:
    """Return a part without what comes as deltas."""
    match part:
        case Text():
            return replace(part, text="", citations=(), logprobs=())
        case Reasoning() | Refusal():
            return replace(part, text="")
        case ToolCall():
            return replace(part, arguments=None, raw=None)
        case _:
            return part
