"""Framing: what network reads gave → frames, one value per stream.

Law: the result is what the effect `Receive` promises: the frames of one read, `()` for bytes without a frame, `None` at
the end of input. What the input ended in comes before the `None`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.framers import Whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.wire import Frame, Framer
    from chat_core.transport.protocol import Read


class Framing:
    """Cuts the reads of one stream into frames.

    Attributes:
        ended: whether the input has ended: there is nothing more to read.
    """

    __slots__ = ("_framer", "ended")

    def __init__(self, framer: Callable[[], Framer] | None) -> None:
        """Begin a stream; without a framer its body is one frame."""
        self._framer = Whole() if framer is None else framer()
        self.ended = False

    def frames(self, read: Read) -> tuple[Frame, ...] | None:
        """Return the frames that a read completes.

        Raises:
            DecodeError: a frame is longer than the bound, or the framing is broken.
        """
        if isinstance(read, bytes):
            return tuple(self._framer.feed(read))
        if read is not None:
            return read
        if self.ended:
            return None
        self.ended = True
        return tuple(self._framer.finish()) or None
