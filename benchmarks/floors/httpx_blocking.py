"""Bare httpx without a loop: network chunks, cut into events, `json.loads`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx

from benchmarks.asking import ASKING, HEADERS, Reading
from benchmarks.contender import main_blocking

if TYPE_CHECKING:
    from benchmarks.contender import Seen


class Httpx:
    """One client."""

    def __init__(self) -> None:
        self._client = httpx.Client(trust_env=False, timeout=60)

    def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        asking, reading = ASKING[wire], Reading(wire, json.loads, seen)
        url = base + asking.stream_path
        with self._client.stream("POST", url, content=asking.stream_body, headers=HEADERS) as reply:
            for data in reply.iter_bytes():
                reading.feed(data)

    def unary(self, wire: str, base: str) -> str:
        """As `Client.unary`."""
        asking = ASKING[wire]
        reply = self._client.post(base + asking.path, content=asking.body, headers=HEADERS)
        return asking.text(json.loads(reply.content))


if __name__ == "__main__":
    main_blocking(Httpx, "httpx", "httpcore", "h11")
