"""Through a web server with a private authority: the same answers over HTTP/1.1, TLS and HTTP/2."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import BASES, STREAMS

from chat_core import AsyncChat
from chat_core.codec.fold import fold
from chat_core.errors import ConnectFailed, NotFound, RateLimited, StreamTruncated
from chat_core.flow.retry import NEVER
from chat_core.tools import Tool
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.proving.asking import Answer, Way
    from tests.proving.counterparts import Ground

WEATHER = Tool(name="get_weather")


@pytest.fixture(scope="session")
def authority(ground: Ground, tls: str) -> Path:
    """Wait for the certificate of the web server's own authority, which it makes when it starts."""
    root = ground.state / "state-tls" / "root.crt"
    for _ in range(100):
        if root.exists() and root.read_text().rstrip().endswith("END CERTIFICATE-----"):
            return root
        time.sleep(0.1)
    pytest.fail(f"{tls} made no root certificate")


@pytest.fixture(params=["http/1.1", "tls", "http/2"])
def path(request: pytest.FixtureRequest, aimock: str, tls: str, authority: Path) -> Iterator[tuple[str, HTTPTransport]]:
    """Give a server's address, and a transport that trusts it."""
    transport = HTTPTransport(verify=str(authority), http2=request.param == "http/2")
    yield (aimock if request.param == "http/1.1" else tls), transport
    transport.close()


@pytest.fixture
def ask(way: Way, provider: str, path: tuple[str, HTTPTransport]) -> Callable[[str], Answer]:
    server, transport = path

    def asked(said: str) -> Answer:
        return way(
            f"{provider}:m", said, (WEATHER,), base_url=server + BASES[provider], transport=transport, retry=NEVER
        )

    return asked


def test_answers_are_the_same_on_every_path(ask: Callable[[str], Answer], way: Way) -> None:
    for said, text in (("long answer", " ".join(["0123456789"] * 20)), ("unicode", "héllo 👩‍👩‍👧 日本語 \u2028 end")):
        turn, events = ask(said)
        assert turn.text == text
        if way.__name__ in STREAMS:
            assert fold(events) == turn.response
    assert [waits.call.arguments for waits in ask("weather in Paris")[0].pending] == [{"city": "Paris"}]


def test_errors_are_the_same_on_every_path(ask: Callable[[str], Answer], way: Way) -> None:
    with pytest.raises(RateLimited) as caught:
        ask("fault:429-always")
    assert caught.value.retry_after == 1.0
    with pytest.raises(NotFound):
        ask("fault:404")
    if way.__name__ in STREAMS:
        with pytest.raises(StreamTruncated):
            ask("fault:disconnect")
    assert ask("hello")[0].text == "Hello from aimock."


def test_many_streams_at_once_on_every_path(
    provider: str, path: tuple[str, HTTPTransport], request: pytest.FixtureRequest
) -> None:
    server, transport = path

    async def main() -> int:
        chat = AsyncChat(f"{provider}:m", api_key="k", base_url=server + BASES[provider], transport=transport)
        await chat.complete("hello")  # from here on it is known whether they can share a connection
        turns = await asyncio.gather(*(chat.stream("fault:slow-drip").finish() for _ in range(50)))
        assert [turn.text for turn in turns] == ["a token every hundred milliseconds"] * 50
        return transport.counts(asyncio.get_running_loop()).resting

    assert (asyncio.run(main()) == 1) is ("http/2" in request.node.name)


def test_leaving_a_stream_harms_no_other_on_the_connection(provider: str, tls: str, authority: Path) -> None:
    async def main() -> str:
        transport = HTTPTransport(verify=str(authority), http2=True)
        chat = AsyncChat(f"{provider}:m", api_key="k", base_url=tls + BASES[provider], transport=transport)
        async with chat.stream("fault:slow-drip") as stream:
            await anext(stream)
            async with chat.stream("fault:slow-drip") as left:
                await anext(left)
            turn = await stream.finish()
        await chat.close()
        return turn.text

    assert asyncio.run(main()) == "a token every hundred milliseconds"


def test_an_unknown_authority_is_refused_with_the_fix(way: Way, provider: str, tls: str) -> None:
    with pytest.raises(ConnectFailed, match=r"certificate is not trusted.*verify=") as caught:
        way(f"{provider}:m", "hello", base_url=tls + BASES[provider], retry=NEVER)
    assert "localhost" in str(caught.value)
