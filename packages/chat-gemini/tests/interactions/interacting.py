"""The Interactions API on loopback that answers as it is told, and what its codec says to bodies and streams."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, TypeVar

from chat_core import AsyncChat, Chat
from chat_core.codec.wire import Frame, WireResponse, dump
from chat_core.events import ResponseEnd
from chat_core.flow.retry import NEVER
from chat_core.jsonvalue import parse_object
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import Request
from chat_core.testing.loopback import Answer
from chat_gemini.interactions.options import InteractionsOptions
from chat_gemini.interactions.provider import Interactions

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.wire import WireRequest
    from chat_core.events import Event
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.response import Response

T = TypeVar("T")

MODEL = "gemini-3.5-flash"
NAMED = f"gemini-interactions:{MODEL}"
SERVICE = Interactions()
ORIGIN = SERVICE.origin(MODEL)
HELLO = Request(model=MODEL, messages=(user("Hi"),))


def native(**values: object) -> Options:
    """Make options of this wire."""
    return Options(native=(InteractionsOptions(**values),))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - each test names fields that there are


def text(words: str, **more: JSON) -> JSONObject:
    return {"type": "text", "text": words, **more}


def output(*content: JSON, **more: JSON) -> JSONObject:
    return {"type": "model_output", "content": [*content], **more}


def said(*steps: JSON, **more: JSON) -> JSONObject:
    """Make an interaction of these steps; without any, one that says "Hello."."""
    found: list[JSON] = [*steps] if steps else [output(text("Hello."))]
    head: JSONObject = {"id": "v1_1", "object": "interaction", "model": MODEL, "status": "completed"}
    return {**head, "steps": found, **more}


def decoded(body: JSONObject, request: Request = HELLO) -> Response:
    return SERVICE.decode(request, WireResponse(body=dump(body)))


def event(kind: str, **more: JSON) -> JSONObject:
    return {"event_type": kind, **more}


def step(index: int, *deltas: JSONObject, **begun: JSON) -> list[JSONObject]:
    """Make the events of a step."""
    return [
        event("step.start", index=index, step=begun),
        *(event("step.delta", index=index, delta=delta) for delta in deltas),
        event("step.stop", index=index),
    ]


def end(**more: JSON) -> JSONObject:
    head: JSONObject = {"id": "v1_1", "object": "interaction", "model": MODEL, "status": "completed"}
    return event("interaction.completed", interaction={**head, **more})


def events_of(*events: JSONObject, request: Request = HELLO) -> list[Event]:
    decoder = SERVICE.decoder(request)
    frames = [Frame(json.dumps(each)) for each in events]
    return [*decoder.feed(frames), *decoder.finish()]


def streamed(*events: JSONObject, request: Request = HELLO) -> Response:
    last = events_of(*events, request=request)[-1]
    assert isinstance(last, ResponseEnd)
    return last.response


def body_of(wire: WireRequest) -> JSONObject:
    assert isinstance(wire.body, dict)
    return parse_object(dump(wire.body))


def encoded(*messages: Message, options: Options | None = None, model: str = MODEL) -> JSONObject:
    asked = Request(model=model, messages=messages, options=options if options is not None else Options())
    return body_of(SERVICE.encode(asked))


def whole(data: JSON, status: int = 200) -> Answer:
    return Answer(status=status, headers={"content-type": "application/json"}, pieces=(json.dumps(data).encode(),))


def stream(*events: JSONObject) -> Answer:
    pieces = tuple(f"data: {json.dumps(each)}\n\n".encode() for each in events)
    return Answer(headers={"content-type": "text/event-stream"}, pieces=pieces)


def blocking(address: str, operation: Operation[T]) -> tuple[T, list[Event]]:
    with Chat(NAMED, base_url=address, api_key="k", retry=NEVER) as chat, chat.drive(operation) as task:
        events = list(task)
    return task.result, events


def awaiting(address: str, operation: Operation[T]) -> tuple[T, list[Event]]:
    async def main() -> tuple[T, list[Event]]:
        client = AsyncChat(NAMED, base_url=address, api_key="k", retry=NEVER)
        async with client as chat, chat.drive(operation) as task:
            events = [each async for each in task]
        return task.result, events

    return asyncio.run(main())


COLOURS: tuple[Callable[..., tuple[object, list[Event]]], ...] = (blocking, awaiting)
