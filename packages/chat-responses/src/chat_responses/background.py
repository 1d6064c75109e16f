"""Answers that are made in the background: ask for them again, wait for them, take up their stream, cancel them.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    turn = chat.complete("Think hard.", options=Options(native=(ResponsesOptions(background=True),)))
    response = chat.drive(wait(turn.response.id)).finish()

Law: one exchange each, but for `wait`, which asks until the answer is there. An answer that failed is its error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from chat_core.codec.effects import emit, now, sleep
from chat_core.codec.framers import SSE
from chat_core.codec.wire import WireRequest
from chat_core.errors import StreamTruncated, TimedOut, UnsupportedCapability
from chat_core.events import ResponseEnd
from chat_core.request import Request
from chat_responses.provider import Responses
from chat_responses.stream import ResponsesDecoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.flow.service import Operation, Service
    from chat_core.response import Response

UNFINISHED = frozenset({"queued", "in_progress"})
"""Statuses of an answer that is not there yet."""

EVERY = 2.0
"""Seconds between two questions for an answer that is not there yet."""


def retrieve(id: str, *, include: Sequence[str] = ()) -> Operation[Response]:
    """Ask for an answer by its id; while it is made, its `raw_finish_reason` is `queued` or `in_progress`."""

    def operation(service: Service) -> Flow[Response]:
        provider = responses_of(service)
        query = "&".join(f"include[]={quote(item)}" for item in include)
        wire = _wire(provider, id, query, method="GET")
        return service.exchange(wire, lambda reply: provider.decode(_nothing(service), reply))

    return operation


def cancel(id: str) -> Operation[Response]:
    """Stop the work at an answer that is made in the background, and return it as far as it is."""

    def operation(service: Service) -> Flow[Response]:
        provider = responses_of(service)
        wire = _wire(provider, f"{quote(id, safe='')}/cancel", method="POST", quoted=True)
        return service.exchange(wire, lambda reply: provider.decode(_nothing(service), reply))

    return operation


def delete(id: str) -> Operation[None]:
    """Delete an answer that the service keeps."""

    def operation(service: Service) -> Flow[None]:
        return service.exchange(_wire(responses_of(service), id, method="DELETE"), lambda _: None)

    return operation


def wait(id: str, *, every: float = EVERY, timeout: float | None = None) -> Operation[Response]:
    """Wait until an answer that is made in the background is there.

    Args:
        id: the answer.
        every: seconds between two questions.
        timeout: most seconds to wait; `None` = as long as it takes.

    Raises:
        TimedOut: it is not there in time; the answer as far as it is, is in `partial`.
        ProviderError: the answer failed.
    """

    def operation(service: Service) -> Flow[Response]:
        return _waited(service, id, every, timeout)

    return operation


def _waited(service: Service, id: str, every: float, timeout: float | None) -> Flow[Response]:
    begun = (yield from now()).monotonic
    while True:
        response = yield from retrieve(id)(service)
        if response.raw_finish_reason not in UNFINISHED:
            yield from emit(ResponseEnd(response))
            return response
        passed = (yield from now()).monotonic - begun
        if timeout is not None and passed + every > timeout:
            raise TimedOut(
                f"the answer {id} is {response.raw_finish_reason} after {timeout} s: wait longer, or cancel it",
                phase="total",
                seconds=timeout,
                partial=response,
            )
        yield from sleep(every)


def resume(id: str, *, after: int | None = None) -> Operation[Response]:
    """Take up the stream of an answer that was asked for in the background and streamed.

    Args:
        id: the answer.
        after: the `sequence_number` of the last event that was seen; `None` = from the beginning. The events of the
            stream are those after it, and so are the parts of the answer, but for what its end says again.
    """

    def operation(service: Service) -> Flow[Response]:
        provider = responses_of(service)
        query = "stream=true" if after is None else f"stream=true&starting_after={after}"
        wire = _wire(provider, id, query, method="GET", stream=True)
        return service.follow(wire, lambda: _Resumed(provider, _nothing(service)))

    return operation


class _Resumed:
    """Reads a stream that is taken up; implements `chat_core.flow.service.Reader`."""

    def __init__(self, provider: Responses, request: Request) -> None:
        self._decoder = ResponsesDecoder(provider, request)
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


def responses_of(service: Service) -> Responses:
    """Return the provider of a client that speaks this wire and keeps its answers.

    Raises:
        UnsupportedCapability: it is another one.
    """
    provider = service.provider
    if isinstance(provider, Responses) and "state" in provider.preset.capabilities:
        return provider
    raise UnsupportedCapability(f"{provider.name} keeps no answers: use a client of openai, such as Chat('openai:…')")


def _nothing(service: Service) -> Request:
    """Return the request that an answer is read for, when only the answer's id is known."""
    return Request(model=service.model, messages=())


def _wire(
    provider: Responses, id: str, query: str = "", *, method: str, stream: bool = False, quoted: bool = False
) -> WireRequest:
    path = id if quoted else quote(id, safe="")
    url = f"{provider.url(provider.preset.path)}/{path}" + (f"?{query}" if query else "")
    return WireRequest(url=url, method=method, headers=provider.headers, framer=SSE if stream else None)
