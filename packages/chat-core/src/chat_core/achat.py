"""`AsyncChat`: the asyncio front door. It drives the flows of `calls` in the caller's task; `Chat` is its twin.

Law: an `AsyncChat` holds no conversation and may be shared between tasks and event loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core import calls
from chat_core.flow import many
from chat_core.setup import Arguments, awaiting, changed, set_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from typing import Self, Unpack

    from chat_core.calls import Content, Inputs
    from chat_core.codec.capabilities import EmbeddingResponse, Model, TokenCount
    from chat_core.codec.provider import Provider
    from chat_core.flow.adrive import ADrive
    from chat_core.flow.compose import Middleware
    from chat_core.flow.retry import Retry
    from chat_core.flow.timeouts import Timeouts
    from chat_core.options import Options
    from chat_core.request import OutputFormat
    from chat_core.setup import ApiKey, Changes
    from chat_core.tools import AnyTool, ToolChoice
    from chat_core.transport.protocol import AsyncTransport
    from chat_core.turn import Turn


class AsyncChat:
    """A client of one model: `Chat("provider:model")`. `chat_core.setup.Arguments` explains the arguments."""

    def __init__(  # noqa: PLR0913 - the arguments are the product
        self,
        model: str,
        *,
        provider: Provider | None = None,
        api_key: ApiKey | None = None,
        base_url: str | None = None,
        headers: Mapping[str, str] | None = None,
        transport: str | AsyncTransport | None = None,
        options: Options | None = None,
        middleware: Sequence[Middleware] = (),
        strict: bool = False,
        timeouts: Timeouts | None = None,
        retry: Retry | None = None,
        keep_raw: bool = False,
    ) -> None:
        """Find the provider; no I/O is done.

        Raises:
            ConfigurationError: the set-up is wrong; the message names the fix.
        """
        self._setup = set_up(
            Arguments(
                model=model,
                provider=provider,
                api_key=api_key,
                base_url=base_url,
                headers=headers,
                transport=transport,
                options=options,
                middleware=middleware,
                strict=strict,
                timeouts=timeouts,
                retry=retry,
                keep_raw=keep_raw,
            )
        )
        awaiting(self._setup)

    def __repr__(self) -> str:
        return f"AsyncChat({self._setup!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    async def complete(
        self,
        content: Content,
        *,
        tools: Sequence[AnyTool] = (),
        tool_choice: ToolChoice | None = None,
        output: OutputFormat | None = None,
        **changes: Unpack[Changes],
    ) -> Turn[None]:
        """Ask and wait for the whole answer; a call can be told otherwise whatever the client was told."""
        setup, request = calls.ask(self._setup, content, changes, tools, tool_choice, output)
        return await calls.awaited(calls.complete(setup, request, stream=False), awaiting(setup))

    def stream(
        self,
        content: Content,
        *,
        tools: Sequence[AnyTool] = (),
        tool_choice: ToolChoice | None = None,
        output: OutputFormat | None = None,
        **changes: Unpack[Changes],
    ) -> ADrive[Turn[None]]:
        """Ask and iterate over the events of the answer; its `result` is the turn. Leaving `with` closes it."""
        setup, request = calls.ask(self._setup, content, changes, tools, tool_choice, output)
        from chat_core.flow.adrive import ADrive  # noqa: PLC0415 - asyncio is loaded when it is needed

        return ADrive(calls.complete(setup, request, stream=True), awaiting(setup))

    async def embed(
        self, inputs: Inputs, *, dimensions: int | None = None, encoding: str | None = None, **changes: Unpack[Changes]
    ) -> EmbeddingResponse:
        """Turn texts into vectors."""
        setup = changed(self._setup, changes)
        return await calls.awaited(
            calls.embed(setup, inputs, dimensions=dimensions, encoding=encoding), awaiting(setup)
        )

    async def models(self, **changes: Unpack[Changes]) -> tuple[Model, ...]:
        """List the models of the service."""
        setup = changed(self._setup, changes)
        return await calls.awaited(calls.models(setup), awaiting(setup))

    async def count_tokens(
        self, content: Content, *, tools: Sequence[AnyTool] = (), **changes: Unpack[Changes]
    ) -> TokenCount:
        """Count the tokens that a request has as input, without answering it."""
        setup, request = calls.ask(self._setup, content, changes, tools)
        return await calls.awaited(calls.count_tokens(setup, request), awaiting(setup))

    def map(
        self, contents: Iterable[Content], *, concurrency: int = 8, **changes: Unpack[Changes]
    ) -> AsyncIterator[Turn[None]]:
        """Ask many things side by side and yield the turns in order; the first error ends it at its place."""
        setup = changed(self._setup, changes)
        return many.in_order_async(calls.each(setup, contents, changes), awaiting(setup), concurrency)

    def using(self, **changes: Unpack[Changes]) -> Self:
        """Make a copy that is told something else and shares the connections."""
        copy = object.__new__(type(self))
        copy._setup = changed(self._setup, changes)
        return copy

    async def close(self) -> None:
        """Close the connections of a transport that was passed in; what all clients share stays open."""
        if self._setup.owns_transport:
            await awaiting(self._setup).aclose()
