"""One question, asked in four ways: whole and streamed, blocking and async. Each gives the turn and the events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, TypeAlias

from chat_core import AsyncChat, Chat

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.calls import Content
    from chat_core.events import Event
    from chat_core.tools import AnyTool
    from chat_core.turn import Turn

Answer: TypeAlias = "tuple[Turn[None], list[Event]]"

BASES = {"claude": "", "gemini": "/v1beta", "ollama": "", "openai": "/v1", "openai-chat": "/v1"}
"""What each provider's base URL has after the host."""


class Way(Protocol):
    """Asks a model; `settings` are those of `Chat`."""

    __name__: str

    def __call__(self, model: str, content: Content, tools: tuple[AnyTool, ...] = (), **settings: object) -> Answer: ...


def whole(model: str, content: Content, tools: tuple[AnyTool, ...] = (), **settings: object) -> Answer:
    chat = Chat(model, api_key="k", **settings)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings
    return chat.complete(content, tools=tools), []


def streamed(model: str, content: Content, tools: tuple[AnyTool, ...] = (), **settings: object) -> Answer:
    chat = Chat(model, api_key="k", **settings)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
    with chat.stream(content, tools=tools) as stream:
        events = list(stream)
    return stream.result, events


def awaited(model: str, content: Content, tools: tuple[AnyTool, ...] = (), **settings: object) -> Answer:
    async def main() -> Answer:
        chat = AsyncChat(model, api_key="k", **settings)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        return await chat.complete(content, tools=tools), []

    return asyncio.run(main())


def awaited_stream(model: str, content: Content, tools: tuple[AnyTool, ...] = (), **settings: object) -> Answer:
    async def main() -> Answer:
        chat = AsyncChat(model, api_key="k", **settings)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        async with chat.stream(content, tools=tools) as stream:
            events = [event async for event in stream]
        return stream.result, events

    return asyncio.run(main())


WAYS: tuple[Callable[..., Answer], ...] = (whole, streamed, awaited, awaited_stream)
STREAMS = frozenset({"streamed", "awaited_stream"})
