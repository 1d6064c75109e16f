"""Taking down: what one exchange says and hears, on its way to a cassette.

Law: the program sees exactly what it would see without it. What is taken down holds no secret: where the service
repeats one, or gives one to take a live session up with, it is masked. An exchange is kept once, when it is over.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from chat_core.codec.wire import Frame
from chat_core.errors import TransportError
from chat_core.transport.cassette import Exchange, Received, fault
from chat_core.transport.protocol import FAILED
from chat_core.transport.redaction import masked, told_in, told_live, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.codec.wire import Outgoing, WireResponse
    from chat_core.transport.cassette import End, Sent
    from chat_core.transport.protocol import AsyncConnection, AsyncStream, Connection, Read, Stream


class Keeper(Protocol):
    """Keeps exchanges; as `recording.Recording`."""

    def sent(self, request: Outgoing, secrets: Iterable[bytes]) -> Sent:
        """Return what may be kept of a request."""
        ...

    def kept(self, headers: dict[str, str]) -> dict[str, str]:
        """Return what may be kept of a reply's headers."""
        ...

    def since(self, moment: float) -> float:
        """Return the seconds since the recording began."""
        ...

    def write(self, exchange: Exchange) -> None:
        """Append a line."""
        ...


class Taker:
    """Takes down one exchange.

    Attributes:
        secrets: what is masked where the service repeats it.
    """

    def __init__(self, recording: Keeper, request: Outgoing, *, whole: bool = False, live: bool = False) -> None:
        """Begin to listen."""
        self.secrets = (*words(request.credentials), *told_in(request.body))
        self._recording = recording
        self._request = request
        self._whole = whole
        self._live = live
        self._lock = threading.Lock()  # a live session reads and sends in two threads
        self._began = self._last = monotonic()
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._reads: list[Received] = []
        self._over = False

    def pause(self) -> float:
        """Return the seconds since the last thing happened."""
        now = monotonic()
        pause, self._last = now - self._last, now
        return pause

    def head(self, head: WireResponse) -> None:
        """Take down the head of a reply; of a failure also its body, which ends it."""
        self._status, self._headers = head.status, dict(head.headers)
        self._reads.append(Received(self.pause(), None))
        if head.body:
            self._reads.append(Received(0.0, head.body))
        if head.status >= FAILED:
            self.over("complete")

    def all_of(self, reply: WireResponse) -> None:
        """Take down a whole reply."""
        self.head(reply)
        self.over("complete")

    def read(self, read: Read) -> None:
        """Take down one network read, or the end."""
        with self._lock:
            pause = self.pause()
            if read is not None:
                self._reads.append(Received(pause, read))
            if self._live and isinstance(read, tuple):
                self._hide(secret for frame in read for secret in told_live(_bytes(frame)))
        if read is None:
            self.over("complete")

    def said(self, message: bytes, *, text: bool) -> None:
        """Take down what the program sends."""
        data = message.decode("utf-8", "surrogatepass") if text else message
        told = told_in(message) if text else ()
        with self._lock:
            self._hide(told)
            self._reads.append(Received(self.pause(), (Frame(data),), said=True))

    def _hide(self, secrets: Iterable[bytes]) -> None:
        """Mask these as well, the longest first: a shorter one may be a part of it."""
        if new := {*secrets} - {*self.secrets}:
            self.secrets = tuple(sorted((*self.secrets, *new), key=len, reverse=True))

    def over(self, end: End) -> None:
        """Write the exchange; only the first call counts."""
        with self._lock:
            if self._over:
                return
            self._over = True
        headers = self._recording.kept(self._headers)
        self._recording.write(
            Exchange(
                request=self._recording.sent(self._request, self.secrets),
                began=self._recording.since(self._began),
                whole=self._whole,
                live=self._live,
                status=self._status,
                headers={name: _masked_text(value, self.secrets) for name, value in headers.items()},
                reads=self._masked(),
                end=end,
            )
        )

    def _masked(self) -> tuple[Received, ...]:
        """Mask the secrets that the service repeated."""
        pieces = masked([read.data if isinstance(read.data, bytes) else b"" for read in self._reads], self.secrets)
        return tuple(
            replace(read, data=piece if isinstance(read.data, bytes) else _masked_frames(read.data, self.secrets))
            for read, piece in zip(self._reads, pieces, strict=True)
        )


class RecordedStream:
    """A stream that is taken down."""

    def __init__(self, inner: Stream, taker: Taker) -> None:
        """Listen to a stream."""
        self.head = inner.head
        self._inner = inner
        self._taker = taker

    def receive(self, until: float | None) -> Read:
        """As `protocol.Stream.receive`."""
        try:
            read = self._inner.receive(until)
        except TransportError as error:
            self._taker.over(fault(error, self._taker.pause(), self._taker.secrets))
            raise
        self._taker.read(read)
        return read

    def close(self, *, reuse: bool) -> None:
        """As `protocol.Stream.close`."""
        self._taker.over("complete" if reuse else "left")
        self._inner.close(reuse=reuse)


class RecordedAsyncStream:
    """As `RecordedStream`."""

    def __init__(self, inner: AsyncStream, taker: Taker) -> None:
        """Listen to a stream."""
        self.head = inner.head
        self._inner = inner
        self._taker = taker

    async def areceive(self, until: float | None) -> Read:
        """As `protocol.Stream.receive`."""
        try:
            read = await self._inner.areceive(until)
        except TransportError as error:
            self._taker.over(fault(error, self._taker.pause(), self._taker.secrets))
            raise
        self._taker.read(read)
        return read

    async def aclose(self, *, reuse: bool) -> None:
        """As `protocol.Stream.close`."""
        self._taker.over("complete" if reuse else "left")
        await self._inner.aclose(reuse=reuse)


class RecordedConnection:
    """A live session that is taken down: both sides, in the order in which it was heard and said."""

    def __init__(self, inner: Connection, taker: Taker) -> None:
        """Listen to a connection."""
        self.head = inner.head
        self._inner = inner
        self._taker = taker

    def send(self, message: bytes, until: float | None, *, text: bool) -> None:
        """As `protocol.Connection.send`."""
        self._taker.said(message, text=text)
        self._inner.send(message, until, text=text)

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        """As `protocol.Connection.receive`."""
        try:
            read = self._inner.receive(until)
        except TransportError as error:
            self._taker.over(fault(error, self._taker.pause(), self._taker.secrets))
            raise
        self._taker.read(read)
        return read

    def close(self, code: int = 1000) -> None:
        """As `protocol.Connection.close`."""
        self._taker.over("left")
        self._inner.close(code)


class RecordedAsyncConnection:
    """As `RecordedConnection`."""

    def __init__(self, inner: AsyncConnection, taker: Taker) -> None:
        """Listen to a connection."""
        self.head = inner.head
        self._inner = inner
        self._taker = taker

    async def asend(self, message: bytes, until: float | None, *, text: bool) -> None:
        """As `protocol.Connection.send`."""
        self._taker.said(message, text=text)
        await self._inner.asend(message, until, text=text)

    async def areceive(self, until: float | None) -> tuple[Frame, ...] | None:
        """As `protocol.Connection.receive`."""
        try:
            read = await self._inner.areceive(until)
        except TransportError as error:
            self._taker.over(fault(error, self._taker.pause(), self._taker.secrets))
            raise
        self._taker.read(read)
        return read

    async def aclose(self, code: int = 1000) -> None:
        """As `protocol.Connection.close`."""
        self._taker.over("left")
        await self._inner.aclose(code)


def _bytes(frame: Frame) -> bytes:
    return frame.data.encode("utf-8", "surrogatepass") if isinstance(frame.data, str) else frame.data


def _masked_text(text: str, secrets: Iterable[bytes]) -> str:
    (data,) = masked([text.encode("utf-8", "surrogatepass")], secrets)
    return data.decode("utf-8", "surrogatepass")


def _masked_frames(frames: tuple[Frame, ...] | None, secrets: Iterable[bytes]) -> tuple[Frame, ...] | None:
    if frames is None:
        return None
    return tuple(
        replace(
            frame,
            data=_masked_text(frame.data, secrets) if isinstance(frame.data, str) else masked([frame.data], secrets)[0],
        )
        for frame in frames
    )
