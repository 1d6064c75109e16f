"""Jobs: where they run, what they see, how they end, and what happens to those that do not."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.effects import Done, Handle, Job, Progress
from chat_core.errors import SlowConsumer, TimedOut
from chat_core.flow import ajobs, jobs
from chat_core.flow.ajobs import AsyncJobs
from chat_core.flow.jobs import Jobs, background_loop
from chat_core.flow.running import MAX_REPORTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from chat_core.codec.effects import Report

WHO: ContextVar[str] = ContextVar("who", default="nobody")


def outcome(job: Job) -> Done:
    """Run one job under the blocking driver."""
    own = Jobs()
    own.start((job,))
    while not isinstance(said := own.join(None), Done):
        assert said is not None
    own.close()
    return said


def aoutcome(job: Job) -> Done:
    """Run one job under the async driver."""

    async def go() -> Done:
        own = AsyncJobs()
        own.start((job,))
        while not isinstance(said := await own.join(None), Done):
            assert said is not None
        await own.aclose()
        return said

    return asyncio.run(go())


both = pytest.mark.parametrize("run", [outcome, aoutcome])


@both
def test_a_function_runs_in_a_daemon_thread_with_the_callers_context(run: Callable[[Job], Done]) -> None:
    WHO.set("caller")

    def look(_: Report) -> tuple[str, bool, bool]:
        thread = threading.current_thread()
        return WHO.get(), thread is threading.main_thread(), thread.daemon

    assert run(Job("look", look)).value == ("caller", False, True)


@both
def test_a_coroutine_sees_the_callers_context(run: Callable[[Job], Done]) -> None:
    WHO.set("caller")

    async def look(_: Report) -> str:
        await asyncio.sleep(0)
        return WHO.get()

    assert run(Job("look", look)).value == "caller"


@both
def test_a_function_that_returns_an_awaitable_is_awaited(run: Callable[[Job], Done]) -> None:
    async def inner() -> int:
        return 5

    def outer(_: Report) -> Awaitable[int]:
        return inner()

    assert run(Job("outer", outer)).value == 5


@both
@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), KeyboardInterrupt()])
def test_whatever_a_job_raises_is_its_outcome(run: Callable[[Job], Done], error: BaseException) -> None:
    def fail(_: Report) -> None:
        raise error

    async def afail(_: Report) -> None:
        raise error

    assert run(Job("fail", fail)).error is error
    assert run(Job("fail", afail)).error is error


@both
def test_a_job_that_takes_too_long_is_told_to_stop(run: Callable[[Job], Done]) -> None:
    stopped = threading.Event()

    def work(report: Report) -> None:
        while not report.cancelled:
            time.sleep(0.005)
        report("nobody hears this")
        stopped.set()

    error = run(Job("work", work, timeout=0.05)).error
    assert isinstance(error, TimedOut)
    assert (error.phase, error.seconds) == ("tool", 0.05)
    assert "'work'" in str(error)
    assert stopped.wait(2)


@both
def test_a_coroutine_that_takes_too_long_is_cancelled(run: Callable[[Job], Done]) -> None:
    stopped = threading.Event()

    async def work(_: Report) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    assert isinstance(run(Job("work", work, timeout=0.05)).error, TimedOut)
    assert stopped.wait(2)


def test_waiting_ends_at_its_moment() -> None:
    own = Jobs()
    own.start((Job("slow", _until_cancelled),))
    assert own.join(time.monotonic() + 0.02) is None
    assert own.join(time.monotonic() - 1) is None
    own.close()


def test_waiting_in_a_loop_ends_at_its_moment() -> None:
    async def go() -> None:
        own = AsyncJobs()
        own.start((Job("slow", _until_cancelled),))
        assert await own.join(time.monotonic() + 0.02) is None
        await own.aclose()

    asyncio.run(go())


def test_nothing_is_waited_for_when_no_job_runs() -> None:
    assert Jobs().join(None) is None


def _until_cancelled(report: Report) -> None:
    while not report.cancelled:
        time.sleep(0.002)


def test_a_job_that_does_not_stop_is_abandoned_by_name(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "GRACE", 0.05)
    release = threading.Event()
    own = Jobs()
    own.start((Job("deaf", lambda _: release.wait(5)), Job("good", _until_cancelled)))
    began = time.monotonic()
    with caplog.at_level(logging.WARNING, "chat.jobs"):
        own.close()
    assert time.monotonic() - began < 1
    assert own.abandoned == ("deaf",)
    assert "deaf" in caplog.text
    release.set()


def test_a_deaf_coroutine_is_abandoned_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ajobs, "GRACE", 0.05)

    async def deaf(_: Report) -> None:
        for _again in range(20):
            try:
                await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                continue

    async def go() -> tuple[str, ...]:
        own = AsyncJobs()
        own.start((Job("deaf", deaf), Job("good", lambda _: asyncio.sleep(60))))
        await asyncio.sleep(0)
        await own.aclose()
        return own.abandoned

    assert asyncio.run(go()) == ("deaf",)


def test_a_coroutine_cancelled_before_its_first_step_leaves_no_warning() -> None:
    async def never(_: Report) -> None:
        raise AssertionError

    async def go() -> tuple[str, ...]:
        own = AsyncJobs()
        own.start((Job("never", never),))
        await own.aclose()
        return own.abandoned

    assert asyncio.run(go()) == ()


def test_reports_of_several_jobs_are_told_apart() -> None:
    own = Jobs()
    handles = own.start((Job("a", lambda report: report("x")), Job("b", lambda report: report("y"))))
    said: list[Progress | Done] = []
    while (report := own.join(None)) is not None:
        said.append(report)
    progress = {report.job: report.event for report in said if isinstance(report, Progress)}
    assert progress == dict(zip(handles, ("x", "y"), strict=True))
    assert handles == (Handle(1), Handle(2))
    assert len([report for report in said if isinstance(report, Done)]) == 2


def test_a_job_that_reports_to_nobody_is_stopped() -> None:
    failed = threading.Event()

    def chatter(report: Report) -> None:
        try:
            for number in range(MAX_REPORTS + 1):
                report(number)
        finally:
            failed.set()

    own = Jobs()
    own.start((Job("chatter", chatter),))
    assert failed.wait(5)
    said = [own.join(None) for _ in range(MAX_REPORTS + 1)]
    assert isinstance(said[-1], Done)
    assert isinstance(said[-1].error, SlowConsumer)


def test_blocking_flows_of_a_process_share_one_loop_in_a_daemon_thread() -> None:
    assert background_loop() is background_loop()
    assert outcome(Job("a", _running_loop)).value is background_loop()
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "chat-jobs")


async def _running_loop(_: Report) -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_coroutines_run_in_the_loop_of_the_async_driver() -> None:
    async def go() -> bool:
        own = AsyncJobs()
        own.start((Job("a", _running_loop),))
        done = await own.join(None)
        return isinstance(done, Done) and done.value is asyncio.get_running_loop()

    assert asyncio.run(go())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_makes_a_loop_of_its_own() -> None:
    background_loop()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        done = outcome(Job("a", _running_loop))
        os.write(write, b"ok" if done.value is background_loop() and done.error is None else b"no")
        os._exit(0)
    os.close(write)
    assert os.read(read, 2) == b"ok"
    os.close(read)
    os.waitpid(child, 0)
