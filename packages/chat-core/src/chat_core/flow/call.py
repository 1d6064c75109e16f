"""One exchange with a service: a chat call, whole or streamed, or anything else that is one request and one reply.

Law: the end of a stream comes from its decoder, never from here. What had arrived before a failure is delivered, and is
in the error's `partial`; a stream that fails is closed before the error leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from chat_core.codec.capabilities import Unchain
from chat_core.codec.effects import NOW, Emit, Flow, close, emitting, open_stream, receiving, send
from chat_core.codec.prefix import Prefixes
from chat_core.codec.provider import capability
from chat_core.errors import (
    Cancelled,
    ChainLost,
    ChatError,
    DecodeError,
    GrammarError,
    ProviderError,
    StreamTruncated,
    TimedOut,
    TransportError,
    UnsupportedContent,
)
from chat_core.flow.attempts import Attempts, CallSettings
from chat_core.flow.channels import Channels
from chat_core.flow.heads import kept, request_id_of
from chat_core.flow.reading import Reading
from chat_core.flow.refusals import page, refusal
from chat_core.flow.timeouts import Limit, moment
from chat_core.request import Request
from chat_core.response import Response

if TYPE_CHECKING:
    from chat_core.codec.effects import Handle
    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import Channel, Frame, Outgoing, WireRequest, WireResponse
    from chat_core.events import Event

__all__ = ["Call", "CallSettings", "exchange", "named", "no_notices", "provider_call"]

T = TypeVar("T")

Call: TypeAlias = Callable[[Request], Flow[Response]]
"""One model call: a request in; effects, and in the end a response, out."""

FAILED = 300
"""From this status on, a reply is a failure; a redirect is one, as following it would carry the credentials along."""

_prefixes = Prefixes()


def provider_call(
    provider: Provider,
    settings: CallSettings | None = None,
    *,
    channel: Channel = "http",
    instead: Channel | None = None,
    stream: bool = False,
) -> Call:
    """Make the call of a provider: retried, timed, authorised; it emits events when it is streamed.

    What cannot be had over `channel` is asked for over `instead`, if that is named and no event was seen yet.
    """
    chosen = settings if settings is not None else CallSettings()
    return partial(_called, provider, chosen, channel, instead, stream)


def _called(
    provider: Provider,
    settings: CallSettings,
    channel: Channel,
    instead: Channel | None,
    stream: bool,  # noqa: FBT001 - given by `provider_call` alone
    request: Request,
) -> Flow[Response]:
    return _ChatCall(provider, settings, Channels(channel, instead), request, stream=stream).run()


def exchange(
    provider: Provider, settings: CallSettings, wire: WireRequest, decode: Callable[[WireResponse], T]
) -> Flow[T]:
    """Send a request that is no chat, read its whole reply and decode it: embeddings, models, counts, files.

    Raises:
        ProviderError: the service said no.
        TransportError: the network failed.
        DecodeError: the reply is malformed.
        UnsupportedContent: under `strict`, something cannot be sent as asked.
    """
    no_notices(wire, settings)
    attempts = Attempts(provider, settings, wire)

    def once(outgoing: Outgoing) -> Flow[T]:
        reply = yield from _sent(provider, attempts, outgoing)
        try:
            return decode(reply)
        except DecodeError as error:
            page(error, outgoing.wire, reply)
            raise

    return (yield from attempts.run(once))


def no_notices(wire: WireRequest, settings: CallSettings) -> None:
    """Refuse, under `strict`, what cannot be sent as asked."""
    if settings.strict and wire.notices:
        said = "; ".join(f"{notice.feature}: {notice.reason}" for notice in wire.notices)
        raise UnsupportedContent(f"not sent as asked, and strict=True: {said}")


def _sent(provider: Provider, attempts: Attempts, outgoing: Outgoing) -> Flow[WireResponse]:
    """Send a request and return its whole reply, a success."""
    limit = attempts.limit("first_byte")
    try:
        reply = yield from send(outgoing, until=moment(limit))
    except TimedOut as error:
        raise named(error, limit) from None
    if reply.status >= FAILED:
        raise refusal(provider, outgoing.wire, reply)
    return reply


def named(error: TimedOut, limit: Limit | None) -> TimedOut:
    """Name the phase that ran out: a transport knows only that a moment has passed."""
    if limit is None or error.phase in {"connect", "pool"}:
        return error
    return limit.error(error.partial)


def _cut_short(lost: TransportError, partial: Response | None) -> TransportError:
    """Return the error for an answer whose connection was lost: a stream is truncated, however it was cut."""
    if type(lost) is TransportError:
        truncated = StreamTruncated(f"{lost.message}; `partial` holds what had come", partial=partial)
        truncated.retryable = lost.retryable
        return truncated
    lost.partial = partial
    return lost


class _ChatCall:
    """One chat call."""

    __slots__ = ("_attempts", "_channels", "_head", "_provider", "_request", "_settings", "_stream", "_unchained")

    _attempts: Attempts
    _head: WireResponse

    def __init__(
        self, provider: Provider, settings: CallSettings, channels: Channels, request: Request, *, stream: bool
    ) -> None:
        self._provider = provider
        self._settings = settings
        self._channels = channels
        self._request = request
        self._stream = stream
        self._unchained = False

    def run(self) -> Flow[Response]:
        self._attempts = Attempts(self._provider, self._settings, self._encoded())
        return (yield from self._attempts.run(self._once, self._mended))

    def _once(self, outgoing: Outgoing) -> Flow[Response]:
        streamed = self._stream or self._channels.streamed
        return self._streamed(outgoing) if streamed else self._whole(outgoing)

    def _encoded(self) -> WireRequest:
        channels = self._channels
        stream = self._stream or channels.streamed
        wire = _prefixes.encode(self._provider, self._request, channel=channels.current, stream=stream)
        no_notices(wire, self._settings)
        return wire

    def _mended(self, error: ChatError) -> bool:
        """Take away the cause of a failure, and say whether that was possible."""
        if self._rechained(error):
            return True
        if (at_once := self._channels.move(error)) is None:
            return False
        self._attempts.use(self._encoded())
        return at_once

    def _rechained(self, error: ChatError) -> bool:
        """Send the whole history when the server-side state is gone."""
        unchain: Unchain | None = capability(self._provider, Unchain) if isinstance(error, ChainLost) else None
        request = unchain.unchained(self._request) if unchain is not None and not self._unchained else None
        if request is None:
            return False
        self._unchained = True
        self._request = request
        self._attempts.use(self._encoded())
        return True

    def _whole(self, outgoing: Outgoing) -> Flow[Response]:
        self._head = yield from _sent(self._provider, self._attempts, outgoing)
        try:
            response = self._provider.decode(self._request, self._head)
        except ChatError as error:
            raise self._failed(error) from None
        return self._finished(response)

    def _streamed(self, outgoing: Outgoing) -> Flow[Response]:
        reading = self._reading()  # before the request leaves: what comes then waits for nothing
        stream = yield from self._opened(outgoing)
        del outgoing  # its body may be long, and the answer take long
        try:
            response = yield from self._read(stream, reading)
        except ChatError as error:
            if isinstance(error, Cancelled):
                error.partial = reading.partial()
            # the connection serves on where the service itself has ended the exchange, in a message of its own
            yield from close(stream, reuse=self._channels.streamed and isinstance(error, ProviderError))
            raise self._failed(error) from None
        yield from close(stream, reuse=True)
        return response

    def _opened(self, outgoing: Outgoing) -> Flow[Handle]:
        """Open a stream and keep its head."""
        limit = self._attempts.limit("first_byte", "first_content")
        try:
            opened = yield from open_stream(outgoing, until=moment(limit))
        except TimedOut as error:
            raise named(error, limit) from None
        if opened.head.status >= FAILED:
            yield from close(opened.stream)
            self._channels.refused(opened.head.status)
            raise refusal(self._provider, outgoing.wire, opened.head)
        self._head = opened.head
        return opened.stream

    def _reading(self) -> Reading:
        return Reading(
            self._provider.decoder(self._request),
            first=self._attempts.limit("first_content"),
            total=self._attempts.limit(),
            timeouts=self._settings.timeouts,
            notices=self._attempts.wire.notices,
            finished=self._finished,
        )

    def _read(self, stream: Handle, reading: Reading) -> Flow[Response]:
        """Read a stream to its end. Effects are yielded bare: this is what runs for every piece of an answer."""
        lost: TransportError | None = None
        while reading.response is None:
            try:
                frames: tuple[Frame, ...] | None = yield receiving(stream, reading.until)
            except TransportError as error:
                lost = named(error, reading.limit) if isinstance(error, TimedOut) else error
                break
            except DecodeError as error:  # the framing is broken
                error.partial = reading.partial()
                raise
            if frames is None:
                break
            if frames:
                if self._settings.keep_raw:
                    reading.keep(frames)
                for some in (frames,) if reading.begun else reading.portions(frames):
                    events = reading.feed(some)
                    if reading.failure is not None:
                        yield from self._shown(reading, events)
                    if events and self._stream:
                        self._attempts.visible = True
                        yield emitting(events)
                frames = some = events = ()  # else they would live until more comes
            if reading.late((yield NOW).monotonic) and (limit := reading.limit) is not None:
                lost = limit.error()
                break
        return reading.response or (yield from self._ended(reading, lost))

    def _shown(self, reading: Reading, events: tuple[Event, ...]) -> Flow[None]:
        """Emit events, those before a failure too; a call that is not streamed shows none."""
        if events and self._stream:
            self._attempts.visible = True
            yield Emit(events)
        if reading.failure is not None:
            raise reading.failure

    def _ended(self, reading: Reading, lost: TransportError | None) -> Flow[Response]:
        """End a stream that nothing more comes from; an answer that is complete stays a success."""
        try:
            yield from self._shown(reading, reading.finish())
        except ChatError as error:
            if lost is None:
                raise
            raise _cut_short(lost, error.partial) from None
        if reading.response is None:
            raise GrammarError("the stream's decoder came to an end without ResponseEnd")
        return reading.response

    def _finished(self, response: Response) -> Response:
        """Add what the decoder cannot know: notices, headers, the attempts."""
        headers = self._head.headers
        return replace(
            response,
            notices=(*self._attempts.wire.notices, *response.notices),
            attempts=self._attempts.ledger(request_id=request_id_of(headers), usage=response.usage),
            headers={**kept(headers), **response.headers},
        )

    def _failed(self, error: ChatError) -> ChatError:
        """Add the same to what an error says had been received."""
        if error.partial is not None:
            error.partial = self._finished(error.partial)
        if isinstance(error, ProviderError) and error.request_id is None:
            error.request_id = request_id_of(self._head.headers)
        page(error, self._attempts.wire, self._head)
        return error
