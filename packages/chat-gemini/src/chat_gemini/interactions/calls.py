"""Steps that call tools and steps that hold what tools gave ↔ `ToolCall`, `ToolResult`.

Law: a function is the program's, any other tool ran on the service, and its steps are `executed`. What a step holds
beyond the typed fields is in `meta` and goes back with it; the `type` too, except of a function's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import as_text, meta_of
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.jsonvalue import excerpt, parse_arguments, rest
from chat_core.parts import Json, Media, Opaque, Text, ToolCall, ToolResult
from chat_gemini.interactions.content import PIECE, decode_piece, encode_media, encode_text, is_content
from chat_gemini.interactions.overlay import LIST, overlay, own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import ResultPart
    from chat_gemini.places import Place

FUNCTION, ANSWER = "function_call", "function_result"
SERVER, SERVED = "mcp_server_tool_call", "mcp_server_tool_result"

TOOLS = (
    "code_execution", "file_search", "google_maps", "google_search", "processing", "retrieval", "tool_search",
    "url_context",
)  # fmt: skip
"""The service's own tools."""

CALLS: Mapping[str, str | None] = {FUNCTION: None, SERVER: None, **{f"{name}_call": name for name in TOOLS}}
"""Types of steps that call a tool, and the tool; `None` = the step names it."""

RESULTS: Mapping[str, str | None] = {ANSWER: None, SERVED: None, **{f"{name}_result": name for name in TOOLS}}
"""Types of steps that hold what a tool gave, and the tool; `None` = the step names it, where it does."""

UNPARSED = "INVALID_JSON"
"""The member that holds arguments that are no JSON object: the wire takes objects only."""


def decode_call(step: JSONObject, kind: str, origin: str) -> ToolCall | None:
    """Read a call; `None` when it has to stay as it is.

    Raises:
        DecodeError: the call of a function is malformed, or its arguments are.
    """
    tool = CALLS[kind]
    match step.get("id"), step.get("name") if tool is None else tool:
        case str(id), str(name) if id:
            pass
        case _ if kind == FUNCTION:
            raise DecodeError(f"malformed {kind}: {excerpt(as_text(step))}")
        case _:
            return None
    arguments, raw = _arguments(step.get("arguments"))
    known = {"id", "arguments", *({"name"} if tool is None else ())}
    left = rest(step, {"type", *known} if kind == FUNCTION else known)
    meta = meta_of(origin, left)
    return ToolCall(id=id, name=name, arguments=arguments, raw=raw, executed=kind != FUNCTION, meta=meta)


def _arguments(data: JSON) -> tuple[JSONObject | None, str | None]:
    match data:
        case None:
            return parse_arguments("")
        case dict():
            return data, None
        case str():
            return parse_arguments(data)
        case _:
            raise DecodeError(f"the arguments of a call are no object but {type(data).__name__}")


def text_of(step: JSONObject) -> str:
    """Return the text that the deltas of a call are joined to."""
    match step.get("arguments"):
        case None:
            return ""
        case str(text):
            return text
        case data:
            return as_text(data)


def encode_call(call: ToolCall, mine: JSONObject) -> JSONObject:
    """Spell a call as the step that its own `meta` says, else as that of a function."""
    kind = mine.get("type", FUNCTION)
    data: JSONObject = {"type": kind, "id": call.id}
    if not isinstance(kind, str) or CALLS.get(kind) is None:
        data["name"] = call.name
    if kind == FUNCTION or call.raw != "":
        data["arguments"] = sent_arguments(call)
    return overlay(data, mine)


def sent_arguments(call: ToolCall) -> JSONObject:
    """Return a call's arguments as an object."""
    match call.arguments, call.raw:
        case dict(arguments), _:
            return arguments
        case None, str(raw):
            return {UNPARSED: raw}
        case _:
            return {}


def decode_result(step: JSONObject, kind: str, origin: str, *, executed: bool) -> ToolResult | None:
    """Read what a tool gave; `None` when it has to stay as it is.

    Raises:
        DecodeError: the result of a function is malformed.
    """
    tool, call, failed = RESULTS[kind], step.get("call_id"), step.get("is_error")
    if not isinstance(call, str) or not isinstance(failed, bool | None):
        if kind == ANSWER:
            raise DecodeError(f"malformed {kind}: {excerpt(as_text(step))}")
        return None
    named = step.get("name") if tool is None else tool
    known = {"call_id", "result", "is_error", *({"name"} if tool is None and isinstance(named, str) else ())}
    content, listed = _content(step.get("result"), origin)
    left = rest(step, known if executed else {"type", *known})
    return ToolResult(
        call_id=call,
        content=content,
        name=named if isinstance(named, str) else None,
        is_error=failed is True,
        executed=executed,
        meta=meta_of(origin, {**left, LIST: True} if listed else left),
    )


def _content(data: JSON, origin: str) -> tuple[tuple[ResultPart, ...], bool]:
    """Read a result; tell also whether it is a list that its parts alone would not be."""
    match data:
        case None:
            return (), False
        case str(text):
            return (Text(text),), False
        case [_, *_] if all(is_content(item) for item in data):
            parts = tuple(decode_piece(item, origin) for item in data)
            return parts, len(parts) == 1 and isinstance(parts[0], Text)
        case list():
            return (Json(data),), True
        case _:
            return (Json(data),), False


def encode_result(part: ToolResult, mine: JSONObject, origin: str, place: Place) -> JSONObject:
    """Spell a result as the step that its own `meta` says, else as that of a function.

    Raises:
        UnsupportedContent: a block of another service is in it, or media that cannot be spelled.
    """
    kind = mine.get("type", ANSWER)
    data: JSONObject = {"type": kind, "call_id": part.call_id}
    named = isinstance(kind, str) and RESULTS.get(kind) is not None
    if part.name is not None and not named:
        data["name"] = part.name
    if part.content or kind == ANSWER:
        data["result"] = _spelled(part, mine, origin, place)
    if part.is_error:
        data["is_error"] = True
    return overlay(data, mine)


def _spelled(part: ToolResult, mine: JSONObject, origin: str, place: Place) -> JSON:
    """Spell the content: a text, an object, or a list of texts and media."""
    match part.content:
        case ():
            return ""
        case (Text(text) as alone,) if LIST not in mine and encode_text(alone, origin).keys() == {"type", "text"}:
            return text
        case (Json(dict(value)),):
            return value
        case (Json(value),) if mine.get(LIST) is True or part.executed:
            return value
        case (Json(value),):
            return dump(value).decode()
        case content:
            return [_piece(item, origin, place) for item in content]


def _piece(part: ResultPart, origin: str, place: Place) -> JSONObject:
    match part:
        case Text():
            return encode_text(part, origin)
        case Json(value):
            return {"type": "text", "text": dump(value).decode()}
        case Media():
            return encode_media(part, origin, place)
        case Opaque(origin=other, kind=kind, data=data):
            if own(origin, {other: data}) is None or not kind.startswith(PIECE):
                raise UnsupportedContent(f"a block of {other} cannot go into a tool's result: send its text")
            return data
