"""Damaged replies: whatever comes, only the errors that are promised come out.

Law: damage is repeatable, and of three kinds: a value of a document becomes another one, frames are missing, repeated
or in another place, bytes are flipped and cut.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.wire import Frame, WireResponse, dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse
from chat_core.testing.outcome import Crash, attempt, refused, streamed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hypothesis.strategies import DataObject

    from chat_core.jsonvalue import JSON
    from chat_core.testing.fixtures import Case
    from chat_core.testing.leaves import Path
    from chat_core.testing.subject import Subject

OTHERS: tuple[JSON, ...] = (
    None, True, 0, -1, 2**70, 1e300, "", "\ud800", [], [[]], {}, {"": None}, [None], "0", {"type": 0},
)  # fmt: skip
"""What a value may become."""

EXAMPLES = 40
"""Damaged forms of each case."""
LONGEST = 3
"""Most bytes that damage puts in or takes out at one place."""


def only_promised_errors(subject: Subject, case: Case) -> Iterator[str]:
    """Yield what came out of damaged replies that must not."""
    if case.stream is not None:
        frames = [frame for read in subject.frames(case, case.stream) for frame in read]
        yield from _tried(lambda data: streamed(subject.begin(case), [_stream(frames, data)]))
    if (reply := case.reply) is not None:
        request = subject.request(case)
        yield from _tried(lambda data: attempt(lambda: subject.provider.decode(request, _reply(reply, data))))
    if (error := case.error) is not None:
        yield from _tried(lambda data: refused(lambda: subject.provider.decode_error(_reply(error, data))))


def _tried(decode: Callable[[DataObject], object]) -> Iterator[str]:
    """Decode many damaged forms; what fails is made as small as can be."""
    from hypothesis import HealthCheck, given, settings  # noqa: PLC0415 - needed here only
    from hypothesis import strategies as st  # noqa: PLC0415 - as above

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
    )
    @given(st.data())
    def run(data: DataObject) -> None:
        decode(data)

    try:
        run()
    except Crash as crash:
        yield f"{crash}: a damaged reply gives DecodeError, StreamTruncated or ProviderError, and nothing else"


def _choice(data: DataObject, size: int) -> int:
    from hypothesis import strategies as st  # noqa: PLC0415 - needed here only

    return data.draw(st.integers(0, max(0, size - 1)))


def _stream(frames: Sequence[Frame], data: DataObject) -> list[Frame]:
    """Damage a stream at one place."""
    at = _choice(data, len(frames))
    kept, frame, rest = list(frames[:at]), frames[at : at + 1], list(frames[at + 1 :])
    match _choice(data, 5), frame:
        case 0, [Frame()]:
            return [*kept, *rest]
        case 1, [Frame() as one]:
            return [*kept, one, one, *rest]
        case 2, [Frame() as one]:
            others = [*kept, *rest]
            place = _choice(data, len(frames))
            return [*others[:place], one, *others[place:]]
        case 3, [Frame() as one]:
            return [*kept, replace(one, data=_bytes(_raw(one), data)), *rest]
        case _, [Frame() as one]:
            return [*kept, replace(one, data=_document(_raw(one), data)), *rest]
        case _:
            return list(frames)


def _reply(reply: WireResponse, data: DataObject) -> WireResponse:
    """Damage a reply's body at one place."""
    damage = _bytes if _choice(data, 3) == 0 else _document
    return replace(reply, body=damage(reply.body, data))


def _raw(frame: Frame) -> bytes:
    return frame.data if isinstance(frame.data, bytes) else frame.data.encode("utf-8", "surrogatepass")


def _bytes(body: bytes, data: DataObject) -> bytes:
    from hypothesis import strategies as st  # noqa: PLC0415 - needed here only

    at = _choice(data, len(body) + 1)
    return body[:at] + data.draw(st.binary(max_size=LONGEST)) + body[at + _choice(data, LONGEST + 1) :]


def _document(body: bytes, data: DataObject) -> bytes:
    try:
        document = parse(body)
    except DecodeError:
        return _bytes(body, data)
    places = list(nodes(document))
    return dump(damaged(document, places[_choice(data, len(places))], OTHERS[_choice(data, len(OTHERS))]))


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
