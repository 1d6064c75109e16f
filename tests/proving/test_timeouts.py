"""Every phase's timeout fires with its name, also under endless comments and pings."""

from __future__ import annotations

import asyncio
import socket
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import STREAMS
from tests.proving.loopback import Loopback

from chat_core import AsyncChat, Chat
from chat_core.errors import TimedOut
from chat_core.flow.retry import NEVER
from chat_core.flow.timeouts import Timeouts
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.proving.asking import Way

LIMIT = 0.3
LATE = 1.0
"""Seconds that a loaded machine may take beyond the limit."""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


def timed_out(way: Way, provider: str, base: str, **limits: float) -> TimedOut:
    """Ask, and return the error, which has to come in time."""
    began = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        way(f"{provider}:m", "Hi", base_url=base, retry=NEVER, timeouts=Timeouts(**limits))
    assert LIMIT <= caught.value.seconds + 0.01 <= time.monotonic() - began + 0.02 < LIMIT + LATE
    return caught.value


@pytest.mark.parametrize(
    ("manner", "phase", "words"),
    [
        ("silent", "first_byte", None),
        ("silent", "total", None),
        ("comments", "first_content", None),
        ("comments", "total", None),
        ("one", "between_content", "more "),
        ("one", "total", "more "),
        ("drip", "total", "more more "),
    ],
)
def test_a_stream_that_is_late(
    way: Way, provider: str, server: Loopback, manner: str, phase: str, words: str | None
) -> None:
    if way.__name__ not in STREAMS:  # a whole reply has one phase, and its total
        phase, words = ("total" if phase == "total" else "first_byte"), None
    suffix = "" if provider == "openai-chat" else f"-{provider}"
    error = timed_out(way, provider, f"{server.url}/{manner}{suffix}", **{phase: LIMIT})
    assert error.phase == phase
    assert phase in str(error)
    if words is None:
        assert error.partial is None
    else:
        assert error.partial is not None
        assert error.partial.text.startswith(words)
        assert error.partial.finish_reason is None
    assert server.visits[0].left.wait(LATE)  # and the connection is gone


def test_a_connection_that_is_never_made(way: Way, provider: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes the connection and never shakes hands
        url = f"https://127.0.0.1:{mute.getsockname()[1]}"
        assert timed_out(way, provider, url, connect=LIMIT).phase == "connect"


def test_a_pool_that_is_full(server: Loopback) -> None:
    transport = HTTPTransport(max_connections=1)
    first = Chat("openai-chat:m", api_key="k", base_url=f"{server.url}/drip", transport=transport)
    second = first.using(timeouts=Timeouts(pool=LIMIT), retry=NEVER)
    with first.stream("Hi") as stream:
        next(stream)
        for ask in (partial(second.complete, "Hi"), second.stream("Hi").finish):
            with pytest.raises(TimedOut, match=r"no connection .* became free") as caught:
                ask()
            assert (caught.value.phase, caught.value.seconds) == ("pool", LIMIT)
    transport.close()


def test_a_pool_that_is_full_in_a_loop(server: Loopback) -> None:
    async def main() -> None:
        transport = HTTPTransport(max_connections=1)
        first = AsyncChat("openai-chat:m", api_key="k", base_url=f"{server.url}/drip", transport=transport)
        second = first.using(timeouts=Timeouts(pool=LIMIT), retry=NEVER)
        async with first.stream("Hi") as stream:
            await anext(stream)
            for asked in (second.complete("Hi"), second.stream("Hi").finish()):
                with pytest.raises(TimedOut, match=r"no connection .* became free") as caught:
                    await asked
                assert (caught.value.phase, caught.value.seconds) == ("pool", LIMIT)
        await transport.aclose()

    asyncio.run(main())
