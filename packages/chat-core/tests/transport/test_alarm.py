"""An alarm rings when the deadline has passed, wherever it was moved meanwhile."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import TimedOut
from chat_core.transport.alarm import Alarm
from chat_core.transport.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def in_loop(work: Callable[[Alarm, Deadline, list[TimedOut]], Awaitable[None]]) -> None:
    async def main() -> None:
        deadline, rung = Deadline("h:80"), list[TimedOut]()
        await work(Alarm(asyncio.get_running_loop(), deadline, rung.append), deadline, rung)

    asyncio.run(main())


@pytest.mark.parametrize(("first", "then"), [(0.15, 0.15), (0.02, 0.15), (9.0, 0.15)])
def test_it_rings_once_when_the_deadline_has_passed(first: float, then: float) -> None:
    async def work(alarm: Alarm, deadline: Deadline, rung: list[TimedOut]) -> None:
        began = monotonic()
        for seconds in (first, then):
            deadline.begin(connect=None, until=began + seconds)
            alarm.set()
        await asyncio.sleep(0.05)
        assert not rung
        await asyncio.sleep(0.25)
        assert [error.phase for error in rung] == ["read"]

    in_loop(work)


@pytest.mark.parametrize("how", ["no deadline", "rest", "deadline taken away"])
def test_it_does_not_ring(how: str) -> None:
    async def work(alarm: Alarm, deadline: Deadline, rung: list[TimedOut]) -> None:
        deadline.begin(connect=None, until=None if how == "no deadline" else monotonic() + 0.05)
        alarm.set()
        if how == "rest":
            alarm.rest()
        if how == "deadline taken away":
            deadline.until = None
        await asyncio.sleep(0.15)
        assert not rung

    in_loop(work)


def test_a_deadline_that_has_passed_is_late_at_once() -> None:
    async def work(alarm: Alarm, deadline: Deadline, rung: list[TimedOut]) -> None:
        deadline.begin(connect=None, until=monotonic() - 1)
        with pytest.raises(TimedOut):
            alarm.set()
        assert not rung

    in_loop(work)
