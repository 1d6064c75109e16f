"""Gemini's answers as the corpus names them: parts by their members, tools of the service by what shows them.

Law: a name comes of what was decoded, never of the recorded reply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.seals import values_of

from chat_core.parts import Media, Opaque, Reasoning, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Part
    from chat_core.response import Response

CODE = "code_execution"
PARTS = frozenset({
    "text", "thought", "functionCall", "executableCode", "codeExecutionResult", "toolCall", "toolResponse",
    "inlineData", "fileData",
})  # fmt: skip
"""Names of parts by which a list of blocks is known as one of this wire's."""


def is_parts(wanted: JSON) -> bool:
    """Tell whether expected blocks are parts of this wire."""
    names = wanted if isinstance(wanted, list) else []
    return bool(names) and all(name in PARTS for name in names) and names != ["text"]


def part_names(response: Response) -> JSON:
    """Name an answer's parts."""
    return [_name(part) for part in response.parts]


def _name(part: Part) -> str:
    match part:
        case Text():
            return "text"
        case Reasoning():
            return "thought"
        case ToolCall(executed=True, name=name):
            return "executableCode" if name == CODE else "toolCall"
        case ToolCall():
            return "functionCall"
        case ToolResult(name=name):
            return "codeExecutionResult" if name == CODE else "toolResponse"
        case Media():
            return "inlineData"
        case Opaque(kind=kind):
            return kind
        case _:
            return type(part).__name__


def service_tools(response: Response) -> JSON:
    """Name the tools that the service ran, each once."""
    found: set[str] = set()
    for part in response.parts:
        if isinstance(part, ToolCall) and part.executed:
            found.add("executableCode" if part.name == CODE else f"toolCall:{part.name}")
    if values_of(response, "webSearchQueries"):
        found.add("google_search")
    return [*sorted(found)]


def is_service_tools(wanted: JSON) -> bool:
    """Tell whether expected tools are named as on this wire."""
    names = wanted if isinstance(wanted, list) else []
    return any(name in {"google_search", "executableCode"} or str(name).startswith("toolCall:") for name in names)


def grounding_chunks(response: Response, _: JSON) -> JSON:
    """Count the sources that the service found."""
    return sum(len(chunks) for chunks in values_of(response, "groundingChunks") if isinstance(chunks, list))


def citations(response: Response, _: JSON) -> JSON:
    """Count what an answer cites; of what Gemini's took from elsewhere, as the service lists it: some have no place."""
    listed = values_of(response, "citationMetadata")
    counted = [
        len(found) for data in listed if isinstance(data, dict) and isinstance(found := data.get("citations"), list)
    ]
    return sum(counted) if counted else len(response.citations)


def block_reason(response: Response, _: JSON) -> JSON:
    """Return why a prompt was blocked."""
    return next(iter(values_of(response, "blockReason")), None)


def partial_args(response: Response, wanted: JSON) -> JSON:
    """Tell whether calls that came in pieces came to be whole."""
    return wanted if any(call.arguments is not None for call in response.tool_calls) else False
