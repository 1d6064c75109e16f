"""Messages and results → items of a conversation, each in the event that adds it.

Law: reasoning, and what another service has put into an answer, is dropped, sent as text or refused as the policy
says, and never without a `Notice`. Items have no ids of ours: the service gives them.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.media import data_url
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.response import Notice
from chat_responses.answers import ERROR_MARK
from chat_responses.calls import text_of
from chat_responses.overlay import is_of

if TYPE_CHECKING:
    from typing import assert_never

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Part, ResultPart


class ItemEncoder:
    """Spells messages as items."""

    def __init__(self, origin: str, policy: ForeignReasoning | None, notices: list[Notice]) -> None:
        """Write what is not sent as it is into `notices`."""
        self._origin = origin
        self._policy: ForeignReasoning = policy if policy is not None else "drop"
        self._notices = notices

    def events(self, message: Message) -> list[JSONObject]:
        """Return the events that add a message.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        """
        return [added(item) for item in self._items(message)]

    def result(self, result: ToolResult) -> JSONObject:
        """Return the item that holds what a tool gave.

        Raises:
            UnsupportedContent: it is no text.
        """
        text = "".join(_words(part) for part in result.content)
        output = f"{ERROR_MARK}{text}" if result.is_error else text
        return {"type": "function_call_output", "call_id": result.call_id, "output": output}

    def _items(self, message: Message) -> list[JSONObject]:
        items: list[JSONObject] = []
        content: list[JSON] = []
        for part in message.parts:
            match part:
                case ToolCall(executed=False):
                    self._spoken(message, content, items)
                    content = []
                    items.append(_call(part))
                case ToolResult(executed=False):
                    items.append(self.result(part))
                case Opaque(data={"type": str()} as data) if is_of(self._origin, part.origin):
                    items.append(data)
                case _:
                    content += self._piece(part, message.role)
        self._spoken(message, content, items)
        return items

    def _spoken(self, message: Message, content: list[JSON], items: list[JSONObject]) -> None:
        if content:
            role = "user" if message.role == "tool" else message.role
            items.append({"type": "message", "role": role, "content": content})

    def _piece(self, part: Part, role: str) -> list[JSON]:
        kind = "output_text" if role == "assistant" else "input_text"
        match part:
            case Text(text) | Refusal(text):
                return [{"type": kind, "text": text}]
            case Json(value):
                return [{"type": kind, "text": dump(value).decode()}]
            case Reasoning():
                return self._foreign(part, kind)
            case Media() if role == "assistant":
                return self._sounded(part)
            case Media():
                return [media_piece(part)]
            case ToolCall(name=name) | ToolResult(name=name):
                self._note(name or "tool_result", None, "a call that another service ran itself")
                return []
            case Opaque(kind=word, origin=origin):
                self._note(word, None, f"a block of {origin}, which this wire does not know")
                return []
            case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                if TYPE_CHECKING:
                    assert_never(other)
                raise UnsupportedContent(f"this version cannot spell a {type(other).__name__}")

    def _foreign(self, part: Reasoning, kind: str) -> list[JSON]:
        reason = "the wire takes no reasoning back"
        match self._policy:
            case "fail":
                raise UnsupportedContent("the history holds reasoning, and foreign_reasoning is fail")
            case "as_text" if part.text:
                self._note("reasoning", "text", reason)
                return [{"type": kind, "text": part.text}]
            case _:
                self._note("reasoning", None, reason)
                return []

    def _sounded(self, part: Media) -> list[JSON]:
        if part.transcript is None:
            raise UnsupportedContent(f"an answer of the past cannot hold {part.kind}: send its words")
        self._note(part.kind, "transcript", "of an answer of the past only the words go back")
        return [{"type": "output_text", "text": part.transcript}]

    def _note(self, feature: str, applied: JSON, reason: str) -> None:
        notice = Notice(feature=feature, applied=applied, reason=reason)
        if notice not in self._notices:
            self._notices.append(notice)


def added(item: JSONObject) -> JSONObject:
    """Return the event that adds an item."""
    return {"type": "conversation.item.create", "item": item}


def media_piece(part: Media) -> JSONObject:
    """Spell what the user shows or plays.

    Raises:
        UnsupportedContent: the wire takes no such media.
    """
    match part.kind, part.source:
        case "audio", Inline(sound):
            return {"type": "input_audio", "audio": b64encode(sound).decode("ascii")}
        case "image", Inline():
            return {"type": "input_image", "image_url": data_url(part)}
        case kind, source:
            raise UnsupportedContent(
                f"a live session takes sound and images as bytes, no {kind} from {type(source).__name__}"
            )


def _call(part: ToolCall) -> JSONObject:
    return {"type": "function_call", "call_id": part.id, "name": part.name, "arguments": text_of(part)}


def _words(part: ResultPart) -> str:
    match part:
        case Text(text):
            return text
        case Json(value):
            return dump(value).decode()
        case _:
            raise UnsupportedContent(f"a live session takes a tool's result as text, not {type(part).__name__}")
