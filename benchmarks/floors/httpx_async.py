"""Bare httpx in a loop: network chunks, cut into events, `json.loads`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
from pydantic_core import from_json

from benchmarks.asking import ASKING, HEADERS, Reading
from benchmarks.contender import main
from benchmarks.floors import vectors

if TYPE_CHECKING:
    from benchmarks.contender import Seen


class Httpx:
    """One client; its limits are raised where a thousand streams run, as its users have to."""

    def __init__(self) -> None:
        limits = httpx.Limits(max_connections=2000, max_keepalive_connections=2000)
        self._client = httpx.AsyncClient(trust_env=False, timeout=60, limits=limits)

    async def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        asking, reading = ASKING[wire], Reading(wire, json.loads, seen)
        url = base + asking.stream_path
        async with self._client.stream("POST", url, content=asking.stream_body, headers=HEADERS) as reply:
            async for data in reply.aiter_bytes():
                reading.feed(data)

    async def unary(self, wire: str, base: str) -> str:
        """As `Client.unary`."""
        asking = ASKING[wire]
        reply = await self._client.post(base + asking.path, content=asking.body, headers=HEADERS)
        return asking.text(json.loads(reply.content))

    async def embed(self, base: str, encoding: str, texts: list[str]) -> int:
        """Ask for embeddings; return how many numbers came."""
        body = json.dumps({"input": texts, "encoding_format": encoding}).encode()
        reply = await self._client.post(f"{base}/v1/embeddings", content=body, headers=HEADERS)
        return vectors.numbers(from_json(reply.content))


if __name__ == "__main__":
    main(Httpx, "httpx", "httpcore", "h11")
