"""The transport in both colours: streams end at once, loops stay free, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest
from tinymodel import HEAVY, asking, write_model

from chat_core.errors import ConfigurationError, TimedOut, TransportError
from chat_local.transport import LocalTransport

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chat_core.codec.wire import Frame
    from chat_local.answering import AsyncLocalStream, LocalStream


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("heavy"), HEAVY, context=2048)


@pytest.fixture
def transport() -> Iterator[LocalTransport]:
    made = LocalTransport()
    yield made
    made.close()


def events(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    return [json.loads(frame.data) for frame in frames]


def read(stream: LocalStream) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while (frames := stream.receive(time.monotonic() + 20)) is not None:
        found += events(frames)
    return found


async def aread(stream: AsyncLocalStream) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while (frames := await stream.areceive(time.monotonic() + 60)) is not None:
        found += events(frames)
    return found


def working() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("chat-local")}


def idle(transport: LocalTransport, seconds: float = 60.0) -> float:
    """Wait until no model is at work, and return how much work that was: a busy machine needs longer for the same."""
    began, until = time.process_time(), time.monotonic() + seconds
    while any(model.scheduler.busy for model in transport.server.models.loaded):
        assert time.monotonic() < until
        time.sleep(0.002)
    return time.process_time() - began


def test_a_stream_says_its_start_its_text_and_its_end(transport: LocalTransport, model: Path) -> None:
    first, *texts, last = read(transport.open(asking(model), None))
    assert first["start"] == {
        "model": str(model), "format": "plain", "tail": first["start"]["tail"],
        "device": "cpu", "variant": "", "notices": [],
    }  # fmt: skip
    assert 0 < len(texts) <= 20  # a token that is half a character says nothing yet
    assert all(set(text) == {"text"} for text in texts)
    assert last["end"]["reason"] == "length"


def test_a_whole_reply_is_the_same_events(transport: LocalTransport, model: Path) -> None:
    streamed = read(transport.open(asking(model), None))
    whole = json.loads(transport.send(asking(model), None).body)["events"]
    assert [event.get("text") for event in whole] == [event.get("text") for event in streamed]


def test_both_colours_give_the_same(transport: LocalTransport, model: Path) -> None:
    async def both() -> list[list[dict[str, Any]]]:
        streamed = await aread(await transport.aopen(asking(model), None))
        return [streamed, json.loads((await transport.asend(asking(model), None)).body)["events"]]

    expected = [event.get("text") for event in read(transport.open(asking(model), None))]
    for found in asyncio.run(both()):
        assert [event.get("text") for event in found] == expected


def test_tokens_are_counted_without_loading_the_model(transport: LocalTransport, model: Path) -> None:
    reply = json.loads(transport.send(asking(model, service="count"), None).body)
    assert reply["input_tokens"] > 10
    assert not transport.server.models.loaded


def test_an_address_that_there_is_not_is_refused(transport: LocalTransport, model: Path) -> None:
    with pytest.raises(ConfigurationError, match="local://service/other"):
        transport.send(asking(model, service="other"), None)


def test_closing_a_stream_ends_its_answer_at_once(transport: LocalTransport, heavy: Path) -> None:
    stream = transport.open(asking(heavy, max_tokens=None), None)
    for _ in range(3):
        stream.receive(None)
    stream.close(reuse=False)
    assert idle(transport) < 0.5
    with pytest.raises(TransportError, match="closed"):
        stream.receive(None)


def test_closing_a_stream_ends_the_reading_of_its_prompt(transport: LocalTransport, heavy: Path) -> None:
    transport.open(asking(heavy, max_tokens=1), None).close(reuse=False)
    idle(transport)
    whole = time.process_time()
    transport.send(asking(heavy, "b" * 1900, max_tokens=1), None)
    whole = time.process_time() - whole
    stream = transport.open(asking(heavy, "c" * 1900, max_tokens=1), None)
    time.sleep(min(0.1, whole / 4))
    stream.close(reuse=False)
    assert idle(transport) < max(whole / 2, 0.1)


def test_closing_while_the_model_is_loaded_makes_no_answer(transport: LocalTransport, heavy: Path) -> None:
    async def go() -> None:
        task = asyncio.create_task(transport.aopen(asking(heavy, max_tokens=None), None))
        while not any(thread.name == "chat-local-load" for thread in threading.enumerate()):  # noqa: ASYNC110 - it tells no event
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())
    until = time.monotonic() + 20
    while not transport.server.models.loaded and time.monotonic() < until:
        time.sleep(0.01)
    assert transport.server.models.loaded
    time.sleep(0.05)
    assert idle(transport) < 0.5


def test_a_stream_closed_from_another_thread_wakes_who_waits(transport: LocalTransport, heavy: Path) -> None:
    stream = transport.open(asking(heavy, "d" * 1900, max_tokens=None), None)
    stream.receive(None)  # its start
    threading.Timer(0.05, lambda: stream.close(reuse=False)).start()
    with pytest.raises(TransportError, match="closed"):
        while stream.receive(time.monotonic() + 60) is not None:
            pass


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_takes_too_long_is_given_up_with_its_phase(transport: LocalTransport, heavy: Path, colour: str) -> None:
    request = asking(heavy, "e" * 1900, max_tokens=None)
    until = time.monotonic() + 0.05
    with pytest.raises(TimedOut) as late:
        transport.send(request, until) if colour == "sync" else asyncio.run(transport.asend(request, until))
    assert late.value.phase == "read"
    time.sleep(0.1)
    idle(transport)


def test_the_event_loop_stays_free_under_load(transport: LocalTransport, heavy: Path) -> None:
    beats: list[float] = []

    async def beat() -> None:
        while True:
            beats.append(time.monotonic())
            await asyncio.sleep(0.005)

    async def go() -> None:
        heart = asyncio.create_task(beat())
        requests = [asking(heavy, letter * 800, max_tokens=16) for letter in "fghi"]
        streams = await asyncio.gather(*(transport.aopen(request, None) for request in requests))
        await asyncio.gather(*map(aread, streams))
        heart.cancel()

    asyncio.run(go())
    whole = beats[-1] - beats[0]
    pauses = sorted(after - before for before, after in pairwise(beats))
    assert pauses[len(pauses) // 2] < whole / 20  # of the whole: on a busy machine all of it takes longer
    assert pauses[-1] < whole / 2


def test_two_hundred_streams_at_once_all_end(transport: LocalTransport, model: Path) -> None:
    async def go() -> list[list[dict[str, Any]]]:
        requests = [asking(model, f"number {number}", max_tokens=5) for number in range(200)]
        streams = await asyncio.gather(*(transport.aopen(request, None) for request in requests))
        return await asyncio.gather(*map(aread, streams))

    found = asyncio.run(go())
    assert len(found) == 200
    assert {answer[-1]["end"]["usage"]["completion_tokens"] for answer in found} == {5}


def test_closing_ends_all_answers_and_leaves_no_thread(transport: LocalTransport, heavy: Path) -> None:
    others = working()
    streams = [transport.open(asking(heavy, max_tokens=None), None) for _ in range(6)]
    assert working() - others
    transport.close()
    for stream in streams:
        assert read(stream)[-1]["end"]["reason"] == "cancelled"
    assert working() <= others
    assert len(read(transport.open(asking(heavy, max_tokens=1), None))) == 3  # it serves again when it is used again


def test_a_transport_that_nobody_has_any_more_leaves_no_thread_and_no_model(model: Path) -> None:
    others, made = working(), LocalTransport()
    stream = made.open(asking(model, max_tokens=200), None)
    (held,) = made.server.models.loaded
    scheduler = ref(held.scheduler)
    gone = ref(made)
    del made, held
    assert read(stream)[-1]["end"]["usage"]["completion_tokens"] == 200  # who reads an answer has it to the end
    del stream
    until = time.monotonic() + 20
    while (working() - others or scheduler() is not None) and time.monotonic() < until:
        time.sleep(0.01)
        gc.collect()
    assert gone() is None
    assert working() <= others
    assert scheduler() is None


def test_a_loop_that_is_gone_harms_nobody(transport: LocalTransport, heavy: Path) -> None:
    async def leave() -> None:
        await transport.aopen(asking(heavy, max_tokens=30), None)

    asyncio.run(leave())
    idle(transport)
    assert len(read(transport.open(asking(heavy, max_tokens=1), None))) == 3


PROGRAM = """
import sys, threading, os
sys.path[:0] = {path}
from tinymodel import asking
from pathlib import Path
from chat_local.transport import LocalTransport
made = LocalTransport()
request = asking(Path({model!r}), max_tokens=None, threads=2)
stream = made.open(request, None)
stream.receive(None)
{rest}
"""

FORK = """
pid = os.fork()
if pid == 0:
    assert len(made.send(asking(Path({model!r}), max_tokens=2), None).body) > 50
    sys.exit(0)
_, status = os.waitpid(pid, 0)
assert os.waitstatus_to_exitcode(status) == 0, status
"""


def run(rest: str, model: Path) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(path=[str(Path(__file__).parent / "engine")], model=str(model), rest=rest)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)


def test_a_program_that_ends_in_the_middle_of_an_answer_ends_in_order(model: Path) -> None:
    done = run("", model)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_loads_models_of_its_own_and_ends_in_order(model: Path) -> None:
    done = run(FORK.format(model=str(model)), model)
    assert (done.returncode, done.stderr) == (0, "")
