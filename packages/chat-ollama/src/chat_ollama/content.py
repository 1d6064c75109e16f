"""Messages and parts → the objects of `messages`.

Law: each message is spelled from itself and the calls before it, so appending a turn never changes the bytes before it.
What cannot go along is left out with a notice, or raises; a private mark of another origin is never sent.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.codec.spelling import Spelling, results_apart
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult, is_local
from chat_ollama.calls import UNPARSED, encode_call
from chat_ollama.media import encode_image

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import assert_never

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message, Role
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Meta, Part
    from chat_core.response import Notice

ERROR_MARK = "Error: "
"""What the content of a failed tool's result begins with: the wire has no field for it."""


@dataclass(slots=True)
class Spelled:
    """What one message says, each kind at its place on the wire."""

    texts: list[str] = field(default_factory=list[str])
    thinking: list[str] = field(default_factory=list[str])
    images: list[JSON] = field(default_factory=list["JSON"])
    calls: list[JSON] = field(default_factory=list["JSON"])

    @property
    def is_silent(self) -> bool:
        """Whether nothing is said at all."""
        return not (self.texts or self.thinking or self.images or self.calls)

    def members(self) -> JSONObject:
        """Return the members of the message; the wire wants the content in any case."""
        body: JSONObject = {"content": "".join(self.texts)}
        if self.thinking:
            body["thinking"] = "".join(self.thinking)
        if self.images:
            body["images"] = self.images
        if self.calls:
            body["tool_calls"] = self.calls
        return body


@dataclass(frozen=True, slots=True)
class Speller(Spelling):
    """Spells the content of one request.

    Attributes:
        accepts: tells which origins' private data may be sent.
        policy: what to do with the reasoning of others.
        notices: what was dropped or adapted, so far; each kind once.
        names: the tools that were called, by the ids of the calls.
    """

    accepts: Callable[[str], bool]
    policy: ForeignReasoning = "drop"
    notices: list[Notice] = field(default_factory=list["Notice"])
    names: dict[str, str] = field(default_factory=dict[str, str])

    def own(self, meta: Meta) -> JSONObject | None:
        """Return the private data that may go back; `None` when there is none of this service."""
        return next((data for origin, data in meta.items() if self.accepts(origin)), None)

    def conversation(self, messages: Sequence[Message]) -> list[JSON]:
        """Spell a conversation.

        Raises:
            UnansweredToolCall: a call has no result.
            UnsupportedContent: a part cannot be spelled.
        """
        return results_apart(messages, self._message, self._result)

    def _message(self, message: Message, parts: Sequence[Part]) -> JSONObject | None:
        said = self.spelled(parts, message.role)
        own = self.own(message.meta)
        if said.is_silent and not own:
            self.notice("message", "a message without content is not sent", requested=message.role)
            return None
        role = "user" if message.role == "tool" else message.role
        return _overlaid({"role": role, **said.members()}, own)

    def spelled(self, parts: Sequence[Part], role: Role) -> Spelled:
        """Spell parts.

        Raises:
            UnsupportedContent: the wire cannot spell one here.
        """
        said = Spelled()
        for part in parts:
            self._part(part, role, said)
        return said

    def _part(self, part: Part, role: Role, said: Spelled) -> None:
        match part:
            case Text(text) | Refusal(text):
                said.texts.append(text)
            case Json(value):
                said.texts.append(dump(value).decode())
            case Reasoning() if role == "assistant":
                self._reasoning(part, said)
            case Media(transcript=str(words), kind=kind) if role == "assistant":
                self.notice(kind, "the wire takes no answer in sound back", applied="transcript")
                said.texts.append(words)
            case Media():
                said.images.append(encode_image(part))
            case ToolCall() if role == "assistant":
                self._call(part, said)
            case Reasoning() | ToolCall() | ToolResult():
                raise UnsupportedContent(f"a {type(part).__name__} cannot stand in a message of the role {role}")
            case Opaque(origin=origin, kind=kind):
                self.notice(kind, f"only {origin} understands this block")
            case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                if TYPE_CHECKING:
                    assert_never(other)
                raise UnsupportedContent(f"no spelling for {type(other).__name__} on this wire: update chat-ollama")

    def _reasoning(self, part: Reasoning, said: Spelled) -> None:
        if self.own(part.meta) is not None:
            said.thinking.append(part.text)
        elif (text := self.as_text(part)) is not None:
            said.texts.append(text)

    def _call(self, part: ToolCall, said: Spelled) -> None:
        if part.executed:
            self.notice("executed tool call", "a tool that another service ran is unknown here", requested=part.name)
            return
        self.names[part.id] = part.name
        own = self.own(part.meta)
        if part.arguments is None and part.raw is not None:
            self.notice("tool arguments", "unparsable arguments are sent inside an object", applied=UNPARSED)
        said.calls.append(encode_call(part, own if own is not None else {}))

    def _result(self, part: ToolResult) -> JSONObject | None:
        if part.executed:
            self.notice("executed tool result", "the result of a tool that another service ran is not sent")
            return None
        said = self.spelled(part.content, "tool")
        if part.is_error:
            said.texts.insert(0, ERROR_MARK)
        name = part.name if part.name is not None else self.names.get(part.call_id)
        body: JSONObject = {"role": "tool", **said.members()}
        if name is not None:
            body["tool_name"] = name
        if not is_local(part.call_id):
            body["tool_call_id"] = part.call_id
        return _overlaid(body, self.own(part.meta))


def _overlaid(body: JSONObject, own: JSONObject | None) -> JSONObject:
    """Put back what `parse` or a reply had beside the known members; null takes one away."""
    return body if own is None else {key: value for key, value in {**body, **own}.items() if value is not None}
