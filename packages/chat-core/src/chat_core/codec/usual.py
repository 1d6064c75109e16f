"""Server-sent events of the usual form: one line of data, with a name before it or none. A run of them is cut at once.

Law: pure speed. A run is cut here only if the line breaks in it are those between its events, so that every event has
the lines that a usual one has; whatever is in doubt is read line by line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat_core.codec.cutting import frames_of

if TYPE_CHECKING:
    from chat_core.codec.wire import Frame

_USUAL = re.compile(rb"((?:event: ?([^\n]*)\n)?data: )[^ \n][^\n]*\n\n")
_LF, _CRLF = b"\n\n", b"\r\n\r\n"


class Usual:
    """How the events of a stream begin and end.

    Attributes:
        gap: what ends an event.
    """

    __slots__ = ("_between", "_head", "_name", "gap")

    def __init__(self) -> None:
        """Begin as services without names do."""
        self.gap = _LF
        self._begin(b"data: ", None)

    def find_gap(self, data: bytes) -> None:
        """Look what ends the events of some bytes."""
        if data.find(self.gap) < 0:
            gap = _LF if self.gap is _CRLF else _CRLF
            if data.find(gap) >= 0:
                self.gap = gap
                self._begin(self._head.replace(b"\r", b""), self._name)

    def frames(self, events: bytes, named: str | None) -> list[Frame] | None:
        """Return the frames of a run of events, up to the gap behind the last one; `None` where one is not usual."""
        if not events.startswith(self._head):
            return None
        payloads = events[len(self._head) : -len(self.gap)].split(self._between)
        inside = b"".join(payloads)
        if inside.find(b"\n") >= 0 or inside.find(b"\r") >= 0:  # counting those of all takes four times as long
            return None
        if b"" in payloads:  # an event without data is no frame
            payloads = list(filter(None, payloads))
        return frames_of(payloads, event=self._name, id=named)

    def middle(self, events: bytes) -> int:
        """Return where the event ends that is about the middle one; 0 = there is one event only."""
        last = len(events) - len(self.gap)
        at = events.find(self.gap, last // 2, last)
        if at < 0:
            at = events.rfind(self.gap, 0, last)
        return 0 if at < 0 else at + len(self.gap)

    def learn(self, event: bytes) -> None:
        """Remember how an event begins, if it is a usual one; its line breaks are LF."""
        if found := _USUAL.fullmatch(event):
            self._begin(found[1], None if found[2] is None else found[2].decode("utf-8", "replace"))

    def _begin(self, head: bytes, name: str | None) -> None:
        self._head = head.replace(b"\n", b"\r\n") if self.gap is _CRLF else head
        self._between = self.gap + self._head
        self._name = name
