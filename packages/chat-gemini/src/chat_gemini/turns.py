"""`contents` and `systemInstruction` → messages: the inverse of `content.Speller`.

Law: what has no portable name is in `meta`, or is `Opaque`. Results of tools in a user's content are a message of their
own, which says that it shares its place with what stands beside it.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.messages import Message
from chat_core.parts import Json, Media, Opaque, Text, ToolCall, ToolResult, local_id
from chat_gemini.calls import ERROR, OUTPUT
from chat_gemini.content import PLACE, SAME_TURN
from chat_gemini.media import decode_media
from chat_gemini.wire_parts import PartReader

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Role
    from chat_core.parts import Part, ResultPart

ASKING = ("user", "function", None)
"""Roles of a content that is no answer; `function` is an older word for results, and none at all means `user`."""

_CONTENT = frozenset({"role", "parts"})
_RESULT = frozenset({"id", "name", "response", "parts"})


class TurnParser:
    """Reads the contents of one request."""

    def __init__(self, origin: str) -> None:
        """Read what belongs to `origin`."""
        self._origin = origin
        self._reader = PartReader(origin)
        self._number = 0
        self._pending: list[ToolCall] = []

    def instructions(self, data: JSON) -> tuple[Message, ...]:
        """Read `systemInstruction`; its role says nothing.

        Raises:
            DecodeError: it is malformed.
        """
        match data:
            case None:
                return ()
            case str(text):
                return (Message(role="system", parts=(Text(text),)),)
            case dict():
                parts = tuple(self._part(part, "system") for part in _items(data.get("parts"), "parts"))
                return (self._message("system", parts, rest(data, _CONTENT)),) if parts else ()
            case _:
                raise DecodeError(f"systemInstruction is no content: {excerpt(repr(data))}")

    def contents(self, data: JSON) -> tuple[Message, ...]:
        """Read `contents`; a content, or a text, in place of the list is its only one.

        Raises:
            DecodeError: it is malformed.
        """
        found: list[Message] = []
        for item in _items(data, "contents"):
            match item:
                case str(text):
                    found.append(Message(role="user", parts=(Text(text),)))
                case dict():
                    found += self._content(item)
                case _:
                    raise DecodeError(f"a content is no object but {type(item).__name__}")
        return tuple(found)

    def _content(self, data: JSONObject) -> list[Message]:
        role, more = data.get("role"), rest(data, _CONTENT)
        items = _items(data.get("parts"), "parts")
        if role == "model":
            parts = tuple(self._part(item, "assistant") for item in items)
            self._pending = [part for part in parts if isinstance(part, ToolCall) and not part.executed]
            return [self._message("assistant", parts, more)]
        if role not in ASKING:
            raise DecodeError(f"the role of a content is neither user nor model: {excerpt(repr(role), 100)}")
        parts = tuple(self._part(item, "user") for item in items)
        runs = [(answers, tuple(run)) for answers, run in groupby(parts, key=_answers)]
        if not runs:
            return [self._message("user", (), more)]
        return [
            self._message("tool" if answers else "user", run, {PLACE: SAME_TURN} if number else more)
            for number, (answers, run) in enumerate(runs)
        ]

    def _part(self, data: JSON, role: Role) -> Part:
        """Read a part; what may not stand where it stands is kept as it is."""
        if isinstance(data, str):
            return Text(data)
        if not isinstance(data, dict):
            raise DecodeError(f"a part is no object but {type(data).__name__}")
        match data:
            case {"functionResponse": dict(result)} if role == "user":
                return self._result(data, result)
            case {"functionResponse": _}:
                return Opaque(origin=self._origin, kind="functionResponse", data=data)
            case {"functionCall": _} if role != "assistant":
                return Opaque(origin=self._origin, kind="functionCall", data=data)
            case _:
                part = self._reader.part(data)
        if isinstance(part, Media) and role == "system":
            return Opaque(origin=self._origin, kind="media", data=data)
        self._number += isinstance(part, ToolCall)
        return part

    def _result(self, data: JSONObject, result: JSONObject) -> ToolResult:
        name, given = result.get("name"), result.get("id")
        call = self._answered(given, name)
        is_error, content = _response(result.get("response"))
        inner = rest(result, _RESULT)
        meta: JSONObject = {**rest(data, {"functionResponse"}), **({"functionResponse": inner} if inner else {})}
        return ToolResult(
            call_id=call,
            name=name if isinstance(name, str) else None,
            content=(*content, *(self._inside(part) for part in _items(result.get("parts"), "parts"))),
            is_error=is_error,
            meta={self._origin: meta} if meta else {},
        )

    def _inside(self, data: JSON) -> ResultPart:
        """Read a part inside of a result."""
        if not isinstance(data, dict):
            raise DecodeError(f"a part of a result is no object but {type(data).__name__}")
        media = decode_media(data, self._origin)
        return media if media is not None else Opaque(origin=self._origin, kind="part", data=data)

    def _answered(self, given: JSON, name: JSON) -> str:
        """Find the call that a result answers: the one of its id, else the first unanswered one of its tool."""
        if isinstance(given, str) and given:
            self._pending = [call for call in self._pending if call.id != given]
            return given
        waiting = [*(call for call in self._pending if call.name == name), *self._pending]
        if not waiting:
            return local_id(self._number)
        self._pending.remove(waiting[0])
        return waiting[0].id

    def _message(self, role: Role, parts: tuple[Part, ...], meta: JSONObject) -> Message:
        return Message(role=role, parts=parts, meta={self._origin: meta} if meta else {})


def _answers(part: Part) -> bool:
    return isinstance(part, ToolResult) and not part.executed


def _items(data: JSON, key: str) -> list[JSON]:
    """Return the items of a list; an object or a text stands for a list of one."""
    match data:
        case None:
            return []
        case list():
            return data
        case dict() | str():
            return [data]
        case _:
            raise DecodeError(f"malformed {key}: {excerpt(repr(data))}")


def _response(data: JSON) -> tuple[bool, tuple[ResultPart, ...]]:
    """Read what a tool gave: what is not exactly as we would write it stays an object."""
    if data is None or data == {}:
        return False, ()
    if not isinstance(data, dict) or len(data) > 1:
        return False, (Json(data),)
    match data.get(OUTPUT), data.get(ERROR):
        case str(text), _:
            return False, (Text(text),)
        case (bool() | int() | float() | list()) as value, _:
            return False, (Json(value),)
        case _, str(text):
            return True, (Text(text),)
        case None, value if value is not None:
            return True, (Json(value),)
        case _:
            return False, (Json(data),)
