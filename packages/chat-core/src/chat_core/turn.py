"""A turn: what one step of a conversation gave, and the history to carry on with.

Law: the history is all there is to carry on: a paused turn is a history whose last calls have no results yet.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar, cast

from chat_core.response import FinishReason, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.request import Request
    from chat_core.response import Response

T = TypeVar("T")

Status: TypeAlias = Literal["complete", "paused"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Turn(Generic[T]):
    """What a step of a conversation gave.

    Attributes:
        status: `paused` when something has to happen before the model can go on: calls to answer, or a service that
            wants the history sent again.
        messages: the history with the answer, to carry on with.
        responses: what the model answered, in order; several when tools were run in between.
        pending: the calls that wait for results.
        output: the answer as the program asked for it; `None` when it asked for text.
    """

    status: Status = "complete"
    messages: tuple[Message, ...]
    responses: tuple[Response, ...]
    pending: tuple[ToolCall, ...] = ()
    output: T

    @property
    def response(self) -> Response:
        """The last answer of the model."""
        return self.responses[-1]

    @property
    def text(self) -> str:
        """All text of the last answer."""
        return self.response.text

    @property
    def usage(self) -> Usage:
        """What all answers cost together."""
        return total(response.usage for response in self.responses)


def turn(request: Request, response: Response) -> Turn[None]:
    """Make the turn of one call: its history goes on with the answer."""
    pending = response.tool_calls
    return Turn(
        status="paused" if pending or response.finish_reason is FinishReason.PAUSE else "complete",
        messages=(*request.messages, response.message),
        responses=(response,),
        pending=pending,
        output=None,
    )


_COUNTS = tuple(item.name for item in fields(Usage) if item.name != "raw")


def total(usages: Iterable[Usage | None]) -> Usage:
    """Add usages up; a count that none of them reports stays `None`, and `raw` stays with the responses."""
    sums: dict[str, int] = {}
    for usage in usages:
        for name in _COUNTS:
            count: int | None = getattr(usage, name, None)
            if count is not None:
                sums[name] = sums.get(name, 0) + count
    make = cast("Callable[..., Usage]", Usage)  # the names come from its own fields
    return make(**sums)
