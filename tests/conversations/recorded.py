"""Recorded conversations: exchanges of one case whose requests grow by an answer and the results of its calls.

Law: a conversation is played with nothing but its first request, the recorded replies and the recorded results; each
further request has to come out as it was recorded.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from tests.conversations.freedoms import RENAMED, aligned
from tests.wire.codecs import Chat, codec_of
from tests.wire.corpus import entries, load
from tests.wire.roundtrip import normalised, unequal

from chat_core.functions import ToolContext, tool
from chat_core.jsonvalue import parse_object
from chat_core.parts import ToolResult
from chat_core.testing.loopback import Answer
from chat_core.tools import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from tests.wire.codecs import Codec
    from tests.wire.corpus import Entry, Exchange

    from chat_core.functions import FunctionTool
    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.tools import AnyTool

Results: TypeAlias = "dict[str, deque[ToolResult]]"

KINDS = ("-chat", "-messages", "-responses", "-generate")
"""The ends of the names of APIs that hold conversations."""

PLAYED: Mapping[str, str] = {
    "anthropic-messages": "anthropic-messages",
    "openai-chat": "openai-chat",
    "mistral-chat": "openai-chat",  # which the preset of that name speaks
    "openai-responses": "openai-responses",
    "ollama-chat": "ollama-chat",
    "gemini-generate": "gemini-generate",
}
"""The wires whose conversations are played, and by which codec."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A conversation.

    Attributes:
        exchanges: its exchanges, in order.
        codecs: their codecs.
    """

    exchanges: tuple[Exchange, ...]
    codecs: tuple[Chat, ...]

    @property
    def id(self) -> str:
        """The id of its first exchange."""
        return self.exchanges[0].id

    @property
    def streamed(self) -> bool:
        """Whether its answers are streams."""
        return self.exchanges[0].streamed

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What a server says that plays it."""
        return tuple(Answer.of(exchange.reply) for exchange in self.exchanges)

    def results(self) -> Results:
        """Return what its tools gave, by the id of the call, to be taken."""
        found: dict[str, deque[ToolResult]] = defaultdict(deque)
        for before, after in pairwise(self.codecs):
            for part in _tail(before, after)[1:]:
                for result in part.parts:
                    if isinstance(result, ToolResult):
                        found[result.call_id].append(result)
        return found

    def tools(self, results: Results) -> tuple[AnyTool | FunctionTool[..., object], ...]:
        """Return its tools, with functions that give what was recorded."""
        given = _giving(partial(result_of, results))
        return tuple(
            tool(
                given,
                name=each.name,
                description=each.description,
                parameters=each.parameters,
                strict=each.strict,
                meta=each.meta,
            )
            if isinstance(each, Tool)
            else each
            for each in self.codecs[0].request.tools
        )

    def differences(self, bodies: Iterable[bytes]) -> Iterator[str]:
        """Yield how the requests that were made differ from the recorded ones."""
        made = [parse_object(body) for body in bodies]
        if len(made) != len(self.exchanges):
            yield f"recorded {len(self.exchanges)} requests, made {len(made)}"
        for exchange, ours in zip(self.exchanges, made, strict=False):
            both = aligned(exchange.asked or {}, ours, self.codecs[0].family, renamed=self.id.startswith(RENAMED))
            yield from (f"request {exchange.seq}: {item}" for item in unequal(*both))


def _giving(result: Callable[[ToolCall], ToolResult]) -> Callable[..., ToolResult]:
    def given(context: ToolContext[object], **_: object) -> ToolResult:
        return result(context.call)

    return given


def result_of(results: Results, call: ToolCall) -> ToolResult:
    """Take the recorded result of a call; a call without an id of the service's takes the next one."""
    for queue in (results.get(call.id), *results.values()):
        if queue:
            return queue.popleft()
    raise LookupError(f"the recording holds no result of {call.name}")


def conversations(root: Path) -> Iterator[Recorded]:
    """Find the conversations of a corpus, each as long as it goes."""
    cases: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries(root):
        if entry.api.endswith(KINDS):
            cases[entry.api, entry.case].append(entry)
    for case in cases.values():
        if len(case) > 1:
            yield from _of_case([load(entry) for entry in case])


def _of_case(exchanges: list[Exchange]) -> Iterator[Recorded]:
    run: list[tuple[Exchange, Chat]] = []
    for exchange in exchanges:
        codec = _codec(exchange) if exchange.asked and exchange.status == 200 else None
        if not isinstance(codec, Chat) or codec.fault is not None:
            run = []
            continue
        if run and not _goes_on(run[-1], (exchange, codec)):
            if len(run) > 1:
                yield Recorded(*zip(*run, strict=True))
            run = []
        run.append((exchange, codec))
    if len(run) > 1:
        yield Recorded(*zip(*run, strict=True))


def _codec(exchange: Exchange) -> Codec | None:
    wire = PLAYED.get(exchange.wire)
    return codec_of(replace(exchange, wire=wire)) if wire is not None else None


def _goes_on(before: tuple[Exchange, Chat], after: tuple[Exchange, Chat]) -> bool:
    """Tell whether a request is the one before with its answer and the results of its calls."""
    (one, first), (two, second) = before, after
    if one.streamed != two.streamed or _rest(one, first) != _rest(two, second):
        return False
    length = len(first.request.messages)
    if second.request.messages[:length] != first.request.messages or len(second.request.messages) == length:
        return False
    answer, *others = _tail(first, second)
    return (
        answer.role == "assistant"
        and len(answer.tool_calls) > 0
        and len(others) > 0
        and all(isinstance(part, ToolResult) for message in others for part in message.parts)
    )


def _tail(before: Chat, after: Chat) -> tuple[Message, ...]:
    return after.request.messages[len(before.request.messages) :]


def _rest(exchange: Exchange, codec: Chat) -> JSONObject:
    body = normalised(exchange.asked or {}, codec.family)
    return {key: value for key, value in body.items() if key not in {"messages", "input", "contents"}}
