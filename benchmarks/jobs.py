"""The jobs that a contender is given: what is done, what is timed, and that it was really done.

Law: only the client's work is inside the clocks. An answer that is not the one that was sent makes the job fail, so
that nobody is fast by losing text.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.contender import First

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from benchmarks.contender import Client, Told


class Clock:
    """The processor time of this process, all its threads, and the time of the world, between two moments."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.monotonic()

    def read(self) -> Told:
        """Return what has passed, in seconds."""
        return {"cpu": time.process_time() - self._cpu, "wall": time.monotonic() - self._wall}


class WrongAnswerError(Exception):
    """A client did not return what was sent."""


def check(got: object, sent: object) -> None:
    """Compare what came with what was sent."""
    if got != sent:
        raise WrongAnswerError(f"{got} came, {sent} was sent")


async def stream(client: Client, *, wire: str, base: str, length: int) -> Told:
    """Read a stream whose text has this length."""
    texts: list[str] = []
    clock = Clock()
    await client.stream(wire, base, texts.append)
    told = clock.read()
    check(sum(map(len, texts)), length)
    return told


async def unary(client: Client, *, wire: str, base: str, number: int, at_once: int, length: int) -> Told:
    """Make requests, so many at once, and return what all of them cost."""
    left = iter(range(number))
    answers: list[str] = []

    async def worker() -> None:
        for _ in left:
            answers.append(await client.unary(wire, base))  # noqa: PERF401 - the others come in between

    clock = Clock()
    if at_once == 1:
        await worker()
    else:
        await asyncio.gather(*(worker() for _ in range(at_once)))
    told = clock.read()
    check({len(answer) for answer in answers}, {length})
    return told


async def first(client: Client, *, wire: str, base: str, number: int) -> Told:
    """Begin streams on a warm connection and take the times until the first text; the middle ones count."""
    cpu: list[float] = []
    wall: list[float] = []
    for _ in range(number):
        seen = First()
        began = time.process_time(), time.monotonic()
        await client.stream(wire, base, seen)
        cpu.append(seen.cpu - began[0])
        wall.append(seen.wall - began[1])
    return {"cpu": median(cpu), "wall": median(wall)}


async def many(client: Client, *, wire: str, base: str, streams: int, count: int) -> Told:
    """Read paced streams side by side; the text of each chunk is the time at which it was sent."""
    late: list[float] = []
    errors: list[str] = []

    def seen(text: str) -> None:
        if text:
            late.append(time.monotonic() - float(text))

    async def one() -> None:
        try:
            await client.stream(wire, base, seen)
        except Exception as error:  # noqa: BLE001 - what fails is counted
            errors.append(f"{type(error).__name__}: {str(error)[:200]}")

    before = resident()
    peak(new=True)
    clock = Clock()
    await asyncio.gather(*(one() for _ in range(streams)))
    told = clock.read()
    late.sort()
    return {
        **told,
        "failed_streams": len(errors),
        "missing_chunks": streams * count - len(late),
        "error": errors[0] if errors else "",
        "memory": peak() - before,
        **{f"p{share}": late[len(late) * share // 100] if late else 0.0 for share in (50, 99)},
    }


async def long(client: Client, *, wire: str, base: str) -> Told:
    """Read a stream without keeping anything, and see how much memory that takes."""
    length = 0

    def seen(text: str) -> None:
        nonlocal length
        length += len(text)

    before = resident()
    peak(new=True)
    clock = Clock()
    await client.stream(wire, base, seen)
    return {**clock.read(), "memory": peak() - before, "length": length}


async def call(client: Any, *, wire: str, base: str, length: int) -> Told:  # noqa: ANN401 - not every client has it
    """Read a tool call whose arguments have this length, and what they are so far with each fragment."""
    pieces: list[str] = []
    clock = Clock()
    await client.call(wire, base, pieces.append)
    told = clock.read()
    check(sum(map(len, pieces)), length)
    return told


async def embed(client: Any, *, base: str, encoding: str, count: int, numbers: int) -> Told:  # noqa: ANN401 - as `call`
    """Ask for embeddings of so many texts."""
    texts = [f"text {number}" for number in range(count)]
    before = resident()
    peak(new=True)
    clock = Clock()
    got = await client.embed(base, encoding, texts)
    told = clock.read()
    check(got, numbers)
    return {**told, "memory": peak() - before}


async def history(client: Any, *, wire: str, messages: int) -> Told:  # noqa: ANN401 - as `call`
    """Encode a conversation of so many messages, and again with one more at its end."""
    encode = client.conversation(wire, messages)
    clock = Clock()
    encode(0)
    cold = clock.read()
    clock = Clock()
    encode(1)
    return {"cold": cold["cpu"], "appended": clock.read()["cpu"]}


def resident() -> int:
    """Return the memory that this process holds, in kilobytes."""
    return _status("VmRSS")


def peak(*, new: bool = False) -> int:
    """Return the most memory that this process has held since it was last asked with `new`, in kilobytes."""
    if new and sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmHWM")


def _status(name: str) -> int:
    if sys.platform != "linux":
        import resource  # noqa: PLC0415 - where there is no /proc

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rows = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(f"{name}:"))


JOBS: dict[str, Callable[..., Coroutine[Any, Any, Told]]] = {
    "stream": stream,
    "unary": unary,
    "first": first,
    "many": many,
    "long": long,
    "call": call,
    "embed": embed,
    "history": history,
}
"""By name."""
