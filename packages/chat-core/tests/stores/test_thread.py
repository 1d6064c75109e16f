"""A call of a store that began is finished, whoever leaves."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from chat_core.codec import effects
from chat_core.codec.effects import Done
from chat_core.demo import demo_transport
from chat_core.flow.adrive import arun
from chat_core.flow.drive import run
from chat_core.stores.memory import MemoryStore
from chat_core.stores.thread import StoreThread

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chat_core.codec.effects import Flow


class Slow:
    """A write that waits to be let go."""

    def __init__(self) -> None:
        self.began, self.go, self.done = threading.Event(), threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.began.set()
        assert self.go.wait(10)
        self.done.set()
        return "written"


@pytest.fixture
def thread() -> Iterator[StoreThread]:
    made = StoreThread()
    yield made
    made.close()


def test_calls_run_in_one_thread_one_after_the_other(thread: StoreThread) -> None:
    names = [thread.call(lambda: threading.current_thread().name) for _ in range(3)]
    assert len(set(names)) == 1
    assert names[0].startswith("chat-store")


def test_what_a_call_raises_is_raised(thread: StoreThread) -> None:
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)


def test_a_write_that_began_is_awaited_when_its_caller_is_interrupted(thread: StoreThread) -> None:
    slow = Slow()

    def interrupt(*_: object) -> None:
        threading.Timer(0.1, slow.go.set).start()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            thread.call(slow)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert slow.done.is_set()


def test_a_write_that_began_is_awaited_when_its_caller_is_cancelled(thread: StoreThread) -> None:
    slow = Slow()

    async def main() -> None:
        task = asyncio.create_task(thread.acall(slow))
        await asyncio.to_thread(slow.began.wait, 10)
        for _ in range(2):  # the second time, too
            task.cancel()
            await asyncio.sleep(0.05)
            assert not task.done()
        slow.go.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert slow.done.is_set()

    asyncio.run(main())


def test_a_write_that_had_not_begun_is_withdrawn(thread: StoreThread) -> None:
    slow, written = Slow(), threading.Event()

    async def main() -> None:
        first = asyncio.create_task(thread.acall(slow))
        await asyncio.to_thread(slow.began.wait, 10)
        second = asyncio.create_task(thread.acall(written.set))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(second, 5)
        slow.go.set()
        assert await first == "written"

    asyncio.run(main())
    thread.close()
    assert not written.is_set()


def test_a_failed_write_is_told_to_who_waits(thread: StoreThread) -> None:
    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await thread.acall(lambda: 1 // 0)

    asyncio.run(main())


def test_a_flow_of_either_colour_marks_calls_by_jobs(thread: StoreThread) -> None:
    store = MemoryStore()

    def flow(call: str) -> Flow[object]:
        (done,) = yield from effects.run((thread.job("journal", lambda: store.start(call, now=1.0)),))
        assert isinstance(done, Done)
        return done.value

    assert run(flow("a"), demo_transport()) is True
    assert asyncio.run(arun(flow("b"), demo_transport())) is True
    assert set(store.marks(["a", "b"])) == {"a", "b"}


def test_a_write_that_began_is_finished_when_the_program_ends(tmp_path: Path) -> None:
    program = (
        "import sys, time, threading\n"
        "from pathlib import Path\n"
        "from chat_core.stores.thread import StoreThread\n"
        "began = threading.Event()\n"
        "def write():\n    began.set(); time.sleep(0.3); Path(sys.argv[1]).write_text('written')\n"
        "threading.Thread(target=StoreThread().call, args=(write,), daemon=True).start()\n"
        "began.wait()\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "file")], check=True)
    assert (tmp_path / "file").read_text() == "written"


def test_a_forked_child_has_a_thread_of_its_own(thread: StoreThread) -> None:
    parent = thread.call(os.getpid)
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            code = int(thread.call(os.getpid) == parent)
        os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
