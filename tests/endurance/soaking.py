"""A soak: the server's process, a warm-up, the traffic, and what is left of it all.

Law: what is held is compared with what was held after the warm-up, once everything was closed.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.endurance.measures import Held, complaints, settled
from tests.endurance.traffic import Tally, Traffic

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.endurance.measures import Complaints

ROOT = Path(__file__).parents[2]
TASKS, THREADS = 38, 12
"""How many programs ask at once: fifty."""
WARM = 2.0
"""Seconds after which everything is loaded, and every kind of thing has happened."""
GROWTH = 1.25
"""Most that memory may grow in blocks after the warm-up: caches fill up, and are bounded."""
STEADY = 1.02
"""Most that it may grow from the middle look to the last one."""
MORE = 64 << 20
"""Bytes that the allocator may keep for itself."""


@dataclass(slots=True)
class Report:
    """What a soak came to.

    Attributes:
        tally: what came of the requests.
        before, after: what the process held, without any connection.
        between: what it held from time to time.
        complaints: what was said to nobody.
        tasks: how many tasks the loop had at its end, its own among them.
        served: how often the server did each thing.
    """

    before: Held
    after: Held
    tally: Tally = field(default_factory=Tally)
    between: list[Held] = field(default_factory=list[Held])
    complaints: list[str] = field(default_factory=list[str])
    tasks: list[int] = field(default_factory=list[int])
    served: dict[str, int] = field(default_factory=dict[str, int])


def soak(seconds: float, seed: int, *, transport: str = "httpx", rate: float = 0.4, slices: int = 1) -> Report:
    """Ask for some seconds over a transport, in slices between which everything is closed."""
    with _serving(seed, rate) as (ports, served), complaints() as heard:
        _slice(Traffic(ports, seed, transport), WARM, heard)
        before = settled(Held.now(), 1.0)
        report = Report(before, before)
        for number in range(slices):
            traffic = Traffic(ports, seed + 1 + number, transport)
            report.tasks.append(_slice(traffic, seconds / slices, heard))
            _add(report.tally, traffic.tally)
            del traffic
            report.after = settled(before)
            report.between.append(report.after)
    report.complaints, report.served = heard.said, served
    return report


def _add(whole: Tally, part: Tally) -> None:
    whole.outcomes += part.outcomes
    whole.wrong += part.wrong
    often = {number: times for number, times in part.ran.items() if times > 1}
    whole.wrong += [f"the tool ran {times} times for question {number}" for number, times in often.items()]
    whole.longest = max(whole.longest, part.longest)


def _slice(traffic: Traffic, seconds: float, heard: Complaints) -> int:
    """Ask for some seconds in tasks and in threads; return how many tasks are left."""
    until = time.monotonic() + seconds
    threads = threading.Thread(target=traffic.threads, args=(THREADS, until))
    threads.start()

    async def main() -> int:
        asyncio.get_running_loop().set_exception_handler(heard.of_loop)
        await traffic.tasks(TASKS, until)
        await asyncio.sleep(0.1)
        return len(asyncio.all_tasks())

    left = asyncio.run(main())
    threads.join()
    return left


def faults(report: Report) -> Iterator[str]:
    """Yield what is wrong with a soak."""
    yield from report.tally.wrong
    yield from dict.fromkeys(report.complaints)
    before, after = report.before, report.after
    if after.sockets > before.sockets:
        yield f"{after.sockets} sockets are open, {before.sockets} were before"
    if len(after.threads) > len(before.threads):
        yield f"threads are left: {', '.join(after.threads)}"
    if any(tasks > 1 for tasks in report.tasks):
        yield f"tasks are left: {report.tasks}"
    first, last = report.between[(len(report.between) - 1) // 2], report.between[-1]
    if after.blocks > before.blocks * GROWTH or (len(report.between) > 1 and last.blocks > first.blocks * STEADY):
        yield f"memory grows: {[before.blocks, *(held.blocks for held in report.between)]} blocks"
    if after.rss > before.rss + MORE:
        yield f"memory grows: {before.rss >> 20} MiB before, {after.rss >> 20} MiB after"


@contextmanager
def _serving(seed: int, rate: float) -> Generator[tuple[tuple[int, int], dict[str, int]]]:
    served: dict[str, int] = {}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.endurance.server", str(seed), str(rate)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
    ) as server:  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        first, second = map(int, server.stdout.readline().split())
        try:
            yield (first, second), served
        finally:
            server.stdin.close()
            served |= json.loads(server.stdout.readline() or "{}")
