"""Damaged replies and requests: whatever comes, only the errors that are promised come out.

Law: damage is repeatable, and of two kinds: a node of a document becomes something else, or bytes are flipped and cut.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.wire.outcome import Crash

from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError, DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from tests.wire.leaves import Path

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

OTHERS: tuple[JSON, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1e300,
    "",
    "\ud800",
    [],
    [[]],
    {},
    {"": None},
    [None],
    "0",
    {"type": 0},
)
"""What a node may become."""
TRIES = 12


def nodes(value: JSON, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all values of a document, itself included."""
    yield path
    match value:
        case dict():
            for key, item in value.items():
                yield from nodes(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from nodes(item, (*path, index))
        case _:
            return


def damaged(value: JSON, path: Path, other: JSON) -> JSON:
    """Return a document with one value replaced."""
    match value, path:
        case dict(), (str(step), *more):
            return {**value, step: damaged(value[step], tuple(more), other)}
        case list(), (int(step), *more):
            return [damaged(item, tuple(more), other) if at == step else item for at, item in enumerate(value)]
        case _:
            return other


def documents(document: JSON, random: Random) -> Iterator[JSON]:
    """Yield damaged forms of a document."""
    places = list(nodes(document))
    for _ in range(TRIES):
        yield damaged(document, random.choice(places), random.choice(OTHERS))


def bodies(body: bytes, random: Random) -> Iterator[bytes]:
    """Yield bodies with damaged bytes."""
    for _ in range(TRIES // 2):
        at = random.randrange(len(body) + 1)
        yield body[:at] + random.randbytes(random.randrange(3)) + body[at + random.randrange(9) :]


def replies(document: JSON, reply: WireResponse, decode: Callable[[WireResponse], object], random: Random) -> None:
    """Decode damaged forms of a whole reply.

    Raises:
        Crash: something came out that must not.
    """
    for other in documents(document, random):
        decode(replace(reply, body=dump(other)))
    for body in bodies(reply.body, random):
        decode(replace(reply, body=body))


def streams(frames: Sequence[Frame], decode: Callable[[Sequence[Frame]], object], random: Random) -> None:
    """Decode a stream of which one frame is damaged, missing, repeated, or in another place.

    Raises:
        Crash: something came out that must not.
    """
    for _ in range(TRIES):
        at = random.randrange(len(frames))
        frame, rest = frames[at], [*frames[:at], *frames[at + 1 :]]
        for piece in (_damaged(frame, random), frame):
            place = at if piece is not frame else random.randrange(len(frames))
            decode([*rest[:place], piece, *rest[place:]])
        decode(rest)
        decode([*frames[:at], frame, *frames[at:]])


def _damaged(frame: Frame, random: Random) -> Frame:
    try:
        document = parse(frame.data)
    except DecodeError:
        return Frame(b"{", event=frame.event)
    return Frame(dump(next(documents(document, random))), event=frame.event)


def requests(asked: JSONObject, parse_body: Callable[[JSONObject], object], random: Random) -> None:
    """Parse damaged forms of a request.

    Raises:
        Crash: something came out that is no error of the library.
    """
    for other in documents(asked, random):
        if isinstance(other, dict):
            try:
                parse_body(other)
            except ChatError:
                pass
            except Exception as error:
                raise Crash.of(error) from error
