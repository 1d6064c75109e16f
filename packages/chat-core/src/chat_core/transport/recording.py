"""Recording: a transport around another one that writes every exchange to a cassette.

Law: the program sees exactly what it would see without it. No secret is written: credentials never, and where the
service repeats one it is masked. An exchange is one line, written when it is over.
"""

from __future__ import annotations

import threading
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, cast

from chat_core.errors import TransportError
from chat_core.transport.cassette import Exchange, Received, Sent, dumps, fault, first_line
from chat_core.transport.protocol import FAILED
from chat_core.transport.redaction import masked, plain_headers, plain_url, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.codec.wire import Channel, Frame, Outgoing, WireResponse
    from chat_core.transport.cassette import End
    from chat_core.transport.protocol import AsyncStream, AsyncTransport, Read, Stream, Transport


class Recording:
    """Records what another transport does."""

    def __init__(self, inner: Transport | AsyncTransport, path: str | Path, *, redact: Iterable[str] = ()) -> None:
        """Begin a new cassette at `path` with the first exchange; `redact` names further headers to hide."""
        self._inner = inner
        self._path = Path(path)
        self._redact = tuple(redact)
        self._began = monotonic()
        self._lock = threading.Lock()
        self._started = False

    @property
    def channel(self) -> Channel:
        """The channel of the transport that is recorded."""
        return self._inner.channel

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """Send, and keep the exchange."""
        taker = _Taker(self, request, whole=True)
        try:
            reply = cast("Transport", self._inner).send(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.all_of(reply)
        return reply

    def open(self, request: Outgoing, until: float | None) -> RecordedStream:
        """Open, and keep the exchange when the stream is over."""
        taker = _Taker(self, request, whole=False)
        try:
            stream = cast("Transport", self._inner).open(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.head(stream.head)
        return RecordedStream(stream, taker)

    def close(self) -> None:
        """Close the transport that is recorded."""
        cast("Transport", self._inner).close()

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `send`."""
        taker = _Taker(self, request, whole=True)
        try:
            reply = await cast("AsyncTransport", self._inner).asend(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.all_of(reply)
        return reply

    async def aopen(self, request: Outgoing, until: float | None) -> RecordedAsyncStream:
        """As `open`."""
        taker = _Taker(self, request, whole=False)
        try:
            stream = await cast("AsyncTransport", self._inner).aopen(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.head(stream.head)
        return RecordedAsyncStream(stream, taker)

    async def aclose(self) -> None:
        """As `close`."""
        await cast("AsyncTransport", self._inner).aclose()

    def sent(self, request: Outgoing, secrets: Iterable[bytes]) -> Sent:
        """Return what may be kept of a request."""
        (body,) = masked([request.body], secrets)
        headers = plain_headers(request.headers, self._redact)
        return Sent(method=request.wire.method, url=plain_url(request.wire.url), headers=headers, body=body)

    def kept(self, headers: dict[str, str]) -> dict[str, str]:
        """Return what may be kept of a reply's headers."""
        return plain_headers(headers, self._redact)

    def since(self, moment: float) -> float:
        """Return the seconds since the recording began."""
        return moment - self._began

    def write(self, exchange: Exchange) -> None:
        """Append a line."""
        line = dumps(exchange)
        with self._lock:
            start = b"" if self._started else first_line(self.channel)
            with self._path.open("ab" if self._started else "wb") as file:
                file.write(start + line)
            self._started = True


class _Taker:
    """Takes down one exchange."""

    def __init__(self, recording: Recording, request: Outgoing, *, whole: bool) -> None:
        self.secrets = words(request.credentials)
        self._recording = recording
        self._request = request
        self._whole = whole
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
        pause = self.pause()
        if read is None:
            self.over("complete")
        else:
            self._reads.append(Received(pause, read))

    def over(self, end: End) -> None:
        """Write the exchange; only the first call counts."""
        if self._over:
            return
        self._over = True
        headers = self._recording.kept(self._headers)
        self._recording.write(
            Exchange(
                request=self._recording.sent(self._request, self.secrets),
                began=self._recording.since(self._began),
                whole=self._whole,
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
            Received(read.after, piece if isinstance(read.data, bytes) else _masked_frames(read.data, self.secrets))
            for read, piece in zip(self._reads, pieces, strict=True)
        )


class RecordedStream:
    """A stream that is taken down."""

    def __init__(self, inner: Stream, taker: _Taker) -> None:
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

    def __init__(self, inner: AsyncStream, taker: _Taker) -> None:
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


def _masked_text(text: str, secrets: Iterable[bytes]) -> str:
    (data,) = masked([text.encode("utf-8", "surrogatepass")], secrets)
    return data.decode("utf-8", "surrogatepass")


def _masked_frames(frames: tuple[Frame, ...] | None, secrets: Iterable[bytes]) -> tuple[Frame, ...] | None:
    from dataclasses import replace  # noqa: PLC0415 - frames are rare over HTTP

    if frames is None:
        return None
    return tuple(
        replace(
            frame,
            data=_masked_text(frame.data, secrets) if isinstance(frame.data, str) else masked([frame.data], secrets)[0],
        )
        for frame in frames
    )
