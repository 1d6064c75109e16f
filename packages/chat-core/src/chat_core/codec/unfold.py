"""Unfold a response into the stream that would have given it: for caches, replays and gateways.

Law: the inverse of `fold`: `fold(unfold(response)) == response`. Each part comes in one delta.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import GrammarError
from chat_core.events import (
    CitationDelta,
    Event,
    MediaDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
)
from chat_core.parts import Inline, Media, Reasoning, Refusal, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.parts import Part
    from chat_core.response import Response


def unfold(response: Response) -> Iterator[Event]:
    """Yield the events of a complete response.

    Raises:
        GrammarError: the response is a partial one.
    """
    if response.finish_reason is None:
        raise GrammarError("a partial response has no stream: its end never came")
    yield ResponseStart(id=response.id, model=response.model, notices=response.notices)
    for choice, answer in enumerate((response, *response.alternatives)):
        for index, part in enumerate(answer.parts):
            yield from _part(index, part, choice)
    yield ResponseEnd(response)


def _part(index: int, part: Part, choice: int) -> Iterator[Event]:
    yield PartStart(index, _begun(part), choice=choice)
    match part:
        case Text(text, citations=citations, logprobs=logprobs):
            if text or logprobs:
                yield TextDelta(index, text, logprobs=logprobs, choice=choice)
            for citation in citations:
                yield CitationDelta(index, citation, choice=choice)
        case Reasoning(text) if text:
            yield ReasoningDelta(index, text, choice=choice)
        case Refusal(text) if text:
            yield RefusalDelta(index, text, choice=choice)
        case ToolCall() if text := _spelled(part):
            yield ToolCallDelta(index, text, choice=choice)
        case Media(source=Inline(data), transcript=transcript) if data:
            yield MediaDelta(index, data, transcript=transcript if transcript is not None else "", choice=choice)
        case _:
            pass
    yield PartEnd(index, part, choice=choice)


def _begun(part: Part) -> Part:
    """Return a part as it is before its deltas."""
    match part:
        case Text():
            return replace(part, text="", citations=(), logprobs=())
        case Reasoning() | Refusal():
            return replace(part, text="")
        case ToolCall():
            return replace(part, arguments=None, raw=None)
        case Media(source=Inline(data)) if data:
            return replace(part, source=Inline(b""), transcript=None)
        case _:
            return part


def _spelled(call: ToolCall) -> str:
    """Return the text of a call's arguments."""
    if call.raw is not None:
        return call.raw
    return "" if call.arguments is None else dump(call.arguments).decode()
