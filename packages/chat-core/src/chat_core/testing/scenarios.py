"""Scenarios: what a provider has to have shown, each with what must be true of a case that shows it.

Law: a scenario is covered by a case whose answer has what the scenario asks for, not by a case that says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.errors import AuthenticationFailed, ProviderError, RateLimited
from chat_core.parts import Reasoning, Text
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_core.errors import ChatError
    from chat_core.parts import ToolCall
    from chat_core.response import Response

SEVERAL = 2
_BEYOND_THE_BASIC_PLANE = 0xFFFF
_LINE_ENDS = "\u0085\u2028\u2029"
"""Characters at which text readers break lines, and no stream does."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one reply of a case gave.

    Attributes:
        response: the answer, or what had come of it.
        error: what ended it early, or what a reply that says no became.
        unknown: how many events had no name.
        streamed: whether it came as a stream.
    """

    response: Response | None = None
    error: ChatError | None = None
    unknown: int = 0
    streamed: bool = False

    @property
    def complete(self) -> Response | None:
        """The answer, if it is a whole one."""
        return self.response if self.error is None else None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that services do.

    Attributes:
        words: what a case of it shows.
        shown: tells whether a reply shows it.
        optional: a provider without it need not say so.
    """

    words: str
    shown: Callable[[Evidence], bool]
    optional: bool = False


def _answered(holds: Callable[[Response], bool]) -> Callable[[Evidence], bool]:
    """Ask a complete answer."""
    return lambda told: told.complete is not None and holds(told.complete)


def _calls(response: Response) -> Iterator[ToolCall]:
    yield from response.tool_calls


def _difficult(told: Evidence) -> bool:
    text = told.response.text if told.response is not None else ""
    return (
        told.streamed
        and any(char in text for char in _LINE_ENDS)
        and any(ord(char) > _BEYOND_THE_BASIC_PLANE for char in text)
    )


def _sealed(response: Response) -> bool:
    thoughts = [part for part in response.parts if isinstance(part, Reasoning)]
    return any(part.signature or any(part.meta.values()) for part in thoughts)


def _several(response: Response) -> bool:
    return len({call.id for call in response.tool_calls}) >= SEVERAL


def _counted(response: Response) -> bool:
    usage = response.usage
    return usage is not None and usage.input_tokens is not None and usage.output_tokens is not None


def _cached(response: Response) -> bool:
    """Tell whether cached tokens are counted, as a part of the input."""
    usage = response.usage
    cached = usage.cache_read_tokens if usage is not None else None
    return bool(cached) and usage is not None and (usage.input_tokens or 0) >= (cached or 0)


def _ended(*reasons: FinishReason) -> Callable[[Evidence], bool]:
    return _answered(lambda response: response.finish_reason in reasons)


def _cited(response: Response) -> bool:
    return any(part.citations for part in response.parts if isinstance(part, Text))


def _failed(told: Evidence) -> bool:
    """Tell whether an error came after content, which is kept."""
    kept = told.response is not None and bool(told.response.parts)
    return told.streamed and isinstance(told.error, ProviderError) and kept


def _limited(told: Evidence) -> bool:
    return isinstance(told.error, RateLimited) and told.error.retry_after is not None


SCENARIOS: Mapping[str, Scenario] = {
    "text": Scenario("an answer in words", _answered(lambda response: bool(response.text))),
    "difficult_text": Scenario("a stream with U+2028 or U+0085 and a character beyond U+FFFF in its text", _difficult),
    "reasoning": Scenario("reasoning in words", _answered(lambda response: bool(response.reasoning))),
    "sealed_reasoning": Scenario("reasoning with a signature or private data, which goes back", _answered(_sealed)),
    "tool_call": Scenario(
        "a call with arguments", _answered(lambda response: any(call.arguments for call in _calls(response)))
    ),
    "call_without_arguments": Scenario(
        "a call of a tool that takes none: its arguments are {}",
        _answered(lambda response: any(call.arguments == {} for call in _calls(response))),
    ),
    "broken_arguments": Scenario(
        "a call whose arguments are no JSON object: `arguments` is None, `raw` what came",
        _answered(lambda response: any(call.arguments is None and call.raw for call in _calls(response))),
    ),
    "parallel_calls": Scenario("two or more calls in one answer, with ids of their own", _answered(_several)),
    "usage": Scenario("tokens of prompt and answer", _answered(_counted)),
    "cached_usage": Scenario("tokens that came from a cache, counted as input as well", _answered(_cached)),
    "finish_stop": Scenario("the answer ended by itself", _ended(FinishReason.STOP)),
    "finish_length": Scenario("the token limit ended the answer", _ended(FinishReason.LENGTH)),
    "finish_tool_calls": Scenario("the model waits for results", _ended(FinishReason.TOOL_CALLS)),
    "finish_unknown": Scenario(
        "an ending in a word of the service's that is not known: `other`, with the word",
        _answered(lambda response: response.finish_reason is FinishReason.OTHER and bool(response.raw_finish_reason)),
    ),
    "citations": Scenario("a text with its sources", _answered(_cited), optional=True),
    "refusal": Scenario(
        "the model refuses",
        _answered(lambda response: bool(response.refusal) or response.finish_reason is FinishReason.REFUSAL),
        optional=True,
    ),
    "unknown_event": Scenario(
        "a stream with an event that nobody knows", lambda told: told.streamed and told.unknown > 0
    ),
    "stream_error": Scenario("an error inside a stream, after content", _failed),
    "authentication_failed": Scenario(
        "a reply that refuses the key", lambda told: isinstance(told.error, AuthenticationFailed)
    ),
    "rate_limited": Scenario("a reply that asks to come back later, and says when", _limited),
}
"""All scenarios by name. Pages of HTML and empty bodies in place of errors are tried by the kit itself."""
