"""Answers of the Responses wire: our parts, named as the items that they came in.

Law: the parts of one item have one name; an item's type is in the part's `meta`, or is the kind of an `Opaque`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.parts import Opaque, Reasoning, Refusal, Text, ToolCall

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Part
    from chat_core.response import Response

PLAIN = frozenset({"message", "reasoning", "function_call", "custom_tool_call"})
"""Items that are no tools of the service."""


def is_items(wanted: JSON) -> bool:
    """Tell whether names are those of items."""
    names = wanted if isinstance(wanted, list) else []
    if "text" in names:
        return False  # the other wire that compacts
    return any(isinstance(name, str) and (name in PLAIN or name.endswith(_ENDS)) for name in names)


_ENDS = ("_call", "_list_tools", "_request", "_search_output", "program_output", "compaction")


def item_names(response: Response) -> list[JSON]:
    """Name the items of an answer."""
    return [_name(part) for part in response.parts if not _continues(part)]


def service_names(response: Response) -> list[JSON]:
    """Name the items that are tools of the service, or ask something of it."""
    return [name for name in item_names(response) if name not in PLAIN]


def thoughts(response: Response, kind: str) -> list[JSON]:
    """Return the reasoning that stands in one of the lists of its items."""
    return [part.text for part in response.parts if isinstance(part, Reasoning) and part.text and _list(part) == kind]


def _list(part: Reasoning) -> str:
    return next((str(data["_list"]) for data in part.meta.values() if "_list" in data), "summary")


def _continues(part: Part) -> bool:
    return not isinstance(part, Opaque) and any(data.get("_same") is True for data in part.meta.values())


def _name(part: Part) -> str:
    match part:
        case Opaque(kind=kind):
            return kind
        case Text() | Refusal():
            return "message"
        case Reasoning():
            return "reasoning"
        case ToolCall() if not _types(part):
            return "function_call"
        case _:
            return next(iter(_types(part)), type(part).__name__)


def _types(part: Part) -> list[str]:
    if isinstance(part, Opaque):
        return []
    return [name for data in part.meta.values() if isinstance(name := data.get("type"), str)]
