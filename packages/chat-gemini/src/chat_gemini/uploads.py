"""Uploads: bytes to an address that the service gives out, piece by piece, taken up again after a cut.

Law: after a failure the service is asked how much it has, and that alone is where it goes on. The address leads to the
place that gave it out, or is refused: the key goes nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit, urlunsplit

from chat_core.codec.effects import emit, sleep
from chat_core.errors import ChatError, DecodeError, InvalidRequest, TransportError
from chat_core.events import UnknownEvent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt
from chat_gemini.sending import wire_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.flow.service import Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.sending import Sender
    from chat_gemini.sources import Source

T = TypeVar("T")

PIECE = 8 * 1024 * 1024
"""Bytes that are sent at once."""

ADDRESS = "x-goog-upload-url"
STATUS = "x-goog-upload-status"
RECEIVED = "x-goog-upload-size-received"
GRANULARITY = "x-goog-upload-chunk-granularity"

_PROTOCOL = "X-Goog-Upload-Protocol"
_COMMAND = "X-Goog-Upload-Command"
_OFFSET = "X-Goog-Upload-Offset"


@dataclass(frozen=True, slots=True)
class UploadProgress(UnknownEvent):
    """How far an upload has come: an event that has a name in this package only."""

    @property
    def sent(self) -> int:
        """Bytes that the service has."""
        return _number(self.data, "sent")

    @property
    def total(self) -> int:
        """Bytes in all."""
        return _number(self.data, "total")


def encode_start(sender: Sender, url: str, body: JSONObject, *, size: int, mime: str) -> WireRequest:
    """Spell the wish to upload."""
    headers = {
        _PROTOCOL: "resumable",
        _COMMAND: "start",
        "X-Goog-Upload-Header-Content-Length": str(size),
        "X-Goog-Upload-Header-Content-Type": mime,
    }
    return wire_of(sender, url, body, headers=headers)


def encode_piece(sender: Sender, address: str, data: bytes, *, offset: int, final: bool) -> WireRequest:
    """Spell a piece of the bytes."""
    headers = {_COMMAND: "upload, finalize" if final else "upload", _OFFSET: str(offset)}
    return wire_of(sender, address, data, headers=headers)


def encode_query(sender: Sender, address: str) -> WireRequest:
    """Ask how much of an upload is there."""
    return wire_of(sender, address, headers={_COMMAND: "query"})


def uploaded(
    service: Service,
    sender: Sender,
    start: WireRequest,
    source: Source,
    decode: Callable[[WireResponse], T],
    piece: int = PIECE,
) -> Flow[T]:
    """Upload, and decode the reply to the last piece.

    Args:
        service: who is asked.
        sender: translates.
        start: the request that begins the upload.
        source: the bytes.
        decode: reads the last reply.
        piece: bytes that are sent at once; rounded to what the service takes.

    Raises:
        ProviderError: the service said no.
        TransportError: the network failed more often than the retries allow.
        DecodeError: a reply is malformed.
    """
    address, grain = yield from service.exchange(start, lambda reply: _address(sender, reply))
    size = max(piece // grain, 1) * grain
    yield from _told(0, source.size)
    return (yield from _Upload(service, sender, address, source, decode, size).run())


@dataclass(slots=True)
class _Upload(Generic[T]):
    """One upload under way.

    Attributes:
        offset: the bytes that the service has.
        failed: failures since the last success.
        ended: whether the last piece was taken, after which there is nothing to send.
    """

    service: Service
    sender: Sender
    address: str
    source: Source
    decode: Callable[[WireResponse], T]
    piece: int
    offset: int = 0
    failed: int = 0
    ended: bool = False

    def run(self) -> Flow[T]:
        """Send pieces until the service has all."""
        while True:
            data = yield from self.source.read(self.offset, self.piece)
            try:
                reply = yield from self._sent(data)
            except ChatError as error:
                reply = yield from self._asked(error)
            status = reply.headers.get(STATUS)
            if status == "final":
                yield from _told(self.source.size, self.source.size)
                return self._end(reply)
            if status != "active" or self.ended:
                raise DecodeError(f"the service says of the upload that it is {status!r}: begin it again")
            yield from _told(self.offset, self.source.size)

    def _sent(self, data: bytes) -> Flow[WireResponse]:
        """Send a piece, once: how to go on after a failure is the service's to say."""
        settings = self.service.settings
        once = replace(self.service, settings=replace(settings, retry=replace(settings.retry, attempts=1)))
        after = self.offset + len(data)
        final = after >= self.source.size
        wire = encode_piece(self.sender, self.address, data, offset=self.offset, final=final)
        reply = yield from once.exchange(wire, lambda reply: _with_status(reply, "final" if final else "active"))
        self.offset, self.failed, self.ended = after, 0, final
        return reply

    def _asked(self, error: ChatError) -> Flow[WireResponse]:
        """Ask how much there is, after as long as a chat call would wait."""
        twice = isinstance(error, InvalidRequest)  # as a piece is that a transport sent again and the service had
        self.failed += 1
        delay = 0.0 if twice else self.service.settings.retry.delay(error, self.failed)
        if delay is None:
            raise error
        yield from sleep(delay)
        reply = yield from self.service.exchange(encode_query(self.sender, self.address), _same)
        if reply.headers.get(STATUS) == "active":
            before, self.offset = self.offset, _received(reply, self.source.size)
            if twice and self.offset <= before:
                raise error
        return reply

    def _end(self, reply: WireResponse) -> T:
        if not reply.body.strip():
            raise TransportError("the upload is complete, but the reply that names it was lost: list what is there")
        return self.decode(reply)


def _with_status(reply: WireResponse, otherwise: str) -> WireResponse:
    """Add the status that a success means where its header is missing."""
    return reply if STATUS in reply.headers else replace(reply, headers={**reply.headers, STATUS: otherwise})


def _same(reply: WireResponse) -> WireResponse:
    return reply


def _address(sender: Sender, reply: WireResponse) -> tuple[str, int]:
    """Return where the bytes go, and the number of bytes of which pieces are multiples."""
    address = reply.headers.get(ADDRESS)
    if address is None:
        raise DecodeError(f"the service gives no address for the upload: {excerpt(reply.body)}")
    grain = reply.headers.get(GRANULARITY, "1")
    return _at(sender.place.base_url, address), int(grain) if grain.isascii() and grain.isdigit() and int(grain) else 1


def _at(base_url: str, address: str) -> str:
    """Return an address at the place that it was asked of: behind a proxy the service knows its own name only."""
    place, found = urlsplit(base_url), urlsplit(address)
    return urlunsplit((place.scheme, place.netloc, found.path, found.query, ""))


def _received(reply: WireResponse, size: int) -> int:
    text = reply.headers.get(RECEIVED, "")
    if text.isascii() and text.isdigit() and int(text) <= size:
        return int(text)
    raise DecodeError(f"the service does not say how much of the upload it has: {text!r:.80}")


def _told(sent: int, total: int) -> Flow[None]:
    yield from emit(UploadProgress("upload", {"sent": sent, "total": total}))


def _number(data: JSON, key: str) -> int:
    match data:
        case {**members} if isinstance(number := members.get(key), int):
            return number
        case _:
            return 0
