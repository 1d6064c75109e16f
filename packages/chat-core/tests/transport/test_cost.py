"""What streaming costs: against the bare HTTP client in the same run, and a thousand streams at once."""

from __future__ import annotations

import asyncio
import time
from statistics import median

import httpx
import pytest
from peers import Peer, Server, outgoing, soon

from chat_core.codec.framers import SSE
from chat_core.transport.http import HTTPTransport

pytestmark = pytest.mark.endurance
EVENT = b'data: {"id":"c","object":"chunk","choices":[{"index":0,"delta":{"content":" word"}}]}\n\n'
PIECE = b"%x\r\n%s\r\n" % (len(EVENT), EVENT)
EVENTS = 4_000
STREAMS = 1_000


async def fast(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.start()
        for _ in range(EVENTS // 100):
            await peer.write(PIECE * 100)
        await peer.end()


def test_a_chunk_costs_at_most_three_quarters_of_what_it_costs_on_the_bare_client() -> None:
    async def bare(client: httpx.AsyncClient, url: str) -> int:
        framer, events = SSE(), 0
        async with client.stream("POST", url, content=b"{}") as reply:
            async for data in reply.aiter_raw():
                events += len(framer.feed(data))
        return events

    async def ours(transport: HTTPTransport, url: str) -> int:
        framer, events = SSE(), 0
        stream = await transport.aopen(outgoing(url), soon(60))
        while (data := await stream.areceive(soon(30))) is not None:
            events += len(framer.feed(data))
        await stream.aclose(reuse=True)
        return events

    async def main(url: str) -> float:
        ratios: list[float] = []
        transport = HTTPTransport()
        async with httpx.AsyncClient() as client:
            for _ in range(7):
                spent: list[float] = []
                for work in (bare(client, url), ours(transport, url)):
                    began = time.thread_time()
                    assert await work == EVENTS
                    spent.append(time.thread_time() - began)
                ratios.append(spent[1] / spent[0])
        await transport.aclose()
        return median(ratios)

    with Server(fast) as server:
        assert asyncio.run(main(server.address)) < 0.75


def test_a_thousand_streams_at_once_lose_nothing_with_no_setting_touched() -> None:
    together = asyncio.Event()

    async def paced(peer: Peer) -> None:
        await peer.request()
        await peer.start()
        if len(server.peers) == STREAMS:
            together.set()
        await together.wait()  # nobody goes on before the last has come
        for _ in range(5):
            await peer.write(PIECE)
            await asyncio.sleep(0.1)
        await peer.end()

    async def read(transport: HTTPTransport) -> int:
        framer, events = SSE(), 0
        stream = await transport.aopen(outgoing(server.address, connect=30), soon(30))
        while (data := await stream.areceive(soon(30))) is not None:
            events += len(framer.feed(data))
        return events

    async def main() -> list[int]:
        transport = HTTPTransport()
        return await asyncio.gather(*(read(transport) for _ in range(STREAMS)))

    with Server(paced) as server:
        assert asyncio.run(main()) == [5] * STREAMS
        assert len(server.peers) == STREAMS
