"""The reader of one streamed reply that is no chat: a sound, a transcript, a picture, the progress of a task.

Law: events are pieces as they come, the result is the whole; the end is never invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.codec.wire import Frame
    from chat_core.events import Event

Result = TypeVar("Result", covariant=True)  # noqa: PLC0105 - a name as short as the others


class Reader(Protocol[Result]):
    """Reads one streamed reply that is no chat."""

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        """Read frames in order; events that precede a failure come before it is raised.

        Raises:
            DecodeError: a frame is malformed.
            ProviderError: the service reported an error inside the stream.
        """
        ...

    def finish(self) -> Result:
        """Return the result at the end of input.

        Raises:
            StreamTruncated: the service had not said that it is done.
        """
        ...
