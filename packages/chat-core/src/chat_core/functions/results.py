"""What a tool returned or raised, as the result that the model is told.

Law: a value is written as JSON or as content, never as its `repr`; an error is told in its own words, without a
traceback, and bounded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.parts import ResultPart

MAX_TEXT = 4000
"""Longest text of an error that a model is told, in characters."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class EndTurn:
    """Return it from a tool to end the turn: the model is told the value, and not asked again.

    Attributes:
        value: the result, as if it had been returned.
    """

    value: object = None


def result_of(call: ToolCall, value: object) -> tuple[ToolResult, bool]:
    """Return what the model is told of a tool's value, and whether the turn ends there.

    Text and parts are content as they are, and so is each item of a list that holds a part; `None` is no content; a
    `ToolResult` is kept, under the call's id. Anything else is JSON, by pydantic.

    Raises:
        TypeError: the value is neither content nor JSON.
    """
    if isinstance(value, EndTurn):
        return result_of(call, value.value)[0], True
    if isinstance(value, ToolResult):
        return replace(value, call_id=call.id, name=call.name), False
    return ToolResult(call_id=call.id, name=call.name, content=_content(value)), False


def failed(call: ToolCall, error: BaseException | str) -> ToolResult:
    """Return the error result that tells the model what went wrong: a text, or an exception's kind and own words."""
    text = error if isinstance(error, str) else _words(error)
    return ToolResult(call_id=call.id, name=call.name, content=(Text(excerpt(text, MAX_TEXT)),), is_error=True)


def unreadable(call: ToolCall) -> str:
    """Say to the model what is wrong with the arguments of a call that holds no JSON object."""
    if call.raw is None:
        return f"The call of {call.name} came without arguments. Call it again with a JSON object."
    try:
        parse_object(call.raw)
    except DecodeError as error:
        return f"The arguments of {call.name} cannot be read: {error}\nCall it again with one JSON object."
    return f"The arguments of {call.name} were not understood: {excerpt(call.raw)}"


def _content(value: object) -> tuple[ResultPart, ...]:
    if value is None:
        return ()
    several = _items(value)
    if any(isinstance(item, Text | Media | Json | Opaque) for item in several):
        return tuple(map(_piece, several))
    return (_piece(value),)


def _items(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()


def _piece(value: object) -> ResultPart:
    match value:
        case Text() | Media() | Json() | Opaque():
            return value
        case str():
            return Text(str.__str__(value))  # of an enum, its value
        case bytes() | bytearray() | memoryview():
            raise TypeError("a tool cannot return bare bytes: return Media, which says what they are")
        case Reasoning() | Refusal() | ToolCall() | ToolResult():
            raise TypeError(f"a tool's result cannot hold {type(value).__name__}: return text, media or JSON")
        case _:
            from chat_core.schemas.typed import jsonable  # noqa: PLC0415 - text needs no schema library

            return Json(jsonable(value))


def _words(error: BaseException) -> str:
    try:
        words = str(error)
    except Exception:  # noqa: BLE001 - an error whose text cannot be made is told by its kind
        words = ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
