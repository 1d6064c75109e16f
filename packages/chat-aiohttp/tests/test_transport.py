"""HTTP over aiohttp: the laws of all transports, and what is its own."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_aiohttp import AiohttpTransport
from chat_aiohttp.lines import READ, AiohttpLine
from chat_core.errors import ConfigurationError, TransportError
from chat_core.plugins.registry import Registry
from chat_core.testing import Answer, Loopback
from chat_core.testing.transports import TransportContract, outgoing, rest, soon
from chat_core.transport.client import address, message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class TestContract(TransportContract):
    @pytest.fixture
    def make(self) -> Callable[[], AiohttpTransport]:
        return AiohttpTransport


def in_loop(work: Callable[[AiohttpTransport], Awaitable[None]]) -> None:
    async def main() -> None:
        transport = AiohttpTransport()
        await work(transport)
        await transport.aclose()

    with asyncio.Runner() as runner:
        runner.run(main())


def test_it_is_had_by_name_and_its_plugin_loads_nothing_heavy() -> None:
    assert type(Registry().transport("aiohttp")).__name__ == "AiohttpTransport"
    program = "import sys, chat_aiohttp.plugin; print({'aiohttp', 'httpx', 'asyncio'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"set()\n"


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import chat_aiohttp  # noqa: PLC0415 - the module itself is tested

    with pytest.raises(AttributeError, match="Nothing"):
        _ = chat_aiohttp.Nothing


def test_a_loop_speaks_over_aiohttp_and_what_came_is_counted() -> None:
    with Loopback(Answer(pieces=(b"ok",))) as server:

        async def work(transport: AiohttpTransport) -> None:  # noqa: ARG001 - a line alone
            to = address("httpx", server.address)
            line = AiohttpLine(to, None)
            line.deadline.begin(connect=5, until=soon())
            answer = await line.exchange(message(to, outgoing(server.address)))
            assert [piece async for piece in answer.chunks] == [b"ok"]
            await answer.end()
            assert line.moved[0] == 1
            assert line.moved[1] > len(b"ok")  # else a request that was heard might be sent again
            assert line.fit
            line.abort()
            assert not line.fit

        in_loop(work)


def test_connections_are_kept_and_counted() -> None:
    with Loopback(Answer(pieces=(b"ok",))) as server:

        async def work(transport: AiohttpTransport) -> None:
            for _ in range(3):
                await transport.asend(outgoing(server.address), soon())
            counts = transport.counts(asyncio.get_running_loop())
            assert (counts.used, counts.resting) == (0, 1)

        in_loop(work)


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 5 * 1024 * 1024])
def test_a_body_of_any_length_is_sent_as_it_is(size: int) -> None:
    with Loopback(Answer()) as server:

        async def work(transport: AiohttpTransport) -> None:
            asked = replace(outgoing(server.address), body=b"\xff" * size)
            assert (await transport.asend(asked, soon())).status == 200

        in_loop(work)
    (got,) = server.asked
    assert got.body == b"\xff" * size
    assert got.headers["content-length"] == str(size)
    assert "expect" not in got.headers


def test_headers_are_those_of_the_request_and_no_more() -> None:
    with Loopback(Answer()) as server:

        async def work(transport: AiohttpTransport) -> None:
            asked = outgoing(server.address, headers={"x-name": "J\u00c3\u00bcrgen"})  # UTF-8, a byte a character
            await transport.asend(asked, soon())

        in_loop(work)
    (got,) = server.asked
    assert got.headers["x-name"] == "J\u00c3\u00bcrgen"
    assert sorted(got.headers) == ["accept", "accept-encoding", "content-length", "host", "user-agent", "x-name"]
    assert got.headers["user-agent"] == "chat-core"


def test_a_value_that_is_no_utf8_is_sent_as_it_is() -> None:
    with Loopback(Answer()) as server:

        async def work(transport: AiohttpTransport) -> None:
            await transport.asend(outgoing(server.address, credentials={"x-key": "secret\xe9"}), soon())

        in_loop(work)
    assert server.asked[0].headers["x-key"] == "secret\xe9"


def test_a_value_that_no_header_can_carry_is_refused_before_anything_is_sent() -> None:
    async def work(transport: AiohttpTransport) -> None:
        with pytest.raises(ConfigurationError, match="x-key") as caught:
            await transport.asend(outgoing("http://127.0.0.1:1/", credentials={"x-key": "secret\n"}), soon())
        assert "secret" not in str(caught.value)

    in_loop(work)


def test_what_is_read_at_once_is_bounded() -> None:
    body = b"0123456789abcdef" * 64 * 1024
    with Loopback(Answer(pieces=(body,))) as server:

        async def work(transport: AiohttpTransport) -> None:
            stream = await transport.aopen(outgoing(server.address), soon())
            await asyncio.sleep(0.05)  # more has come by now
            pieces: list[bytes] = []
            while (piece := await stream.areceive(soon())) is not None:
                pieces.append(piece)
            assert b"".join(pieces) == body
            assert max(map(len, pieces)) <= READ

        in_loop(work)


@pytest.mark.parametrize("size", [0, 4 * 1024 * 1024])
def test_an_answer_that_comes_before_the_request_is_sent_counts(size: int) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
            while await reader.read(65536):
                pass
        writer.close()

    async def work(transport: AiohttpTransport) -> None:
        server = await asyncio.start_server(refuse, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        reply = await transport.asend(replace(outgoing(url), body=b"x" * size), soon())
        assert (reply.status, reply.body) == (413, b"no")
        await transport.aclose()
        server.close()
        await asyncio.sleep(0.05)  # the other side notices

    in_loop(work)


async def peer_that_says(*pieces: bytes) -> tuple[asyncio.Server, str, list[int]]:
    """Start a server that answers each request with pieces, and counts its connections."""
    made: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.append(1)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(0.05)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", made


@pytest.mark.parametrize("unasked", [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil", b"HTTP/1.1 200 OK\r\nx"])
def test_a_connection_that_said_what_nobody_asked_for_does_not_serve_again(unasked: bytes) -> None:
    async def work(transport: AiohttpTransport) -> None:
        server, url, made = await peer_that_says(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", unasked)
        for _ in range(2):
            assert (await transport.asend(outgoing(url), soon())).body == b"ok"
            await asyncio.sleep(0.15)
        assert len(made) == 2
        await transport.aclose()
        server.close()
        await asyncio.sleep(0.05)  # the other side notices

    in_loop(work)


def test_a_body_that_is_packed_for_the_way_is_refused() -> None:
    packed = b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"

    async def work(transport: AiohttpTransport) -> None:
        server, url, _ = await peer_that_says(packed)
        with pytest.raises(TransportError, match="transfer encoding"):
            await transport.asend(outgoing(url), soon())
        await transport.aclose()
        server.close()
        await asyncio.sleep(0.05)  # the other side notices

    in_loop(work)


def test_a_reader_that_takes_its_time_is_not_late() -> None:
    pieces = tuple(b"%d" % number * 40_000 for number in range(9))
    with Loopback(Answer(pieces=pieces)) as server:

        async def work(transport: AiohttpTransport) -> None:
            stream = await transport.aopen(outgoing(server.address), soon(0.2))
            body = await stream.areceive(soon(0.2))
            await asyncio.sleep(0.4)  # the moment passes while nobody waits
            assert body is not None
            while (piece := await stream.areceive(soon(5))) is not None:
                body += piece
            assert body == b"".join(pieces)

        in_loop(work)


def test_a_proxy_is_asked_by_the_client_library(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(Answer(pieces=(b"by proxy",))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)

        async def work(transport: AiohttpTransport) -> None:
            assert (await transport.asend(outgoing("http://api.example/v1"), soon())).body == b"by proxy"

        in_loop(work)
    assert proxy.asked[0].path == "http://api.example/v1"


def test_threads_have_connections_of_their_own_and_need_no_loop() -> None:
    with Loopback(Answer(pieces=(b"a", b"b"))) as server:
        transport = AiohttpTransport()
        assert rest(transport.open(outgoing(server.address), soon())) == b"ab"
        assert transport.counts().resting == 1
        transport.close()


def test_a_loop_that_ends_leaves_nothing_open_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with Loopback(Answer(pieces=(b"ok",))) as server:

        async def main() -> None:
            await AiohttpTransport().asend(outgoing(server.address), soon())

        with asyncio.Runner() as runner:
            runner.run(main())
    assert capfd.readouterr() == ("", "")


def test_a_reply_that_is_no_http_is_an_error() -> None:
    async def garbage(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-nothing here\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async def work(transport: AiohttpTransport) -> None:
        server = await asyncio.start_server(garbage, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        began = time.monotonic()
        with pytest.raises(TransportError, match="not HTTP"):
            await transport.asend(outgoing(f"http://127.0.0.1:{port}/"), soon())
        assert time.monotonic() - began < 5
        server.close()
        await server.wait_closed()

    in_loop(work)
