"""Messages and parts → the wire's messages and content blocks.

Law: each part is spelled by itself, so appending a turn never changes the bytes before it. What cannot go along is
left out with a notice, or raises; a private mark of another origin is never sent.
"""

from __future__ import annotations

import re
from dataclasses import field
from itertools import takewhile
from typing import TYPE_CHECKING

from chat_claude.blocks import encode_citation
from chat_claude.media import encode_media
from chat_core.codec.answers import require_answers
from chat_core.codec.spelling import Spelling
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message, Role
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Citation, Meta, Part
    from chat_core.response import Notice

WIRE_ROLES: Mapping[Role, str] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "user"}
UNPARSED = "INVALID_JSON"
"""The key under which Anthropic's guide has unparsable arguments sent back: the wire takes objects only."""
PLACE = "_place"
"""The key of `Message.meta` that tells where `parse` found the message; it is never sent."""
SAME_TURN = "same_turn"
"""A value of `PLACE`: the message shares its wire message with the one before."""
IN_MESSAGES = "in_messages"
"""A value of `PLACE`: leading instructions that stood among the messages, not in `system`."""

_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")


@dataclass(frozen=True, slots=True)
class Speller(Spelling):
    """Spells the content of one request.

    Attributes:
        accepts: tells which origins' private data may be sent.
        policy: what to do with the reasoning of others.
        notices: what was dropped or adapted, so far; each kind once.
    """

    accepts: Callable[[str], bool]
    policy: ForeignReasoning = "drop"
    notices: list[Notice] = field(default_factory=list["Notice"])

    def own(self, meta: Meta) -> JSONObject | None:
        """Return the private data that may go back; `None` when there is none of this service."""
        return next((data for origin, data in meta.items() if self.accepts(origin)), None)

    def conversation(self, messages: Sequence[Message]) -> tuple[list[JSON], list[JSON]]:
        """Spell a conversation as `system` blocks and `messages`.

        Raises:
            UnansweredToolCall: a call has no result.
            UnsupportedContent: a part cannot be spelled.
        """
        require_answers(messages)
        leading = list(takewhile(self._leads, messages))
        system: list[JSON] = [block for message in leading for block in self.blocks(message)]
        wire: list[JSONObject] = []
        before: Message | None = None
        for message in messages[len(leading) :]:
            blocks = self.blocks(message)
            if not blocks:
                self.notice("message", "a message without content is not sent", requested=message.role)
                continue
            kept = self.own(message.meta) or {}
            if wire and before is not None and _joins(before, message, kept.get(PLACE)):
                _extend(wire[-1], blocks)
            else:
                wire.append(
                    {
                        "role": WIRE_ROLES[message.role],
                        "content": [*blocks],
                        **{key: value for key, value in kept.items() if key != PLACE},
                    }
                )
            before = message
        return system, [*wire]

    def _leads(self, message: Message) -> bool:
        kept = self.own(message.meta) or {}
        return message.role == "system" and kept.get(PLACE) != IN_MESSAGES

    def blocks(self, message: Message) -> list[JSONObject]:
        """Spell the parts of a message; results of tools come first in the program's messages."""
        spelled = [(part, block) for part in message.parts if (block := self.block(part, message.role)) is not None]
        if message.role in {"user", "tool"}:
            spelled.sort(key=lambda pair: not isinstance(pair[0], ToolResult))
        return [block for _, block in spelled]

    def block(self, part: Part, role: Role) -> JSONObject | None:
        """Spell a part; `None` when it is left out.

        Raises:
            UnsupportedContent: the wire cannot spell it here.
        """
        match part:
            case Text():
                return self._text(part)
            case Refusal(text):
                return {"type": "text", "text": text} if text else None
            case Json(value):
                return {"type": "text", "text": dump(value).decode()}
            case Reasoning():
                return self._reasoning(part)
            case Media():
                return self._media(part, role)
            case ToolCall() if role == "assistant" or part.executed:
                return self._call(part)
            case ToolResult() if role != "assistant" or part.executed:
                return self._result(part)
            case ToolCall() | ToolResult():
                raise UnsupportedContent(f"a {type(part).__name__} cannot stand in a message of the role {role}")
            case Opaque(origin=origin, kind=kind, data=data):
                if self.accepts(origin):
                    return data
                self.notice(kind, f"only {origin} understands this block")
                return None
        # type checkers prove that nothing comes here; a part of a newer core does
        raise UnsupportedContent(f"no spelling for {type(part).__name__} on this wire: update chat-claude")

    def _text(self, part: Text) -> JSONObject | None:
        if not part.text:  # the wire refuses empty text blocks
            return None
        block: JSONObject = {"type": "text", "text": part.text}
        if part.citations:
            found: list[JSON] = [
                spelled for citation in part.citations if (spelled := self._citation(citation)) is not None
            ]
            if found:
                block["citations"] = found
        return {**block, **(self.own(part.meta) or {})}

    def _citation(self, citation: Citation) -> JSON:
        own = self.own(citation.meta)
        if own is None:
            self.notice("citations", "citations of another service are not sent")
            return None
        return encode_citation(citation, own)

    def _reasoning(self, part: Reasoning) -> JSONObject | None:
        own = self.own(part.meta)
        match own:
            case None:
                return self._dropped_reasoning(part, "reasoning of another origin")
            case {"type": "redacted_thinking"}:
                return own
            case _ if not part.signature:  # it was cut, and the wire refuses it
                return self._dropped_reasoning(part, "reasoning without its signature")
            case _:
                return {"type": "thinking", "thinking": part.text, "signature": part.signature, **own}

    def _dropped_reasoning(self, part: Reasoning, what: str) -> JSONObject | None:
        text = self.as_text(part, what)
        return None if text is None else {"type": "text", "text": text}

    def _media(self, part: Media, role: Role) -> JSONObject:
        if role == "assistant" and part.transcript is not None:
            self.notice(part.kind, "the wire takes no answer in sound back", applied="transcript")
            return {"type": "text", "text": part.transcript}
        if role not in {"user", "tool"}:
            raise UnsupportedContent(
                f"Claude takes no {part.kind} in a message of the role {role}: put it into a user message"
            )
        block = encode_media(part)
        mime = part.mime
        if isinstance(part.source, Inline) and part.kind == "document" and mime not in {None, "text/plain"}:
            match block["source"]:
                case {"type": "text"}:
                    self.notice("document", "the wire knows one text type", requested=mime, applied="text/plain")
                case _:
                    pass
        own = dict(self.own(part.meta) or {})
        match block["source"], own.pop("source", None):
            case dict(source), dict(more):
                block["source"] = {**source, **more}
            case _:
                pass
        return {**block, **own}

    def _call(self, part: ToolCall) -> JSONObject | None:
        own = self.own(part.meta)
        if part.executed and own is None:
            self.notice("executed tool call", "a tool that another service ran is unknown here", requested=part.name)
            return None
        return {
            "type": "tool_use",
            "id": self._id(part.id),
            "name": part.name,
            "input": self._arguments(part),
            **(own or {}),
        }

    def _arguments(self, part: ToolCall) -> JSONObject:
        match part.arguments, part.raw:
            case dict(arguments), _:
                return arguments
            case None, str(raw):
                self.notice("tool arguments", "unparsable arguments are sent inside an object", applied=UNPARSED)
                return {UNPARSED: raw}
            case _:
                return {}

    def _result(self, part: ToolResult) -> JSONObject | None:
        own = self.own(part.meta)
        if part.executed:
            return self._executed(part, own)
        block: JSONObject = {"type": "tool_result", "tool_use_id": self._id(part.call_id)}
        content = [spelled for item in part.content if (spelled := self.block(item, "tool")) is not None]
        if content:
            block["content"] = [*content]
        if part.is_error:
            block["is_error"] = True
        return {**block, **(own or {})}

    def _executed(self, part: ToolResult, own: JSONObject | None) -> JSONObject | None:
        if own is None:
            self.notice("executed tool result", "the result of a tool that another service ran is not sent")
            return None
        block: JSONObject = {**own, "tool_use_id": part.call_id}
        match part.content:
            case (Json(value),):
                block["content"] = value
            case _:
                pass
        return block

    def _id(self, call: str) -> str:
        """Return a call's id in the characters that the wire takes; the same one for the call and its result."""
        spelled = _NOT_IN_AN_ID.sub(lambda found: f"_{ord(found.group()):x}_", call) or "_"
        if spelled != call:
            self.notice("tool call id", "the wire takes letters, digits, _ and - only")
        return spelled


def _joins(before: Message, message: Message, place: JSON) -> bool:
    """Tell whether a message goes into the wire message of the one before."""
    if WIRE_ROLES[before.role] != WIRE_ROLES[message.role]:
        return False
    return place == SAME_TURN or (before.role == message.role == "tool")


def _extend(message: JSONObject, blocks: list[JSONObject]) -> None:
    content = message["content"]
    if isinstance(content, list):
        content.extend(blocks)
