"""HTTP and WebSocket give equal events: every recorded Responses stream, as SSE and as messages, over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Self

import pytest
from tests.wire import corpus
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol

from chat_core.codec.framers import SSE
from chat_core.errors import ChatError, DecodeError
from chat_core.events import ResponseEnd
from chat_core.flow.adrive import ADrive
from chat_core.flow.attempts import CallSettings
from chat_core.flow.call import provider_call
from chat_core.flow.drive import Drive
from chat_core.flow.retry import NEVER
from chat_core.jsonvalue import parse_object
from chat_core.messages import user
from chat_core.request import Request
from chat_core.transport.http import HTTPTransport
from chat_core.transport.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chat_core.codec.provider import Decoder, Provider, Secret
    from chat_core.codec.wire import Channel, WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.response import Response

pytest.importorskip("chat_responses")

ASKED = Request(model="m", messages=(user("Hi"),))
PATIENCE = 60.0


@cache
def streams() -> tuple[corpus.Exchange, ...]:
    """Return the recorded Responses streams, all of them successes as HTTP sees it."""
    if not os.environ.get(corpus.VARIABLE):
        return ()
    found = (corpus.load(entry) for entry in corpus.entries(corpus.folder()) if entry.api.endswith("-responses"))
    return tuple(each for each in found if "sse" in each.response and each.status < 300)


def messages(exchange: corpus.Exchange) -> list[bytes]:
    """Return what the service would say over a WebSocket: the payloads that are objects, so no `[DONE]`."""
    framer = SSE()
    payloads = [frame.data for frame in (*framer.feed(exchange.body), *framer.finish())]
    return [data if isinstance(data, bytes) else data.encode() for data in payloads if is_object(data)]


def is_object(data: bytes | str) -> bool:
    try:
        parse_object(data)
    except DecodeError:
        return False
    return True


class Service:
    """Serves the recorded streams on loopback: `/NUMBER` over HTTP or over WebSocket, as it is asked."""

    def __init__(self) -> None:
        self.port = 0
        self._ready: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._ready.result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._ready.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            number = int(head.split(b" ")[1].rpartition(b"/")[2])
            exchange = streams()[number]
            chance = random.Random(f"{number}{head[:3]!r}")
            if b"upgrade: websocket" in head.lower():
                await _as_messages(exchange, chance, head, reader, writer)
            else:
                await _as_sse(exchange, chance, head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def _as_sse(
    exchange: corpus.Exchange,
    chance: random.Random,
    head: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    await reader.readexactly(size)
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n"
        b"content-length: %d\r\n\r\n" % len(exchange.body)
    )
    await _cut(exchange.body, chance, writer)


async def _as_messages(
    exchange: corpus.Exchange,
    chance: random.Random,
    head: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Speak the protocol with messages in fragments, and pings between them; a stream that breaks off breaks off."""
    ws = ServerProtocol(max_size=None)
    ws.receive_data(head)
    (asked,) = ws.events_received()
    assert isinstance(asked, Handshake)
    ws.send_response(ws.accept(asked))
    writer.writelines(ws.data_to_send())
    while not ws.events_received():
        ws.receive_data(await reader.read(65536))
    for message in messages(exchange):
        place = chance.randrange(len(message) + 1)
        if chance.random() < 0.3:
            ws.send_text(message[:place], fin=False)
            ws.send_ping(b"")
            ws.send_continuation(message[place:], fin=True)
        else:
            ws.send_text(message)
    await _cut(b"".join(ws.data_to_send()), chance, writer)
    ws.send_close(1000)
    writer.writelines(ws.data_to_send())


async def _cut(data: bytes, chance: random.Random, writer: asyncio.StreamWriter) -> None:
    """Write bytes in a few pieces, cut anywhere."""
    places = sorted(chance.randrange(len(data) + 1) for _ in range(6))
    for start, end in zip([0, *places], [*places, len(data)], strict=True):
        writer.write(data[start:end])
        await writer.drain()
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Directed:
    """A provider whose requests go to the loopback service, over either channel."""

    inner: Provider
    address: str

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def channels(self) -> frozenset[Channel]:
        return frozenset({"http", "websocket"})

    @property
    def capabilities(self) -> Mapping[type, object]:
        return {}

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        known = channel if channel in self.inner.channels else "http"
        wire = self.inner.encode(request, channel=known, stream=stream)
        return replace(wire, url=f"{'ws' if channel == 'websocket' else 'http'}://{self.address}", lane=None)

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:
        return self.inner.authorize(wire, body, secret, now)

    def decode(self, request: Request, reply: WireResponse) -> Response:
        return self.inner.decode(request, reply)

    def decoder(self, request: Request) -> Decoder:
        return self.inner.decoder(request)

    def decode_error(self, reply: WireResponse) -> ProviderError:
        return self.inner.decode_error(reply)

    def origin(self, model: str) -> str:
        return self.inner.origin(model)

    def accepts(self, origin: str) -> bool:
        return self.inner.accepts(origin)


@dataclass
class Outcome:
    """What a call gave: its events, and how it ended."""

    events: list[Event]
    error: tuple[type[ChatError], str] | None = None


def bare(event: Event) -> Event:
    """Take away what belongs to the call and not to the stream."""
    if isinstance(event, ResponseEnd):
        return ResponseEnd(replace(event.response, attempts=(), headers={}))
    return event


def blocking(provider: Provider, channel: Channel, transport: HTTPTransport | WebSocketTransport) -> Outcome:
    call = provider_call(provider, CallSettings(retry=NEVER), channel=channel, stream=True)
    found = Outcome([])
    try:
        with Drive(call(ASKED), transport) as drive:
            found.events += [bare(event) for event in drive]
    except ChatError as error:
        found.error = (type(error), error.message)
    return found


async def awaiting(provider: Provider, channel: Channel, transport: HTTPTransport | WebSocketTransport) -> Outcome:
    call = provider_call(provider, CallSettings(retry=NEVER), channel=channel, stream=True)
    found = Outcome([])
    try:
        async with ADrive(call(ASKED), transport) as drive:
            found.events += [bare(event) async for event in drive]
    except ChatError as error:
        found.error = (type(error), error.message)
    return found


def provider() -> Provider:
    from chat_responses.presets import OPENAI  # noqa: PLC0415 - it may not be there
    from chat_responses.provider import Responses  # noqa: PLC0415 - as above

    return Responses(OPENAI)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    if not streams():
        pytest.skip(f"{corpus.VARIABLE} names no folder of recorded exchanges")
    with Service() as running:
        yield running


def test_every_recorded_stream_is_the_same_over_both_channels_for_threads(service: Service) -> None:
    http, websocket = HTTPTransport(), WebSocketTransport()
    inner = provider()
    for number, exchange in enumerate(streams()):
        directed = Directed(inner, f"127.0.0.1:{service.port}/{number}")
        assert blocking(directed, "websocket", websocket) == blocking(directed, "http", http), exchange.id
    http.close()
    websocket.close()


def test_every_recorded_stream_is_the_same_over_both_channels_for_tasks(service: Service) -> None:
    http, websocket = HTTPTransport(), WebSocketTransport()
    inner = provider()

    async def main() -> None:
        for number, exchange in enumerate(streams()):
            directed = Directed(inner, f"127.0.0.1:{service.port}/{number}")
            over_http = await awaiting(directed, "http", http)
            assert await awaiting(directed, "websocket", websocket) == over_http, exchange.id
            assert over_http.events or over_http.error, exchange.id

    asyncio.run(main())


def test_the_corpus_has_streams_to_compare(service: Service) -> None:
    assert service.port
    digests = {hashlib.sha256(exchange.body).digest() for exchange in streams()}
    assert len(digests) > 100
