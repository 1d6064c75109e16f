"""Histories whose last calls are open: what is answered, what is not, and how answers get in. Pure.

Law: a history is never changed, a longer one is made. Results stand in one message, in the order of the calls. A call
that was edited forks the conversation: what a service had attached to its message means nothing any more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.frozen import dataclass
from chat_core.messages import Message
from chat_core.parts import Json, Media, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.response import FinishReason, Notice

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Part
    from chat_core.response import Response

OWN = "chat"
"""The origin of what this library itself attaches to a message."""


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """The last answer of a history that holds calls.

    Attributes:
        messages: the history up to that answer, which is its last message.
        calls: its calls.
        results: the results that followed, by the place of their call in `calls`.
        others: what else stood in the messages that followed.
    """

    messages: tuple[Message, ...]
    calls: tuple[ToolCall, ...]
    results: Mapping[int, ToolResult]
    others: tuple[Part, ...] = ()

    @property
    def before(self) -> tuple[Message, ...]:
        """The history before the answer."""
        return self.messages[:-1]

    @property
    def turn_id(self) -> str | None:
        """The id under which a journal knows the turn."""
        match self.messages[-1].meta.get(OWN):
            case {"turn": str(turn)}:
                return turn
            case _:
                return None

    def answered(self, results: Mapping[int, ToolResult]) -> tuple[Message, ...]:
        """Return the history with these results after the answer, in the order of the calls."""
        parts = (*(results[place] for place in sorted(results)), *self.others)
        return (*self.messages, Message(role="tool", parts=parts)) if parts else self.messages


def open_turn(messages: Sequence[Message]) -> OpenTurn | None:
    """Return the last answer of a history, if it holds calls and only results follow it."""
    end = len(messages)
    while end and messages[end - 1].role == "tool":
        end -= 1
    if not end or messages[end - 1].role != "assistant" or not messages[end - 1].tool_calls:
        return None
    calls = messages[end - 1].tool_calls
    results: dict[int, ToolResult] = {}
    others: list[Part] = []
    for part in (part for message in messages[end:] for part in message.parts):
        place = _place(part, calls, results)
        if place is not None and isinstance(part, ToolResult):
            results[place] = part
        else:
            others.append(part)
    return OpenTurn(tuple(messages[:end]), calls, results, tuple(others))


def _place(part: Part, calls: Sequence[ToolCall], taken: Mapping[int, ToolResult]) -> int | None:
    """Return which call a result answers: the first of its id that has none."""
    if not isinstance(part, ToolResult):
        return None
    fitting = (place for place, call in enumerate(calls) if call.id == part.call_id and place not in taken)
    return next(fitting, None)


def edited(messages: tuple[Message, ...], edits: Mapping[int, JSONObject]) -> tuple[Message, ...]:
    """Give calls of the last message other arguments; what services had attached to that message is taken off.

    Args:
        messages: a history that ends with an answer.
        edits: the new arguments, by the place of the call.
    """
    if not edits:
        return messages
    parts: list[Part] = []
    place = 0
    for part in messages[-1].parts:
        bare = _bare(part)
        if isinstance(bare, ToolCall) and not bare.executed:
            if place in edits:
                bare = replace(bare, arguments=edits[place], raw=None)
            place += 1
        parts.append(bare)
    own = {origin: meta for origin, meta in messages[-1].meta.items() if origin == OWN}
    return (*messages[:-1], replace(messages[-1], parts=tuple(parts), meta=own))


def _bare(part: Part) -> Part:
    match part:
        case Reasoning():
            return replace(part, meta={}, signature=None)
        case Text() | Media() | ToolCall() | ToolResult() | Refusal() | Json():
            return replace(part, meta={})
        case _:
            return part


def edit_notices(calls: Sequence[ToolCall], edits: Mapping[int, JSONObject]) -> tuple[Notice, ...]:
    """Say which calls go out otherwise than the model made them."""
    return tuple(
        Notice(
            feature=f"arguments of {calls[place].name}",
            requested=calls[place].arguments,
            applied=arguments,
            reason="edited when the call was approved; ids and signatures of that answer are not sent back",
        )
        for place, arguments in edits.items()
    )


def left(messages: tuple[Message, ...], partial: Response | None) -> tuple[tuple[Message, ...], tuple[Response, ...]]:
    """Return the history and the response of an answer that was left; the history holds what can be sent back.

    Calls may be cut, and reasoning that leads to nothing is refused by services; so are answers without content.
    """
    if partial is None:
        return messages, ()
    if partial.finish_reason is not None:  # it was complete when it was left
        return (*messages, partial.message), (partial,)
    response = replace(partial, finish_reason=FinishReason.CANCELLED)
    answered = {part.call_id for part in partial.parts if isinstance(part, ToolResult)}
    parts = [part for part in partial.parts if not _is_cut(part, answered)]
    while parts and isinstance(parts[-1], Reasoning):
        parts.pop()
    return (*messages, replace(partial.message, parts=tuple(parts))) if parts else messages, (response,)


def _is_cut(part: Part, answered: Container[str]) -> bool:
    match part:
        case ToolCall(id=call):
            return call not in answered
        case Text(text):
            return not text
        case _:
            return False
