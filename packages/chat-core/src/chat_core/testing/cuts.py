"""Streams however their bytes are cut: the frames, the events and the outcome stay the same.

Law: the reference is the body as one piece. Lines end where the wire says, whatever they hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.framers import SSE
from chat_core.errors import DecodeError
from chat_core.testing.outcome import facts
from chat_core.testing.subject import every, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chat_core.codec.wire import Frame, Framer
    from chat_core.testing.fixtures import Case
    from chat_core.testing.subject import Subject

SIZES = (1, 2, 7, 64)
LARGEST = 200
"""Largest piece of the random cuts, in bytes."""


def whatever_the_pieces(subject: Subject, case: Case) -> Iterator[str]:
    """Yield what a cut changes."""
    body = case.stream
    if body is None:
        return
    events, error = subject.events(case, body)
    for name, sizes in _ways(subject, case, body):
        found, failed = subject.events(case, body, sizes)
        if found != events:
            yield f"cut into {name}: other events"
        elif facts(failed) != facts(error):
            yield f"cut into {name}: ends with {failed!r}, in one piece with {error!r}"
    for name, other in _respelled(subject, case, body):
        if subject.events(case, other)[0] != events:
            yield f"spelled with {name}: other events"


def _ways(subject: Subject, case: Case, body: bytes) -> Iterator[tuple[str, Iterable[int]]]:
    for size in SIZES:
        yield f"pieces of {size}", every(size)
    random = subject.random(case)
    yield "random pieces", [random.randint(1, LARGEST) for _ in range(len(body))]


def _respelled(subject: Subject, case: Case, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield spellings of a body that mean the same to a reader of server-sent events."""
    if subject.framer(case) is not SSE or b"\r" in body:
        return
    yield "CRLF", body.replace(b"\n", b"\r\n")
    yield "CR", body.replace(b"\n", b"\r")
    yield "comments", b": first\n\n" + body.replace(b"\n\n", b"\n\n: later\n\n")
    yield "no space after the colon", body.replace(b"\ndata: {", b"\ndata:{").replace(b"\nevent: ", b"\nevent:")


def framed_at_every_byte(subject: Subject, case: Case) -> Iterator[str]:
    """Yield at which bytes a cut stream has frames that the whole one has not."""
    body = case.stream
    if body is None:
        return
    make = subject.framer(case)
    if make is None:
        return
    whole = [frame for read in subject.frames(case, body) for frame in read]
    for at in range(len(body)):
        try:
            found = _frames(make, body[:at])
        except DecodeError as error:
            yield f"cut at byte {at}: {error!r}"
            continue
        *complete, last = found or [None]
        if last is not None and not last.cut:
            complete.append(last)
        if complete != whole[: len(complete)]:
            yield f"cut at byte {at}: frames that are not in the stream"


def _frames(make: Callable[[], Framer], body: bytes) -> list[Frame | None]:
    framer = make()
    return [*(frame for piece in pieces(body, [len(body)]) for frame in framer.feed(piece)), *framer.finish()]
