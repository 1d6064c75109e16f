"""The server: speaks every wire over HTTP and WebSocket, in a process of its own, and goes wrong by a seed.

    python -m tests.endurance.server SEED RATE       prints its two ports; ends when its input does, with a tally

Law: what goes wrong depends on the seed and on how many requests came before, not on time.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from tests.endurance import sockets
from tests.endurance.answers import WIRES, Question
from tests.endurance.faults import FAULTS, HARMLESS, right
from tests.endurance.replies import Reply

if TYPE_CHECKING:
    from tests.endurance.faults import Fault

STORM = 25
"""Replies of one kind in a row, when a storm comes."""


class Server:
    """The server.

    Attributes:
        tally: how often each thing happened.
    """

    def __init__(self, seed: int, rate: float) -> None:
        """Go wrong in `rate` of all replies."""
        self.tally: Counter[str] = Counter()
        self.chance = Random(seed)
        self._rate = rate
        self._storm: tuple[Fault, int] = (right, 0)
        self._deck: list[Fault] = []

    def draw(self) -> Fault:
        """Draw what happens to the next reply."""
        fault, left = self._storm
        if left:
            self._storm = fault, left - 1
            return fault
        if self.chance.random() >= self._rate:
            return self.chance.choice(HARMLESS) if self.chance.random() < 0.1 else right
        if not self._deck:  # each comes as often as another, and all come soon
            self._deck = self.chance.sample(FAULTS, len(FAULTS))
        fault = self._deck.pop()
        if fault.__name__ == "busy" and self.chance.random() < 0.1:
            self._storm = fault, STORM
        return fault

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while await self._answered(reader, writer):
                pass
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        line, *rows = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rows)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path = line.split(" ")[1]
        wire = WIRES.get(path.split("/")[1])
        if wire is None:  # somebody followed a way that leads elsewhere
            writer.write(b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n")
            return True
        asked = Question.of(body)
        streamed = b'"stream":true' in body or "streamGenerate" in path
        frames = wire.stream(asked) if streamed else [json.dumps(wire.whole(asked)).encode()]
        fault = self.draw()
        self.tally[fault.__name__] += 1
        return await fault(Reply(writer, Random(self.chance.random()), wire, frames, streamed))


async def main(seed: int, rate: float) -> None:
    """Serve until the input ends."""
    server = Server(seed, rate)
    http = await asyncio.start_server(server.connected, "127.0.0.1", 0, limit=1 << 20)
    async with http, sockets.serving(server) as port:
        sys.stdout.write(f"{http.sockets[0].getsockname()[1]} {port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    sys.stdout.write(json.dumps(server.tally) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
