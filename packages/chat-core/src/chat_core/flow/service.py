"""A client's service, as operations of provider packages reach it: one request at a time, whole or line by line.

An operation is a function of a `Service` that returns a flow; `Chat.drive` and `AsyncChat.drive` run it. So a package
writes what only its service can do once, for both colours, and sees no key, no clock and no socket.

Law: key, retries, time limits and errors are those of a chat call. Nothing is tried again once the program has seen a
piece of the reply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from chat_core.codec.effects import Flow, close, emit, now, open_stream, receive
from chat_core.codec.reader import Reader
from chat_core.errors import ChatError, TimedOut
from chat_core.flow.attempts import Attempts, CallSettings
from chat_core.flow.call import FAILED, exchange, named, no_notices
from chat_core.flow.refusals import refusal
from chat_core.flow.timeouts import earliest, moment
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.codec.effects import Handle
    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import Frame, Outgoing, WireRequest, WireResponse
    from chat_core.events import Event
    from chat_core.flow.timeouts import Limit

__all__ = ["Operation", "Reader", "Service", "follow"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """The service of one client.

    Attributes:
        provider: translates.
        model: the client's model.
        settings: how requests are made.
    """

    provider: Provider
    model: str
    settings: CallSettings = field(repr=False)

    def exchange(self, wire: WireRequest, decode: Callable[[WireResponse], T]) -> Flow[T]:
        """Send a request, read its whole reply and decode it; see `flow.call.exchange`."""
        return exchange(self.provider, self.settings, wire, decode)

    def follow(self, wire: WireRequest, begin: Callable[[], Reader[T]]) -> Flow[T]:
        """Send a request and read its streamed reply, whose events the program sees as they come.

        Args:
            wire: the request; its `framer` cuts the reply.
            begin: makes the reader of one attempt.

        Raises:
            ProviderError: the service said no, at once or later.
            TransportError: the network failed, or the reply has no end.
            DecodeError: the reply is malformed.
            UnsupportedContent: under `strict`, something cannot be sent as asked.
        """
        return follow(self, wire, lambda _: begin())


Operation: TypeAlias = Callable[[Service], Flow[T]]
"""What `drive` runs: given the client's service, a flow."""


def follow(service: Service, wire: WireRequest, begin: Callable[[WireResponse], Reader[T]]) -> Flow[T]:
    """Follow a streamed reply as `Service.follow`, with a reader that is told the head of the reply."""
    no_notices(wire, service.settings)
    attempts = Attempts(service.provider, service.settings, wire)

    def once(outgoing: Outgoing) -> Flow[T]:
        return (yield from _followed(service, attempts, outgoing, begin))

    return (yield from attempts.run(once))


def _followed(
    service: Service, attempts: Attempts, outgoing: Outgoing, begin: Callable[[WireResponse], Reader[T]]
) -> Flow[T]:
    limit = attempts.limit("first_byte")
    try:
        opened = yield from open_stream(outgoing, until=moment(limit))
    except TimedOut as error:
        raise named(error, limit) from None
    if opened.head.status >= FAILED:
        yield from close(opened.stream)
        raise refusal(service.provider, outgoing.wire, opened.head)
    try:
        result = yield from _read(service, attempts, opened.stream, begin(opened.head))
    except ChatError:
        yield from close(opened.stream)
        raise
    yield from close(opened.stream, reuse=True)
    return result


def _read(service: Service, attempts: Attempts, stream: Handle, reader: Reader[T]) -> Flow[T]:
    """Read to the end of input; the time between two lines has a limit, and so has the whole."""
    while True:
        since = (yield from now()).monotonic
        limit = earliest(attempts.limit(), service.settings.timeouts.limit("between_content", since))
        frames = yield from _received(stream, limit)
        if frames is None:
            return reader.finish()
        events, failure = _events(reader, frames)
        if events:
            attempts.visible = True
        yield from emit(*events)
        if failure is not None:
            raise failure


def _received(stream: Handle, limit: Limit | None) -> Flow[tuple[Frame, ...] | None]:
    """Return the next frames; reads without one do not move the limit."""
    frames: tuple[Frame, ...] | None = ()
    while frames == ():
        try:
            frames = yield from receive(stream, until=moment(limit))
        except TimedOut as error:
            raise named(error, limit) from None
        if frames == () and limit is not None and (yield from now()).monotonic >= limit.at:
            raise limit.error()
    return frames


def _events(reader: Reader[object], frames: Iterable[Frame]) -> tuple[list[Event], ChatError | None]:
    """Return what frames say, and what went wrong after it."""
    events: list[Event] = []
    try:
        for event in reader.feed(frames):
            events.append(event)  # noqa: PERF402 - those before a failure are kept
    except ChatError as error:
        return events, error
    return events, None
