"""What every transport of HTTP has to do, as tests: subclass `TransportContract` and say how a transport is made.

Law: each test looks at what a real server got and at what came back; none knows how the transport works inside. What a
transport has only one colour of is tested in that one, and the skip shows.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import threading
import time
import traceback
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

import pytest

from chat_core.codec.wire import Outgoing, WireRequest
from chat_core.errors import ConnectFailed, TimedOut, TransportError
from chat_core.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat_core.codec.wire import WireResponse
    from chat_core.transport.protocol import AsyncStream, AsyncTransport, Read, Stream, Transport

CANARY = "sk-canary-0123456789abcdef"
PATIENCE = 10.0
LONG = 32 * 1024 * 1024
"""More bytes than any transport should keep of a failure."""


class Face(Protocol):
    """A transport of either colour, seen from blocking code."""

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        """As `Transport.send`."""
        ...

    def open(self, request: Outgoing, until: float | None) -> Stream:
        """As `Transport.open`."""
        ...


class _Looped:
    """The asyncio colour, whose loop runs while something is asked of it."""

    def __init__(self, transport: AsyncTransport, runner: asyncio.Runner) -> None:
        self._transport = transport
        self._runner = runner

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        return self._runner.run(self._transport.asend(request, until))

    def open(self, request: Outgoing, until: float | None) -> Stream:
        return _LoopedStream(self._runner.run(self._transport.aopen(request, until)), self._runner)


class _LoopedStream:
    """A stream of `_Looped`."""

    def __init__(self, stream: AsyncStream, runner: asyncio.Runner) -> None:
        self._stream = stream
        self._runner = runner

    @property
    def head(self) -> WireResponse:
        return self._stream.head

    def receive(self, until: float | None) -> Read:
        return self._runner.run(self._stream.areceive(until))

    def close(self, *, reuse: bool) -> None:
        self._runner.run(self._stream.aclose(reuse=reuse))


class TransportContract:
    """The tests; a subclass overrides the fixture `make`."""

    @pytest.fixture
    def make(self) -> Callable[[], Transport | AsyncTransport]:
        """Return what makes a transport of the channel `http`, with nothing special set."""
        raise NotImplementedError

    @pytest.fixture(params=["blocking", "asyncio"])
    def http(self, request: pytest.FixtureRequest, make: Callable[[], Transport | AsyncTransport]) -> Iterator[Face]:
        """Make a transport, in each colour that it has."""
        transport = make()
        if not hasattr(transport, "send" if request.param == "blocking" else "asend"):
            pytest.skip(f"{type(transport).__name__} has no {request.param} colour")
        if request.param == "blocking":
            blocking = cast("Transport", transport)
            yield blocking
            blocking.close()
            return
        looped = cast("AsyncTransport", transport)
        with asyncio.Runner() as runner:
            yield _Looped(looped, runner)
            runner.run(looped.aclose())

    def test_a_whole_reply_and_what_the_server_got(self, http: Face) -> None:
        """The body untouched, credentials last, names of the reply's headers in lower case."""
        with Loopback(Answer(headers={"X-Request-Id": "r"}, pieces=(b"\xff\x00", b"ab"))) as server:
            asked = outgoing(f"{server.address}/v1/x?y=%20", headers={"X-A": "1"}, credentials={"x-a": "2"})
            reply = http.send(asked, soon())
        assert (reply.status, reply.body, reply.headers["x-request-id"]) == (200, b"\xff\x00ab", "r")
        (got,) = server.asked
        assert (got.method, got.path, got.body, got.headers["x-a"]) == ("POST", "/v1/x?y=%20", b'{"a":1}', "2")

    def test_a_stream_brings_the_bytes_and_then_the_end(self, http: Face) -> None:
        """As often as it is asked."""
        pieces = (b"data: 1\n", b"\ndata: \xe2\x80", b"\xa8\n\n", b"x" * 300_000)
        with Loopback(Answer(pieces=pieces)) as server:
            stream = http.open(outgoing(server.address), soon())
            assert (stream.head.status, stream.head.body) == (200, b"")
            assert rest(stream) == b"".join(pieces)
            assert stream.receive(soon()) is None
            stream.close(reuse=True)

    @pytest.mark.parametrize("way", ["open", "send"])
    def test_a_failure_comes_with_its_whole_body(self, http: Face, way: str) -> None:
        """In the head, also of a stream."""
        with Loopback(Answer(status=503, headers={"retry-after": "1"}, pieces=(b"<html>", b"no"))) as server:
            for _ in range(2):
                asked = outgoing(server.address)
                head = http.open(asked, soon()).head if way == "open" else http.send(asked, soon())
                assert (head.status, head.body, head.headers["retry-after"]) == (503, b"<html>no", "1")

    def test_the_body_of_a_failure_is_bounded(self, http: Face) -> None:
        """Far below what a server may send."""
        with Loopback(Answer(status=500, pieces=(b"x" * LONG,))) as server:
            assert 0 < len(http.open(outgoing(server.address), soon()).head.body) < LONG

    def test_a_redirect_is_handed_over_and_not_followed(self, http: Face) -> None:
        """It would carry the credentials along."""
        with Loopback(Answer(status=307, headers={"location": "/there"})) as server:
            assert http.send(outgoing(server.address), soon()).status == 307
            assert len(server.asked) == 1

    @pytest.mark.parametrize("before", ["the head", "the end"])
    def test_silence_runs_out_of_time_and_the_connection_is_left(self, http: Face, before: str) -> None:
        """Before the head and behind it."""
        with Loopback(Answer(pieces=(b"a",), ending="silent", headless=before == "the head")) as server:
            began = time.monotonic()
            with pytest.raises(TimedOut) as late:
                rest(http.open(outgoing(server.address), soon(0.3)), 0.3)
            assert late.value.phase == "read"
            assert time.monotonic() - began < PATIENCE / 2
            assert server.left.wait(PATIENCE)

    def test_a_moment_that_has_passed_is_late_at_once(self, http: Face) -> None:
        """Whatever the server would say."""
        with Loopback(Answer()) as server, pytest.raises(TimedOut):
            http.open(outgoing(server.address), time.monotonic() - 1)

    def test_a_connection_that_nobody_takes_has_failed(self, http: Face) -> None:
        """So that it is known that nothing was sent."""
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with pytest.raises(ConnectFailed) as caught:
            http.send(outgoing(f"http://127.0.0.1:{port}/"), soon())
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301 - made here

    @pytest.mark.parametrize("before", ["the head", "the end"])
    def test_a_connection_that_breaks_off_is_an_error_without_secrets(self, http: Face, before: str) -> None:
        """And never the end of the reply; a request on a new connection is not sent again."""
        with Loopback(Answer(pieces=(b"a",), ending="lost", headless=before == "the head")) as server:
            asked = outgoing(f"{server.address}/?key={CANARY}", credentials={"authorization": f"Bearer {CANARY}"})
            with pytest.raises(TransportError) as caught:
                rest(http.open(asked, soon()))
            assert not isinstance(caught.value, TimedOut | ConnectFailed)
            assert len(server.asked) == 1
        assert CANARY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)

    def test_only_a_connection_that_rested_and_died_is_tried_again_and_once(self, http: Face) -> None:
        """A transport that keeps no connection open tries nothing again."""
        dying = Answer(headless=True, ending="lost")
        with Loopback(Answer(pieces=(b"1",)), dying, dying, Answer(pieces=(b"2",))) as server:
            assert http.send(outgoing(server.address), soon()).body == b"1"
            with pytest.raises(TransportError):
                http.send(outgoing(server.address), soon())
            assert len(server.asked) in {2, 3}

    def test_leaving_a_stream_closes_its_connection_at_once(self, http: Face) -> None:
        """And it is then over, however often it is closed."""
        with Loopback(Answer(pieces=(b"a",), ending="silent")) as server:
            stream = http.open(outgoing(server.address), soon())
            assert stream.receive(soon()) == b"a"
            stream.close(reuse=False)
            assert server.left.wait(1)
            with pytest.raises(TransportError):
                stream.receive(soon())
            stream.close(reuse=True)

    def test_the_tasks_of_loops_share_it(self, make: Callable[[], Transport | AsyncTransport]) -> None:
        """One loop after another."""
        transport = make()
        if not hasattr(transport, "asend"):
            pytest.skip(f"{type(transport).__name__} has no asyncio colour")
        looped = cast("AsyncTransport", transport)
        with Loopback(Answer(pieces=(b"ok",))) as server:

            async def main() -> None:
                asked = [looped.asend(outgoing(server.address), soon()) for _ in range(150)]
                assert {reply.body for reply in await asyncio.gather(*asked)} == {b"ok"}
                await looped.aclose()

            for _ in range(2):
                with asyncio.Runner() as runner:
                    runner.run(main())

    def test_cancelling_a_task_closes_its_connection_at_once(
        self, make: Callable[[], Transport | AsyncTransport]
    ) -> None:
        """As long as it waits for a reply."""
        transport = make()
        if not hasattr(transport, "asend"):
            pytest.skip(f"{type(transport).__name__} has no asyncio colour")
        looped = cast("AsyncTransport", transport)
        with Loopback(Answer(headless=True, ending="silent")) as server, asyncio.Runner() as runner:
            with pytest.raises(TimeoutError):
                runner.run(asyncio.wait_for(looped.asend(outgoing(server.address), soon()), 0.3))
            assert server.left.wait(1)
            runner.run(looped.aclose())

    def test_threads_share_it(self, make: Callable[[], Transport | AsyncTransport]) -> None:
        """All at once."""
        transport = make()
        if not hasattr(transport, "send"):
            pytest.skip(f"{type(transport).__name__} has no blocking colour")
        blocking = cast("Transport", transport)
        bodies: list[bytes] = []

        def work(url: str) -> None:
            bodies.extend(blocking.send(outgoing(url), soon()).body for _ in range(5))

        with Loopback(Answer(pieces=(b"ok",))) as server:
            threads = [threading.Thread(target=partial(work, server.address)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
            blocking.close()
        assert bodies == [b"ok"] * 40


def outgoing(url: str, *, headers: dict[str, str] | None = None, credentials: dict[str, str] | None = None) -> Outgoing:
    """Return a request."""
    return Outgoing(
        wire=WireRequest(url=url),
        body=b'{"a":1}',
        headers=headers or {},
        credentials=credentials or {},
        connect=PATIENCE,
        pool=PATIENCE,
    )


def soon(seconds: float = PATIENCE) -> float:
    """Return a moment."""
    return time.monotonic() + seconds


def rest(stream: Stream, seconds: float = PATIENCE) -> bytes:
    """Read a stream to its end."""
    body = b""
    while (read := stream.receive(soon(seconds))) is not None:
        assert isinstance(read, bytes)
        body += read
    return body
