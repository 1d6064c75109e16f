"""WebSockets for longer: many conversations over few connections that are cut, aged and restarted at random.

`CHAT_ENDURANCE` is a factor for how many requests each conversation makes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import threading
import time
from typing import TYPE_CHECKING

import pytest
from peers import PATIENCE, soon
from wspeers import LANES, Caller, WSServer, answers, asking

from chat_core.errors import ChatError, ConnectFailed, TransportError
from chat_core.jsonvalue import parse_object
from chat_core.transport.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.wire import Lane
    from chat_core.jsonvalue import JSONObject
    from chat_core.transport.pool import Counts
    from chat_core.transport.protocol import Read

pytestmark = pytest.mark.endurance
FACTOR = float(os.environ.get("CHAT_ENDURANCE", "1"))
CONVERSATIONS = 200
TURNS = max(1, int(8 * FACTOR))
WORDS = 12
CONNECTIONS = 20


class Chaos:
    """A server that answers word by word, and cuts its connections at random, by a seed."""

    def __init__(self, seed: int, rate: float) -> None:
        self.random = random.Random(seed)
        self.rate = rate
        self.cuts = 0

    async def script(self, caller: Caller) -> None:
        """Answer the requests of one connection, all at once."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                task = asyncio.create_task(self._answer(caller, str(await caller.ws.recv())))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, caller: Caller, message: str) -> None:
        asked = parse_object(message)
        for frame in answers(asked, *(f"{asked['text']}.{number}" for number in range(WORDS))):
            if self.random.random() < self.rate:
                self.cuts += 1
                if self.random.random() < 0.5:
                    caller.drop()
                else:
                    await caller.ws.close(self.random.choice([1001, 1011, 1012]))
                return
            await caller.say(frame)
            if self.random.random() < 0.2:
                await asyncio.sleep(self.random.random() * 0.01)


class Tally:
    """What came of the requests: `right` were complete and their own, `lost` ended in an error of the transport."""

    def __init__(self) -> None:
        self.right = 0
        self.lost = 0
        self.wrong: list[object] = []

    def count(self, text: str, frames: list[JSONObject]) -> bool:
        """Judge what came for a request; True when it is complete."""
        wanted = [f"{text}.{number}" for number in range(WORDS)]
        words = [frame["text"] for frame in frames if "text" in frame]
        done = [frame for frame in frames if "done" in frame]
        if words != wanted[: len(words)] or len(done) > 1 or (done and words != wanted):
            self.wrong.append((text, words))
        if done:
            self.right += 1
        else:
            self.lost += 1
        return bool(done)


def decoded(read: Read) -> list[JSONObject]:
    assert isinstance(read, tuple)
    return [parse_object(frame.data) for frame in read]


async def converse(transport: WebSocketTransport, url: str, number: int, lane: Lane | None, tally: Tally) -> None:
    """Make the requests of one conversation, each until it succeeds."""
    for turn in range(TURNS):
        text = f"c{number}t{turn}"
        for attempt in range(100):
            frames: list[JSONObject] = []
            stream = None
            try:
                stream = await transport.aopen(
                    asking(url, f"{text}a{attempt}", lane=lane, affinity=f"c{number}"), soon()
                )
                while not any("done" in frame for frame in frames):
                    if (read := await stream.areceive(soon())) is None:
                        break
                    frames += decoded(read)
            except ConnectFailed:
                await asyncio.sleep(0.02)
                continue
            except TransportError:
                pass
            complete = tally.count(f"{text}a{attempt}", frames)
            if stream is not None:
                await stream.aclose(reuse=complete)
            if complete:
                break
        else:
            tally.wrong.append(f"{text} never succeeded")


def converse_blocking(transport: WebSocketTransport, url: str, number: int, lane: Lane | None, tally: Tally) -> None:
    """As `converse`."""
    for turn in range(TURNS):
        text = f"c{number}t{turn}"
        for attempt in range(100):
            frames: list[JSONObject] = []
            stream = None
            try:
                stream = transport.open(asking(url, f"{text}a{attempt}", lane=lane, affinity=f"c{number}"), soon())
                while not any("done" in frame for frame in frames):
                    if (read := stream.receive(soon())) is None:
                        break
                    frames += decoded(read)
            except ConnectFailed:
                time.sleep(0.02)
                continue
            except TransportError:
                pass
            complete = tally.count(f"{text}a{attempt}", frames)
            if stream is not None:
                stream.close(reuse=complete)
            if complete:
                break
        else:
            tally.wrong.append(f"{text} never succeeded")


LANED = pytest.mark.parametrize("lane", [LANES, None], ids=["lanes", "no lanes"])


@LANED
def test_two_hundred_conversations_in_a_loop_over_connections_that_are_cut(lane: Lane | None) -> None:
    chaos, tally = Chaos(7, 0.004), Tally()
    transport = WebSocketTransport(max_connections=CONNECTIONS, max_age=0.5)

    async def main(url: str) -> tuple[Counts, int]:
        async with asyncio.TaskGroup() as group:
            for number in range(CONVERSATIONS):
                group.create_task(converse(transport, url, number, lane, tally))
        counts = transport.counts(asyncio.get_running_loop())
        await transport.aclose()
        await asyncio.sleep(0.05)
        return counts, len(asyncio.all_tasks())

    with WSServer(chaos.script) as server:
        counts, tasks = asyncio.run(main(server.address))
        assert len(server.callers) > CONNECTIONS  # some were cut, some too old
    assert tally.wrong == []
    assert tally.right == CONVERSATIONS * TURNS
    assert chaos.cuts > 0
    assert (counts.used, counts.waiting) == (0, 0)
    assert counts.resting <= CONNECTIONS
    assert tasks == 1


@LANED
def test_two_hundred_conversations_in_threads_over_connections_that_are_cut(lane: Lane | None) -> None:
    chaos, tally = Chaos(11, 0.004), Tally()
    transport = WebSocketTransport(max_connections=CONNECTIONS, max_age=0.5)
    before = threading.active_count()
    with WSServer(chaos.script) as server:
        together(lambda number: converse_blocking(transport, server.address, number, lane, tally))
        counts = transport.counts()
        transport.close()
    until = soon(5)
    while threading.active_count() > before and time.monotonic() < until:
        time.sleep(0.02)
    assert threading.active_count() == before
    assert tally.wrong == []
    assert tally.right == CONVERSATIONS * TURNS
    assert chaos.cuts > 0
    assert (counts.used, counts.waiting) == (0, 0)


def together(act: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=act, args=(number,)) for number in range(CONVERSATIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * 3)


def test_conversations_go_on_when_the_server_starts_anew() -> None:
    calm, tally = Chaos(3, 0.0), Tally()
    transport = WebSocketTransport(max_connections=4)

    async def main(url: str, stop: Callable[[], None], start: Callable[[], object]) -> Counts:
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                group.create_task(converse(transport, url, number, LANES, tally))
            await asyncio.sleep(0.03)
            await asyncio.to_thread(stop)
            await asyncio.sleep(0.1)
            await asyncio.to_thread(start)
        return transport.counts(asyncio.get_running_loop())

    with contextlib.ExitStack() as running, contextlib.ExitStack() as stopped:
        first = stopped.enter_context(WSServer(calm.script))
        second = WSServer(calm.script, port=first.port)
        counts = asyncio.run(main(first.address, stopped.close, lambda: running.enter_context(second)))
    assert tally.wrong == []
    assert tally.right == 40 * TURNS
    assert (counts.used, counts.waiting) == (0, 0)


def test_leaving_at_random_leaves_nothing_behind() -> None:
    """Streams are closed and tasks cancelled anywhere; what others get stays whole."""
    chance, tally = random.Random(5), Tally()
    calm = Chaos(1, 0.0)
    transport = WebSocketTransport(max_connections=5)

    async def leave(url: str, number: int) -> None:
        try:
            async with asyncio.timeout(chance.random() * 0.05):
                stream = await transport.aopen(asking(url, f"l{number}", lane=LANES), soon())
                try:
                    for _ in range(chance.randrange(3)):
                        await stream.areceive(soon())
                finally:
                    await stream.aclose(reuse=False)
        except (TimeoutError, ChatError):
            pass

    async def main(url: str) -> Counts:
        async with asyncio.TaskGroup() as group:
            for number in range(60):
                group.create_task(leave(url, number))
                group.create_task(converse(transport, url, number, LANES, tally))
        return transport.counts(asyncio.get_running_loop())

    with WSServer(calm.script) as server:
        counts = asyncio.run(main(server.address))
    assert tally.wrong == []
    assert (tally.right, tally.lost) == (60 * TURNS, 0)
    assert (counts.used, counts.waiting) == (0, 0)
