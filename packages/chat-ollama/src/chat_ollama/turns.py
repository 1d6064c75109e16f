"""The objects of `messages` → messages: the inverse of `content.Speller`.

Law: what has no portable name is in `meta`, an unknown role is a user's with the word in `meta`. Neighbouring results
of tools are one message, as they answer one turn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.messages import Message
from chat_core.parts import Reasoning, Text, ToolCall, ToolResult, is_local, local_id
from chat_ollama.calls import decode_call
from chat_ollama.content import ERROR_MARK
from chat_ollama.media import decode_images

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Role
    from chat_core.parts import Media, Meta, Part, ResultPart

_SPOKEN = frozenset({"role", "content", "images"})
_ANSWERED = _SPOKEN | {"thinking", "tool_calls"}
_RESULT = _SPOKEN | {"tool_name", "tool_call_id"}


class TurnParser:
    """Reads the messages of one request."""

    def __init__(self, origin: str) -> None:
        """Read what belongs to `origin`."""
        self._origin = origin
        self._number = 0
        self._pending: list[ToolCall] = []

    def parse(self, data: list[JSON]) -> tuple[Message, ...]:
        """Read all messages.

        Raises:
            DecodeError: one is malformed.
        """
        messages: list[Message] = []
        for item in data:
            message = self._message(item)
            last = messages[-1] if messages else None
            if message.role == "tool" and last is not None and last.role == "tool":
                messages[-1] = replace(last, parts=last.parts + message.parts)
            else:
                messages.append(message)
        return tuple(messages)

    def _message(self, data: JSON) -> Message:
        if not isinstance(data, dict):
            raise DecodeError(f"a message is no object but {type(data).__name__}")
        match data.get("role"):
            case "assistant":
                return self._assistant(data)
            case "tool":
                return Message(role="tool", parts=(self._result(data),))
            case "system" | "user" as role:
                return self._spoken(data, role, {})
            case str(word):
                return self._spoken(data, "user", {"role": word})
            case _:
                raise DecodeError(f"a message without a role: {excerpt(repr(data))}")

    def _spoken(self, data: JSONObject, role: Role, odd: JSONObject) -> Message:
        images = self._images(data, odd)
        text = _content(data)
        parts: tuple[Part, ...] = (Text(text), *images) if text or not images else images
        return Message(role=role, parts=parts, meta=self._meta({**odd, **rest(data, _SPOKEN)}))

    def _assistant(self, data: JSONObject) -> Message:
        parts: list[Part] = []
        odd: JSONObject = {}
        match data.get("thinking"):
            case None:
                pass
            case str(thought):
                parts.append(Reasoning(thought, meta={self._origin: {}}))
            case other:
                odd["thinking"] = other
        parts += self._images(data, odd)
        calls = self._calls(data.get("tool_calls"), odd)
        text = _content(data)
        if text or not (parts or calls):
            parts.append(Text(text))
        return Message(role="assistant", parts=(*parts, *calls), meta=self._meta({**odd, **rest(data, _ANSWERED)}))

    def _images(self, data: JSONObject, odd: JSONObject) -> tuple[Media, ...]:
        found = decode_images(images) if (images := data.get("images")) else ()
        if found is None:
            odd["images"] = images
        return found or ()

    def _calls(self, data: JSON, odd: JSONObject) -> list[Part]:
        self._pending = []
        match data:
            case None:
                return []
            case [_, *_] as items:
                self._pending = [decode_call(item, self._number + at, self._origin) for at, item in enumerate(items)]
            case other:
                odd["tool_calls"] = other
        self._number += len(self._pending)
        return [*self._pending]

    def _result(self, data: JSONObject) -> ToolResult:
        odd: JSONObject = {}
        given, name = data.get("tool_call_id"), data.get("tool_name")
        call = self._answered(given, name)
        if given != call.id and not is_local(call.id):
            odd["tool_call_id"] = given
        if name != call.name and not isinstance(name, str):
            odd["tool_name"] = name
        images = self._images(data, odd)
        is_error, text = _unmarked(_content(data))
        content: tuple[ResultPart, ...] = (Text(text), *images) if text else images
        return ToolResult(
            call_id=call.id,
            content=content,
            name=name if isinstance(name, str) else None,
            is_error=is_error,
            meta=self._meta({**rest(data, _RESULT), **odd}),
        )

    def _answered(self, given: JSON, name: JSON) -> ToolCall:
        """Find the call that a result answers: the one of its id, else the first unanswered one of its tool."""
        if isinstance(given, str) and given:
            found = next((call for call in self._pending if call.id == given), None)
            call = found if found is not None else ToolCall(id=given, name=name if isinstance(name, str) else "")
        else:
            named = [call for call in self._pending if call.name == name]
            waiting = [*named, *self._pending]
            call = waiting[0] if waiting else ToolCall(id=local_id(self._number), name="")
        if call in self._pending:
            self._pending.remove(call)
        return call

    def _meta(self, data: JSONObject) -> Meta:
        return {self._origin: data} if data else {}


def _content(data: JSONObject) -> str:
    match data.get("content"):
        case None:
            return ""
        case str(text):
            return text
        case other:
            raise DecodeError(f"the content of a message is no text but {type(other).__name__}")


def _unmarked(text: str) -> tuple[bool, str]:
    """Read the mark that `content` puts before the words of a failed tool."""
    return (True, text.removeprefix(ERROR_MARK)) if text.startswith(ERROR_MARK) else (False, text)
