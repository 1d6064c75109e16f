"""Tool calls: an entry of `tool_calls` ↔ `ToolCall`.

Law: arguments are objects on this wire. An id that is missing or empty becomes `parts.local_id`, which is the mark that
the wire had none; it is never sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_arguments, rest
from chat_core.parts import ToolCall, is_local, local_id

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

UNPARSED = "INVALID_JSON"
"""The key under which arguments of another service that are no object are sent: the wire takes objects only."""


def read_call(data: JSON, number: int, origin: str) -> tuple[ToolCall, str]:
    """Read a call, and the text of its arguments, which are not in it yet; `number` counts the conversation's calls.

    Raises:
        DecodeError: it is malformed.
    """
    function = data.get("function") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(function, dict):
        raise DecodeError(f"malformed tool call: {excerpt(repr(data))}")
    name = function.get("name")
    if not isinstance(name, str):
        raise DecodeError(f"a tool call without a name: {excerpt(repr(data))}")
    inner = rest(function, {"name", "arguments"})
    meta: JSONObject = {**rest(data, {"id", "function"}), **({"function": inner} if inner else {})}
    call = ToolCall(id=_id(data.get("id"), number), name=name, meta={origin: meta} if meta else {})
    return call, _text(function.get("arguments"))


def decode_call(data: JSON, number: int, origin: str) -> ToolCall:
    """Read a whole call of a message.

    Raises:
        DecodeError: it is malformed.
    """
    call, text = read_call(data, number, origin)
    arguments, raw = parse_arguments(text)
    return ToolCall(id=call.id, name=call.name, arguments=arguments, raw=raw, meta=call.meta)


def _id(value: JSON, number: int) -> str:
    match value:
        case str() if value:
            return value
        case None | "":
            return local_id(number)
        case _:
            raise DecodeError(f"the id of a tool call is no text but {type(value).__name__}")


def _text(arguments: JSON) -> str:
    match arguments:
        case None:
            return ""
        case str():
            return arguments
        case dict():
            return dump(arguments).decode()
        case _:
            raise DecodeError(f"the arguments of a tool call are no object but {type(arguments).__name__}")


def encode_call(call: ToolCall, own: JSONObject) -> JSONObject:
    """Spell a call; `own` is its meta."""
    named: JSONObject = {} if is_local(call.id) else {"id": call.id}
    match own.get("function"):
        case dict(inner):
            pass
        case _:
            inner = {}
    return {**named, **own, "function": {"name": call.name, "arguments": _object(call), **inner}}


def _object(call: ToolCall) -> JSONObject:
    match call.arguments, call.raw:
        case dict(arguments), _:
            return arguments
        case None, str(raw):
            return {UNPARSED: raw}
        case _:
            return {}
