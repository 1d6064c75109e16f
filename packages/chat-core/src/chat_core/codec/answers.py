"""The rule between calls and results that every wire has.

Law: a turn that is half answered never reaches a service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import UnansweredToolCall
from chat_core.parts import ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.messages import Message


def require_answers(messages: Sequence[Message]) -> None:
    """Require that every call which the program has to run is answered before anybody says something else.

    Raises:
        UnansweredToolCall: one is not; the message names it.
    """
    waiting: dict[str, str] = {}
    for message in messages:
        if waiting and not any(isinstance(part, ToolResult) for part in message.parts):
            break
        for part in message.parts:
            match part:
                case ToolCall(id=call, name=name, executed=False):
                    waiting[call] = name
                case ToolResult(call_id=call):
                    waiting.pop(call, None)
                case _:
                    pass
    if waiting:
        calls = ", ".join(f"{name} ({call})" for call, name in waiting.items())
        raise UnansweredToolCall(
            f"no result for the tool call {calls}: append a tool message with a ToolResult right after the call"
        )
