"""Leaving a stream and cancelling close the socket at once; a pooled connection that died is replaced once."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, TypedDict

import pytest
from tests.proving.loopback import Loopback

from chat_core import AsyncChat, Chat
from chat_core.errors import TransportError
from chat_core.flow.retry import NEVER
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 0.5
"""Seconds in which the server has to see it; it looks every 20 ms."""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as running:
        yield running


class Settings(TypedDict):
    model: str
    api_key: str
    base_url: str


def settings(server: Loopback, manner: str, provider: str = "openai-chat") -> Settings:
    suffix = "" if provider == "openai-chat" else f"-{provider}"
    return {"model": f"{provider}:m", "api_key": "k", "base_url": f"{server.url}/{manner}{suffix}"}


@pytest.mark.parametrize("manner", ["drip", "one"])
def test_leaving_with_closes_the_socket(server: Loopback, manner: str, provider: str) -> None:
    with Chat(**settings(server, manner, provider)).stream("Hi") as stream:
        next(stream)
    assert server.visits[0].left.wait(AT_ONCE)


def test_an_error_of_the_program_closes_the_socket(server: Loopback, provider: str) -> None:
    def read() -> float:
        with Chat(**settings(server, "drip", provider)).stream("Hi") as stream:
            next(stream)
            return 1 / 0

    with pytest.raises(ZeroDivisionError):
        read()
    assert server.visits[0].left.wait(AT_ONCE)


def test_a_stream_that_is_dropped_closes_the_socket(server: Loopback, provider: str) -> None:
    for _ in Chat(**settings(server, "drip", provider)).stream("Hi"):
        break
    gc.collect()
    assert server.visits[0].left.wait(AT_ONCE)


def test_another_thread_may_close_a_stream_that_waits(server: Loopback, provider: str) -> None:
    stream = Chat(**settings(server, "comments", provider), retry=NEVER).stream("Hi")
    threading.Timer(0.1, stream.close).start()
    assert list(stream) == []
    assert server.visits[0].left.wait(AT_ONCE)


@pytest.mark.parametrize("manner", ["drip", "one"])
def test_leaving_async_with_closes_the_socket(server: Loopback, manner: str, provider: str) -> None:
    async def main() -> None:
        async with AsyncChat(**settings(server, manner, provider)).stream("Hi") as stream:
            await anext(stream)
        assert await asyncio.to_thread(server.visits[0].left.wait, AT_ONCE)

    asyncio.run(main())


@pytest.mark.parametrize("manner", ["silent", "comments", "one", "drip"])
@pytest.mark.parametrize("streams", [False, True])
def test_cancelling_a_task_closes_the_socket(server: Loopback, manner: str, streams: bool, provider: str) -> None:
    async def main() -> None:
        chat = AsyncChat(**settings(server, manner, provider))
        task = asyncio.create_task(chat.stream("Hi").finish() if streams else chat.complete("Hi"))
        await asyncio.sleep(0.15)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.visits[0].left.wait, AT_ONCE)

    asyncio.run(main())


def test_a_time_limit_of_the_program_closes_the_socket(server: Loopback, provider: str) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.15):
                await AsyncChat(**settings(server, "drip", provider)).stream("Hi").finish()
        assert await asyncio.to_thread(server.visits[0].left.wait, AT_ONCE)

    asyncio.run(main())


def test_a_pooled_connection_that_died_is_replaced_once(server: Loopback) -> None:
    chat = Chat(**settings(server, "dying-once"), transport=HTTPTransport(), retry=NEVER)
    assert [chat.complete("Hi").text, chat.complete("Hi").text] == ["whole", "whole"]
    assert [len(visit.requests) for visit in server.visits] == [2, 1]
    chat.close()


def test_a_pooled_connection_that_died_is_replaced_only_once(server: Loopback) -> None:
    chat = Chat(**settings(server, "dying"), transport=HTTPTransport(), retry=NEVER)
    assert chat.complete("Hi").text == "whole"
    with pytest.raises(TransportError):
        chat.complete("Hi")
    assert [len(visit.requests) for visit in server.visits] == [2, 1]
    chat.close()


@pytest.mark.parametrize(("manner", "survives"), [("dying-once", True), ("dying", False)])
def test_the_same_in_a_loop(server: Loopback, manner: str, survives: bool) -> None:
    async def main() -> None:
        chat = AsyncChat(**settings(server, manner), transport=HTTPTransport(), retry=NEVER)
        assert (await chat.complete("Hi")).text == "whole"
        if survives:
            assert (await chat.complete("Hi")).text == "whole"
        else:
            with pytest.raises(TransportError):
                await chat.complete("Hi")
        assert [len(visit.requests) for visit in server.visits] == [2, 1]
        await chat.close()

    asyncio.run(main())
