"""Streams however their bytes are cut: the frames, the events and the outcome stay the same.

Law: the reference is the body fed as one piece; sizes 1, 2, 7, 64, seeded random ones and the recorded ones follow,
then the same events with other line ends, with comments between them, without the space after the colon; and the same
events, of which each is parsed.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from chat_core.codec.alike import Alike
from chat_core.codec.decoder import FrameDecoder
from chat_core.codec.framers import NDJSON, SSE, JSONArray
from chat_core.testing.outcome import events_of, facts
from chat_core.testing.subject import pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from random import Random

    from chat_core.codec.provider import Decoder
    from chat_core.codec.wire import Frame, Framer
    from chat_core.errors import ChatError
    from chat_core.events import Event

SIZES = (1, 2, 7, 64)


def reads(body: bytes, sizes: Iterable[int], begin: Callable[[], Framer] = SSE) -> list[list[Frame]]:
    """Frame a body, network read by network read; reads without a frame are left out."""
    framer = begin()
    found = [frames for piece in pieces(body, sizes) if (frames := framer.feed(piece))]
    return [*found, framer.finish()]


def frames_of(body: bytes, framer: Callable[[], Framer] = SSE) -> list[Frame]:
    """Frame a body that comes as one piece."""
    return [frame for read in reads(body, [len(body)], framer) for frame in read]


def ways(body: bytes, recorded: Sequence[int], random: Random) -> Iterator[tuple[str, Iterable[int]]]:
    """Yield the ways to cut a body, with their names."""
    for size in SIZES:
        yield str(size), cycle([size])
    yield "random", [random.randint(1, 400) for _ in range(len(body) // 100 + 2)]
    if recorded:
        yield "as recorded", recorded


def respelled(body: bytes, framer: Callable[[], Framer] = SSE) -> Iterator[tuple[str, bytes]]:
    """Yield spellings of a body that mean the same to a reader of its framing."""
    plain = body.replace(b"\r\n", b"\n")
    if framer is NDJSON:
        yield "CRLF", plain.replace(b"\n", b"\r\n")
        yield "blank lines", plain.replace(b"\n", b"\n\n \n")
        return
    if b"\r" in plain or framer is JSONArray:
        return  # has line ends of its own, or none that mean anything
    yield "CRLF", plain.replace(b"\n", b"\r\n")
    yield "CR", plain.replace(b"\n", b"\r")
    yield "comments", b": first\n\n" + plain.replace(b"\n\n", b"\n\n: later\n\n")
    yield "no space after the colon", plain.replace(b"\ndata: {", b"\ndata:{").replace(b"\nevent: ", b"\nevent:")


def differences(
    body: bytes,
    recorded: Sequence[int],
    begin: Callable[[], Decoder],
    expected: tuple[list[Event], ChatError | None],
    random: Random,
    framer: Callable[[], Framer] = SSE,
) -> Iterator[str]:
    """Yield what a cut changes.

    Raises:
        Crash: a cut made the decoder raise what it must not.
    """
    whole = frames_of(body, framer)
    events, error = events_of(_parsing(begin()), [whole])
    if events != expected[0] or facts(error) != facts(expected[1]):
        yield "each event parsed: other events"
    for name, other in respelled(body, framer):
        if frames_of(other, framer) != whole:
            yield f"{name}: other frames"
    for name, sizes in ways(body, recorded, random):
        cut = reads(body, sizes, framer)
        if [frame for read in cut for frame in read] != whole:
            yield f"cut {name}: other frames"
            continue
        events, error = events_of(begin(), cut)
        if events != expected[0]:
            yield f"cut {name}: other events"
        elif facts(error) != facts(expected[1]):
            yield f"cut {name}: ends with {error!r}, in one piece with {expected[1]!r}"


def _parsing(decoder: Decoder) -> Decoder:
    """Have a decoder parse each event, also one that is like the one before."""
    if isinstance(decoder, FrameDecoder):
        decoder.alike = Alike()
    return decoder
