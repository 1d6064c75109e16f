"""A reply to be said: what would be right, and the connection to say it on. `faults` says it, or does not."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.endurance.answers import Wire


@dataclass(slots=True)
class Reply:
    """What would be said if nothing went wrong, and the connection to say it on."""

    writer: asyncio.StreamWriter
    chance: Random
    wire: Wire
    frames: Sequence[bytes]
    streamed: bool
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(self.frames)

    @property
    def kind(self) -> str:
        """The type of the body."""
        return self.wire.kind if self.streamed else "application/json"

    async def say(self, data: bytes) -> None:
        """Write bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: int | None = None, **headers: str) -> None:
        """Write a head."""
        rows = {
            "content-type": self.kind,
            **self.headers,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        lines = [
            f"HTTP/1.1 {self.status if status is None else status} X",
            *(f"{name}: {value}" for name, value in rows.items()),
        ]
        await self.say("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def chunks(self, pieces: Sequence[bytes], *, end: bool = True) -> None:
        """Write pieces, each an HTTP chunk, a few of them a little later."""
        for piece in pieces:
            await self.say(b"%x\r\n%s\r\n" % (len(piece), piece))
            if self.chance.random() < 0.02:
                await asyncio.sleep(self.chance.random() * 0.02)
        if end:
            await self.say(b"0\r\n\r\n")

    def cut(self) -> list[bytes]:
        """Return the frames up to a place anywhere in the body."""
        size = self.chance.randrange(max(1, len(self.body)))
        return [self.body[:size]]

    def reset(self) -> None:
        """Break the connection off with a reset."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
