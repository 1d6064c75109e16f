"""The order of an answer's blocks: our parts, named as the wire names them.

Law: a part stands for the names in its row; which of them it was, the wire's own order tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.gemini import is_parts, part_names
from tests.wire.items import is_items, item_names
from tests.wire.steps import is_steps, step_names

from chat_core.parts import Media, Opaque, Reasoning, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Part
    from chat_core.response import Response

_EXECUTED_CALLS = ("server_tool_use", "mcp_tool_use")
_RESULTS = "_tool_result"


def block_names(response: Response, wanted: JSON) -> JSON:
    """Name an answer's blocks; where a part may have several names, the one that is expected."""
    if is_parts(wanted):  # before steps, some of which are called as parts are
        return part_names(response)
    if is_steps(wanted):
        return step_names(response)
    if is_items(wanted):
        return item_names(response)
    expected = wanted if isinstance(wanted, list) else []
    names: list[JSON] = []
    for at, part in enumerate(response.parts):
        other = expected[at] if at < len(expected) else None
        names.append(other if isinstance(other, str) and _stands_for(part, other) else type(part).__name__)
    return names


def _stands_for(part: Part, name: str) -> bool:
    match part:
        case Text():
            return name == "text"
        case Reasoning(text=text, signature=signature):
            return name == "thinking" or (name == "redacted_thinking" and not text and signature is None)
        case ToolCall(executed=True):
            return name in _EXECUTED_CALLS
        case ToolCall():
            return name == "tool_use"
        case ToolResult():
            return name.endswith(_RESULTS)
        case Opaque(kind=kind):
            return name == kind
        case Media():
            return name in {"image", "document"}
        case _:
            return False


def executed_name(part: Part) -> str | None:
    """Return the name of a tool that the service ran; `None` for any other part."""
    match part:
        case ToolCall(executed=True, name=name):
            return name
        case Opaque(kind=kind, data={"name": str(name)}) if kind in _EXECUTED_CALLS:
            return name
        case _:
            return None
