"""Damaged replies and requests: whatever comes, only the errors that are promised come out.

Law: damage is repeatable, and of two kinds: a node of a document becomes something else, or bytes are flipped and cut.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.wire import Frame, dump
from chat_core.errors import ChatError, DecodeError
from chat_core.jsonvalue import parse
from chat_core.testing.damage import OTHERS, damaged, nodes
from chat_core.testing.outcome import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

TRIES = 12


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
