"""Messages and parts → the plain messages of the local wire.

Law: each message is spelled from itself and the calls before it. What is no text cannot go along; a private mark of
another origin is never sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_core.codec.spelling import Spelling, results_apart
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import assert_never

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message, Role
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Meta, Part
    from chat_core.response import Notice

ERROR_MARK = "Error: "
"""What the content of a failed tool's result begins with: templates have no field for it."""

UNPARSED = "INVALID_JSON"
"""The key under which arguments that are no object are sent."""


@dataclass(slots=True)
class Spelled:
    """What one message says, each kind at its place."""

    texts: list[str] = field(default_factory=list[str])
    thoughts: list[str] = field(default_factory=list[str])
    calls: list[JSON] = field(default_factory=list["JSON"])

    def members(self) -> JSONObject:
        """Return the members of the message."""
        body: JSONObject = {"content": "".join(self.texts)}
        if self.thoughts:
            body["reasoning_content"] = "".join(self.thoughts)
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

    def conversation(self, messages: Sequence[Message]) -> list[JSON]:
        """Spell a conversation.

        Raises:
            UnansweredToolCall: a call has no result.
            UnsupportedContent: a part cannot be spelled.
        """
        return results_apart(messages, self._message, self._result)

    def _message(self, message: Message, parts: Sequence[Part]) -> JSONObject:
        role = "user" if message.role == "tool" else message.role
        return {"role": role, **self._spelled(parts, message.role).members()}

    def _spelled(self, parts: Sequence[Part], role: Role) -> Spelled:
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
            case Media(transcript=str(words), kind=kind):
                self.notice(kind, "a local model reads text only", applied="transcript")
                said.texts.append(words)
            case Media(source=Inline(data), mime=str(mime)) if mime.startswith("text/"):
                said.texts.append(self._document(part, data))
            case Media(kind=kind):
                raise UnsupportedContent(f"a local model reads text only: leave the {kind} out, or say it in words")
            case ToolCall() if role == "assistant":
                self._call(part, said)
            case Reasoning() | ToolCall() | ToolResult():
                raise UnsupportedContent(f"a {type(part).__name__} cannot stand in a message of the role {role}")
            case Opaque(origin=origin, kind=kind):
                self.notice(kind, f"only {origin} understands this block")
            case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                if TYPE_CHECKING:
                    assert_never(other)
                raise UnsupportedContent(f"no spelling for {type(other).__name__} on this wire: update chat-local")

    def _document(self, part: Media, data: bytes) -> str:
        """Return a text document as words, below its name."""
        try:
            words = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UnsupportedContent(f"a local model reads text only, and this {part.kind} is no UTF-8 text") from None
        self.notice(part.kind, "a local model reads text only", applied="text")
        return f"\n\n{part.name or part.kind}:\n\n{words}\n\n"

    def _reasoning(self, part: Reasoning, said: Spelled) -> None:
        if self._is_own(part.meta):
            said.thoughts.append(part.text)
        elif (text := self.as_text(part)) is not None:
            said.texts.append(text)

    def _is_own(self, meta: Meta) -> bool:
        return any(self.accepts(origin) for origin in meta)

    def _call(self, part: ToolCall, said: Spelled) -> None:
        if part.executed:
            self.notice("executed tool call", "a tool that another service ran is unknown here", requested=part.name)
            return
        self.names[part.id] = part.name
        arguments: JSONObject = part.arguments if part.arguments is not None else {}
        if part.arguments is None and part.raw is not None:
            self.notice("tool arguments", "unparsable arguments are sent inside an object", applied=UNPARSED)
            arguments = {UNPARSED: part.raw}
        said.calls.append({"id": part.id, "name": part.name, "arguments": arguments})

    def _result(self, part: ToolResult) -> JSONObject | None:
        if part.executed:
            self.notice("executed tool result", "the result of a tool that another service ran is not sent")
            return None
        said = self._spelled(part.content, "tool")
        if part.is_error:
            said.texts.insert(0, ERROR_MARK)
        name = part.name if part.name is not None else self.names.get(part.call_id)
        named: JSONObject = {} if name is None else {"name": name}
        return {"role": "tool", "tool_call_id": part.call_id, **named, **said.members()}
