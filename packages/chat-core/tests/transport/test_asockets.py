"""A socket of asyncio gives no more at once than is asked for: what is made of more leaves the processor's cache."""

from __future__ import annotations

import asyncio

from chat_core.transport.asockets import HIGH_WATER, AsyncSocket
from chat_core.transport.deadline import Deadline


class Pausing(asyncio.Transport):
    """Notes whether it was told to pause."""

    paused = False

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


def test_what_came_is_given_in_pieces_and_reading_goes_on_when_there_is_room() -> None:
    async def read() -> None:
        sock, transport = AsyncSocket(asyncio.get_running_loop(), Deadline("peer"), OSError), Pausing()
        sock.connection_made(transport)
        data = bytes(range(256)) * (HIGH_WATER // 256)
        sock.data_received(data)
        assert not transport.paused
        sock.data_received(b"more")
        assert transport.paused
        assert await sock.read(3) == data[:3]
        assert transport.paused
        assert await sock.read(1000) == data[3:1003]
        assert not transport.paused
        assert await sock.read(len(data)) == data[1003:] + b"more"
        sock.eof_received()
        assert await sock.read(10) == b""

    asyncio.run(read())
