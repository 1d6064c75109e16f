"""One streamed reply while it is read: its decoder, its limits, and what the call adds to its events.

Law: pure. The end comes from the decoder; content moves the limit, and nothing else does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import ChatError, DecodeError
from chat_core.events import PartStart, ResponseEnd, ResponseStart, UnknownEvent
from chat_core.flow.timeouts import USAGE_GRACE, Limit, earliest, moment
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chat_core.codec.provider import Decoder
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.flow.timeouts import Timeouts
    from chat_core.jsonvalue import JSON
    from chat_core.response import Notice, Response

Rare: TypeAlias = ResponseStart | ResponseEnd | UnknownEvent
"""Events that are no content."""

_RARE: frozenset[type[Event]] = frozenset({ResponseStart, ResponseEnd, UnknownEvent})
_BEFORE: frozenset[type[Event]] = _RARE | {PartStart}
"""Events that come before the first piece of an answer."""


class Reading:
    """A stream as far as it has been read.

    Attributes:
        until: when to stop waiting, on the monotonic clock; `None` = never.
        response: the complete response, once it has come.
        failure: why decoding stopped, once it has.
        raw: the payloads of all frames, if they are kept.
        begun: whether a piece of the answer has come.
    """

    __slots__ = (
        "_content", "_decoder", "_finished", "_first", "_notices", "_since", "_timeouts", "_total", "begun", "failure",
        "raw", "response", "until",
    )  # fmt: skip

    def __init__(
        self,
        decoder: Decoder,
        *,
        first: Limit | None,
        total: Limit | None,
        timeouts: Timeouts,
        notices: tuple[Notice, ...] = (),
        finished: Callable[[Response], Response] = lambda response: response,
    ) -> None:
        """Begin a stream.

        Args:
            decoder: reads its frames.
            first: when to stop waiting for the first content.
            total: when to stop in any case.
            timeouts: how long to wait between contents.
            notices: what could not be sent as asked.
            finished: completes the response with what the call knows.
        """
        self.until = moment(first)
        self.response: Response | None = None
        self.failure: ChatError | None = None
        self.raw: list[JSON] = []
        self.begun = False
        self._decoder = decoder
        self._first = first
        self._total = total
        self._timeouts = timeouts
        self._notices = notices
        self._finished = finished
        self._content = False
        self._since: float | None = None

    @property
    def limit(self) -> Limit | None:
        """Which limit `until` is."""
        if self._since is None:
            return self._first
        grace = Limit(self._since + USAGE_GRACE, "between_content", USAGE_GRACE) if self._complete else None
        return earliest(self._timeouts.limit("between_content", self._since), grace, self._total)

    def portions(self, frames: tuple[Frame, ...]) -> Iterator[tuple[Frame, ...]]:
        """Cut what one read held: one by one up to the first piece of the answer, which is shown at once; the rest."""
        at = 0
        while not self.begun and at < len(frames):
            yield frames[at : at + 1]
            at += 1
        if at < len(frames):
            yield frames[at:]

    def feed(self, frames: tuple[Frame, ...]) -> tuple[Event, ...]:
        """Decode frames; events that precede a failure come out, the failure is kept."""
        return self._events(self._decoder.feed(frames))

    def finish(self) -> tuple[Event, ...]:
        """Decode the end of input."""
        return self._events(self._decoder.finish())

    def keep(self, frames: tuple[Frame, ...]) -> None:
        """Keep the payloads of frames."""
        self.raw += [_payload(frame) for frame in frames]

    def late(self, time: float) -> bool:
        """Tell whether the limit is over at a moment after a read; move it if that read held content."""
        if not self._content:  # nothing came, or pings, however many
            return self.until is not None and time >= self.until
        self._content = False
        self._since = time
        seconds = self._timeouts.between_content
        if self._complete:
            seconds = USAGE_GRACE if seconds is None else min(seconds, USAGE_GRACE)
        end = moment(self._total)
        if seconds is not None and (end is None or time + seconds < end):
            end = time + seconds
        self.until = end
        return False

    def partial(self) -> Response | None:
        """Return what had been received, of a stream that is given up."""
        self.finish()
        return self.response if self.failure is None else self.failure.partial

    @property
    def _complete(self) -> bool:
        """Whether the wire has said that the answer is complete: only usage may follow."""
        return getattr(self._decoder, "terminal", False) is True

    def _events(self, decoded: Iterable[Event]) -> tuple[Event, ...]:
        events: list[Event] = []
        try:
            events.extend(decoded)  # what precedes a failure stays in the list
        except ChatError as error:
            self.failure = error
        kinds = set(map(type, events))
        self.begun = self.begun or not kinds <= _BEFORE
        if kinds.isdisjoint(_RARE):
            self._content |= bool(events)
            return tuple(events)
        self._content |= not kinds <= _RARE
        return tuple(self._amended(event) if isinstance(event, Rare) else event for event in events)

    def _amended(self, event: Rare) -> Event:
        match event:
            case ResponseStart():
                return replace(event, notices=(*self._notices, *event.notices)) if self._notices else event
            case ResponseEnd(response):
                complete = replace(response, raw=self.raw) if self.raw else response
                self.response = self._finished(complete)
                return ResponseEnd(self.response)
            case UnknownEvent():
                return event


def _payload(frame: Frame) -> JSON:
    """Return a frame's JSON; its text when it is none."""
    try:
        return parse(frame.data)
    except DecodeError:
        return frame.data if isinstance(frame.data, str) else frame.data.decode("utf-8", "replace")
