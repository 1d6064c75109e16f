"""Leaving at any moment: nothing stays open, what was received is kept, and the conversation can be carried on.

A server on loopback streams an answer that calls two tools, then a last one, in small pieces.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from chat_core import AsyncChat, Chat, ToolContext, tool, user
from chat_core.codec.answers import require_answers
from chat_core.errors import ChatError, TimedOut
from chat_core.events import TextDelta, ToolStart
from chat_core.flow.pausing import open_turn
from chat_core.flow.retry import NEVER
from chat_core.flow.running import GRACE
from chat_core.flow.timeouts import Timeouts
from chat_core.response import FinishReason
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from chat_core.messages import Message
    from chat_core.turn import Turn

POINTS = 250
"""Random moments for each of four ways to leave."""

CALLING = (
    '{"choices":[{"index":0,"delta":{"role":"assistant","content":"Let me"}}]}',
    '{"choices":[{"index":0,"delta":{"content":" see."}}]}',
    (
        '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","type":"function",'
        '"function":{"name":"patient","arguments":""}}]}}]}'
    ),
    (
        '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}},{"index":1,"id":"b",'
        '"type":"function","function":{"name":"awaited","arguments":"{}"}}]}}]}'
    ),
    '{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}',
    "[DONE]",
)
LAST = (
    '{"choices":[{"index":0,"delta":{"role":"assistant","content":"All"}}]}',
    '{"choices":[{"index":0,"delta":{"content":" done."}}]}',
    '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    "[DONE]",
)


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    open = 0
    lock = threading.Lock()

    def setup(self) -> None:
        super().setup()
        self._count(1)

    def finish(self) -> None:
        with suppress(OSError):  # the client is gone
            super().finish()
        self._count(-1)

    @classmethod
    def _count(cls, change: int) -> None:
        with cls.lock:
            cls.open += change

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for event in LAST if b'"role":"tool"' in asked else CALLING:
                data = f"data: {event}\n\n".encode()
                self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
                time.sleep(0.001)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@tool
def patient(context: ToolContext[object]) -> str:
    """Take a while, and stop when told to."""
    end = time.monotonic() + 0.01
    while time.monotonic() < end and not context.cancelled:
        time.sleep(0.001)
    return "patient"


@tool
async def awaited() -> str:
    """Take a while, as a coroutine."""
    await asyncio.sleep(0.01)
    return "awaited"


TOOLS = (patient, awaited)


@pytest.fixture
def port() -> Iterator[int]:
    Service.open = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield int(server.server_address[1])
    server.shutdown()
    server.server_close()
    thread.join()


def settings(port: int) -> dict[str, object]:
    return {"base_url": f"http://127.0.0.1:{port}/v1", "api_key": "k", "retry": NEVER, "transport": HTTPTransport()}


@contextmanager
def nothing_left() -> Generator[None]:
    """Require that no job's thread and no connection is left after the block."""
    yield
    end = time.monotonic() + 5
    while time.monotonic() < end and (jobs() or Service.open):
        time.sleep(0.01)
    assert jobs() == []
    assert Service.open == 0


def jobs() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("chat-job-")]


def assert_useful(turn: Turn[None]) -> None:
    """Require a turn that is whole, or says what was received and can be carried on."""
    assert turn.messages[0] == user("Hi")
    if turn.status == "cancelled":
        if turn.responses and turn.response.finish_reason is FinishReason.CANCELLED:
            assert "Let me see.".startswith(turn.text) or "All done.".startswith(turn.text)
        if open_turn(turn.messages) is None:
            require_answers(turn.messages)
    else:
        assert turn.text == "All done."


def test_leaving_a_blocking_stream_at_any_event(port: int) -> None:
    chance = random.Random(1)
    with nothing_left(), Chat("compatible:m", **settings(port)) as chat:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings
        for _ in range(POINTS):
            with chat.stream("Hi", tools=TOOLS) as stream:
                for _ in range(chance.randrange(1, 24)):
                    if next(stream, None) is None:
                        break
            assert_useful(stream.result)
            assert stream.abandoned == ()


def test_closing_a_blocking_stream_from_another_thread_at_any_moment(port: int) -> None:
    chance = random.Random(2)
    with nothing_left(), Chat("compatible:m", **settings(port)) as chat:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        for _ in range(POINTS):
            stream = chat.stream("Hi", tools=TOOLS)
            timer = threading.Timer(chance.random() * 0.04, stream.close)
            timer.start()
            for _ in stream:
                pass
            timer.join()
            if stream.ended:
                assert_useful(stream.result)


async def _one_cancelled(chat: AsyncChat, delay: float) -> Turn[None] | None:
    stream = chat.stream("Hi", tools=TOOLS)

    async def read() -> None:
        async with stream:
            async for _ in stream:
                pass

    task = asyncio.create_task(read())
    await asyncio.sleep(delay)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return stream.result if stream.ended else None


def test_cancelling_a_task_at_any_moment(port: int) -> None:
    chance = random.Random(3)

    async def main() -> None:
        async with AsyncChat("compatible:m", **settings(port)) as chat:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
            for _ in range(POINTS):
                turn = await _one_cancelled(chat, chance.random() * 0.04)
                if turn is not None:
                    assert_useful(turn)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with nothing_left():
        asyncio.run(main())


def test_a_time_limit_at_any_moment(port: int) -> None:
    chance = random.Random(4)
    histories: list[tuple[Message, ...]] = []
    with nothing_left(), Chat("compatible:m", **settings(port)) as chat:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        for _ in range(POINTS):
            total = 0.001 + chance.random() * 0.012
            try:
                assert_useful(chat.stream("Hi", tools=TOOLS, timeouts=Timeouts(total=total)).finish())
            except TimedOut as error:
                histories.append(error.messages)
            except ChatError as error:  # no other misfortune happens here
                raise AssertionError(repr(error)) from error
    assert all(messages[0] == user("Hi") for messages in histories)
    assert any(len(messages) > 1 for messages in histories)


def test_a_tool_that_ignores_cancellation_leaves_one_thread_and_is_named(port: int) -> None:
    over = threading.Event()

    @tool
    def stubborn() -> str:
        """Never look up."""
        over.wait(10)
        return "at last"

    ready = tool(stubborn.function, name="patient")
    with Chat("compatible:m", **settings(port)) as chat:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        began = time.monotonic()
        with chat.stream("Hi", tools=[ready, awaited]) as stream:
            for event in stream:
                if isinstance(event, ToolStart) and event.call.name == "patient":
                    break
        assert time.monotonic() - began < GRACE + 2
        assert stream.abandoned == ("patient",)
        assert stream.result.status == "cancelled"
        assert jobs() == ["chat-job-patient"]
        assert all(thread.daemon for thread in threading.enumerate() if thread.name.startswith("chat-job-"))
    over.set()
    with nothing_left():
        pass


def test_a_stream_that_was_left_keeps_its_text_and_the_conversation_goes_on(port: int) -> None:
    with Chat("compatible:m", **settings(port)) as chat:  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        with chat.stream("Hi", tools=TOOLS) as stream:
            for event in stream:
                if isinstance(event, TextDelta):
                    break
        turn = stream.result
        assert (turn.status, turn.text, turn.response.finish_reason) == ("cancelled", "Let me", FinishReason.CANCELLED)
        assert turn.messages[-1].text == "Let me"
        assert chat.stream([*turn.messages, user("Go on")], tools=TOOLS).finish().text == "All done."
