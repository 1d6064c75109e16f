"""What a streamed chunk costs a program: `Chat` and `AsyncChat` against bare httpx with the same framing and parser.

Both read the same bytes in turns, in one run, and what counts is the CPU time of the thread that reads. The bound holds
where each event is its own HTTP chunk, as services send them, and where events arrive together.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
import pytest

from chat_core import AsyncChat, Chat
from chat_core.codec.framers import SSE
from chat_core.events import TextDelta
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

BOUND = 1.5
EVENTS = 4_000
ROUNDS = 7
TRIES = 5
"""A busy machine may spoil a run; a client that is too slow fails them all."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    script = Path(__file__).with_name("streaming_server.py")
    with subprocess.Popen([sys.executable, script, str(EVENTS)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


@pytest.fixture(autouse=True)
def _small_heap() -> Iterator[None]:
    """Keep the garbage collector away from what the other tests have left behind."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def count(framer: SSE, data: bytes) -> int:
    """Frame and parse one piece of the bare client's; the last word is no JSON."""
    frames = [frame for frame in framer.feed(data) if frame.data != b"[DONE]"]
    for frame in frames:
        parse(frame.data)
    return len(frames)


def bare(client: httpx.Client, url: str) -> int:
    framer = SSE()
    with client.stream("POST", f"{url}/chat/completions", content=b"{}") as reply:
        return sum(count(framer, data) for data in reply.iter_raw()) - 1


def ours(chat: Chat) -> int:
    with chat.stream("Hi") as stream:
        return sum(isinstance(event, TextDelta) for event in stream)


async def bare_async(client: httpx.AsyncClient, url: str) -> int:
    framer, events = SSE(), 0
    async with client.stream("POST", f"{url}/chat/completions", content=b"{}") as reply:
        async for data in reply.aiter_raw():
            events += count(framer, data)
    return events - 1


async def ours_async(chat: AsyncChat) -> int:
    events = 0
    async with chat.stream("Hi") as stream:
        async for event in stream:
            events += isinstance(event, TextDelta)
    return events


def timed(work: Callable[[], int]) -> float:
    """Return the CPU time of one stream."""
    began = time.thread_time()
    assert work() == EVENTS
    return time.thread_time() - began


async def timed_async(work: Awaitable[int]) -> float:
    began = time.thread_time()
    assert await work == EVENTS
    return time.thread_time() - began


def blocking(url: str) -> tuple[float, float]:
    """Return what a stream costs the bare client, and us."""
    chat = Chat("openai-chat:m", base_url=url, api_key="k")
    with httpx.Client(trust_env=False) as client:
        pairs = [(timed(lambda: bare(client, url)), timed(lambda: ours(chat))) for _ in range(ROUNDS)]
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


def in_loop(url: str) -> tuple[float, float]:
    async def main() -> list[tuple[float, float]]:
        chat = AsyncChat("openai-chat:m", base_url=url, api_key="k")
        async with httpx.AsyncClient(trust_env=False) as client:
            return [
                (await timed_async(bare_async(client, url)), await timed_async(ours_async(chat))) for _ in range(ROUNDS)
            ]

    pairs = asyncio.run(main())
    return median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)


@pytest.mark.parametrize("measure", [blocking, in_loop])
def test_a_chunk_costs_at_most_half_as_much_again_as_on_the_bare_client(
    measure: Callable[[str], tuple[float, float]], server: str
) -> None:
    worst = 0.0
    for attempt in range(1, TRIES + 1):
        worst = 0.0
        for together in (16, 1):
            floor, cost = measure(f"{server}/{together}")
            ratio = cost / floor
            worst = max(worst, ratio)
            spent = f"{floor / EVENTS * 1e6:.1f} µs and {cost / EVENTS * 1e6:.1f} µs an event, ratio {ratio:.2f}"
            sys.stdout.write(f"{measure.__name__}, try {attempt}, {together} in a chunk: {spent}\n")
        if worst <= BOUND:
            return
    pytest.fail(f"a chunk costs {worst:.2f} times what it costs bare httpx; the bound is {BOUND}")
