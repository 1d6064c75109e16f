"""What framers have in common: they keep what is not complete, bounded, and may fail between two frames.

Law: what precedes a failure comes out, however the bytes were cut. A framer that has failed goes on failing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError
from chat_core.frozen import many

frames_of = many(Frame, "data")
"""Makes frames of many payloads."""


class Cutting(ABC):
    """A framer that may fail between two frames: those before the failure come out, and then it is raised."""

    def __init__(self) -> None:
        """Begin a stream."""
        self._failure: DecodeError | None = None

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that are complete."""
        if self._failure is not None:
            raise self._failure
        frames: list[Frame] = []
        try:
            self._cut(data, frames)
        except DecodeError as error:
            self._failure = error
            if not frames:
                raise
        return frames

    def finish(self) -> list[Frame]:
        """Return what the input ended in."""
        if self._failure is not None:
            raise self._failure
        try:
            return self._rest()
        except DecodeError as error:
            self._failure = error
            raise

    @abstractmethod
    def _cut(self, data: bytes, frames: list[Frame]) -> None:
        """Add the frames that are complete, as long as nothing fails."""

    @abstractmethod
    def _rest(self) -> list[Frame]:
        """As `finish`."""


class Tail:
    """The unfinished end of the input, kept in pieces so that a long frame costs its length once."""

    __slots__ = ("_beside", "_limit", "_pieces", "size")

    def __init__(self, limit: int, beside: int = 0) -> None:
        """Bound the frame to `limit` bytes, to which come at most those `beside` it, such as its name."""
        self._limit = limit
        self._beside = beside
        self._pieces: list[bytes] = []
        self.size = 0

    def add(self, data: bytes) -> None:
        """Keep more.

        Raises:
            DecodeError: it is too much.
        """
        self.size += len(data)
        if self.size > self._limit + self._beside:
            raise too_long(self._limit)
        self._pieces.append(data)

    def take(self) -> bytes:
        """Give back what was kept."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        self.size = 0
        return data


def too_long(limit: int) -> DecodeError:
    """Return the error of a frame that is longer than its bound."""
    return DecodeError(f"a frame of the stream is longer than the limit of {limit} bytes")
