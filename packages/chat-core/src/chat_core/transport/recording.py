"""Recording: a transport around another one that writes every exchange to a cassette.

Law: the program sees exactly what it would see without it. No secret is written: credentials never, and where the
service repeats one it is masked. An exchange is one line, written when it is over.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, cast

from chat_core.errors import ConfigurationError, TransportError
from chat_core.transport.cassette import Exchange, Sent, dumps, fault, first_line
from chat_core.transport.redaction import masked, plain_headers, plain_url
from chat_core.transport.taking import (
    RecordedAsyncConnection,
    RecordedAsyncStream,
    RecordedConnection,
    RecordedStream,
    Taker,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.codec.wire import Channel, Outgoing, WireResponse
    from chat_core.transport.protocol import AsyncLiveTransport, AsyncTransport, LiveTransport, Transport


class Recording:
    """Records what another transport does."""

    def __init__(self, inner: Transport | AsyncTransport, path: str | Path, *, redact: Iterable[str] = ()) -> None:
        """Begin a new cassette at `path` with the first exchange; `redact` names further headers to hide.

        Raises:
            ConfigurationError: no file can be there.
        """
        self._inner = inner
        self._path = Path(path)
        _require_place(self._path)
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
        taker = Taker(self, request, whole=True)
        try:
            reply = cast("Transport", self._inner).send(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.all_of(reply)
        return reply

    def open(self, request: Outgoing, until: float | None) -> RecordedStream:
        """Open, and keep the exchange when the stream is over."""
        taker = Taker(self, request, whole=False)
        try:
            stream = cast("Transport", self._inner).open(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.head(stream.head)
        return RecordedStream(stream, taker)

    def connect(self, request: Outgoing, until: float | None) -> RecordedConnection:
        """Connect, and keep what both sides say when the session is over; as `protocol.LiveTransport.connect`."""
        taker = Taker(self, request, live=True)
        try:
            connection = cast("LiveTransport", self._inner).connect(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.head(connection.head)
        return RecordedConnection(connection, taker)

    def close(self) -> None:
        """Close the transport that is recorded."""
        cast("Transport", self._inner).close()

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `send`."""
        taker = Taker(self, request, whole=True)
        try:
            reply = await cast("AsyncTransport", self._inner).asend(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.all_of(reply)
        return reply

    async def aopen(self, request: Outgoing, until: float | None) -> RecordedAsyncStream:
        """As `open`."""
        taker = Taker(self, request, whole=False)
        try:
            stream = await cast("AsyncTransport", self._inner).aopen(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.head(stream.head)
        return RecordedAsyncStream(stream, taker)

    async def aconnect(self, request: Outgoing, until: float | None) -> RecordedAsyncConnection:
        """As `connect`."""
        taker = Taker(self, request, live=True)
        try:
            connection = await cast("AsyncLiveTransport", self._inner).aconnect(request, until)
        except TransportError as error:
            taker.over(fault(error, taker.pause(), taker.secrets))
            raise
        taker.head(connection.head)
        return RecordedAsyncConnection(connection, taker)

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
            try:
                with self._path.open("ab" if self._started else "wb") as file:
                    file.write(start + line)
            except OSError as error:
                raise ConfigurationError(f"cassette {self._path} cannot be written: {error.strerror}") from None
            self._started = True


def _require_place(path: Path) -> None:
    """Refuse a place where no file can be written, before anything is sent whose answer would be lost."""
    why = None
    if not path.parent.is_dir():
        why = f"there is no folder {path.parent}: make it first"
    elif path.is_dir():
        why = "it is a folder: name a file in it"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        why = f"this user may not write in {path.parent}" if not path.exists() else "this user may not write it"
    if why is not None:
        raise ConfigurationError(f"cassette {path}: {why}")
