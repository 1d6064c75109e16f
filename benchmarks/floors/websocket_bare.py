"""Bare websockets with `json.loads`, on the Responses wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.asking import ASKING, HEADERS
from benchmarks.contender import main

if TYPE_CHECKING:
    from benchmarks.contender import Seen

LAST = "response.completed"
"""The event that ends an answer."""


class Websockets:
    """A connection for each address."""

    def __init__(self) -> None:
        self._open: dict[str, ClientConnection] = {}

    async def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        asking = ASKING[wire]
        url = base.replace("http", "ws", 1) + asking.stream_path
        if url not in self._open:
            self._open[url] = await connect(url, additional_headers=HEADERS, compression=None, max_size=None)
        socket = self._open[url]
        await socket.send(json.dumps({**json.loads(asking.body), "type": "response.create"}))
        while True:
            payload = json.loads(await socket.recv(decode=False))
            text = asking.delta(payload)
            if text:
                seen(text)
            if payload["type"] == LAST:
                return

    async def unary(self, wire: str, base: str) -> str:
        """Ask by a stream: this wire has nothing else."""
        texts: list[str] = []
        await self.stream(wire, base, texts.append)
        return "".join(texts)


if __name__ == "__main__":
    main(Websockets, "websockets")
