"""Bare aiohttp, whose HTTP parser is C: network chunks, cut into events, parsed by pydantic's parser of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aiohttp
from pydantic_core import from_json

from benchmarks.asking import ASKING, HEADERS, Reading
from benchmarks.contender import main

if TYPE_CHECKING:
    from benchmarks.contender import Seen


class Aiohttp:
    """One session, made in the loop."""

    def __init__(self) -> None:
        self._made: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._made is None:
            self._made = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=HEADERS)
        return self._made

    async def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        asking, reading = ASKING[wire], Reading(wire, from_json, seen)
        async with self._session.post(base + asking.stream_path, data=asking.stream_body) as reply:
            async for data in reply.content.iter_any():
                reading.feed(data)

    async def unary(self, wire: str, base: str) -> str:
        """As `Client.unary`."""
        asking = ASKING[wire]
        async with self._session.post(base + asking.path, data=asking.body) as reply:
            return asking.text(json.loads(await reply.read()))


if __name__ == "__main__":
    main(Aiohttp, "aiohttp", "pydantic-core")
