"""Both drivers do the same: they run flows, hand out events, and close what they opened."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

import pytest
from toy import HELLO, MemoryStream, MemoryTransport, Toy, refused, said, sse, streamed

from chat_core.codec import effects
from chat_core.codec.effects import (
    Done,
    Emit,
    Handle,
    Instant,
    Job,
    Progress,
    close,
    join,
    now,
    open_stream,
    receive,
    run,
    send,
    sleep,
    start,
)
from chat_core.codec.fold import fold
from chat_core.codec.framers import SSE
from chat_core.codec.wire import Frame, Outgoing, WireRequest, WireResponse
from chat_core.errors import Cancelled, ChatError, StreamTruncated, TransportError
from chat_core.events import TextDelta, UnknownEvent
from chat_core.flow.adrive import ADrive, arun
from chat_core.flow.call import CallSettings, provider_call
from chat_core.flow.drive import Drive
from chat_core.flow.drive import run as drive_run
from chat_core.flow.retry import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.effects import Flow, Report
    from chat_core.events import Event
    from chat_core.response import Response
    from chat_core.transport.protocol import Read

T = TypeVar("T")

OUT = Outgoing(wire=WireRequest(url="http://toy.example", framer=SSE))
ONCE = CallSettings(retry=NEVER)


class Colour(Protocol):
    """Runs a flow and returns its result and its events; stops after so many of them."""

    def __call__(self, flow: Flow[T], transport: MemoryTransport, take: int = ...) -> tuple[T | None, list[Event]]: ...


def blocking(flow: Flow[T], transport: MemoryTransport, take: int = 10**6) -> tuple[T | None, list[Event]]:
    events: list[Event] = []
    with Drive(flow, transport) as drive:
        for event in drive:
            events.append(event)
            if len(events) == take:
                break
    return (drive.result if drive.ended else None), events


def in_loop(flow: Flow[T], transport: MemoryTransport, take: int = 10**6) -> tuple[T | None, list[Event]]:
    async def go() -> tuple[T | None, list[Event]]:
        events: list[Event] = []
        async with ADrive(flow, transport) as drive:
            async for event in drive:
                events.append(event)
                if len(events) == take:
                    break
        return (drive.result if drive.ended else None), events

    return asyncio.run(go())


@pytest.fixture(params=[blocking, in_loop])
def colour(request: pytest.FixtureRequest) -> Colour:
    chosen: Colour = request.param
    return chosen


def test_a_whole_call(colour: Colour) -> None:
    transport = MemoryTransport(said("Hello"))
    response, events = colour(provider_call(Toy(), ONCE)(HELLO), transport)
    assert response is not None
    assert response.text == "Hello"
    assert events == []


def test_a_streamed_call(colour: Colour) -> None:
    transport = MemoryTransport(streamed(sse("Hel", "lo")))
    response, events = colour(provider_call(Toy(), ONCE, stream=True)(HELLO), transport)
    assert fold(events) == response
    assert transport.closed == [True]


def test_a_truncated_stream_fails_and_is_closed(colour: Colour) -> None:
    transport = MemoryTransport(streamed(sse("Hel", finish=False, done=False)))
    with pytest.raises(StreamTruncated):
        colour(provider_call(Toy(), ONCE, stream=True)(HELLO), transport)
    assert transport.closed == [False]


def test_a_refused_stream_is_over(colour: Colour) -> None:
    transport = MemoryTransport(refused(400))
    with pytest.raises(ChatError):
        colour(provider_call(Toy(), ONCE, stream=True)(HELLO), transport)
    assert transport.closed == [True]


def test_leaving_early_closes_the_connection_for_good(colour: Colour) -> None:
    transport = MemoryTransport(streamed(sse("Hel"), sse("lo")))
    response, events = colour(provider_call(Toy(), ONCE, stream=True)(HELLO), transport, 2)
    assert response is None
    assert len(events) == 2
    assert transport.closed == [False]


def test_every_effect_has_its_result(colour: Colour) -> None:
    def flow() -> Flow[list[object]]:
        got: list[object] = []
        got.append((yield from send(OUT)))
        opened = yield from open_stream(OUT)
        got.append(opened)
        for _ in range(5):
            got.append((yield from receive(opened.stream)))  # noqa: PERF401 - a comprehension cannot yield
        yield from close(opened.stream, reuse=True)
        got.append((yield from receive(opened.stream)))
        yield from sleep(0.0)
        got.append((yield from now()))
        return got

    transport = MemoryTransport(said("a"), streamed(b"data: 1\n\n", b":\n\n", b"data: 2"))
    got, _ = colour(flow(), transport)
    assert got is not None
    assert got[0] == said("a")
    assert got[2:8] == [(Frame(b"1"),), (), (), (Frame(b"2", cut=True),), None, None]
    moment = got[8]
    assert isinstance(moment, Instant)
    assert abs(moment.monotonic - time.monotonic()) < 5
    assert abs(moment.wall - time.time()) < 5
    assert transport.closed == [True]


def test_a_failure_goes_to_the_flow(colour: Colour) -> None:
    def flow() -> Flow[str]:
        try:
            yield from send(OUT)
        except TransportError as error:
            return str(error)
        return "no failure"

    assert colour(flow(), MemoryTransport(TransportError("reset")))[0] == "reset"


def test_what_a_flow_left_open_is_closed_when_it_fails(colour: Colour) -> None:
    def flow() -> Flow[None]:
        yield from open_stream(OUT)
        raise KeyError("a fault of the flow")

    transport = MemoryTransport(streamed(b"data: 1\n\n"))
    with pytest.raises(KeyError):
        colour(flow(), transport)
    assert transport.closed == [False]


def test_what_a_flow_left_open_is_closed_when_it_ends(colour: Colour) -> None:
    def flow() -> Flow[str]:
        yield from open_stream(OUT)
        return "done"

    transport = MemoryTransport(streamed(b"data: 1\n\n"))
    assert colour(flow(), transport)[0] == "done"
    assert transport.closed == [False]


def test_several_streams_are_told_apart(colour: Colour) -> None:
    def flow() -> Flow[list[object]]:
        first = yield from open_stream(OUT)
        second = yield from open_stream(OUT)
        two = yield from receive(second.stream)
        one = yield from receive(first.stream)
        return [one, two]

    got, _ = colour(flow(), MemoryTransport(streamed(b"data: 1\n\n"), streamed(b"data: 2\n\n")))
    assert got == [(Frame(b"1"),), (Frame(b"2"),)]


def test_events_come_in_order_across_emissions(colour: Colour) -> None:
    def flow() -> Flow[None]:
        yield Emit((UnknownEvent("a", 1), UnknownEvent("b", 2)))
        yield Emit(())
        yield Emit((UnknownEvent("c", 3),))

    _, events = colour(flow(), MemoryTransport())
    assert events == [UnknownEvent("a", 1), UnknownEvent("b", 2), UnknownEvent("c", 3)]


def test_jobs_report_and_end(colour: Colour) -> None:
    async def later(report: Callable[[object], None]) -> str:
        report("half")
        await asyncio.sleep(0)
        return "async"

    def flow() -> Flow[list[object]]:
        yield from start((Job("a", later),))
        first = yield from join()
        second = yield from join()
        third = yield from join()
        return [first, second, third]

    got, _ = colour(flow(), MemoryTransport())
    assert got == [Progress(Handle(1), "half"), Done(Handle(1), "async"), None]


def test_jobs_run_side_by_side_and_answer_in_order(colour: Colour) -> None:
    together = threading.Barrier(2, timeout=5)

    def meet(_: object) -> int:
        return together.wait()

    def fail(_: object) -> None:
        raise ValueError("tool")

    def flow() -> Flow[list[object]]:
        outcomes = yield from run((Job("a", meet), Job("b", meet), Job("c", fail)))
        return [repr(outcome.error) if outcome and outcome.error else "ok" for outcome in outcomes]

    assert colour(flow(), MemoryTransport())[0] == ["ok", "ok", "ValueError('tool')"]


class Yielding(MemoryTransport):
    """A transport that lets other tasks run at every step."""

    async def aopen(self, request: Outgoing, until: float | None) -> MemoryStream:
        await asyncio.sleep(0)
        opened = await super().aopen(request, until)
        await asyncio.sleep(0)
        return YieldingStream(self, opened)


class YieldingStream(MemoryStream):
    def __init__(self, transport: MemoryTransport, inner: MemoryStream) -> None:
        super().__init__(transport, inner.head, ())
        self._inner = inner
        self._over = False

    async def areceive(self, until: float | None) -> Read:
        await asyncio.sleep(0)
        return self._inner.receive(until)

    async def aclose(self, *, reuse: bool) -> None:
        if reuse:
            await asyncio.sleep(0)  # a little draining
        if not self._over:
            self._over = True
            self.close(reuse=reuse)


@pytest.mark.parametrize("point", range(30))
def test_a_task_cancelled_anywhere_leaves_nothing_open(point: int) -> None:
    reads = [sse("a", finish=False, done=False)] * 10
    transport = Yielding(streamed(*reads, sse("b")))

    async def go() -> None:
        task = asyncio.create_task(arun(provider_call(Toy(), ONCE, stream=True)(HELLO), transport))
        for _ in range(point):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(go())
    assert len(transport.closed) <= 1
    assert len(transport.sent) == len(transport.closed) or point < 4  # before 4, the stream had not been handed over


# --- what only one colour has -----------------------------------------------------------------------------------


def test_a_result_is_there_at_the_end_only() -> None:
    drive = Drive(provider_call(Toy(), ONCE, stream=True)(HELLO), MemoryTransport(streamed(sse("Hi"))))
    with pytest.raises(RuntimeError, match="no result yet"):
        _ = drive.result
    next(drive)
    assert drive.finish().text == "Hi"
    assert list(drive) == []
    assert drive.result.text == "Hi"


def test_running_without_events_gives_the_result() -> None:
    assert drive_run(provider_call(Toy(), ONCE, stream=True)(HELLO), MemoryTransport(streamed(sse("Hi")))).text == "Hi"
    flow = provider_call(Toy(), ONCE, stream=True)(HELLO)
    assert asyncio.run(arun(flow, MemoryTransport(streamed(sse("Hi"))))).text == "Hi"


def test_a_driver_that_nobody_holds_closes_its_stream() -> None:
    transport = MemoryTransport(streamed(sse("Hi")))
    for _ in Drive(provider_call(Toy(), ONCE, stream=True)(HELLO), transport):
        break
    gc.collect()
    assert transport.closed == [False]


def test_an_async_driver_that_nobody_holds_closes_its_stream() -> None:
    transport = MemoryTransport(streamed(sse("Hi")))

    async def go() -> None:
        async for _ in ADrive(provider_call(Toy(), ONCE, stream=True)(HELLO), transport):
            break
        gc.collect()
        await asyncio.sleep(0.01)

    asyncio.run(go())
    assert transport.closed == [False]


def test_what_other_streams_say_goes_before_the_end_of_a_stream() -> None:
    transport = MemoryTransport(streamed(sse("a")), streamed(sse("b")))
    closed: dict[str, int] = {}

    async def read() -> None:
        async for event in ADrive(provider_call(Toy(), ONCE, stream=True)(HELLO), transport):
            if isinstance(event, TextDelta):
                closed[event.text] = len(transport.closed)

    async def go() -> None:
        await asyncio.gather(read(), read())

    asyncio.run(go())
    assert closed == {"a": 0, "b": 0}
    assert transport.closed == [True, True]


class Stuck(MemoryTransport):
    """A transport whose first stream says something, and then nothing until it is closed."""

    def __init__(self) -> None:
        super().__init__(streamed(sse("Hel", finish=False, done=False)))
        self.reading = threading.Event()
        self.freed = threading.Event()

    def open(self, request: Outgoing, until: float | None) -> MemoryStream:
        super().open(request, until)
        return StuckStream(self)


class StuckStream(MemoryStream):
    def __init__(self, transport: Stuck) -> None:
        super().__init__(transport, WireResponse(), (sse("Hel", finish=False, done=False),))
        self._stuck = transport

    def receive(self, until: float | None) -> Read:
        if (read := super().receive(until)) is not None:
            return read
        self._stuck.reading.set()
        assert self._stuck.freed.wait(5)
        raise TransportError("closed")

    async def areceive(self, until: float | None) -> Read:
        if (read := super().receive(until)) is not None:
            return read
        self._stuck.reading.set()
        await asyncio.sleep(60)
        raise AssertionError

    def close(self, *, reuse: bool) -> None:
        super().close(reuse=reuse)
        self._stuck.freed.set()


async def until_reading(transport: Stuck) -> None:
    await asyncio.to_thread(transport.reading.wait, 5)


def test_another_thread_may_close_a_driver_that_waits() -> None:
    transport = Stuck()
    drive = Drive(provider_call(Toy(), ONCE, stream=True)(HELLO), transport)

    def stop() -> None:
        transport.reading.wait(5)
        drive.close()

    closer = threading.Thread(target=stop)
    closer.start()
    texts = [event.text for event in drive if isinstance(event, TextDelta)]
    closer.join()
    assert texts == ["Hel"]
    assert not drive.ended
    assert transport.closed == [False]


def test_another_thread_may_close_a_driver_whose_flow_is_thinking() -> None:
    """A failure is thrown into the flow, which takes its time: to throw once more would crash CPython 3.11."""
    thinking, closed = threading.Event(), threading.Event()
    told: list[BaseException] = []

    def asking() -> Flow[None]:
        try:
            yield from send(OUT)
        except TransportError:
            thinking.set()
            assert closed.wait(5)
        try:
            yield from sleep(60.0)
        except Cancelled as error:
            told.append(error)
            raise

    def flow() -> Flow[None]:
        yield from asking()

    drive = Drive(flow(), MemoryTransport(TransportError("reset")))

    def stop() -> None:
        thinking.wait(5)
        drive.close()
        closed.set()

    closer = threading.Thread(target=stop)
    closer.start()
    assert list(drive) == []
    closer.join()
    assert len(told) == 1
    assert not drive.ended


def test_what_was_emitted_while_another_thread_closed_leaves_the_flow_too() -> None:
    thinking, closed = threading.Event(), threading.Event()
    told: list[BaseException] = []

    def flow() -> Flow[None]:
        thinking.set()
        assert closed.wait(5)
        try:
            yield Emit((UnknownEvent("late", None),))
        except Cancelled as error:
            told.append(error)
            raise

    drive = Drive(flow(), MemoryTransport())

    def stop() -> None:
        thinking.wait(5)
        drive.close()
        closed.set()

    closer = threading.Thread(target=stop)
    closer.start()
    _ = list(drive)
    closer.join()
    assert len(told) == 1


def test_closing_ends_a_sleep() -> None:
    drive = Drive(sleep(60.0), MemoryTransport())
    threading.Timer(0.05, drive.close).start()
    began = time.monotonic()
    assert list(drive) == []
    assert time.monotonic() - began < 5


def stuck_job() -> Flow[object]:
    yield from start((Job("deaf", _until_cancelled),))
    return (yield from join())


def _until_cancelled(report: Report) -> None:
    while not report.cancelled:
        time.sleep(0.002)


def test_closing_ends_the_waiting_for_a_job() -> None:
    drive = Drive(stuck_job(), MemoryTransport())
    threading.Timer(0.05, drive.close).start()
    assert list(drive) == []
    assert drive.abandoned == ()


def test_closing_ends_the_waiting_for_a_job_in_a_loop() -> None:
    async def go() -> list[Event]:
        drive = ADrive(stuck_job(), MemoryTransport())

        async def later() -> None:
            await asyncio.sleep(0.05)
            await drive.aclose()

        closer = asyncio.create_task(later())
        events = [event async for event in drive]
        await closer
        return events

    assert asyncio.run(go()) == []


def test_the_blocking_path_needs_no_loop() -> None:
    program = (
        "import sys; before = set(sys.modules); import chat_core.flow.call, chat_core.flow.drive\n"
        "print(*sorted((set(sys.modules) - before) & {'asyncio', 'httpx', 'json', 'pluggy', 'pydantic_core', 'ssl'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_cancelling_a_task_closes_its_stream_before_it_is_over() -> None:
    transport = Stuck()

    async def go() -> list[bool]:
        task = asyncio.create_task(arun(provider_call(Toy(), ONCE, stream=True)(HELLO), transport))
        await until_reading(transport)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return list(transport.closed)

    assert asyncio.run(go()) == [False]


def test_another_task_may_close_a_driver_that_waits() -> None:
    transport = Stuck()

    async def go() -> tuple[list[str], bool]:
        drive = ADrive(provider_call(Toy(), ONCE, stream=True)(HELLO), transport)

        async def texts() -> list[str]:
            return [event.text async for event in drive if isinstance(event, TextDelta)]

        task = asyncio.create_task(texts())
        await until_reading(transport)
        await drive.aclose()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return [], drive.ended

    assert asyncio.run(go()) == ([], False)
    assert transport.closed == [False]


def test_an_interrupt_leaves_the_flow() -> None:
    class Interrupted(MemoryTransport):
        def send(self, request: Outgoing, until: float | None) -> WireResponse:  # noqa: ARG002 - never served
            raise KeyboardInterrupt

    seen: list[BaseException] = []

    def flow() -> Flow[None]:
        try:
            yield from send(OUT)
        except BaseException as error:
            seen.append(error)
            raise

    with pytest.raises(KeyboardInterrupt):
        drive_run(flow(), Interrupted())
    assert [type(error) for error in seen] == [Cancelled]


def test_a_blocking_call_works_inside_a_running_loop() -> None:
    async def go() -> Response:
        return drive_run(provider_call(Toy(), ONCE)(HELLO), MemoryTransport(said("Hi")))

    assert asyncio.run(go()).text == "Hi"


KEPT: list[str] = []


def keeping() -> Flow[str]:
    """Wait for a reply; when left, keep something by a job and say so."""
    try:
        yield from send(OUT)
    except Cancelled:
        (done,) = yield from effects.run((Job("keep", lambda _: KEPT.append("kept")),))
        return "left" if done is not None else "lost"
    return "answered"


def opened() -> Flow[str]:
    try:
        yield from open_stream(OUT)
        yield from effects.emit(UnknownEvent("first", None))
        yield from effects.emit(UnknownEvent("second", None))
    except Cancelled:
        (done,) = yield from effects.run((Job("keep", lambda _: KEPT.append("kept")),))
        return "left" if done is not None else "lost"
    return "answered"


def test_a_flow_that_is_left_can_keep_what_it_did() -> None:
    KEPT.clear()
    transport = MemoryTransport(streamed())
    with Drive(opened(), transport) as drive:
        next(drive)
    assert (drive.result, KEPT, transport.closed) == ("left", ["kept"], [False])


def test_so_can_one_that_is_awaited() -> None:
    KEPT.clear()
    transport = MemoryTransport(streamed())

    async def go() -> str:
        async with ADrive(opened(), transport) as drive:
            await anext(drive)
        return drive.result

    assert (asyncio.run(go()), KEPT, transport.closed) == ("left", ["kept"], [False])


def test_an_interrupt_lets_it_keep_that_too() -> None:
    class Interrupted(MemoryTransport):
        def send(self, request: Outgoing, until: float | None) -> WireResponse:  # noqa: ARG002 - never served
            raise KeyboardInterrupt

    KEPT.clear()
    drive = Drive(keeping(), Interrupted())
    with pytest.raises(KeyboardInterrupt):
        drive.finish()
    assert (drive.result, KEPT) == ("left", ["kept"])


def test_a_flow_that_is_left_gets_nothing_new_from_the_network() -> None:
    def stubborn() -> Flow[str]:
        try:
            yield from effects.emit(UnknownEvent("first", None))
        except Cancelled:
            yield from send(OUT)
        return "sent"

    transport = MemoryTransport(said("no"))
    with Drive(stubborn(), transport) as drive:
        next(drive)
    assert (drive.ended, transport.sent) == (False, [])
