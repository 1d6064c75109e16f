"""The part of a stream decoder that every wire has in common: order, endings, failures.

Law: the end is never invented. It comes from the wire's last event, or at the end of input when a terminal signal was
seen; otherwise the stream is truncated. What came before a failure is delivered, and is in the error's `partial`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from chat_core.codec.alike import Alike
from chat_core.codec.builder import ResponseBuilder
from chat_core.errors import ChatError, DecodeError, StreamTruncated
from chat_core.jsonvalue import glance, require_finite, require_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chat_core.codec.alike import Say
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject


class FrameDecoder(ABC):
    """Decodes one stream, frame by frame, with a `ResponseBuilder`.

    Attributes:
        build: the response so far.
        alike: what saves parsing events that differ in their text only.
        terminal: whether a signal came that lets the stream end here; set by the wire's codec.
    """

    def __init__(self, origin: str, alike: Alike | None = None) -> None:
        """Begin a stream whose provider-private data belongs to `origin`."""
        self.build = ResponseBuilder(origin)
        self.alike = Alike() if alike is None else alike
        self.terminal = False

    @abstractmethod
    def on_frame(self, frame: Frame) -> None:
        """Put what one frame says into `build`; call `build.end()` at the wire's last event.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the frame is an error of the service.
        """

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Decode frames in order; events that precede a failure come before it is raised.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the service reported an error inside the stream.
        """
        try:
            at, coming = 0, tuple(frames)
            while at < len(coming):
                if taken := self.alike.take(coming, at):
                    at += taken
                    self.build.unread = coming[at - 1].data
                else:
                    self.on_frame(coming[at])
                    at += 1
        except ChatError as error:
            error.partial = error.partial or self.build.partial()
            return _failing(self.build.take(), error)
        return iter(self.build.take())

    def finish(self) -> Iterator[Event]:
        """End the stream at the end of input.

        Raises:
            StreamTruncated: no terminal signal had come.
        """
        if self.build.ended:
            return
        if not self.terminal:
            raise StreamTruncated(
                "the stream ended before the answer was complete; `partial` holds what had come",
                partial=self.build.partial(),
            )
        self.build.end()
        yield from self.build.take()


def _failing(events: list[Event], error: ChatError) -> Iterator[Event]:
    """Yield what precedes a failure, and raise it."""
    yield from events
    raise error


def frame_object(
    frame: Frame, direct: Callable[[JSONObject], Say | None] | None = None, alike: Alike | None = None
) -> JSONObject | None:
    """Parse a frame's payload; `None` for a blank one, for one that the end of input cut, and for one that was taken.

    Args:
        frame: the frame.
        direct: a short way for what comes most. It is shown the payload first, and if it has taken it, it returns what
            does the same with the texts of events that are alike. In what it takes it has to look at every value
            itself: see `jsonvalue.glance`.
        alike: learns what was taken.

    Raises:
        DecodeError: the payload is no JSON object.
    """
    payload = frame.data
    if not payload.strip():
        return None
    try:
        data = require_object(glance(payload), payload)
        if direct is not None and (say := direct(data)):
            if alike is not None:
                alike.learn(frame, say)
            return None
        require_finite(data, payload)
    except DecodeError:
        if frame.cut:
            return None
        raise
    return data
