"""Tests of a transport run in both colours, over our own HTTP/1.1, both client libraries, and aiohttp if it is here."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from peers import Blocking, Looped

from chat_core.transport.client import AsyncLine, Line
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from peers import Colour

    from chat_core.transport.client import Settings
    from chat_core.transport.exchange import Address, AsyncHTTPLine, HTTPLine

KINDS = [
    "blocking direct",
    "blocking httpx",
    "blocking httpx2",
    "asyncio direct",
    "asyncio httpx",
    "asyncio httpx2",
    *(["asyncio aiohttp"] if find_spec("chat_aiohttp") else []),
]


class Library(HTTPTransport):
    """The client library for everything, which else is asked for HTTP/2 and proxies alone."""

    def line(self, to: Address, settings: Settings) -> HTTPLine:
        return Line(to, settings)

    def async_line(self, to: Address, settings: Settings) -> AsyncHTTPLine:
        return AsyncLine(to, settings)


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Colour]]:
    colour, kind = request.param.split()
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
        if kind in {"direct", "aiohttp"} and http2:
            pytest.skip("HTTP/2 is the client library's")
        chosen = {"direct": HTTPTransport, "aiohttp": None}.get(kind, Library)
        if chosen is None:
            transport = import_module("chat_aiohttp").AiohttpTransport(
                proxy=proxy, verify=verify, cert=cert, max_connections=max_connections, keepalive=keepalive
            )
        else:
            transport = chosen(
                proxy=proxy,
                verify=verify,
                cert=cert,
                http2=http2,
                max_connections=max_connections,
                keepalive=keepalive,
                client="httpx2" if kind == "httpx2" else "httpx",
            )
        made.append(Blocking(transport) if colour == "blocking" else Looped(transport))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def http(make: Callable[..., Colour]) -> Colour:
    return make()
