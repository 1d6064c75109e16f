"""Answers over a WebSocket, from a real server that answers in lanes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from chat_core import Chat
from chat_core.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Event: TypeAlias = "dict[str, Any]"


def said(text: str) -> Event:
    """Make an answer that says a text."""
    content: Event = {"type": "output_text", "text": text, "annotations": []}
    message: Event = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }
    return {"id": "resp_1", "object": "response", "model": "m", "status": "completed", "output": [message]}


class Server:
    """Answers each event of a client by a script, in a thread with its own loop."""

    def __init__(self, script: Callable[[ServerConnection, Event], Awaitable[None]]) -> None:
        self.asked: list[Event] = []
        self.connections = 0
        self._script = script
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *failure: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

    async def _run(self) -> None:
        self._over = asyncio.Event()
        async with serve(self._serve, "127.0.0.1", 0) as server:
            self.url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1"
            self._ready.set()
            await self._over.wait()

    async def _serve(self, ws: ServerConnection) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionClosed):
            async for message in ws:
                event = json.loads(message)
                self.asked.append(event)
                await self._script(ws, event)


async def answer(ws: ServerConnection, event: Event) -> None:
    """Say the text back, in the lane that it was asked in."""
    lane = {"stream_id": event["stream_id"]}
    place = {"output_index": 0, "content_index": 0}
    text = f"You said {event['input'][-1]['content']}."
    begun: Event = {"id": "resp_1", "model": "m", "status": "in_progress", "output": []}
    events: tuple[Event, ...] = (
        {"type": "response.created", "response": begun},
        {"type": "response.output_text.delta", **place, "delta": text},
        {"type": "response.completed", "response": said(text)},
    )
    for data in events:
        await ws.send(json.dumps({**data, **lane}))


async def refuse(ws: ServerConnection, event: Event) -> None:
    error = {"type": "invalid_request_error", "code": "invalid_value", "message": "No."}
    await ws.send(json.dumps({"type": "error", "status": 400, "error": error, "stream_id": event["stream_id"]}))


def test_the_same_decoder_reads_what_comes_over_a_socket() -> None:
    with Server(answer) as server, Chat("openai:m", base_url=server.url, api_key="k", transport="websocket") as chat:
        assert chat.complete("Hi").text == "You said Hi."
        with chat.stream("Ho") as events:
            list(events)
        texts = [turn.text for turn in chat.map(["a", "b", "c"], concurrency=3)]
    assert events.result.text == "You said Ho."
    assert texts == ["You said a.", "You said b.", "You said c."]
    assert server.connections == 1
    assert {event["type"] for event in server.asked} == {"response.create"}


def test_an_error_of_a_lane_is_raised_at_once() -> None:
    with (
        Server(refuse) as server,
        Chat("openai:m", base_url=server.url, api_key="k", transport="websocket") as chat,
        pytest.raises(InvalidRequest, match="No") as raised,
    ):
        chat.complete("Hi")
    assert (raised.value.code, raised.value.status) == ("invalid_value", 400)
