"""The front door without its colour: arguments become requests and flows. `Chat` and `AsyncChat` only drive them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, TypeVar, cast

from chat_core.codec.capabilities import Embeddings, Models, StructuredOutput, TokenCounter
from chat_core.codec.live import Live
from chat_core.codec.provider import capability
from chat_core.errors import ConfigurationError, DecodeError, UnsupportedCapability
from chat_core.flow.call import exchange, provider_call
from chat_core.flow.compose import compose
from chat_core.flow.converse import converse
from chat_core.flow.rules import Rules
from chat_core.frozen import dataclass, maker
from chat_core.messages import Message, user
from chat_core.plugins.registry import registry
from chat_core.request import Request
from chat_core.setup import Changes, changed, merged
from chat_core.tools import AnyTool, Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from chat_core.alivesession import AsyncLiveSession
    from chat_core.approval import Decisions
    from chat_core.codec.capabilities import Model, TokenCount
    from chat_core.codec.effects import Flow
    from chat_core.flow.adrive import ADrive
    from chat_core.flow.service import Service
    from chat_core.flow.structured import Structured
    from chat_core.functions import FunctionTool
    from chat_core.livesession import LiveSession
    from chat_core.livesessions.beginning import LiveAsking
    from chat_core.setup import Arguments, Setup
    from chat_core.tools import ToolChoice
    from chat_core.transport.protocol import AsyncTransport
    from chat_core.turn import Turn

_rules = maker(Rules)

C = TypeVar("C")
T = TypeVar("T")

Content: TypeAlias = str | Message | Sequence[Message] | Request
"""What can be asked: a user's words, a message, a history, or a whole request."""

ToolSource: TypeAlias = "AnyTool | FunctionTool | Callable[..., object] | ModuleType | str"
"""What can be given as tools: declarations, functions, modules of them by themselves or by name, such as `my.tools` or
`tools:look`, and names of installed sets."""

WORDS: Mapping[type, str] = {
    Embeddings: "embeddings",
    Models: "model list",
    TokenCounter: "token count",
    Live: "live sessions",
}
"""What capabilities are called in errors, where that is not their name."""


class Asking(Changes, total=False):
    """What a call can be told beside what is asked.

    `tools` are declarations, functions (see `chat_core.functions.tool`), modules of tools, and names of installed sets.
    """

    tools: Sequence[ToolSource]
    tool_choice: ToolChoice | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, ready to be made."""

    setup: Setup
    request: Request
    rules: Rules


def ask(setup: Setup, content: Content, asking: Asking) -> Asked:
    """Return the set-up, the request and the rules of one call.

    Raises:
        ConfigurationError: two tools have one name, or a rule makes no sense.
    """
    own = told(setup, asking, Asking)
    request = request_of(own, content, asking)
    declarations, functions = declared(asking.get("tools", ()))
    if declarations:
        request = replace(request, tools=declarations)
    if (choice := asking.get("tool_choice")) is not None:
        request = replace(request, tool_choice=choice)
    return Asked(own, request, rules_of(own.given, functions))


def told(setup: Setup, asking: Changes, kind: type | None = None) -> Setup:
    """Return the set-up of a client that is told otherwise for one call.

    Args:
        setup: the client's.
        asking: what the call is told.
        kind: what it may be told; another name is an error here. `None` = whoever makes the request looks at the rest.

    Raises:
        TypeError: there is no such setting.
    """
    if not asking:
        return setup
    beside = frozenset[str]() if kind is None else asking.keys() - kind.__annotations__.keys()
    changes = {name: value for name, value in asking.items() if name in Changes.__annotations__ or name in beside}
    return changed(setup, cast("Changes", changes))


def declared(sources: Sequence[ToolSource]) -> tuple[tuple[AnyTool, ...], Mapping[str, FunctionTool]]:
    """Return the declarations of tools, and the functions that run them, by name.

    Raises:
        ConfigurationError: two tools have one name, no tool is installed under a name, or a source is none.
    """
    if not sources:
        return (), {}
    if isinstance(sources, str) or not _is_many(sources):  # for programs without a type checker
        raise ConfigurationError(f"tools= takes a list, such as tools=[look], not {type(sources).__name__}")
    from chat_core.functions import FunctionTool, toolset  # noqa: PLC0415 - a question without tools does without

    tools = toolset(*(registry().tools(each).load() if _is_set(each) else each for each in sources))
    functions = {tool.name: tool for tool in tools if isinstance(tool, FunctionTool)}
    declarations = tuple(tool.declaration if isinstance(tool, FunctionTool) else tool for tool in tools)
    names = [tool.name for tool in declarations if isinstance(tool, Tool)]
    if len(set(names)) < len(names):
        twice = ", ".join(sorted({name for name in names if names.count(name) > 1}))
        raise ConfigurationError(f"two tools are called {twice}: rename one, with tool(function, name=…)")
    return declarations, functions


def _is_set(source: ToolSource) -> TypeGuard[str]:
    """Tell whether a text names an installed set: the names of modules have a dot, or a colon behind them."""
    return isinstance(source, str) and not {".", ":"} & {*source}


def rules_of(given: Arguments, functions: Mapping[str, FunctionTool]) -> Rules:
    """Return how a conversation goes on when the model calls tools.

    Raises:
        ConfigurationError: a number makes no sense.
    """
    for name in ("max_steps", "tool_concurrency"):
        if getattr(given, name) < 1:
            raise ConfigurationError(f"{name}= is at least 1")
    return _rules(
        functions=functions,
        policy=given.policy,
        max_steps=given.max_steps,
        concurrency=given.tool_concurrency,
        tool_timeout=given.tool_timeout,
        raise_on_tool_error=given.raise_on_tool_error,
        context=given.context,
        signer=given.signer,
        journal=given.journal,
        takeover=given.takeover,
        output_retries=given.output_retries,
    )


def request_of(setup: Setup, content: Content, changes: Changes) -> Request:
    """Make the request of a call; a whole one is sent as it is, but for what the call itself changes."""
    if not isinstance(content, Request):
        return Request(model=setup.model, messages=_messages(content), options=setup.options)
    request = replace(content, model=setup.model) if "model" in changes else content
    options = changes.get("options")
    return request if options is None else replace(request, options=merged(request.options, options))


def _messages(content: str | Message | Sequence[Message]) -> tuple[Message, ...]:
    match content:
        case str():
            return (user(content),)
        case Message():
            return (content,)
        case _ if not _is_many(content):  # for programs without a type checker
            fix = "; pass its `messages`" if hasattr(content, "messages") else ""
            raise TypeError(f"what is asked is text, a message or a history, not {type(content).__name__}{fix}")
        case _:
            messages = tuple(content)
    strangers = {type(message).__name__ for message in cast("Sequence[object]", messages)} - {"Message"}
    if strangers:
        raise TypeError(
            f"a history holds messages, not {', '.join(sorted(strangers))}: make them with user(), system() …"
        )
    return messages


def _is_many(content: object) -> bool:
    return isinstance(content, Iterable) and not isinstance(content, bytes)


def complete(asked: Asked, output: object, *, stream: bool, decisions: Decisions | None = None) -> Flow[Turn[Any]]:
    """Take a conversation to the end of a turn, with the client's middleware around each call of the model.

    Args:
        asked: what is asked, and how.
        output: the form of the answer: a type, a JSON Schema, or an `Output`; `None` = text.
        stream: whether the answers are streamed.
        decisions: about the calls that the history ends with; `None` = nothing was paused.
    """
    setup, request = asked.setup, asked.request
    channel, instead = setup.channels
    call = provider_call(setup.provider, setup.settings, channel=channel, instead=instead, stream=stream)
    call = compose(call, *setup.given.middleware)
    structured = None if output is None else _structured(asked, output)
    return converse(call, request, asked.rules, decisions=decisions, structured=structured)


def _structured(asked: Asked, output: object) -> Structured[Any]:
    from chat_core.flow.structured import Structured  # noqa: PLC0415 - for calls with an output
    from chat_core.outputs import output_of  # noqa: PLC0415 - as above

    wanted = output_of(output)
    wanted.require_checkable()
    offered: StructuredOutput | None = capability(asked.setup.provider, StructuredOutput)
    strategies = offered.strategies_for(wanted.format) if offered is not None else ("native",)
    strategy = wanted.strategy if wanted.strategy is not None else strategies[0]
    json_mode = offered is not None and offered.json_mode and not asked.request.tools  # many refuse it beside tools
    lacking: str | None = None if strategy == "native" else getattr(offered, "lacking", None)
    retries = asked.rules.output_retries
    return Structured(wanted, strategy, asked.request, retries, json_mode=json_mode, lacking=lacking)


def each(setup: Setup, contents: Iterable[Content], asking: Asking) -> Iterator[Flow[Turn[None]]]:
    """Make the flows of many calls, each when it is asked for."""
    for content in contents:
        yield complete(ask(setup, content, asking), None, stream=False)


def models(setup: Setup) -> Flow[tuple[Model, ...]]:
    """List the models, page by page."""
    listing = required(setup, Models, capability(setup.provider, Models))
    found: list[Model] = []
    after: str | None = None
    seen: set[str] = set()
    while True:
        page = yield from exchange(setup.provider, setup.settings, listing.encode(after=after), listing.decode)
        found += page.models
        after = page.next
        if after is None:
            return tuple(found)
        if after in seen:
            raise DecodeError(f"the model list of {setup.provider.name} goes round in circles: {after!r:.80} again")
        seen.add(after)


def count_tokens(asked: Asked) -> Flow[TokenCount]:
    """Count the input tokens of a request."""
    setup, request = asked.setup, asked.request
    counter = required(setup, TokenCounter, capability(setup.provider, TokenCounter))
    wire = counter.encode(request)
    return (yield from exchange(setup.provider, setup.settings, wire, lambda reply: counter.decode(request, reply)))


def service(setup: Setup) -> Service:
    """Return the client's service, for an operation of its package."""
    from chat_core.flow.service import Service  # noqa: PLC0415 - for those operations only

    return Service(setup.provider, setup.model, setup.settings)


def required(setup: Setup, kind: type, offered: C | None) -> C:
    """Return what a provider offers.

    Raises:
        UnsupportedCapability: it does not; the message says who does.
    """
    if offered is None:
        others = ", ".join(registry().offering(kind))
        have = f"installed providers that have: {others}" if others else "no installed provider has"
        raise UnsupportedCapability(f"{setup.provider.name} has no {WORDS.get(kind, kind.__name__.lower())}; {have}")
    return offered


def live(setup: Setup, asking: LiveAsking) -> LiveSession:
    """Get a live session ready."""
    from chat_core.livesession import LiveSession  # noqa: PLC0415 - for live sessions
    from chat_core.livesessions.beginning import begin  # noqa: PLC0415 - as above

    return LiveSession(begin(setup, asking))


def alive(setup: Setup, asking: LiveAsking) -> AsyncLiveSession:
    """Get a live session of asyncio ready."""
    from chat_core.alivesession import AsyncLiveSession  # noqa: PLC0415 - for live sessions
    from chat_core.livesessions.beginning import begin  # noqa: PLC0415 - as above

    return AsyncLiveSession(begin(setup, asking))


async def awaited(flow: Flow[T], transport: AsyncTransport) -> T:
    """Run a flow with the async driver, which is loaded when it is needed: it brings asyncio."""
    return await driven(flow, transport).finish()


def driven(flow: Flow[T], transport: AsyncTransport) -> ADrive[T]:
    """Return a flow to be iterated over with the async driver."""
    from chat_core.flow.adrive import ADrive  # noqa: PLC0415 - see `awaited`

    return ADrive(flow, transport)
