"""The practical floor: a socket in the loop, a few lines that read HTTP, and the fastest JSON parser there is.

It is no HTTP client: it takes what this server sends for granted, and shows what the network and the parsing cost.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from benchmarks.asking import ASKING, Reading
from benchmarks.contender import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.contender import Seen

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_parse = msgspec.json.Decoder().decode


class Connection(asyncio.Protocol):
    """A connection that serves one request after another."""

    def __init__(self) -> None:
        self._received = b""
        self._left = -1  # bytes of the body, or of its chunk, that are to come; -1 = the head
        self._chunked = False
        self._feed: Callable[[bytes], None]
        self._done: asyncio.Future[None]
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def ask(self, request: bytes, feed: Callable[[bytes], None]) -> asyncio.Future[None]:
        """Send a request; what it brings is fed."""
        self._done = asyncio.get_running_loop().create_future()
        self._feed, self._left = feed, -1
        self.transport.write(request)
        return self._done

    def data_received(self, data: bytes) -> None:
        """Read as far as it goes."""
        data = self._received + data if self._received else data
        if self._left < 0:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._received = head
                return
            length = _LENGTH.search(head)
            self._chunked, self._left = length is None, int(length[1]) if length else 0
        self._received = self._chunks(data) if self._chunked else self._body(data)

    def _body(self, data: bytes) -> bytes:
        self._left -= len(data)
        self._feed(data)
        if not self._left:
            self._done.set_result(None)
        return b""

    def _chunks(self, data: bytes) -> bytes:
        """Take whole chunks and return the rest."""
        at, bodies = 0, list[bytes]()
        while (end := data.find(b"\r\n", at)) >= 0:
            size = int(data[at:end], 16)
            after = end + size + 4
            if after > len(data):
                break
            bodies.append(data[end + 2 : after - 2])
            at = after
            if not size:
                self._feed(b"".join(bodies))
                self._done.set_result(None)
                return b""
        if bodies:
            self._feed(b"".join(bodies))
        return data[at:]


class Raw:
    """Connections that rest in a list."""

    def __init__(self) -> None:
        self._resting: list[Connection] = []

    async def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        asking = ASKING[wire]
        await self._ask(base, asking.stream_path, asking.stream_body, Reading(wire, _parse, seen).feed)

    async def unary(self, wire: str, base: str) -> str:
        """As `Client.unary`."""
        asking, pieces = ASKING[wire], list[bytes]()
        await self._ask(base, asking.path, asking.body, pieces.append)
        return asking.text(_parse(b"".join(pieces)))

    async def _ask(self, base: str, path: str, body: bytes, feed: Callable[[bytes], None]) -> None:
        to = urlsplit(base)
        assert to.hostname is not None
        assert to.port is not None
        if self._resting:
            connection = self._resting.pop()
        else:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(Connection, to.hostname, to.port)
        head = f"POST {to.path}{path} HTTP/1.1\r\nhost: {to.netloc}\r\ncontent-type: application/json\r\n"
        request = f"{head}authorization: Bearer sk-benchmark\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        await connection.ask(request, feed)
        self._resting.append(connection)


if __name__ == "__main__":
    main(Raw, "msgspec")
