"""Shrinking: a sample that fails is made as small as some tries can make it, so that a case shows the fault alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fuzz.documents import written
from tests.fuzz.samples import raw

from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fuzz.samples import Sample

    from chat_core.codec.wire import Frame
    from chat_core.jsonvalue import JSON


def smaller(sample: Sample) -> Iterator[Sample]:
    """Yield samples that are a little smaller, the boldest steps first."""
    frames = sample.frames
    step = max(1, len(frames) // 2)
    while step and len(frames) > 1:
        for at in range(0, len(frames), step):
            yield replace(sample, frames=frames[:at] + frames[at + step :])
        step //= 2
    for at, frame in enumerate(frames):
        for data in _less(frame):
            yield replace(sample, frames=(*frames[:at], replace(frame, data=data), *frames[at + 1 :]))


def _less(frame: Frame) -> Iterator[bytes | str]:
    try:
        document = parse(raw(frame))
    except DecodeError:
        yield from _shorter(frame.data)
        return
    for other in _simpler(document):
        data = written(other)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - JSON is a tree of nodes
        if len(data) < len(frame.data):
            yield data.decode() if isinstance(frame.data, str) else data


def _shorter(data: bytes | str) -> Iterator[bytes | str]:
    step = max(1, len(data) // 2)
    while step and data:
        for at in range(0, min(len(data), 64 * step), step):
            yield data[:at] + data[at + step :]  # type: ignore[operator] # pyright: ignore[reportOperatorIssue] - both of one kind
        step //= 2


def _simpler(value: JSON) -> Iterator[JSON]:
    match value:
        case dict():
            yield from value.values()
            for key, item in value.items():
                yield {name: other for name, other in value.items() if name != key}
                yield from ({**value, key: other} for other in _simpler(item))
        case list():
            yield from value
            for at, item in enumerate(value):
                yield [*value[:at], *value[at + 1 :]]
                yield from ([*value[:at], other, *value[at + 1 :]] for other in _simpler(item))
        case int() | float() if not isinstance(value, bool) and abs(value) > 0:
            yield 0
        case str() if len(value) > 1:
            yield value[: len(value) // 2]
            yield value[1:]
        case _:
            pass


def shrunk(sample: Sample, fails: Callable[[Sample], bool], tries: int) -> Sample:
    """Return a sample that still fails and is as small as some tries can make it."""
    left = tries
    found = True
    while found and left > 0:
        found = False
        for other in smaller(sample):
            left -= 1
            if left < 0:
                break
            if other.size + len(other.frames) < sample.size + len(sample.frames) and fails(other):
                sample, found = other, True
                break
    return sample
