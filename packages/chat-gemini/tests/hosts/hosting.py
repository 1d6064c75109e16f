"""Google's APIs on loopback that answer as they are told, and operations run on them in both colours."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, TypeVar

from chat_core import AsyncChat, Chat
from chat_core.flow.retry import NEVER
from chat_core.testing.loopback import Answer
from chat_gemini.places import developer, vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.flow.retry import Retry
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSON

T = TypeVar("T")


def whole(data: JSON, status: int = 200, **headers: str) -> Answer:
    typed = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Answer(status=status, headers=typed, pieces=(json.dumps(data).encode(),))


def gemini(address: str) -> Gemini:
    return Gemini(place=developer(address))


def on_vertex(address: str) -> Gemini:
    return Gemini(name="vertex", place=vertex("p", "europe-west4", base_url=address))


def blocking(provider: Gemini, operation: Operation[T], retry: Retry = NEVER) -> tuple[T, list[Event]]:
    with Chat("mine", provider=provider, api_key="k", retry=retry) as chat, chat.drive(operation) as task:
        events = list(task)
    return task.result, events


def awaiting(provider: Gemini, operation: Operation[T], retry: Retry = NEVER) -> tuple[T, list[Event]]:
    async def main() -> tuple[T, list[Event]]:
        chat = AsyncChat("mine", provider=provider, api_key="k", retry=retry)
        async with chat, chat.drive(operation) as task:
            events = [event async for event in task]
        return task.result, events

    return asyncio.run(main())


COLOURS: tuple[Callable[..., tuple[object, list[Event]]], ...] = (blocking, awaiting)
