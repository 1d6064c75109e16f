"""Messages: who said which parts."""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias

from chat_core.frozen import dataclass
from chat_core.parts import Meta, Part, Refusal, Text, ToolCall, no_meta

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: who speaks; instructions are `system`, results of tools are `tool`.
        parts: what is said, in order.
        meta: what a service attaches to the message as a whole.
    """

    role: Role
    parts: tuple[Part, ...]
    meta: Meta = field(default_factory=no_meta, hash=False)

    @property
    def text(self) -> str:
        """All text of the message, joined with nothing between."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def refusal(self) -> str | None:
        """The words of refusal; `None` when nothing was refused."""
        words = [part.text for part in self.parts if isinstance(part, Refusal)]
        return "".join(words) if words else None

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that the program has to answer, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall) and not part.executed)


def system(*content: str | Part) -> Message:
    """Make instructions to the model."""
    return Message(role="system", parts=_parts(content))


def user(*content: str | Part) -> Message:
    """Make a user's message from texts and parts."""
    return Message(role="user", parts=_parts(content))


def assistant(*content: str | Part) -> Message:
    """Make a model's message from texts and parts."""
    return Message(role="assistant", parts=_parts(content))


def tool_results(*content: Part) -> Message:
    """Make the message that answers tool calls."""
    return Message(role="tool", parts=content)


def _parts(content: tuple[str | Part, ...]) -> tuple[Part, ...]:
    return tuple(Text(item) if isinstance(item, str) else item for item in content)
