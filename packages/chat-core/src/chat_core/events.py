"""Stream events and their grammar.

    ResponseStart ( PartStart (…Delta)* PartEnd )* ResponseEnd

Parts may interleave by `index` and `choice`; `UnknownEvent` may stand anywhere after the start. Law: `PartEnd` carries
the complete part and `ResponseEnd` the complete response; the joined deltas of a part equal it. `codec.fold` checks.

A conversation is such streams one after another, with the events of its tools between them and `OutputDelta` in them.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING, TypeAlias

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from chat_core.approval import Pending
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Citation, Part, TokenLogprob, ToolCall, ToolResult
    from chat_core.response import Notice, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseStart:
    """The answer begins; comes right before its first content."""

    id: str | None = None
    model: str | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part begins.

    Attributes:
        index: the part's place in its answer, from 0.
        part: the part as far as it is known: its class, and a call's id and name.
        choice: which of several answers.
    """

    index: int
    part: Part
    _: KW_ONLY
    choice: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of a `Text`."""

    index: int
    text: str
    _: KW_ONLY
    logprobs: tuple[TokenLogprob, ...] = ()
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More text of a `Reasoning`."""

    index: int
    text: str
    _: KW_ONLY
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of the text of a `ToolCall`'s arguments."""

    index: int
    arguments: str
    _: KW_ONLY
    choice: int = 0


@dataclass(frozen=True, slots=True)
class MediaDelta:
    """More bytes of a `Media`, or more of its transcript."""

    index: int
    data: bytes = field(repr=False)
    _: KW_ONLY
    transcript: str = ""
    choice: int = 0


@dataclass(frozen=True, slots=True)
class CitationDelta:
    """A citation of the `Text` at `index`."""

    index: int
    citation: Citation
    _: KW_ONLY
    choice: int = 0


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """More text of a `Refusal`."""

    index: int
    text: str
    _: KW_ONLY
    choice: int = 0


@dataclass(frozen=True, slots=True)
class PartEnd:
    """A part is complete."""

    index: int
    part: Part
    _: KW_ONLY
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ResponseEnd:
    """The answer is complete."""

    response: Response


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """Something the service sent and this version has no name for.

    Attributes:
        kind: the service's name for it.
        data: what it held.
    """

    kind: str
    data: JSON


@dataclass(frozen=True, slots=True)
class ToolStart:
    """A tool begins to run."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A running tool reports.

    Attributes:
        call_id: the `id` of its call.
        value: what it reported.
    """

    call_id: str
    value: object


@dataclass(frozen=True, slots=True)
class ToolEnd:
    """A call is answered: its tool has ended, or did not run at all.

    Attributes:
        call: the call.
        result: what the model is told.
    """

    call: ToolCall
    result: ToolResult


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call waits for a decision; the turn will pause."""

    pending: Pending


@dataclass(frozen=True, slots=True)
class OutputDelta:
    """The structured output has grown.

    Attributes:
        value: the output so far. It grows in place: what has to last is copied. Of the last one it is the validated
            output itself.
        final: this is the last one.
    """

    value: object
    _: KW_ONLY
    final: bool = False


Delta: TypeAlias = TextDelta | ReasoningDelta | ToolCallDelta | MediaDelta | CitationDelta | RefusalDelta
ConversationEvent: TypeAlias = ToolStart | ToolProgress | ToolEnd | ApprovalRequest | OutputDelta
Event: TypeAlias = ResponseStart | PartStart | Delta | PartEnd | ResponseEnd | UnknownEvent | ConversationEvent
"""What a stream is made of."""
