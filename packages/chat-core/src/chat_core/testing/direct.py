"""The direct way of a stream decoder under test: decoders that never take it or count how often, and their events.

Law: with and without it a program sees the same. A wire's tests mix these classes in before its decoder, and compare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.alike import Alike
from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.codec.alike import Say
    from chat_core.codec.decoder import FrameDecoder
    from chat_core.jsonvalue import JSONObject

    class _Decoder(FrameDecoder):
        """A decoder with a direct way."""

        def _direct(self, data: JSONObject) -> Say | None: ...

else:
    _Decoder = object

HUGE = "HUGE"
"""A text that stands for a number which is out of range."""


class Usual(_Decoder):
    """Takes nothing directly."""

    def _direct(self, data: JSONObject) -> Say | None:
        del data
        return None


class Counting(_Decoder):
    """Counts what is taken directly.

    Attributes:
        taken: how much was.
    """

    taken = 0

    def _direct(self, data: JSONObject) -> Say | None:
        took = super()._direct(data)
        self.taken += took is not None
        self.alike = Alike()  # learns nothing, so that every event comes here
        return took


def read(payloads: Iterable[JSONObject], decoder: FrameDecoder) -> list[str]:
    """Return the events of a stream as text, in which `True` is not `1`; what it failed with; the last payload."""
    found: list[object] = []
    try:
        for payload in payloads:
            found += decoder.feed([Frame(dump(payload).replace(b'"%b"' % HUGE.encode(), b"1e999"))])
        found += decoder.finish()
    except ChatError as error:
        found.append((type(error).__name__, str(error), error.partial))
    return [*map(repr, found), repr(decoder.build.raw)]
