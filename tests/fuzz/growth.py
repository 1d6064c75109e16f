"""Growth: what a sample costs when a part of it is there many times over.

Law: cost grows with the work. CPU time is measured, the shorter of two runs counts, and what is over in no time at all
says nothing.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fuzz.samples import Sample

from chat_core.codec.wire import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.targets import Target

TIMES = 4
"""How many times larger the larger sample is."""
MOST = 2.2
"""Most that its cost may be beyond that: a quadratic cost is `TIMES` times beyond it."""
LEAST = 0.02
"""CPU seconds below which a cost says nothing."""

FILLERS = (
    b" ",
    b"\n",
    b"\r",
    b"\xef\xbb\xbf",
    b"a",
    b":",
    b"data:\n",
    b"data: {\n",
    b"{",
    b"[",
    b"}",
    b'"',
    b"\\",
    b"[{",
    b"{},",
)
"""What a body may hold many times over, and no framer likes."""


def fillers(size: int) -> Iterator[tuple[bytes, Sample]]:
    """Yield bodies that are nothing but one filler, a byte each read."""
    for filler in FILLERS:
        body = (filler * (size // len(filler) + 1))[:size]
        yield filler, Sample(tuple(Frame(body[at : at + 1]) for at in range(size)))


def repeated(sample: Sample, at: int, times: int) -> Sample:
    """Return a sample with one frame many times over."""
    frames = sample.frames
    return replace(sample, frames=(*frames[:at], *[frames[at]] * times, *frames[at + 1 :]))


def cost(target: Target, sample: Sample) -> float:
    """Return the CPU seconds of one run, the shorter of two."""
    return min(_cost(target, sample) for _ in range(2))


def _cost(target: Target, sample: Sample) -> float:
    begun = time.process_time()
    target.fault(sample)
    return time.process_time() - begun


def excess(target: Target, small: Sample, large: Sample) -> float:
    """Return how much more the larger sample costs than `TIMES` smaller ones; 0 when both cost next to nothing."""
    spent = cost(target, large)
    if spent < LEAST:
        return 0.0
    return spent / max(cost(target, small), LEAST / TIMES / 4) / TIMES
