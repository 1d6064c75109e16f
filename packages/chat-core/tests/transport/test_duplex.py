"""Connections on which both sides speak, against real sockets and in both colours."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import pytest
from peers import PATIENCE, soon
from wspeers import Caller, Looped, WSServer, asking

from chat_core.errors import ConnectFailed, TimedOut, TransportError, UnsupportedTransport
from chat_core.transport.auto import AutoTransport
from chat_core.transport.http import HTTPTransport
from chat_core.transport.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request as Asked
    from websockets.http11 import Response as Answered

    from chat_core.codec.wire import Frame, Outgoing, WireResponse
    from chat_core.transport.pool import Counts
    from chat_core.transport.protocol import AsyncConnection


class Talk(Protocol):
    """A connection of either colour, seen from blocking code."""

    @property
    def head(self) -> WireResponse: ...
    def send(self, message: bytes, until: float | None, *, text: bool) -> None: ...
    def receive(self, until: float | None) -> tuple[Frame, ...] | None: ...
    def close(self, code: int = 1000) -> None: ...


class LoopedTalk:
    def __init__(self, colour: Looped, inner: AsyncConnection) -> None:
        self._colour = colour
        self._inner = inner

    @property
    def head(self) -> WireResponse:
        return self._inner.head

    def send(self, message: bytes, until: float | None, *, text: bool) -> None:
        self._colour.run(self._inner.asend(message, until, text=text))

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        return self._colour.run(self._inner.areceive(until))

    def close(self, code: int = 1000) -> None:
        self._colour.run(self._inner.aclose(code))


class Client:
    """A transport of either colour, seen from blocking code."""

    def __init__(self, transport: WebSocketTransport, looped: Looped | None) -> None:
        self.transport = transport
        self.looped = looped

    def connect(self, request: Outgoing, until: float | None = None) -> Talk:
        until = soon() if until is None else until
        if self.looped is None:
            return self.transport.connect(request, until)
        return LoopedTalk(self.looped, self.looped.run(self.transport.aconnect(request, until)))

    def counts(self) -> Counts:
        return self.transport.counts(None if self.looped is None else self.looped.loop)


@pytest.fixture(params=["blocking", "asyncio"])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[[WebSocketTransport], Client]]:
    made: list[Client] = []

    def new(transport: WebSocketTransport) -> Client:
        client = Client(transport, Looped(transport) if request.param == "asyncio" else None)
        made.append(client)
        return client

    yield new
    for client in made:
        if client.looped is not None:
            client.looped.close()
        client.transport.close()


def live(url: str, *, pool: float | None = PATIENCE) -> Outgoing:
    request = asking(url, pool=pool)
    return replace(request, wire=replace(request.wire, method="GET", body=None), body=b"")


def said(talk: Talk) -> list[bytes | str]:
    frames = talk.receive(soon())
    assert frames is not None
    return [frame.data for frame in frames]


async def parrot(caller: Caller) -> None:
    while True:
        await caller.ws.send(await caller.ws.recv())


def test_text_and_bytes_go_both_ways(make: Callable[[WebSocketTransport], Client]) -> None:
    with WSServer(parrot) as server:
        talk = make(WebSocketTransport()).connect(live(server.address))
        assert talk.head.status == 101
        talk.send(b"words", soon(), text=True)
        assert said(talk) == ["words"]
        talk.send(b"\x00\xff", soon(), text=False)
        assert said(talk) == [b"\x00\xff"]
        talk.close()


def test_a_connection_is_its_owners_alone_and_never_rests(make: Callable[[WebSocketTransport], Client]) -> None:
    with WSServer(parrot) as server:
        client = make(WebSocketTransport())
        talks = [client.connect(live(server.address)) for _ in range(3)]
        for talk in talks:
            talk.send(b"x", soon(), text=True)
            assert said(talk) == ["x"]
        assert (client.counts().used, len(server.callers)) == (3, 3)
        for talk in talks:
            talk.close()
        assert (client.counts().used, client.counts().resting) == (0, 0)
        for caller in server.callers:
            caller.gone.result(PATIENCE)


def test_it_counts_among_the_connections(make: Callable[[WebSocketTransport], Client]) -> None:
    with WSServer(parrot) as server:
        client = make(WebSocketTransport(max_connections=1))
        talk = client.connect(live(server.address))
        with pytest.raises(TimedOut) as caught:
            client.connect(live(server.address, pool=0.05))
        assert caught.value.phase == "pool"
        talk.close()
        client.connect(live(server.address, pool=1.0)).close()


@pytest.mark.parametrize("code", [1000, 4001])
def test_the_code_of_a_closing_reaches_the_other_side(make: Callable[[WebSocketTransport], Client], code: int) -> None:
    with WSServer(parrot) as server:
        talk = make(WebSocketTransport()).connect(live(server.address))
        talk.send(b"x", soon(), text=True)
        assert said(talk) == ["x"]  # now the other side has begun
        talk.close(code)
        server.callers[0].gone.result(PATIENCE)
        assert server.callers[0].ws.close_code == code
        with pytest.raises(TransportError, match="closed"):
            talk.send(b"late", soon(), text=True)
        with pytest.raises(TransportError, match="closed"):
            talk.receive(soon())


def test_a_closing_in_order_is_an_end_and_another_one_an_error(make: Callable[[WebSocketTransport], Client]) -> None:
    async def bye(caller: Caller) -> None:
        await caller.say({"a": 1})
        await caller.ws.close(1000 if caller.number == 0 else 1011, "out of order")

    with WSServer(bye) as server:
        client = make(WebSocketTransport())
        first = client.connect(live(server.address))
        assert len(said(first)) == 1
        assert first.receive(soon()) is None
        second = client.connect(live(server.address))
        assert len(said(second)) == 1
        with pytest.raises(TransportError, match="out of order"):
            second.receive(soon())


def test_who_sends_over_a_connection_that_was_lost_is_told_why(make: Callable[[WebSocketTransport], Client]) -> None:
    async def refuses(caller: Caller) -> None:
        await caller.ws.close(1008, "no credit")

    with WSServer(refuses) as server:
        talk = make(WebSocketTransport()).connect(asking(server.address))
        with pytest.raises(TransportError, match="no credit"):
            talk.receive(soon())
        with pytest.raises(TransportError, match="no credit"):
            talk.send(b"Hello?", soon(), text=True)


def test_a_refusal_is_read_whole(make: Callable[[WebSocketTransport], Client]) -> None:
    def refuse(ws: ServerConnection, asked: Asked) -> Answered | None:  # noqa: ARG001 - whatever is asked
        return ws.respond(403, "not you")

    with WSServer(parrot, handshake=refuse) as server:
        client = make(WebSocketTransport())
        talk = client.connect(live(server.address))
        assert (talk.head.status, talk.head.body) == (403, b"not you")
        with pytest.raises(TransportError):
            talk.send(b"", soon(), text=True)
        assert client.counts().used == 0


def test_sending_does_not_wait_for_what_has_come_to_be_read(make: Callable[[WebSocketTransport], Client]) -> None:
    heard = threading.Event()

    async def flood(caller: Caller) -> None:
        async def pour() -> None:
            while True:
                await caller.ws.send(bytes(1024 * 1024))

        pouring = asyncio.create_task(pour())
        await caller.ws.recv()
        heard.set()
        pouring.cancel()

    with WSServer(flood) as server:
        talk = make(WebSocketTransport(max_queue=1024 * 1024)).connect(live(server.address))
        time.sleep(0.3)  # until nothing moves
        talk.send(b"stop", soon(1.0), text=True)
        assert heard.wait(2.0)
        talk.close()


def test_a_message_beyond_the_bound_is_an_error(make: Callable[[WebSocketTransport], Client]) -> None:
    async def much(caller: Caller) -> None:
        await caller.ws.send(bytes(2000))
        await caller.wait_gone()

    with WSServer(much) as server:
        talk = make(WebSocketTransport(max_message=1000)).connect(live(server.address))
        with pytest.raises(TransportError, match="more than 1000 bytes"):
            talk.receive(soon())


def test_who_does_not_listen_is_not_waited_for_beyond_the_limit(make: Callable[[WebSocketTransport], Client]) -> None:
    with WSServer(parrot) as server:
        client = make(WebSocketTransport())
        talk = client.connect(live(server.address))
        with pytest.raises(TimedOut):
            talk.receive(soon(0.05))
        assert client.counts().used == 0


def test_nobody_there_is_no_connection(make: Callable[[WebSocketTransport], Client]) -> None:
    client = make(WebSocketTransport())
    with pytest.raises(ConnectFailed):
        client.connect(live("ws://127.0.0.1:1/"))
    assert client.counts().used == 0


def test_an_address_of_http_has_no_live_sessions(make: Callable[[WebSocketTransport], Client]) -> None:
    with pytest.raises(UnsupportedTransport, match="not https://host/x"):
        make(WebSocketTransport()).connect(live("https://host/x"))


@pytest.mark.parametrize("kind", [HTTPTransport, AutoTransport])
def test_transports_of_requests_make_live_connections_too(kind: type[HTTPTransport | AutoTransport]) -> None:
    with WSServer(parrot) as server:
        transport = kind()
        talk = transport.connect(live(server.address), soon())
        talk.send(b"x", soon(), text=True)
        assert said(talk) == ["x"]
        transport.close()
        server.callers[0].gone.result(PATIENCE)


def test_live_sessions_go_through_the_same_proxy_as_requests() -> None:
    transport = HTTPTransport(proxy="http://127.0.0.1:1")
    with pytest.raises(ConnectFailed, match="refused"):
        transport.connect(live("ws://nowhere.invalid/"), soon())
