"""What a request declares: tools and the choice among them; both ways.

Law: schemas travel whole. What the wire has no portable form for is a native tool or a native option.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.response import Notice
from chat_core.tools import NativeTool, Tool, ToolChoice, label_of
from chat_gemini.interactions.options import InteractionsOptions, native_tool
from chat_gemini.interactions.overlay import overlay, own

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.tools import AnyTool, ToolMode

MODES: Mapping[ToolMode, str] = {"auto": "auto", "required": "any", "none": "none"}
_WORDS: Mapping[str, ToolMode] = {word: mode for mode, word in MODES.items()}


def encode_tools(tools: tuple[AnyTool, ...], origin: str, notices: list[Notice]) -> list[JSON]:
    """Spell the tools; those of other providers are left out, with a notice."""
    declared: list[JSON] = []
    for tool in tools:
        match tool:
            case Tool():
                declared.append(_function(tool, origin, notices))
            case NativeTool(provider=InteractionsOptions.provider, data=data):
                declared.append(data)
            case NativeTool():
                notices.append(_foreign(tool))
    return declared


def _foreign(tool: NativeTool) -> Notice:
    return Notice(feature="tools", requested=label_of(tool), reason=f"it is a tool of {tool.provider}")


def _function(tool: Tool, origin: str, notices: list[Notice]) -> JSONObject:
    data: JSONObject = {"type": "function", "name": tool.name}
    if tool.description is not None:
        data["description"] = tool.description
    if tool.parameters is not None:
        data["parameters"] = tool.parameters
    if tool.strict is not None:
        reason = "the wire has no field for it: InteractionsOptions(tool_choice='validated') holds all calls to schemas"
        notices.append(Notice(feature="strict", requested=tool.strict, reason=reason))
    return overlay(data, own(origin, tool.meta) or {})


def encode_choice(choice: ToolChoice) -> JSON:
    """Spell the choice of tools."""
    mode = MODES[choice.mode]
    if not choice.names or choice.mode == "none":
        return mode
    return {"allowed_tools": {"mode": mode, "tools": [*choice.names]}}


def told(choice: ToolChoice) -> JSONObject:
    """Say a choice in a notice."""
    return {"mode": choice.mode, "names": [*choice.names]}


def parse_tool(data: JSON, origin: str) -> AnyTool:
    """Read a declaration: a function, or a tool of this wire's own.

    Raises:
        DecodeError: it is no object.
    """
    if not isinstance(data, dict):
        raise DecodeError(f"a tool is no object but {type(data).__name__}")
    match data:
        case {"type": "function", "name": str(name)}:
            description, parameters = data.get("description"), data.get("parameters")
            taken = {
                *({"description"} if isinstance(description, str) else ()),
                *({"parameters"} if isinstance(parameters, dict) else ()),
            }
            return Tool(
                name=name,
                description=description if isinstance(description, str) else None,
                parameters=parameters if isinstance(parameters, dict) else None,
                meta=meta_of(origin, rest(data, {"type", "name", *taken})),
            )
        case _:
            return native_tool(data)


def parse_choice(data: JSON) -> ToolChoice | None:
    """Read a choice of tools; `None` when it has no portable form."""
    match data:
        case str(word) if word in _WORDS:
            return ToolChoice(mode=_WORDS[word])
        case {"allowed_tools": {"mode": str(word), "tools": list(listed), **more}, **others} if not more and not others:
            names = tuple(name for name in listed if isinstance(name, str))
            mode = _WORDS.get(word)
            portable = mode in {"auto", "required"} and names and len(names) == len(listed)
            return ToolChoice(mode=mode, names=names) if portable and mode is not None else None
        case _:
            return None
