"""A turn: what one step of a conversation gave, and the history to carry on with.

Law: the history is all there is to carry on: a paused turn is a history whose last calls have no results yet.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar, cast

from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt
from chat_core.response import FinishReason, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chat_core.approval import Pending
    from chat_core.messages import Message
    from chat_core.response import Response

T = TypeVar("T")

Status: TypeAlias = Literal["complete", "paused", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Turn(Generic[T]):
    """What a step of a conversation gave.

    Attributes:
        status: `paused` when calls wait for a decision or a result, `cancelled` when the program left before the end.
        messages: the history with the answers and the results of tools, to carry on with.
        responses: what the model answered, in order; several when tools were run in between. The last one of a
            cancelled turn has what had been received, with the finish reason `cancelled`.
        pending: the calls that wait.
        output: the answer as the program asked for it; `None` when it asked for text.
    """

    status: Status = "complete"
    messages: tuple[Message, ...]
    responses: tuple[Response, ...]
    pending: tuple[Pending, ...] = ()
    output: T

    def __repr__(self) -> str:
        """Say briefly what it gave: a whole history would be a wall."""
        said = f"Turn(status={self.status!r}, text={excerpt(self.text)!r}"
        if self.output is not None:
            said += f", output={excerpt(repr(self.output))}"
        if self.pending:
            said += f", waiting={[waits.call.name for waits in self.pending]}"
        counts = ", ".join(f"{name}={count}" for name, count in _counts(self.usage).items())
        return f"{said}, usage=Usage({counts}), {len(self.messages)} messages)"

    @property
    def response(self) -> Response:
        """The last answer of the model.

        Raises:
            IndexError: the turn was left, or paused again, before the model had said anything.
        """
        return self.responses[-1]

    @property
    def text(self) -> str:
        """All text of the last answer, and of those that it goes on with after a pause of the service."""
        return text_of(self.responses)

    @property
    def usage(self) -> Usage:
        """What all answers cost together."""
        return total(response.usage for response in self.responses)


def text_of(responses: Sequence[Response]) -> str:
    """Return the text of the last answer; one that the service paused is the beginning of the next."""
    first = len(responses) - 1
    while first > 0 and responses[first - 1].finish_reason is FinishReason.PAUSE:
        first -= 1
    return "".join(response.text for response in responses[max(first, 0) :])


_COUNTS = tuple(item.name for item in fields(Usage) if item.name != "raw")


def _counts(usage: Usage) -> dict[str, int]:
    """Return the counts that were reported."""
    return {name: count for name in _COUNTS if (count := getattr(usage, name)) is not None}


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
