"""Replay: a transport that answers from a cassette, without any network.

Law: each recorded exchange serves once, in order, unless `repeat`; a request that nothing was recorded for is an error
that says where it differs from what was. Cuts, frames and errors are those recorded, pauses too if asked for.
"""

from __future__ import annotations

import asyncio
import threading
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from chat_core.codec.wire import WireResponse
from chat_core.errors import ConfigurationError, DecodeError, TransportError
from chat_core.jsonvalue import parse
from chat_core.transport.cassette import Cassette, Exchange, Fault, Received, Sent, load
from chat_core.transport.deadline import late
from chat_core.transport.playing import AsyncPlayedConnection, PlayedConnection
from chat_core.transport.protocol import FAILED
from chat_core.transport.redaction import masked, plain_url, told_in, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chat_core.codec.wire import Channel, Outgoing
    from chat_core.jsonvalue import JSON
    from chat_core.transport.protocol import AsyncConnection, Connection, Read

Match: TypeAlias = "Literal['strict', 'structural'] | Callable[[Sent, Sent], bool]"
"""How a request is found: `strict` = same method, URL and bytes; `structural` = same method and path, and a body that
is the same JSON however it is ordered and spelled; or a function of the recorded request and the one that is made."""


class Replay:
    """Answers requests from recorded exchanges."""

    def __init__(
        self, cassette: Cassette | str | Path, *, match: Match = "strict", pace: float = 0.0, repeat: bool = False
    ) -> None:
        """Take a cassette or its file.

        Args:
            cassette: what was recorded.
            match: how the exchange for a request is found.
            pace: what recorded pauses are multiplied by: 0 = no waiting, 1 = as recorded.
            repeat: let an exchange serve again when no other is left.
        """
        self._cassette = cassette if isinstance(cassette, Cassette) else load(cassette)
        self._match = match
        self._pace = pace
        self._repeat = repeat
        self._played: set[int] = set()
        self._lock = threading.Lock()

    @property
    def channel(self) -> Channel:
        """The channel that was recorded."""
        return self._cassette.channel

    @property
    def left(self) -> tuple[Exchange, ...]:
        """The exchanges that have not served."""
        return tuple(e for number, e in enumerate(self._cassette.exchanges) if number not in self._played)

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """Answer with the whole reply; as `protocol.Transport.send`."""
        stream = self.open(request, until)
        pieces: list[Read] = []
        while stream.head.status < FAILED and (read := stream.receive(until)) is not None:
            pieces.append(read)
        return _joined(stream.head, pieces)

    def open(self, request: Outgoing, until: float | None) -> Played:
        """Answer with the head of a reply; as `protocol.Transport.open`."""
        played = Played(self._found(request), self._pace)
        played.wait_for_head(until)
        return played

    def connect(self, request: Outgoing, until: float | None) -> Connection:  # noqa: ARG002 - nothing is waited for
        """Play a live session; as `protocol.LiveTransport.connect`."""
        return PlayedConnection(self._found(request), self._pace, _difference)

    def close(self) -> None:
        """Do nothing: there is no connection."""

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `send`."""
        stream = await self.aopen(request, until)
        pieces: list[Read] = []
        while stream.head.status < FAILED and (read := await stream.areceive(until)) is not None:
            pieces.append(read)
        return _joined(stream.head, pieces)

    async def aopen(self, request: Outgoing, until: float | None) -> Played:
        """As `open`."""
        played = Played(self._found(request), self._pace)
        await played.await_head(until)
        return played

    async def aconnect(self, request: Outgoing, until: float | None) -> AsyncConnection:  # noqa: ARG002 - nothing is waited for
        """As `connect`."""
        return AsyncPlayedConnection(self._found(request), self._pace, _difference)

    async def aclose(self) -> None:
        """Do nothing: there is no connection."""

    def _found(self, request: Outgoing) -> Exchange:
        """Return the exchange for a request.

        Raises:
            ConfigurationError: there is none.
        """
        (body,) = masked([request.body], (*words(request.credentials), *told_in(request.body)))
        made = Sent(
            method=request.wire.method, url=plain_url(request.wire.url), headers=dict(request.headers), body=body
        )
        same = _SAME.get(self._match) if isinstance(self._match, str) else self._match
        if same is None:
            raise ConfigurationError(f"`match` is {self._match!r}, which is neither {' nor '.join(_SAME)}")
        with self._lock:
            fitting = [n for n, exchange in enumerate(self._cassette.exchanges) if same(exchange.request, made)]
            unplayed = [n for n in fitting if n not in self._played]
            if number := unplayed[:1] or (fitting[-1:] if self._repeat else []):
                self._played.add(number[0])
                return self._cassette.exchanges[number[0]]
        raise ConfigurationError(_miss(made, [e.request for e in self._cassette.exchanges], used_up=bool(fitting)))


class Played:
    """A recorded reply, for both colours."""

    def __init__(self, exchange: Exchange, pace: float) -> None:
        """Be ready to play."""
        self.head = WireResponse(status=exchange.status or 200, headers=dict(exchange.headers))
        self._exchange = exchange
        self._pace = pace
        self._reads = [read for read in exchange.reads if read.data is not None]
        self._at = 0
        self._over = threading.Event()
        if exchange.status is not None and exchange.status >= FAILED:
            body = b"".join(read.data for read in self._reads if isinstance(read.data, bytes))
            self.head = WireResponse(status=exchange.status, headers=dict(exchange.headers), body=body)
            self._reads.clear()

    def wait_for_head(self, until: float | None) -> None:
        """Wait as long as the head took, or the error in its place."""
        self._pause(self._until_head(), until)
        self._raise_without_head()

    async def await_head(self, until: float | None) -> None:
        """As `wait_for_head`."""
        await self._apause(self._until_head(), until)
        self._raise_without_head()

    def receive(self, until: float | None) -> Read:
        """As `protocol.Stream.receive`."""
        self._pause(self._next_pause(), until)
        return self._next()

    async def areceive(self, until: float | None) -> Read:
        """As `protocol.Stream.receive`."""
        await self._apause(self._next_pause(), until)
        return self._next()

    def close(self, *, reuse: bool) -> None:  # noqa: ARG002 - there is no connection
        """End the stream."""
        self._over.set()

    async def aclose(self, *, reuse: bool) -> None:
        """End the stream."""
        self.close(reuse=reuse)

    def _until_head(self) -> float:
        match self._exchange.reads, self._exchange.end:
            case (Received(after, None), *_), _:
                return after
            case (), Fault(after=after):
                return after
            case _:
                return 0.0

    def _raise_without_head(self) -> None:
        if self._exchange.status is None:
            end = self._exchange.end
            raise end.error() if isinstance(end, Fault) else TransportError("the recording holds no reply")

    def _next_pause(self) -> float:
        if self._at < len(self._reads):
            return self._reads[self._at].after
        return self._exchange.end.after if isinstance(self._exchange.end, Fault) else 0.0

    def _next(self) -> Read:
        if self._over.is_set():
            raise TransportError("the stream is closed")
        if self._at < len(self._reads):
            self._at += 1
            return self._reads[self._at - 1].data
        match self._exchange.end:
            case Fault() as fault:
                raise fault.error()
            case "left":
                raise TransportError("the recording ends here: the program that recorded it left the stream")
            case _:
                return None

    def _pause(self, recorded: float, until: float | None) -> None:
        seconds, in_time = self._patience(recorded, until)
        if seconds > 0:
            self._over.wait(seconds)
        if not in_time and not self._over.is_set():
            raise late("read", seconds, "the recording")

    async def _apause(self, recorded: float, until: float | None) -> None:
        seconds, in_time = self._patience(recorded, until)
        if seconds > 0:
            await asyncio.sleep(seconds)
        if not in_time:
            raise late("read", seconds, "the recording")

    def _patience(self, recorded: float, until: float | None) -> tuple[float, bool]:
        """Return how long to wait, and whether that is in time."""
        seconds = recorded * self._pace
        if until is None or seconds <= 0 or (left := until - monotonic()) >= seconds:
            return seconds, True
        return max(left, 0.0), False


def _strict(recorded: Sent, made: Sent) -> bool:
    return (recorded.method, recorded.url, recorded.body) == (made.method, made.url, made.body)


def _structural(recorded: Sent, made: Sent) -> bool:
    return (
        recorded.method == made.method
        and urlsplit(recorded.url).path == urlsplit(made.url).path
        and (recorded.body == made.body or _difference(_json(recorded.body), _json(made.body), "body") is None)
    )


_SAME: dict[str, Callable[[Sent, Sent], bool]] = {"strict": _strict, "structural": _structural}


def _json(body: bytes) -> JSON:
    try:
        return parse(body)
    except DecodeError:
        return f"{len(body)} bytes: {hash(body)}"


def _difference(recorded: JSON, made: JSON, path: str) -> str | None:
    """Return the path of the first difference; `None` when there is none."""
    match recorded, made:
        case dict(), dict():
            if missing := recorded.keys() ^ made.keys():
                return f"{path}.{min(missing)}"
            pairs = [(recorded[key], made[key], f"{path}.{key}") for key in recorded]
        case list(), list():
            if len(recorded) != len(made):
                return f"{path}[{min(len(recorded), len(made))}]"
            pairs = [(a, b, f"{path}[{n}]") for n, (a, b) in enumerate(zip(recorded, made, strict=True))]
        case _:
            return None if recorded == made and isinstance(recorded, bool) == isinstance(made, bool) else path
    return next((found for a, b, p in pairs if (found := _difference(a, b, p)) is not None), None)


def _miss(made: Sent, recorded: list[Sent], *, used_up: bool) -> str:
    """Say why no exchange fits."""
    what = f"{made.method} {urlsplit(made.url).path}"
    if used_up:
        return f"every recorded exchange for {what} has served: record more, or set repeat=True"
    alike = [r for r in recorded if (r.method, urlsplit(r.url).path) == (made.method, urlsplit(made.url).path)]
    if not alike:
        others = ", ".join(sorted({f"{r.method} {urlsplit(r.url).path}" for r in recorded}))
        return f"nothing was recorded for {what}; recorded: {others or 'nothing'}"
    if made.url not in {r.url for r in alike} and any(r.body == made.body for r in alike):
        return f"{what} was recorded at another address: {alike[0].url}"
    where = _difference(_json(alike[-1].body), _json(made.body), "body")
    return f"no exchange recorded for {what} fits; the last one differs at {where or 'the spelling of its body'}"


def _joined(head: WireResponse, pieces: list[Read]) -> WireResponse:
    if head.status >= FAILED:
        return head
    body = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    return WireResponse(status=head.status, headers=head.headers, body=body)
