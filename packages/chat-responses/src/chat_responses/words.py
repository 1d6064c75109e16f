"""The events of the wire by their names, and the members that say nothing more.

Law: a wire's word has one place. An event that is not here is surfaced as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT_DELTA = "response.output_text.delta"
TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed", "response.done"})
BEGUN = frozenset({"response.created", "response.in_progress", "response.queued"})
DONE = (b"[DONE]", "[DONE]")  # no set: it would hash every payload
"""What gateways put after the last event."""

ALWAYS = frozenset({"type", "sequence_number", "item_id", "output_index", "obfuscation", "stream_id", "event_id"})
"""Members that say nothing, or say which item is meant."""

TEXTS: Mapping[str, tuple[str, str]] = {
    "response.output_text.done": ("content", "text"),
    "response.refusal.done": ("content", "refusal"),
    "response.reasoning_summary_text.done": ("summary", "text"),
    "response.reasoning_text.done": ("content", "text"),
}
"""Events that say a text again: the list that its place is in, and the member that it is in."""

INPUTS: Mapping[str, str] = {
    "response.function_call_arguments.done": "arguments",
    "response.custom_tool_call_input.done": "input",
    "response.mcp_call_arguments.done": "arguments",
}
"""Events that say the input of a call again, and the member that it is in."""

KNOWN = TERMINAL | BEGUN | TEXTS.keys() | INPUTS.keys() | {
    "error", "response.output_item.added", "response.output_item.done", "response.content_part.added",
    "response.content_part.done", "response.output_text.delta", "response.output_text.annotation.added",
    "response.refusal.delta", "response.function_call_arguments.delta", "response.custom_tool_call_input.delta",
    "response.mcp_call_arguments.delta", "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done", "response.reasoning_summary_text.delta", "response.reasoning_text.delta",
    "response.reasoning_part.added", "response.reasoning_part.done",
}  # fmt: skip
"""Events with a place of their own; others are surfaced as they are."""

ARGUMENTS = frozenset({
    "response.function_call_arguments.delta", "response.custom_tool_call_input.delta",
    "response.mcp_call_arguments.delta",
})  # fmt: skip
DELTA = ALWAYS | {"content_index", "summary_index", "delta", "logprobs"}
"""The members of a delta."""
LABELS, LABEL = ("sequence_number", "item_id", "obfuscation"), {int, str, type(None)}
"""Members of a delta that say nothing of it, and what is usual in them."""
DIRECT = frozenset({"type", "output_index", "content_index", "delta", "logprobs", *LABELS})
"""The members of a delta that is a text and nothing else."""
RESTATED = frozenset({"id", "model", "output", "status", "usage", "error", "completed_at"})
"""What an answer says otherwise at its end, or that has typed fields."""
SURFACED = frozenset({"sequence_number", "obfuscation", "stream_id", "event_id"})
