"""Interactions that are made in the background: ask for them again, wait for them, take up their stream, cancel them.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    turn = chat.complete("Research it.", options=Options(native=(InteractionsOptions(background=True),)))
    response = chat.drive(wait(turn.response.id)).finish()

Law: one exchange each, but for `wait`, which asks until the answer is there. An interaction that failed is its error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from chat_core.codec.effects import emit
from chat_core.errors import StreamTruncated, TimedOut, UnsupportedCapability
from chat_core.events import ResponseEnd
from chat_core.request import Request
from chat_gemini.interactions.encode import wire_of
from chat_gemini.interactions.provider import Interactions
from chat_gemini.interactions.stream import InteractionsDecoder
from chat_gemini.sending import polled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.flow.service import Operation, Service
    from chat_core.response import Response

UNFINISHED = frozenset({"queued", "in_progress"})
"""Statuses of an interaction that is not there yet."""

EVERY = 5.0
"""Seconds between two questions for an interaction that is not there yet: agents take minutes."""


def retrieve(id: str, *, include_input: bool = False) -> Operation[Response]:
    """Ask for an interaction by its id; while it is made, its `raw_finish_reason` is `queued` or `in_progress`.

    Args:
        id: the interaction.
        include_input: whether the reply shall hold what was asked, which is then in `Response.meta`.
    """

    def operation(service: Service) -> Flow[Response]:
        provider = interactions_of(service)
        query = "include_input=true" if include_input else ""
        wire = wire_of(provider, _name(id), method="GET", query=query)
        return service.exchange(wire, lambda reply: provider.decode(_nothing(service), reply))

    return operation


def cancel(id: str) -> Operation[Response]:
    """Stop the work at an interaction that is made in the background, and return it as far as it is."""

    def operation(service: Service) -> Flow[Response]:
        provider = interactions_of(service)
        wire = wire_of(provider, _name(id), "cancel")
        return service.exchange(wire, lambda reply: provider.decode(_nothing(service), reply))

    return operation


def delete(id: str) -> Operation[None]:
    """Delete an interaction that the service keeps."""

    def operation(service: Service) -> Flow[None]:
        wire = wire_of(interactions_of(service), _name(id), method="DELETE")
        return service.exchange(wire, lambda _: None)

    return operation


def wait(id: str, *, every: float = EVERY, timeout: float | None = None) -> Operation[Response]:
    """Wait until an interaction that is made in the background is there, or waits for somebody.

    Args:
        id: the interaction.
        every: seconds between two questions.
        timeout: most seconds to wait; `None` = as long as it takes.

    Raises:
        TimedOut: it is not there in time; it is in `partial` as far as it is.
        ProviderError: the interaction failed.
    """

    def operation(service: Service) -> Flow[Response]:
        return _waited(service, id, every, timeout)

    return operation


def _waited(service: Service, id: str, every: float, timeout: float | None) -> Flow[Response]:
    response = yield from polled(
        lambda: retrieve(id)(service),
        lambda response: response.raw_finish_reason not in UNFINISHED,
        lambda response, timeout: _late(id, response, timeout),
        every=every,
        timeout=timeout,
    )
    yield from emit(ResponseEnd(response))
    return response


def _late(id: str, response: Response, timeout: float) -> TimedOut:
    return TimedOut(
        f"the interaction {id} is {response.raw_finish_reason} after {timeout} s: wait longer, or cancel it",
        phase="total",
        seconds=timeout,
        partial=response,
    )


def resume(id: str, *, after: str | None = None) -> Operation[Response]:
    """Take up the stream of an interaction that was asked for in the background and streamed.

    Args:
        id: the interaction.
        after: the id of the last event that was seen: of a stream that broke off, `last_event_id` in the `meta` of the
            error's `partial`; `None` = from the beginning. The events of the stream are those after it, and so are the
            parts of the answer, but for what its end says again.
    """

    def operation(service: Service) -> Flow[Response]:
        provider = interactions_of(service)
        query = "stream=true" if after is None else f"stream=true&last_event_id={quote(after, safe='')}"
        wire = wire_of(provider, _name(id), method="GET", query=query, stream=True)
        return service.follow(wire, lambda: _Resumed(provider, _nothing(service)))

    return operation


class _Resumed:
    """Reads a stream that is taken up; implements `chat_core.flow.service.Reader`."""

    def __init__(self, provider: Interactions, request: Request) -> None:
        self._decoder = InteractionsDecoder(provider, request)
        self._response: Response | None = None

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read frames in order."""
        for event in self._decoder.feed(frames):
            self._see(event)
            yield event

    def finish(self) -> Response:
        """Return the answer at the end of input.

        Raises:
            StreamTruncated: the stream ended before the answer.
        """
        for event in self._decoder.finish():
            self._see(event)
        if self._response is None:
            raise StreamTruncated("the stream ended before the answer was complete")
        return self._response

    def _see(self, event: Event) -> None:
        if isinstance(event, ResponseEnd):
            self._response = event.response


def interactions_of(service: Service) -> Interactions:
    """Return the provider of a client that speaks this wire.

    Raises:
        UnsupportedCapability: it is another one.
    """
    provider = service.provider
    if isinstance(provider, Interactions):
        return provider
    raise UnsupportedCapability(
        f"{provider.name} keeps no interactions: use a client of gemini-interactions, such as "
        "Chat('gemini-interactions:…')"
    )


def _nothing(service: Service) -> Request:
    """Return the request that an interaction is read for, when only its id is known."""
    return Request(model=service.model, messages=())


def _name(id: str) -> str:
    return quote(id, safe="")
