"""The objects of `messages` → messages: the inverse of `messages.MessageEncoder`.

Law: an unknown member is in the message's `meta`, an unknown part is `Opaque`, an unknown role is a user's with the
word in `meta`. Adjacent results of tools are one message, as they answer one turn.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.calls import LEGACY, decode_call, decode_legacy
from chat_completions.citations import decode_annotations
from chat_completions.content import decode_part
from chat_completions.messages import ERROR_MARK
from chat_completions.reasoning import DETAILS, KEYS, Thoughts
from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.messages import Message
from chat_core.parts import FileID, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult, local_id

if TYPE_CHECKING:
    from chat_completions.preset import Preset
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part, ResultPart

_ASSISTANT = KEYS | {"role", "content", "refusal", "audio", "images", "annotations", "tool_calls", LEGACY}
_RESULT = frozenset({"role", "content", "tool_call_id", "name"})


class TurnParser:
    """Reads the messages of one request."""

    def __init__(self, origin: str, preset: Preset) -> None:
        """Read what belongs to `origin`."""
        self._origin = origin
        self._preset = preset
        self._number = 0
        self._pending: list[str] = []
        self._legacy: str | None = None

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
        match data:
            case {"role": "assistant"}:
                return self._assistant(data)
            case {"role": "tool" | "function" as role}:
                return Message(role="tool", parts=(self._result(data, role),))
            case {"role": "system" | "developer" as role}:
                meta: JSONObject = {} if role == self._preset.system_role else {"role": role}
                return Message(role="system", parts=self._content(data), meta=self._meta(data, meta))
            case {"role": str(role)}:
                meta = {} if role == "user" else {"role": role}
                return Message(role="user", parts=self._content(data), meta=self._meta(data, meta))
            case _:
                raise DecodeError(f"a message without a role: {data!r:.100}")

    def _meta(self, data: JSONObject, more: JSONObject) -> dict[str, JSONObject]:
        odd: JSONObject = {} if _is_content(data.get("content")) else {"content": data.get("content")}
        return dict(meta_of(self._origin, {**more, **odd, **rest(data, {"role", "content"})}))

    def _content(self, data: JSONObject) -> tuple[Part, ...]:
        match data.get("content"):
            case str(text):
                return (Text(text),)
            case list(items):
                return tuple(decode_part(item, self._origin) for item in items)
            case None:
                return ()
            case value:
                return (Json(value),)

    def _assistant(self, data: JSONObject) -> Message:
        parts: list[Part] = []
        odd: JSONObject = {}
        thoughts = Thoughts()
        text = thoughts.take(data, keep_empty=True)
        if thoughts.seen:
            parts.append(Reasoning(text, meta={self._origin: thoughts.meta()}))
        parts += self._content(data) if data.get("content") not in ("", []) else ()
        parts = _cited(parts, data, odd, self._origin)
        match data.get("refusal"):
            case str(words):
                parts.append(Refusal(words))
            case _:
                odd |= rest({"refusal": data.get("refusal")}, ())
        parts += self._sound(data, odd) + self._images(data, odd) + self._calls(data, odd)
        if not _is_content(data.get("content")) or data.get("content") in ("", []):
            silent = len(data) > 2 and len(parts) > 0  # noqa: PLR2004 - role and content
            if data.get("content") != (self._preset.empty_content if silent else ""):
                odd["content"] = data.get("content")
        empty: JSONObject = {DETAILS: []} if data.get(DETAILS) == [] else {}
        return Message(
            role="assistant",
            parts=tuple(parts),
            meta=meta_of(self._origin, {**odd, **empty, **rest(data, _ASSISTANT)}),
        )

    def _sound(self, data: JSONObject, odd: JSONObject) -> list[Part]:
        match data.get("audio"):
            case None:
                return []
            case {"id": str(id), **more} if not more:
                return [Media(kind="audio", source=FileID(id), meta={self._origin: {"id": id}})]
            case other:
                odd["audio"] = other
                return []

    def _images(self, data: JSONObject, odd: JSONObject) -> list[Part]:
        match data.get("images"):
            case None:
                return []
            case [_, *_] as items:
                images = [decode_part(item, self._origin) for item in items]
                if all(isinstance(image, Media) and image.kind == "image" for image in images):
                    return images
                odd["images"] = items
                return []
            case other:
                odd["images"] = other
                return []

    def _calls(self, data: JSONObject, odd: JSONObject) -> list[Part]:
        calls: list[Part] = []
        self._pending = []
        match data.get("tool_calls"):
            case None:
                pass
            case [_, *_] as items:
                calls += [decode_call(item, self._number + place, self._origin) for place, item in enumerate(items)]
            case other:
                odd["tool_calls"] = other
        match data.get(LEGACY):
            case None:
                pass
            case dict(legacy):
                call = decode_legacy(legacy, self._number + len(calls), self._origin)
                self._legacy = call.id
                calls.append(call)
            case other:
                odd[LEGACY] = other
        self._number += len(calls)
        self._pending = [call.id for call in calls if isinstance(call, ToolCall)]
        return calls

    def _result(self, data: JSONObject, role: str) -> ToolResult:
        meta: JSONObject = rest(data, _RESULT)
        match data.get("tool_call_id"):
            case str(given) if given:
                pass
            case missing:
                given = self._unnamed(role)
                meta |= {"role": role} if role == "function" else {"tool_call_id": missing}
        if given in self._pending:
            self._pending.remove(given)
        named = data.get("name")
        name = named if isinstance(named, str) else None
        content, odd = self._answer(data.get("content"))
        is_error, content = _unmarked(content)
        return ToolResult(
            call_id=given, content=content, name=name, is_error=is_error, meta=meta_of(self._origin, {**meta, **odd})
        )

    def _unnamed(self, role: str) -> str:
        """Find the call that a result without an id answers: the first one that has no answer yet."""
        if role == "function" and self._legacy is not None:
            return self._legacy
        return self._pending[0] if self._pending else local_id(self._number)

    def _answer(self, data: JSON) -> tuple[tuple[ResultPart, ...], JSONObject]:
        match data:
            case str(text):
                return (Text(text),), {}
            case [_, *_] as items:
                parts = [decode_part(item, self._origin) for item in items]
                content = tuple(part for part in parts if isinstance(part, Text | Media | Json | Opaque))
                return content, {} if len(content) == len(parts) else {"content": items}
            case None | []:
                return (), {"content": data}
            case value:
                return (Json(value),), {"content": value}


def _is_content(data: JSON) -> bool:
    return isinstance(data, str | list)


def _cited(parts: list[Part], data: JSONObject, odd: JSONObject, origin: str) -> list[Part]:
    """Give the annotations to the last text, as a reply does."""
    annotations = data.get("annotations")
    places = [place for place, part in enumerate(parts) if isinstance(part, Text)]
    if annotations is None or not places or not isinstance(annotations, list) or not annotations:
        odd |= {} if annotations is None else {"annotations": annotations}
        return parts
    text = parts[places[-1]]
    if isinstance(text, Text):
        parts[places[-1]] = replace(text, citations=tuple(decode_annotations(annotations, origin)))
    return parts


def _unmarked(content: tuple[ResultPart, ...]) -> tuple[bool, tuple[ResultPart, ...]]:
    """Read the mark that `encode` puts before the words of a failed tool."""
    match content:
        case (Text(text) as first, *others) if text.startswith(ERROR_MARK):
            words = text.removeprefix(ERROR_MARK)
            if words or others or first.meta:
                return True, (replace(first, text=words), *others) if words or first.meta else tuple(others)
            return True, ()
        case _:
            return False, content
