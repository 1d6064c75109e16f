"""Every test of a transport runs in both colours and with both HTTP clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from peers import Blocking, Looped

from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from peers import Colour


@pytest.fixture(params=["blocking httpx", "blocking httpx2", "asyncio httpx", "asyncio httpx2"])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Colour]]:
    colour, client = request.param.split()
    made: list[Blocking | Looped] = []

    def new(
        *,
        proxy: str | None = None,
        verify: bool | str | ssl.SSLContext = True,
        cert: str | None = None,
        http2: bool = False,
        max_connections: int = 100,
        keepalive: float = 60,
    ) -> Colour:
        transport = HTTPTransport(
            proxy=proxy,
            verify=verify,
            cert=cert,
            http2=http2,
            max_connections=max_connections,
            keepalive=keepalive,
            client="httpx2" if client == "httpx2" else "httpx",
        )
        made.append(Blocking(transport) if colour == "blocking" else Looped(transport))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def http(make: Callable[..., Colour]) -> Colour:
    return make()
