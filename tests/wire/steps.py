"""Answers of the Interactions wire: our parts, named as the steps that they came in.

Law: the parts of one step have one name; a step's type is in the part's `meta`, or is the kind of an `Opaque`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.parts import Opaque, Reasoning, ToolCall, ToolResult

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part
    from chat_core.response import Response

PLAIN = frozenset({"thought", "model_output", "function_call"})
"""Steps that are no tools of the service."""

EVENT = "interaction.completed"


def is_steps(wanted: JSON) -> bool:
    """Tell whether names are those of steps."""
    return isinstance(wanted, list) and bool({"thought", "model_output"} & {name for name in wanted if name in PLAIN})


def step_names(response: Response) -> list[JSON]:
    """Name the steps of an answer."""
    return [_name(part) for part in response.parts if not _continues(part)]


def is_unread(expect: JSONObject) -> bool:
    """Tell whether the corpus has not read the text of an answer: it does not put these streams together."""
    kinds = expect.get("event_types")
    return isinstance(kinds, list) and EVENT in kinds and expect.get("text") == ""


def _continues(part: Part) -> bool:
    return not isinstance(part, Opaque) and any(data.get("_same") is True for data in part.meta.values())


def _name(part: Part) -> str:
    match part:
        case Opaque(kind=kind):
            return kind
        case Reasoning():
            return "thought"
        case ToolCall() | ToolResult():
            kinds = (data.get("type") for data in part.meta.values())
            return next((kind for kind in kinds if isinstance(kind, str)), "function_call")
        case _:
            return "model_output"
