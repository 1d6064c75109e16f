"""The items of `input` → messages: the inverse of `turns.TurnEncoder`.

Law: items of an answer that stand together are one message, and so are results of tools. An unknown member is in
`meta`, an unknown part or item is `Opaque`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import as_text, meta_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.messages import Message
from chat_core.parts import Media, Opaque, Refusal, Text, ToolCall
from chat_responses.answers import OUTPUTS, decode_answer
from chat_responses.content import decode_part
from chat_responses.decode import reader
from chat_responses.items import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Role
    from chat_core.parts import Part
    from chat_core.tools import AnyTool
    from chat_responses.preset import Preset

PROGRAM: Mapping[str, Role] = {
    "additional_tools": "system",
    "compaction_trigger": "user",
    "configuration_update": "system",
    "item_reference": "user",
    "mcp_approval_response": "user",
}
"""Items that the program says, and no answer holds, by who is taken to say them."""


class TurnParser:
    """Reads the items of one request."""

    def __init__(self, origin: str, preset: Preset, tools: tuple[AnyTool, ...]) -> None:
        """Read what belongs to `origin`, beside the declarations of these tools."""
        self._origin = origin
        self._preset = preset
        self._read = reader(preset, origin, tools)
        self._executed: set[str] = set()

    def parse(self, data: list[JSON]) -> tuple[Message, ...]:
        """Read all items.

        Raises:
            DecodeError: one is malformed.
        """
        messages: list[Message] = []
        for item in data:
            message = self._message(item)
            last = messages[-1] if messages else None
            if last is not None and last.role == message.role and message.role in {"assistant", "tool"}:
                messages[-1] = replace(last, parts=last.parts + message.parts)
            else:
                messages.append(message)
        return tuple(messages)

    def _message(self, data: JSON) -> Message:
        if not isinstance(data, dict):
            raise DecodeError(f"an item is no object but {type(data).__name__}")
        match data.get("type"), data.get("role"):
            case None | "message", "assistant":
                return Message(role="assistant", parts=self._answered(data))
            case None | "message", "system" | "developer" as role:
                meta: JSONObject = {} if role == self._preset.system_role else {"role": role}
                return Message(role="system", parts=self._content(data), meta=self._meta(data, meta))
            case None | "message", str(role):
                meta = {} if role == "user" else {"role": role}
                return Message(role="user", parts=self._content(data), meta=self._meta(data, meta))
            case str(kind), _:
                return self._item(kind, data)
            case _:
                raise DecodeError(f"an item without a type or a role: {excerpt(as_text(data))}")

    def _meta(self, data: JSONObject, more: JSONObject) -> dict[str, JSONObject]:
        return dict(meta_of(self._origin, {**more, **rest(data, {"role", "content"})}))

    def _content(self, data: JSONObject) -> tuple[Part, ...]:
        match data.get("content"):
            case str(text):
                return (Text(text),)
            case list(items):
                return tuple(self._piece(item) for item in items)
            case _:
                raise DecodeError(f"a message without content: {excerpt(as_text(data))}")

    def _piece(self, data: JSON) -> Part:
        match decode_part(data, self._origin):
            case Text() | Media() | Opaque() as part:
                return part
            case _:  # a refusal in a user's message has no other place
                return Opaque(origin=self._origin, kind="refusal", data=data if isinstance(data, dict) else {"": data})

    def _answered(self, data: JSONObject) -> tuple[Part, ...]:
        item = rest(data, {"role", "content"})
        match data.get("content"):
            case str(text):
                return (Text(text),) if not rest(item, {"type"}) else (self._kept("message", data),)
            case [_, *_] as pieces:
                parts = [decode_part(piece, self._origin, role="assistant") for piece in pieces]
                if all(isinstance(part, Text | Refusal) for part in parts):
                    return marked(parts, item, self._origin)
                return (self._kept("message", data),)
            case list():
                return (self._kept("message", data),)
            case _:
                raise DecodeError(f"a message without content: {excerpt(as_text(data))}")

    def _item(self, kind: str, data: JSONObject) -> Message:
        if kind in OUTPUTS:
            named = data.get("call_id")
            executed = data.get("execution") == "server" or (isinstance(named, str) and named in self._executed)
            result = decode_answer(data, kind, self._origin, executed=executed)
            if result is not None:
                return Message(role="assistant" if executed else "tool", parts=(result,))
            return Message(role="assistant" if executed else "tool", parts=(self._kept(kind, data),))
        if kind in PROGRAM:
            return Message(role=PROGRAM[kind], parts=(self._kept(kind, data),))
        parts = self._read(data)
        self._executed |= {part.id for part in parts if isinstance(part, ToolCall) and part.executed}
        return Message(role="assistant", parts=parts)

    def _kept(self, kind: str, data: JSONObject) -> Opaque:
        return Opaque(origin=self._origin, kind=kind, data=data)
