"""The front door without its colour: arguments become requests and flows. `Chat` and `AsyncChat` only drive them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from chat_core.codec.capabilities import EmbeddingRequest, Embeddings, Models, TokenCounter
from chat_core.codec.provider import capability
from chat_core.errors import DecodeError, UnsupportedCapability
from chat_core.flow.call import exchange, provider_call
from chat_core.flow.compose import compose
from chat_core.messages import Message, user
from chat_core.plugins.registry import registry
from chat_core.request import Request
from chat_core.setup import changed, merged
from chat_core.turn import turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.codec.capabilities import EmbeddingResponse, Model, TokenCount
    from chat_core.codec.effects import Flow
    from chat_core.request import OutputFormat
    from chat_core.setup import Changes, Setup
    from chat_core.tools import AnyTool, ToolChoice
    from chat_core.transport.protocol import AsyncTransport
    from chat_core.turn import Turn

C = TypeVar("C")
T = TypeVar("T")

Content: TypeAlias = str | Message | Sequence[Message] | Request
"""What can be asked: a user's words, a message, a history, or a whole request."""

Inputs: TypeAlias = str | Sequence[str | tuple[int, ...]] | EmbeddingRequest
"""What can be embedded: a text, texts or token ids, or a whole request."""

WORDS: Mapping[type, str] = {Embeddings: "embeddings", Models: "model list", TokenCounter: "token count"}
"""What capabilities are called in errors."""


def ask(
    setup: Setup,
    content: Content,
    changes: Changes,
    tools: Sequence[AnyTool] = (),
    tool_choice: ToolChoice | None = None,
    output: OutputFormat | None = None,
) -> tuple[Setup, Request]:
    """Return the set-up and the request of one call."""
    own = changed(setup, changes)
    request = request_of(own, content, changes)
    return own, replace(
        request,
        tools=tuple(tools) if tools else request.tools,
        tool_choice=request.tool_choice if tool_choice is None else tool_choice,
        output=request.output if output is None else output,
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
        case _:
            messages = tuple(content)
    strangers = {type(message).__name__ for message in cast("Sequence[object]", messages)} - {"Message"}
    if strangers:
        raise TypeError(
            f"a history holds messages, not {', '.join(sorted(strangers))}: make them with user(), system() …"
        )
    return messages


def complete(setup: Setup, request: Request, *, stream: bool) -> Flow[Turn[None]]:
    """Answer a request, with the client's middleware around the call."""
    call = provider_call(setup.provider, setup.settings, channel=setup.transport.channel, stream=stream)
    response = yield from compose(call, *setup.given.middleware)(request)
    return turn(request, response)


def each(setup: Setup, contents: Iterable[Content], changes: Changes) -> Iterator[Flow[Turn[None]]]:
    """Make the flows of many calls, each when it is asked for."""
    for content in contents:
        yield complete(setup, request_of(setup, content, changes), stream=False)


def embed(setup: Setup, inputs: Inputs, *, dimensions: int | None, encoding: str | None) -> Flow[EmbeddingResponse]:
    """Turn texts into vectors."""
    embeddings = _required(setup, Embeddings, capability(setup.provider, Embeddings))
    if isinstance(inputs, EmbeddingRequest):
        request = inputs
    else:
        texts = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        request = EmbeddingRequest(model=setup.model, inputs=texts, dimensions=dimensions, encoding=encoding)
    wire = embeddings.encode(request)
    return (yield from exchange(setup.provider, setup.settings, wire, lambda reply: embeddings.decode(request, reply)))


def models(setup: Setup) -> Flow[tuple[Model, ...]]:
    """List the models, page by page."""
    listing = _required(setup, Models, capability(setup.provider, Models))
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


def count_tokens(setup: Setup, request: Request) -> Flow[TokenCount]:
    """Count the input tokens of a request."""
    counter = _required(setup, TokenCounter, capability(setup.provider, TokenCounter))
    wire = counter.encode(request)
    return (yield from exchange(setup.provider, setup.settings, wire, lambda reply: counter.decode(request, reply)))


def _required(setup: Setup, kind: type, offered: C | None) -> C:
    if offered is None:
        others = ", ".join(registry().offering(kind))
        have = f"installed providers that have: {others}" if others else "no installed provider has"
        raise UnsupportedCapability(f"{setup.provider.name} has no {WORDS[kind]}; {have}")
    return offered


async def awaited(flow: Flow[T], transport: AsyncTransport) -> T:
    """Run a flow with the async driver, which is loaded when it is needed: it brings asyncio."""
    from chat_core.flow.adrive import arun  # noqa: PLC0415 - see above

    return await arun(flow, transport)
