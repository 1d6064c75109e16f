"""Tools as a request declares them. Running them is the business of the flows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.jsonvalue import JSONObject

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
    """

    provider: str
    data: JSONObject = field(hash=False)


AnyTool: TypeAlias = Tool | NativeTool


def names_of(tools: Iterable[AnyTool]) -> frozenset[str]:
    """Return the names that declarations give."""
    return frozenset(name for tool in tools for name in _names(tool))


def _names(tool: AnyTool) -> set[str]:
    """Return the names of a tool: a native one has its own where its wire puts it, else it is called by its type."""
    if isinstance(tool, Tool):
        return {tool.name}
    members = [data for data in (tool.data, *tool.data.values()) if isinstance(data, dict)]
    names = {name for data in members if isinstance(name := data.get("name"), str)}
    kind = tool.data.get("type")
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
