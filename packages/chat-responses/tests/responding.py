"""A service of this wire on loopback that answers as it is told, and operations run on it in both colours."""

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
    from chat_core.jsonvalue import JSON, JSONObject

T = TypeVar("T")

MODEL = "xai-responses:mine"


def said(text: str, **more: JSON) -> JSONObject:
    """Make an answer that says a text."""
    message: JSONObject = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }
    return {"id": "resp_1", "object": "response", "model": "m", "status": "completed", "output": [message], **more}


def waiting(status: str = "in_progress") -> JSONObject:
    """Make an answer that is not there yet."""
    return {"id": "resp_1", "object": "response", "model": "m", "status": status, "output": []}


def whole(data: JSON, status: int = 200) -> Answer:
    return Answer(status=status, headers={"content-type": "application/json"}, pieces=(json.dumps(data).encode(),))


def stream(*events: JSONObject) -> Answer:
    pieces = tuple(f"data: {json.dumps(event)}\n\n".encode() for event in events)
    return Answer(headers={"content-type": "text/event-stream"}, pieces=pieces)


def blocking(address: str, operation: Operation[T]) -> tuple[T, list[Event]]:
    with Chat(MODEL, base_url=address, api_key="k", retry=NEVER) as chat, chat.drive(operation) as task:
        events = list(task)
    return task.result, events


def awaiting(address: str, operation: Operation[T]) -> tuple[T, list[Event]]:
    async def main() -> tuple[T, list[Event]]:
        client = AsyncChat(MODEL, base_url=address, api_key="k", retry=NEVER)
        async with client as chat, chat.drive(operation) as task:
            events = [event async for event in task]
        return task.result, events

    return asyncio.run(main())


COLOURS: tuple[Callable[[str, Operation[object]], tuple[object, list[Event]]], ...] = (blocking, awaiting)
