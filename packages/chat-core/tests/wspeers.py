"""A real WebSocket server on loopback whose behaviour each test writes, and a small wire over it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from peers import PATIENCE, soon
from toy import Toy, ToyDecoder
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from chat_core.codec.wire import Frame, Lane, Outgoing, WireRequest, dump
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from websockets.http11 import Request as Asked
    from websockets.http11 import Response as Answered

    from chat_core.codec.wire import Channel, WireJSON, WireResponse
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request
    from chat_core.transport.pool import Counts
    from chat_core.transport.protocol import AsyncStream, Read
    from chat_core.transport.websocket import WebSocketTransport

T = TypeVar("T")


@dataclass
class Caller:
    """One connection, from the server's side; `gone` is done when its script is over."""

    ws: ServerConnection
    number: int
    gone: Future[None] = field(default_factory=Future[None])

    async def asked(self) -> JSONObject:
        return parse_object(await self.ws.recv())

    async def say(self, value: WireJSON) -> None:
        await self.ws.send(dump(value).decode())

    async def wait_gone(self) -> None:
        """Wait until the client has closed the connection."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.ws.recv()

    def drop(self) -> None:
        """Break the connection off without a farewell."""
        self.ws.transport.abort()


class WSServer:
    """Serves every connection by a script, in a thread with its own loop."""

    def __init__(
        self,
        script: Callable[[Caller], Awaitable[None]],
        *,
        tls: ssl.SSLContext | None = None,
        handshake: Callable[[ServerConnection, Asked], Answered | None] | None = None,
        port: int = 0,
        compression: str | None = None,
    ) -> None:
        self.callers: list[Caller] = []
        self.first: Future[Caller] = Future()  # who called first: seen here a little later than by them
        self.port = port
        self._script = script
        self._tls = tls
        self._handshake = handshake
        self._compression = compression
        self._ready: Future[int] = Future()
        self.loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def address(self) -> str:
        return f"{'ws' if self._tls is None else 'wss'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._ready.result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    def soon(self, act: Callable[[], object]) -> None:
        """Do something in the server's loop."""
        self.loop.call_soon_threadsafe(act)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        async with serve(
            self._connected,
            "127.0.0.1",
            self.port,
            ssl=self._tls,
            max_size=None,
            backlog=512,
            process_request=self._handshake,
            compression=self._compression,
            ping_interval=None,
        ) as server:
            listening: socket.socket = next(iter(server.sockets))
            self._ready.set_result(listening.getsockname()[1])
            await self._stop.wait()
            for caller in self.callers:
                caller.drop()
        await asyncio.sleep(0.05)  # transports close in the loop's next turns

    async def _connected(self, ws: ServerConnection) -> None:
        caller = Caller(ws, len(self.callers))
        self.callers.append(caller)
        if not self.first.done():
            self.first.set_result(caller)
        try:
            await self._script(caller)
        except (ConnectionClosed, ConnectionError):
            pass
        finally:
            caller.gone.set_result(None)


# The wire: a request is an object; the frames of its answer repeat its lane, the last one says `done`


def assign(body: Mapping[str, WireJSON], lane: str) -> Mapping[str, WireJSON]:
    return {**body, "lane": lane}


def lane_of(frame: Frame) -> str | None:
    lane = parse_object(frame.data).get("lane")
    return lane if isinstance(lane, str) else None


def cancelled(lane: str) -> Mapping[str, WireJSON]:
    return {"cancel": lane}


LANES = Lane(assign, lane_of, 4)
NAMED = Lane(assign, lane_of, 2, names=4, cancel=cancelled)


def asking(  # noqa: PLR0913 - what tests vary
    url: str,
    text: str = "hi",
    *,
    lane: Lane | None = None,
    affinity: str | None = None,
    credentials: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    connect: float | None = PATIENCE,
    pool: float | None = PATIENCE,
) -> Outgoing:
    body = {"text": text}
    return Outgoing(
        wire=WireRequest(url=url, body=body, lane=lane, affinity=affinity),
        body=dump(body),
        headers={"content-type": "application/json", **(headers or {})},
        credentials=credentials or {},
        connect=connect,
        pool=pool,
    )


def answers(asked: JSONObject, *texts: str) -> list[JSONObject]:
    """Return the frames of an answer."""
    lane: JSONObject = {"lane": asked["lane"]} if "lane" in asked else {}
    return [*({"text": text, **lane} for text in texts), {"done": True, **lane}]


async def echo(caller: Caller) -> None:
    """Answer each request, one after another, with its own text, letter by letter."""
    while True:
        asked = await caller.asked()
        for frame in answers(asked, *str(asked["text"])):
            await caller.say(frame)


class Stream(Protocol):
    """A stream of either colour, seen from blocking code."""

    @property
    def head(self) -> WireResponse: ...
    def receive(self, until: float | None) -> Read: ...
    def close(self, *, reuse: bool) -> None: ...


class Colour(Protocol):
    """A transport of either colour, seen from blocking code."""

    transport: WebSocketTransport

    def open(self, request: Outgoing, until: float | None) -> Stream: ...
    def counts(self) -> Counts: ...
    def close(self) -> None: ...


class Blocking:
    """The blocking colour as it is."""

    def __init__(self, transport: WebSocketTransport) -> None:
        self.transport = transport

    def open(self, request: Outgoing, until: float | None) -> Stream:
        return self.transport.open(request, until)

    def counts(self) -> Counts:
        return self.transport.counts()

    def close(self) -> None:
        self.transport.close()


class Looped:
    """The asyncio colour, in a loop that runs in a thread."""

    def __init__(self, transport: WebSocketTransport) -> None:
        self.transport = transport
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE * 2)

    def open(self, request: Outgoing, until: float | None) -> Stream:
        return LoopedStream(self, self.run(self.transport.aopen(request, until)))

    def counts(self) -> Counts:
        return self.transport.counts(self.loop)

    def close(self) -> None:
        if self.loop.is_closed():
            return
        self.run(self.transport.aclose())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.get_loop().run_forever()


class LoopedStream:
    """A stream of `Looped`."""

    def __init__(self, colour: Looped, inner: AsyncStream) -> None:
        self._colour = colour
        self._inner = inner

    @property
    def head(self) -> WireResponse:
        return self._inner.head

    def receive(self, until: float | None) -> Read:
        return self._colour.run(self._inner.areceive(until))

    def close(self, *, reuse: bool) -> None:
        self._colour.run(self._inner.aclose(reuse=reuse))


def frames_of(stream: Stream, seconds: float = PATIENCE) -> list[JSONObject]:
    """Read a stream up to the frame that says `done`, or to the end of input."""
    found: list[JSONObject] = []
    while not (found and "done" in found[-1]) and (read := stream.receive(soon(seconds))) is not None:
        assert isinstance(read, tuple)
        found += [parse_object(frame.data) for frame in read]
    return found


def text_of(stream: Stream) -> str:
    """Read a whole answer and give its connection back."""
    frames = frames_of(stream)
    assert frames[-1].get("done") is True
    stream.close(reuse=True)
    return "".join(str(frame["text"]) for frame in frames[:-1])


class WSToyDecoder(ToyDecoder):
    def on_frame(self, frame: Frame) -> None:
        match parse_object(frame.data) if isinstance(frame.data, str) else None:
            case {"done": True}:
                self.build.end()
            case _:
                super().on_frame(frame)


@dataclass(frozen=True)
class WSToy(Toy):
    """The toy over both channels."""

    lane: Lane | None = None

    @property
    def channels(self) -> frozenset[Channel]:
        return frozenset({"http", "websocket"})

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        wire = super().encode(request, channel=channel, stream=stream)
        if channel == "http":
            return wire
        body = {"text": request.messages[-1].text}
        return replace(wire, url=f"ws{self.base_url[4:]}/chat", body=body, framer=None, lane=self.lane)

    def decoder(self, request: Request) -> WSToyDecoder:
        return WSToyDecoder(self.origin(request.model))
