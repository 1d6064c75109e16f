"""The server's WebSockets: the Responses wire in lanes, and what goes wrong with sockets.

Law: as in `faults`: a fault is told by its name, and what it does is drawn from the chance that it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from contextlib import asynccontextmanager
from http import HTTPStatus
from random import Random
from typing import TYPE_CHECKING, Any

from tests.endurance.answers import WIRES, Question
from tests.endurance.faults import STALL
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.endurance.server import Server
    from websockets.http11 import Request, Response

RATE = 0.3
"""How many answers go wrong."""


@asynccontextmanager
async def serving(server: Server) -> AsyncGenerator[int]:
    """Serve WebSockets; gives the port."""
    held = Sockets(server)
    async with serve(held.connected, "127.0.0.1", 0, process_request=held.asked, max_size=None) as listening:
        yield next(iter(listening.sockets)).getsockname()[1]


class Sockets:
    """All WebSockets of a server."""

    def __init__(self, server: Server) -> None:
        """Go wrong by the server's chance."""
        self._server = server

    def asked(self, ws: ServerConnection, request: Request) -> Response | None:  # noqa: ARG002 - what the library calls it with
        """Refuse some handshakes."""
        if self._server.chance.random() > 0.02:
            return None
        self._server.tally["ws_refused"] += 1
        status = self._server.chance.choice(
            (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.OK)
        )
        return ws.respond(status, "no")

    async def connected(self, ws: ServerConnection) -> None:
        """Answer the requests of one connection side by side."""
        answering: set[asyncio.Task[None]] = set()
        with contextlib.suppress(ConnectionClosed):
            async for message in ws:
                task = asyncio.create_task(
                    self._answer(ws, message if isinstance(message, bytes) else message.encode())
                )
                answering.add(task)
                task.add_done_callback(answering.discard)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)

    async def _answer(self, ws: ServerConnection, message: bytes) -> None:
        asked, lane = Question.of(message), json.loads(message).get("stream_id")
        if not message.startswith(b'{"type":"response.create"'):
            return
        events = [event for _, event in WIRES["responses"].events(asked) if isinstance(event, dict)]
        chance = Random(self._server.chance.random())
        fault = chance.choice(FAULTS) if chance.random() < RATE else "ws_right"
        self._server.tally[fault] += 1
        at = chance.randrange(len(events)) if fault != "ws_right" else len(events)
        with contextlib.suppress(ConnectionClosed, OSError):
            for number, event in enumerate(events):
                if number == at:
                    await self._go_wrong(ws, fault, chance, lane)
                    if fault != "ws_pause":
                        return
                await ws.send(json.dumps({**event, "stream_id": lane} if lane else event))
            if fault == "ws_right" and chance.random() < 0.1:
                await ws.send(json.dumps({**events[-1], "stream_id": lane} if lane else events[-1]))

    async def _go_wrong(self, ws: ServerConnection, fault: str, chance: Random, lane: object) -> None:
        match fault:
            case "ws_drop":
                ws.transport.abort()
            case "ws_close":
                await ws.close(
                    chance.choice((1000, 1001, 1008, 1011, 1012, 1013, 3000, 4001)), chance.choice(("", "bye"))
                )
            case "ws_stall":
                await asyncio.sleep(STALL)
            case "ws_pause":
                await asyncio.sleep(0.05)
            case "ws_malformed":
                await ws.send(
                    chance.choice(("{", "[]", "", "\u2028", b"\xff\xfe", '{"type":1}', '{"type":"response.completed"}'))
                )
            case "ws_raw":
                ws.transport.write(
                    chance.choice(
                        (
                            b"\x83\x00",
                            b"\x81\x80\0\0\0\0",
                            b"\xff\xff\xff",
                            b"\x81\x02\xc3\x28",
                            b"HTTP/1.1 200 OK\r\n\r\n",
                        )
                    )
                )
            case _:
                error = {
                    "code": chance.choice(
                        ("server_error", "rate_limit_exceeded", "websocket_connection_limit_reached")
                    ),
                    "message": "no",
                }
                said: dict[str, Any] = {"type": "error", "status": chance.choice((429, 500, 400)), "error": error}
                await ws.send(json.dumps({**said, "stream_id": lane} if lane and chance.random() < 0.7 else said))


FAULTS = ("ws_drop", "ws_close", "ws_stall", "ws_pause", "ws_malformed", "ws_raw", "ws_error")
