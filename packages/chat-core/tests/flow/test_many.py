from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

import pytest
from toy import MemoryTransport

from chat_core.codec.effects import now, sleep
from chat_core.flow.many import in_order, in_order_async

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.effects import Flow

NETWORK = MemoryTransport()
WHO = ContextVar("WHO", default="nobody")


def slow(number: int, seconds: float = 0.0) -> Flow[int]:
    yield from sleep(seconds)
    return number


def failing(number: int) -> Flow[int]:
    yield from now()
    raise ValueError(number)


def test_results_come_in_the_order_of_the_flows() -> None:
    flows = (slow(number, 0.02 * (5 - number)) for number in range(5))
    assert list(in_order(flows, NETWORK, 3)) == [0, 1, 2, 3, 4]


def test_results_of_tasks_come_in_the_order_of_the_flows() -> None:
    async def main() -> list[int]:
        flows = (slow(number, 0.02 * (5 - number)) for number in range(5))
        return [result async for result in in_order_async(flows, NETWORK, 3)]

    assert asyncio.run(main()) == [0, 1, 2, 3, 4]


class Gauge:
    """Counts how many run at once."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self.lock = threading.Lock()

    def flow(self) -> Flow[None]:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        yield from sleep(0.01)
        with self.lock:
            self.running -= 1


def test_no_more_run_at_once_than_asked_for() -> None:
    gauge = Gauge()
    list(in_order((gauge.flow() for _ in range(12)), NETWORK, 3))
    assert gauge.most == 3


def test_no_more_tasks_run_at_once_than_asked_for() -> None:
    gauge = Gauge()

    async def main() -> None:
        async for _ in in_order_async((gauge.flow() for _ in range(12)), NETWORK, 3):
            pass

    asyncio.run(main())
    assert gauge.most == 3


def test_flows_are_made_when_their_turn_comes() -> None:
    made: list[int] = []

    def flows() -> Iterator[Flow[int]]:
        for number in range(100):
            made.append(number)
            yield slow(number)

    results = in_order(flows(), NETWORK, 2)
    assert next(results) == 0
    assert len(made) <= 5
    results.close()


def test_an_error_comes_at_its_place_and_ends_the_rest() -> None:
    flows = [slow(0), slow(1), failing(2), slow(3, 60.0)]
    got: list[int] = []
    began = time.monotonic()
    with pytest.raises(ValueError, match="2"):
        got.extend(in_order(flows, NETWORK, 4))
    assert time.monotonic() - began < 10
    with pytest.raises(ValueError, match="2"):
        asyncio.run(_all_async([slow(0), slow(1), failing(2), slow(3, 60.0)], got))
    assert time.monotonic() - began < 10
    assert got == [0, 1, 0, 1]


async def _all_async(flows: list[Flow[int]], got: list[int]) -> None:
    async for result in in_order_async(flows, NETWORK, 4):
        got += [result]


def test_leaving_early_ends_the_threads() -> None:
    before = threading.active_count()
    for result in in_order((slow(number, 0.001) for number in range(100)), NETWORK, 4):
        assert result == 0
        break
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before  # threads of earlier tests may have ended as well


def test_threads_see_the_context_of_the_caller() -> None:
    def who() -> Flow[str]:
        yield from now()
        return WHO.get()

    token = WHO.set("me")
    assert list(in_order([who(), who()], NETWORK, 2)) == ["me", "me"]
    WHO.reset(token)
