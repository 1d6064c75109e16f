"""Streams that are no chat, however they are cut and wherever they end.

Law: as for chats. The result in one piece is the reference, and a stream without its last event is truncated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire import cuts

from chat_core.errors import DecodeError, StreamTruncated
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.wire.subject import Subject

    from chat_core.codec.wire import Frame

LAST = ("done", "completed")
"""What the names of last events end in."""


def cut_differences(subject: Subject) -> Iterator[str]:
    """Yield the ways to cut a stream that give another result."""
    exchange = subject.exchange
    for name, sizes in cuts.ways(exchange.body, exchange.chunk_sizes, subject.random("cuts")):
        if not subject.read(cuts.reads(exchange.body, sizes, exchange.framer)).same(subject.outcome):
            yield f"cut {name}: another result"


def ending_differences(subject: Subject) -> Iterator[str]:
    """Yield the places at which a cut stream is not truncated."""
    frames = cuts.frames_of(subject.exchange.body, subject.exchange.framer)
    for at in range(len(frames)):
        if any(map(_is_last, frames[:at])):
            return
        if not isinstance(subject.read([frames[:at]]).error, StreamTruncated):
            yield f"cut after {at} frames: an end is invented"


def _is_last(frame: Frame) -> bool:
    try:
        data = parse(frame.data)
    except DecodeError:
        return False
    kind = data.get("type") if isinstance(data, dict) else None
    return isinstance(kind, str) and kind.endswith(LAST)
