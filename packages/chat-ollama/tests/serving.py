"""An Ollama server on loopback that answers as it is told, and operations run on it in both colours."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, TypeVar

from chat_core import AsyncChat, Chat
from chat_core.flow.retry import NEVER
from chat_core.testing.loopback import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSON

T = TypeVar("T")


def whole(data: JSON, status: int = 200) -> Answer:
    return Answer(status=status, headers={"content-type": "application/json"}, pieces=(json.dumps(data).encode(),))


def lines(*data: JSON) -> Answer:
    pieces = tuple(json.dumps(line).encode() + b"\n" for line in data)
    return Answer(headers={"content-type": "application/x-ndjson"}, pieces=pieces)


def blocking(address: str, operation: Operation[T]) -> tuple[T, list[Event]]:
    with Chat("ollama:mine", base_url=address, retry=NEVER) as chat, chat.drive(operation) as task:
        events = list(task)
    return task.result, events


def awaiting(address: str, operation: Operation[T]) -> tuple[T, list[Event]]:
    async def main() -> tuple[T, list[Event]]:
        async with AsyncChat("ollama:mine", base_url=address, retry=NEVER) as chat, chat.drive(operation) as task:
            events = [event async for event in task]
        return task.result, events

    return asyncio.run(main())


COLOURS: tuple[Callable[[str, Operation[object]], tuple[object, list[Event]]], ...] = (blocking, awaiting)
