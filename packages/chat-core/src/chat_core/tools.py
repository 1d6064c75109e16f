"""Tools as a request declares them. Running them is the business of the flows."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.frozen import dataclass
from chat_core.parts import Meta, Opaque, no_meta

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message

ToolMode: TypeAlias = Literal["auto", "required", "none"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Tool:
    """A function that the model may call.

    Attributes:
        name: how the model calls it.
        parameters: JSON Schema of the arguments, sent whole; `None` for a tool without a declared schema.
        description: when and how to use it.
        strict: whether the service has to hold the model to the schema; `None` = not sent.
        meta: what one service wants to know beyond that (cache marks, deferred loading, …), by origin.
    """

    name: str
    parameters: JSONObject | None = field(default=None, hash=False)
    description: str | None = None
    strict: bool | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class NativeTool:
    """A tool of one provider, in that provider's own words: web search, code execution, free-form tools.

    Provider packages offer functions that make them. Others leave them out, with a notice.

    Attributes:
        provider: the wire family that understands `data`, such as `claude` or `completions`.
        data: the declaration as the wire has it.
        name: what its calls name, where the declaration does not say it; `None` = its own name there, or its type.
    """

    provider: str
    data: JSONObject = field(hash=False)
    name: str | None = None

    def __repr__(self) -> str:
        """Say what it is called: its declaration may hold a token."""
        return f"NativeTool(provider={self.provider!r}, {label_of(self)})"


AnyTool: TypeAlias = Tool | NativeTool


def names_of(tools: Iterable[AnyTool]) -> frozenset[str]:
    """Return the names that declarations give."""
    return frozenset(name for tool in tools for name in _names(tool))


def label_of(tool: NativeTool) -> str:
    """Return what people may see of a native tool: what it is called, or the names of its members, and no secret."""
    return ", ".join(sorted(_names(tool) or tool.data))


def names_in(messages: Iterable[Message]) -> frozenset[str]:
    """Return the names that the program declares among its messages: those in `tools` of a block of its wire."""
    blocks = (part for message in messages if message.role == "system" for part in message.parts)
    return frozenset(name for block in blocks if isinstance(block, Opaque) for name in _listed(block.data.get("tools")))


def _listed(tools: JSON) -> set[str]:
    return (
        {name for data in tools if isinstance(data, dict) for name in _told(data)} if isinstance(tools, list) else set()
    )


def _names(tool: AnyTool) -> set[str]:
    if isinstance(tool, Tool):
        return {tool.name}
    return _told(tool.data) if tool.name is None else {tool.name}


def _told(data: JSONObject) -> set[str]:
    """Return the names in a declaration of a wire: its own where the wire puts it, else it is called by its type."""
    members = [member for member in (data, *data.values()) if isinstance(member, dict)]
    names = {name for member in members if isinstance(name := member.get("name"), str)}
    kind = data.get("type")
    return {kind} if not names and isinstance(kind, str) else names


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ToolChoice:
    """Which tools the model may or must call.

    Attributes:
        mode: `auto` leaves it to the model, `required` asks for at least one call, `none` forbids calls.
        names: the only tools allowed; empty = all declared ones. `required` with one name forces that tool.
    """

    mode: ToolMode = "auto"
    names: tuple[str, ...] = ()
