"""Four ways to have a conversation: whole and streamed, blocking and async; each gives the turn and the events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from chat_core import AsyncChat, Chat

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.turn import Turn

Taken: TypeAlias = "tuple[Turn[Any], list[Event]]"


class Way(Protocol):
    """Takes a conversation to the end of a turn.

    `settings` are those of a client, `arguments` those of `complete`, or of `resume` where they hold decisions.
    """

    __name__: str

    def __call__(self, settings: dict[str, Any], *content: Any, **arguments: Any) -> Taken: ...  # noqa: ANN401 - as the client's own methods take them


def whole(settings: dict[str, Any], *content: Any, **arguments: Any) -> Taken:  # noqa: ANN401 - see `Way`
    chat = Chat(**settings)
    return (chat.complete if len(content) == 1 else chat.resume)(*content, **arguments), []


def streamed(settings: dict[str, Any], *content: Any, **arguments: Any) -> Taken:  # noqa: ANN401 - see `Way`
    chat = Chat(**settings)
    with (chat.stream if len(content) == 1 else chat.resume_stream)(*content, **arguments) as stream:
        events = list(stream)
    return stream.result, events


def awaited(settings: dict[str, Any], *content: Any, **arguments: Any) -> Taken:  # noqa: ANN401 - see `Way`
    async def main() -> Taken:
        chat = AsyncChat(**settings)
        return await (chat.complete if len(content) == 1 else chat.resume)(*content, **arguments), []

    return asyncio.run(main())


def awaited_stream(settings: dict[str, Any], *content: Any, **arguments: Any) -> Taken:  # noqa: ANN401 - see `Way`
    async def main() -> Taken:
        chat = AsyncChat(**settings)
        async with (chat.stream if len(content) == 1 else chat.resume_stream)(*content, **arguments) as stream:
            events = [event async for event in stream]
        return stream.result, events

    return asyncio.run(main())


WAYS: tuple[Callable[..., Taken], ...] = (whole, streamed, awaited, awaited_stream)
STREAMS = frozenset({"streamed", "awaited_stream"})
