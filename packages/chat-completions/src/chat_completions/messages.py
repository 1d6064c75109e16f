"""Messages → the objects of `messages`.

Law: each message is spelled from itself and what came before it, so that appending never changes earlier bytes. Every
call is answered by one `tool` object, right after the message that made it; media that a tool gave follow as the
user's. What another origin wrote is dropped, or sent as text, or refused, and never without a `Notice`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_completions.calls import LEGACY, encode_call, encode_legacy
from chat_completions.citations import encode_annotation
from chat_completions.content import encode_media, encode_thinking
from chat_completions.overlay import own
from chat_completions.reasoning import THINKING, encode_reasoning
from chat_core.codec.answers import require_answers
from chat_core.codec.leftovers import overlay
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.parts import FileID, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import assert_never

    from chat_completions.provider import Completions
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.parts import Citation, Meta, Part
    from chat_core.request import Request

ERROR_MARK = "Error: "
"""What the content of a failed tool's result begins with: the wire has no field for it."""


class MessageEncoder:
    """Spells the messages of one request."""

    def __init__(self, provider: Completions, request: Request, notices: list[Notice]) -> None:
        """Write what cannot be sent as it is into `notices`."""
        self._provider = provider
        self._preset = provider.preset
        self._request = request
        self._notices = notices
        policy = request.options.foreign_reasoning
        self._policy = policy if policy is not None else "drop"
        self._legacy: dict[str, str] = {}

    def encode(self) -> list[JSON]:
        """Spell all messages.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call has no result.
        """
        require_answers(self._request.messages)
        encoded: list[JSON] = []
        waiting: list[JSON] = []
        for message in self._request.messages:
            answers = [part for part in message.parts if isinstance(part, ToolResult)]
            others = [part for part in message.parts if not isinstance(part, ToolResult)]
            if waiting and all(result.executed for result in answers):
                encoded.append({"role": "user", "content": waiting})
                waiting = []
            if message.role == "assistant" and others:  # a call stands before its result
                encoded.append(self._message(message, others))
            for result in answers:
                encoded += self._result(result, waiting)
            if (others and message.role != "assistant") or not message.parts:
                encoded.append(self._message(message, others))
        if waiting:
            encoded.append({"role": "user", "content": waiting})
        return encoded

    def _message(self, message: Message, parts: Sequence[Part]) -> JSONObject:
        if message.role == "assistant":
            data = self._assistant(parts)
        else:
            role = self._preset.system_role if message.role == "system" else "user"
            data = {"role": role, "content": self._content(parts, role)}
        return overlay(data, self._mine(message.meta))

    def _assistant(self, parts: Sequence[Part]) -> JSONObject:
        """Spell an answer: content, reasoning, refusal, sound, images, calls, each at its place."""
        content: list[JSON] = []
        data: JSONObject = {"role": "assistant"}
        calls: list[JSON] = []
        images: list[JSON] = []
        annotations: list[JSON] = []
        for part in parts:
            match part:
                case Reasoning():
                    self._reasoning(part, data, content)
                case Refusal() if "type" not in self._mine(part.meta):
                    data["refusal"] = _after(data.get("refusal"), part.text)
                case Media(kind="audio"):
                    self._heard(part, data, content)
                case Media(kind="image"):
                    images.append(encode_media(part, self._mine(part.meta), self._preset))
                case ToolCall():
                    self._call(part, data, calls)
                case _:
                    content += self._piece(part)
            if isinstance(part, Text):
                annotations += [note for citation in part.citations if (note := self._annotation(citation)) is not None]
        for key, values in (("images", images), ("annotations", annotations), ("tool_calls", calls)):
            if values:
                data[key] = values
        return {"role": "assistant", "content": self._spoken(content, silent=len(data) > 1), **data}

    def _spoken(self, content: list[JSON], *, silent: bool) -> JSON:
        """Spell an answer's content; `silent` is one that says something beside it."""
        spelled = self._spelled(content)
        if spelled is None:
            return self._preset.empty_content if silent else ""
        return spelled

    def _content(self, parts: Sequence[Part], role: str) -> JSON:
        """Spell content that is all there is to a message."""
        content: list[JSON] = []
        for part in parts:
            match part:
                case Reasoning() | ToolCall() | ToolResult():
                    raise UnsupportedContent(f"a {type(part).__name__} cannot stand in a {role} message")
                case _:
                    content += self._piece(part)
        spelled = self._spelled(content)
        return [] if spelled is None else spelled

    def _spelled(self, content: list[JSON]) -> JSON:
        """Spell one plain text as a string, as every server takes it; `None` = no content."""
        texts = [text for item in content if (text := _plain_text(item)) is not None]
        if content and len(texts) == len(content) and (len(texts) == 1 or self._preset.plain_strings):
            return "".join(texts)
        return content or None

    def _piece(self, part: Part) -> list[JSON]:
        """Spell a part as objects of a content list."""
        match part:
            case Text(text="", meta=meta) if meta and own(self._provider, self._request.model, meta) is None:
                return []  # it carried what another service understands, such as a signature
            case Text(text, meta=meta):
                return [overlay({"type": "text", "text": text}, self._mine(meta))]
            case Json(value):
                return [{"type": "text", "text": dump(value).decode()}]
            case Refusal(text, meta=meta):
                return [overlay({"type": "refusal", "refusal": text}, self._mine(meta))]
            case Media():
                return [encode_media(part, self._mine(part.meta), self._preset)]
            case Opaque(origin=origin, kind=kind, data=data):
                if own(self._provider, self._request.model, {origin: data}) is not None:
                    return [data[""]] if data.keys() == {""} else [data]
                self._note(kind, None, f"a block of {origin}, which {self._preset.name} does not know")
                return []
            case Reasoning() | ToolCall() | ToolResult():
                raise UnsupportedContent(f"a {type(part).__name__} cannot stand here")
            case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                if TYPE_CHECKING:
                    assert_never(other)
                raise UnsupportedContent(f"this version cannot spell a {type(other).__name__}")

    def _reasoning(self, part: Reasoning, data: JSONObject, content: list[JSON]) -> None:
        memory = own(self._provider, self._request.model, part.meta)
        if memory is None:
            self._foreign(part, content)
        elif not self._preset.replays_reasoning:
            self._note("reasoning", None, f"{self._preset.name} does not take its reasoning back")
        elif memory.get("field") == THINKING:
            content.append(encode_thinking(part, memory))
        else:
            for key, value in encode_reasoning(part, memory, self._preset.reasoning_field).items():
                match data.get(key), value:
                    case str(before), str():
                        data[key] = before + value
                    case list(before), list():
                        data[key] = before + value
                    case _:
                        data[key] = value

    def _foreign(self, part: Reasoning, content: list[JSON]) -> None:
        reason = "another origin wrote it"
        match self._policy:
            case "fail":
                raise UnsupportedContent("the history holds reasoning of another origin, and foreign_reasoning is fail")
            case "as_text" if part.text:
                self._note("reasoning", "text", reason)
                content.append({"type": "text", "text": part.text})
            case _:
                self._note("reasoning", None, reason)

    def _annotation(self, citation: Citation) -> JSONObject | None:
        mine = own(self._provider, self._request.model, citation.meta)
        if mine is None:
            self._note("citations", None, "they are no annotations of this service")
            return None
        return encode_annotation(citation, mine)

    def _call(self, part: ToolCall, data: JSONObject, calls: list[JSON]) -> None:
        mine = self._mine(part.meta)
        if part.executed:
            self._note(part.name, None, "a call that another service ran itself")
        elif mine.get("type") == LEGACY:
            data[LEGACY] = encode_legacy(part, mine)
            self._legacy[part.id] = part.name
        else:
            calls.append(encode_call(part, mine))

    def _heard(self, part: Media, data: JSONObject, content: list[JSON]) -> None:
        """Refer to an answer in sound by its id, as the wire takes no other form back; that of others is its words."""
        match part.source, self._mine(part.meta):
            case (FileID(id), _) | (_, {"id": str(id)}):
                data["audio"] = {"id": id}
            case _ if part.transcript is not None:
                self._note("audio", "transcript", "an answer in sound goes back to the service that gave it only")
                content.append({"type": "text", "text": part.transcript})
            case _:
                raise UnsupportedContent("an answer in sound can only go back to the service that gave it an id")

    def _result(self, part: ToolResult, waiting: list[JSON]) -> list[JSON]:
        """Spell a tool's result; media that may not stand in it wait for the next user message."""
        if part.executed:
            self._note("tool_result", None, "the result of a call that another service ran itself")
            return []
        mine = self._mine(part.meta)
        content: list[JSON] = []
        for item in part.content:
            if isinstance(item, Media) and not self._preset.tool_media:
                waiting.append(encode_media(item, self._mine(item.meta), self._preset))
                self._note("tool_result", "user", f"{self._preset.name} takes only text as a tool's result")
            else:
                content += self._piece(item)
        spelled = _marked(content) if part.is_error else content
        legacy = self._legacy.get(part.call_id)
        called = legacy if part.name is None and not mine else part.name
        name: JSONObject = {} if called is None else {"name": called}
        data: JSONObject = {"role": "tool", "tool_call_id": part.call_id, **name, "content": self._answered(spelled)}
        if legacy is not None or mine.get("role") == "function":
            del data["tool_call_id"]
            data["role"] = "function"
        return [overlay(data, mine)]

    def _answered(self, content: list[JSON]) -> JSON:
        spelled = self._spelled(content)
        return "" if spelled is None else spelled

    def _mine(self, meta: Meta) -> JSONObject:
        mine = own(self._provider, self._request.model, meta)
        return mine if mine is not None else {}

    def _note(self, feature: str, applied: JSON, reason: str) -> None:
        self._notices.append(Notice(feature=feature, applied=applied, reason=reason))


def _after(before: JSON, text: str) -> str:
    return before + text if isinstance(before, str) else text


def _plain_text(data: JSON) -> str | None:
    match data:
        case {"type": "text", "text": str(text), **more} if not more:
            return text
        case _:
            return None


def _marked(content: list[JSON]) -> list[JSON]:
    """Say in the content that the tool failed."""
    match content:
        case [dict(first), *others] if isinstance(text := first.get("text"), str):
            return [{**first, "text": ERROR_MARK + text}, *others]
        case _:
            return [{"type": "text", "text": ERROR_MARK}, *content]
