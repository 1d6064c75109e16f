"""The HTTP transport against real sockets: what is sent, what comes back, when it gives up, what it leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import pickle
import socket
import threading
import time
import traceback
import zlib
from typing import TYPE_CHECKING

import pytest
from peers import PATIENCE, Got, Peer, Server, outgoing, rest, soon

from chat_core.errors import ChatError, ConfigurationError, ConnectFailed, TimedOut, TransportError
from chat_core.transport.http import HTTPTransport
from chat_core.transport.pool import Counts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from peers import Colour

CANARY = "sk-canary-0123456789abcdef"


# What is sent, what comes back


def test_a_whole_reply_and_what_the_server_got(http: Colour) -> None:
    got: list[Got] = []

    async def script(peer: Peer) -> None:
        got.append(await peer.request())
        await peer.reply(b"hello", X_Request_Id="r1")

    with Server(script) as server:
        request = outgoing(
            f"{server.address}/v1/x?y=1", b"{}", headers={"Content-Type": "a/b", "X-A": "1"}, credentials={"x-a": "2"}
        )
        reply = http.send(request, soon())
    assert (reply.status, reply.body, reply.headers["x-request-id"]) == (200, b"hello", "r1")
    assert got[0].line == "POST /v1/x?y=1 HTTP/1.1"
    assert got[0].body == b"{}"
    expected = {"host": f"127.0.0.1:{server.port}", "content-type": "a/b", "x-a": "2", "content-length": "2"}
    assert expected.items() <= got[0].headers.items()
    assert got[0].headers["accept-encoding"] == "identity"


def test_a_get_without_a_body_has_no_content_length(http: Colour) -> None:
    got: list[Got] = []

    async def script(peer: Peer) -> None:
        got.append(await peer.request())
        await peer.reply(b"[]")

    with Server(script) as server:
        assert http.send(outgoing(server.address, b"", method="GET"), soon()).body == b"[]"
    assert got[0].line == "GET / HTTP/1.1"
    assert "content-length" not in got[0].headers


def test_a_stream_arrives_as_it_was_cut(http: Colour) -> None:
    pieces = [b"data: 1\n\n", b"da", b"ta: 2\n\n", b"\xe2\x80", b"\xa8" * 70_000]

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.start()
        for piece in pieces:
            await peer.chunk(piece)
            await asyncio.sleep(0.01)
        await peer.end()

    with Server(script) as server:
        stream = http.open(outgoing(server.address), soon())
        assert stream.head.status == 200
        assert stream.head.headers["content-type"] == "text/event-stream"
        read = rest(stream)
        assert read[:4] == pieces[:4]
        assert b"".join(read[4:]) == pieces[4]
        assert stream.receive(soon()) is None
        stream.close(reuse=True)


def test_headers_sent_twice_are_joined(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.write(b"HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\ncontent-length: 0\r\n\r\n")

    with Server(script) as server:
        assert http.send(outgoing(server.address), soon()).headers["a"] == "1, 2"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"data: hello\n\n", mtime=0)),
        ("deflate", zlib.compress(b"data: hello\n\n")),
        ("deflate", zlib.compress(b"data: hello\n\n")[2:-4]),
        ("identity", b"data: hello\n\n"),
    ],
)
def test_a_reply_that_is_compressed_unasked_is_unfolded(http: Colour, encoding: str, packed: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.write(
            f"HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ntransfer-encoding: chunked\r\n\r\n".encode()
        )
        for at in range(0, len(packed), 5):
            await peer.chunk(packed[at : at + 5])
        await peer.end()

    with Server(script) as server:
        assert b"".join(rest(http.open(outgoing(server.address), soon()))) == b"data: hello\n\n"


def test_a_reply_whose_compressed_bytes_are_cut_is_an_error(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.reply(gzip.compress(b"data: hello\n\n", mtime=0)[:-9], content_encoding="gzip")

    with Server(script) as server, pytest.raises(TransportError, match="ended before the gzip"):
        http.send(outgoing(server.address), soon())


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_reply_in_an_unknown_or_wrong_encoding_is_an_error(http: Colour, encoding: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.reply(b"hello", content_encoding=encoding)
        await peer.wait_gone()

    with Server(script) as server:
        with pytest.raises(TransportError, match=encoding):
            http.send(outgoing(server.address), soon())
        server.peers[0].gone.result(PATIENCE)


def test_a_redirect_is_handed_over_and_not_followed(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.reply(b"", "307 Temporary Redirect", location="http://127.0.0.1:1/")

    with Server(script) as server:
        assert http.send(outgoing(server.address), soon()).status == 307


# Failures that the service reports


@pytest.mark.parametrize("way", ["open", "send"])
def test_a_failure_comes_with_its_whole_body_and_its_connection_serves_again(http: Colour, way: str) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.reply(b"<html>no</html>", "503 Service Unavailable", retry_after="1")

    with Server(script) as server:
        for _ in range(2):
            request = outgoing(server.address)
            head = http.open(request, soon()).head if way == "open" else http.send(request, soon())
            assert (head.status, head.body, head.headers["retry-after"]) == (503, b"<html>no</html>", "1")
        assert len(server.peers) == 1


def test_the_body_of_a_failure_is_bounded(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.write(b"HTTP/1.1 500 Oops\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(100):
            await peer.chunk(b"x" * 65536)

    with Server(script) as server:
        assert len(http.open(outgoing(server.address), soon()).head.body) == 1024 * 1024


def test_of_a_failure_whose_body_never_ends_the_part_that_came_is_kept(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.write(b"HTTP/1.1 429 Slow\r\ncontent-length: 100\r\n\r\npartly")
        await peer.wait_gone()

    with Server(script) as server:
        head = http.open(outgoing(server.address), soon(0.3)).head
        assert (head.status, head.body) == (429, b"partly")
        server.peers[0].gone.result(PATIENCE)


def test_a_reply_that_comes_before_the_request_was_taken_is_read(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.reply(b"too large", "413 Too Large", connection="close")
        await peer.reader.readexactly(20 * 1024 * 1024)  # take it, so that the reply is not lost to a reset

    with Server(script) as server:
        reply = http.send(outgoing(server.address, b"x" * 20 * 1024 * 1024), soon())
        assert (reply.status, reply.body) == (413, b"too large")


# Connections


def test_a_connection_serves_again_after_a_reply_was_read_to_its_end(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.start()
            await peer.chunk(b"a")
            await peer.end()

    with Server(script) as server:
        for _ in range(3):
            assert rest(http.open(outgoing(server.address), soon())) == [b"a"]
        assert len(server.peers) == 1
        assert (http.counts().resting, http.counts().used) == (1, 0)


def test_close_with_reuse_drains_a_little_and_keeps_the_connection(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.start()
            await peer.chunk(b"data: [DONE]\n\n")
            await asyncio.sleep(0.02)
            await peer.end()

    with Server(script) as server:
        for _ in range(2):
            stream = http.open(outgoing(server.address), soon())
            assert stream.receive(soon()) == b"data: [DONE]\n\n"
            stream.close(reuse=True)
        assert len(server.peers) == 1


@pytest.mark.parametrize("after", ["silence", "plenty"])
def test_close_with_reuse_gives_up_on_a_reply_that_does_not_end(http: Colour, after: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.start()
        await peer.chunk(b"data: [DONE]\n\n")
        if after == "plenty":
            for _ in range(64):
                await peer.chunk(b"x" * 1024)
        await peer.wait_gone()

    with Server(script) as server:
        stream = http.open(outgoing(server.address), soon())
        stream.receive(soon())
        began = time.monotonic()
        stream.close(reuse=True)
        assert time.monotonic() - began < 1
        server.peers[0].gone.result(PATIENCE)
        assert (http.counts().resting, http.counts().used) == (0, 0)


def test_leaving_a_stream_closes_its_socket_at_once(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.start()
        with contextlib.suppress(ConnectionError):
            while not peer.reader.at_eof():
                await peer.chunk(b"data: more\n\n")
                await asyncio.sleep(0.01)

    with Server(script) as server:
        stream = http.open(outgoing(server.address), soon())
        stream.receive(soon())
        stream.close(reuse=False)
        server.peers[0].gone.result(1)
        assert (http.counts().resting, http.counts().used) == (0, 0)
        with pytest.raises(TransportError, match="closed"):
            stream.receive(soon())
        stream.close(reuse=True)


def test_a_resting_connection_that_the_server_closed_is_replaced(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.reply(b"%d" % peer.number)

    with Server(script) as server:
        for number in range(3):
            assert http.send(outgoing(server.address), soon()).body == b"%d" % number
            time.sleep(0.05)


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
    ],
)
def test_a_connection_that_is_over_serves_nobody_else_though_it_stays_open(http: Colour, reply: bytes) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.write(reply)

    if type(http.transport).__name__ == "Library" and b"evil" in reply:
        pytest.skip("httpcore takes what comes behind a reply for the next one")
    with Server(script) as server:
        for _ in range(3):
            assert http.send(outgoing(server.address), soon()).body == b"ok"
        assert len(server.peers) == 3


def test_a_request_on_a_resting_connection_that_dies_is_sent_once_more(http: Colour) -> None:
    requests: list[int] = []

    async def script(peer: Peer) -> None:
        await peer.request()
        requests.append(peer.number)
        await peer.reply(b"%d" % peer.number)
        if peer.number == 0:
            await peer.request()
            requests.append(peer.number)  # and dies without a byte

    with Server(script) as server:
        assert http.send(outgoing(server.address), soon()).body == b"0"
        assert http.send(outgoing(server.address), soon()).body == b"1"
        assert requests == [0, 0, 1]
        assert http.counts().used == 0


def test_a_request_is_sent_once_more_only_once(http: Colour) -> None:
    requests: list[int] = []

    async def script(peer: Peer) -> None:
        if peer.number == 0:
            await peer.request()
            await peer.reply(b"ok")
        await peer.request()
        requests.append(peer.number)

    with Server(script) as server:
        http.send(outgoing(server.address), soon())
        with pytest.raises(TransportError):
            http.send(outgoing(server.address), soon())
        assert requests == [0, 1]


def test_a_request_is_not_sent_again_when_a_byte_of_the_reply_has_come(http: Colour) -> None:
    requests: list[int] = []

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.reply(b"ok")
        await peer.request()
        requests.append(peer.number)
        await peer.write(b"HTT")

    with Server(script) as server:
        http.send(outgoing(server.address), soon())
        with pytest.raises(TransportError):
            http.send(outgoing(server.address), soon())
        assert requests == [0]


def test_a_new_connection_that_dies_is_not_tried_again(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()

    with Server(script) as server:
        with pytest.raises(TransportError):
            http.send(outgoing(server.address), soon())
        assert len(server.peers) == 1


def test_a_connection_rests_no_longer_than_asked(make: Callable[..., Colour]) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.reply(b"%d" % peer.number)

    with Server(script) as server:
        http = make(keepalive=0.05)
        assert http.send(outgoing(server.address), soon()).body == b"0"
        time.sleep(0.1)
        assert http.send(outgoing(server.address), soon()).body == b"1"
        http = make(keepalive=0)
        assert http.send(outgoing(server.address), soon()).body == b"2"
        assert http.counts().resting == 0


def test_the_wait_for_a_place_has_its_own_time_limit_and_phase(make: Callable[..., Colour]) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.start()
            await peer.chunk(b"a")
            await asyncio.sleep(0.1)
            await peer.end()

    with Server(script) as server:
        http = make(max_connections=1)
        stream = http.open(outgoing(server.address), soon())
        with pytest.raises(TimedOut) as late:
            http.open(outgoing(server.address, pool=0.1), soon())
        assert (late.value.phase, late.value.seconds) == ("pool", 0.1)
        with pytest.raises(TimedOut) as late:
            http.open(outgoing(server.address, pool=9), soon(0.1))
        assert late.value.phase == "read"
        rest(stream)
        stream = http.open(outgoing(server.address, pool=0.1), soon())
        stream.close(reuse=False)
        assert rest(http.open(outgoing(server.address, pool=0.1), soon())) == [b"a"]


def test_a_resting_connection_makes_room_for_another_address(make: Callable[..., Colour]) -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.reply(b"ok")

    with Server(script) as one, Server(script) as two:
        http = make(max_connections=1)
        for server in (one, two, one):
            assert http.send(outgoing(server.address, pool=0.5), soon()).body == b"ok"
        assert (len(one.peers), len(two.peers), http.counts().resting) == (2, 1, 1)


# Giving up in time


def test_silence_instead_of_a_reply_runs_out_of_time(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.wait_gone()

    with Server(script) as server:
        began = time.monotonic()
        with pytest.raises(TimedOut) as late:
            http.open(outgoing(server.address), soon(0.2))
        assert 0.15 < time.monotonic() - began < 1
        assert (late.value.phase, round(late.value.seconds, 1)) == ("read", 0.2)
        server.peers[0].gone.result(1)
        assert http.counts().used == 0


def test_a_stalled_stream_runs_out_of_time(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.start()
        await peer.chunk(b"a")
        await peer.wait_gone()

    with Server(script) as server:
        stream = http.open(outgoing(server.address), soon())
        assert stream.receive(soon(0.5)) == b"a"
        with pytest.raises(TimedOut) as late:
            stream.receive(soon(0.2))
        assert late.value.phase == "read"
        server.peers[0].gone.result(1)


def test_a_deadline_may_move_on_or_back_with_every_read(http: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.start()
        for _ in range(6):
            await peer.chunk(b"a")
            await asyncio.sleep(0.1)
        await peer.wait_gone()

    with Server(script) as server:
        stream = http.open(outgoing(server.address), soon(0.3))
        for _ in range(6):
            assert stream.receive(soon(0.25)) == b"a"
        stream = http.open(outgoing(server.address), soon(10))
        assert stream.receive(soon(10)) == b"a"
        with pytest.raises(TimedOut):
            rest(stream, 0.05)


@pytest.mark.parametrize("where", ["head", "chunk"])
def test_an_endless_trickle_of_bytes_runs_out_of_time(http: Colour, where: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if where == "chunk":
            await peer.start()
        await peer.write(b"HTTP/1.1 200 OK\r\nx: " if where == "head" else b"1;")
        with contextlib.suppress(ConnectionError):
            while not peer.reader.at_eof():
                await peer.write(b"x")
                await asyncio.sleep(0.02)

    with Server(script) as server:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            http.open(outgoing(server.address), soon(0.3)).receive(soon(0.3))
        assert time.monotonic() - began < 1.5


def test_a_server_that_takes_no_request_runs_out_of_time(http: Colour) -> None:
    async def script(_: Peer) -> None:
        await asyncio.sleep(PATIENCE)  # its buffers fill and it reads no more

    with Server(script) as server, pytest.raises(TimedOut) as late:
        http.open(outgoing(server.address, b"x" * 50_000_000), soon(0.3))
    assert late.value.phase == "read"


def test_a_connection_that_nobody_accepts_runs_out_of_time(http: Colour) -> None:
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):  # fill its queue
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        time.sleep(0.05)
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        with pytest.raises(TimedOut) as late:
            http.open(outgoing(url, connect=0.2), soon())
        assert (late.value.phase, round(late.value.seconds, 1)) == ("connect", 0.2)
        with pytest.raises(TimedOut) as late:
            http.open(outgoing(url, connect=9), soon(0.2))
        assert late.value.phase == "read"


def test_a_moment_that_has_passed_is_late_at_once(http: Colour) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        with pytest.raises(TimedOut):
            http.open(outgoing(f"http://127.0.0.1:{sock.getsockname()[1]}/"), time.monotonic() - 1)


# Breaking


def test_a_refused_connection_says_so(http: Colour) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(ConnectFailed, match=f"127.0.0.1:{port}.*refused"):
        http.send(outgoing(f"http://127.0.0.1:{port}/"), soon())
    assert http.counts().used == 0


async def reset(peer: Peer) -> None:
    await peer.start()
    await peer.chunk(b"a")
    await asyncio.sleep(0.05)
    peer.reset()


async def cut_chunked(peer: Peer) -> None:
    await peer.start()
    await peer.write(b"1\r\na\r\n5\r\nab")


async def cut_counted(peer: Peer) -> None:
    await peer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\na")


async def bad_chunk(peer: Peer) -> None:
    await peer.start()
    await peer.write(b"1\r\na\r\nzz\r\n")


async def garbage(peer: Peer) -> None:
    await peer.write(bytes(range(256)) * 40)


async def long_head(peer: Peer) -> None:
    await peer.write(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000)


async def nothing(peer: Peer) -> None:
    pass


async def echo(peer: Peer) -> None:
    await peer.write(b"HTTP/1.1 200 OK\r\nBearer " + CANARY.encode() + b"\r\n\r\n")


BREAKS = [reset, cut_chunked, cut_counted, bad_chunk, garbage, long_head, nothing, echo]


@pytest.mark.parametrize("breaking", BREAKS)
def test_what_breaks_is_a_transport_error_without_secrets(
    http: Colour, breaking: Callable[[Peer], Awaitable[None]]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await breaking(peer)

    with Server(script) as server:
        request = outgoing(f"{server.address}/?key={CANARY}", credentials={"authorization": f"Bearer {CANARY}"})
        with pytest.raises(TransportError) as caught:
            rest(http.open(request, soon()))
    assert not isinstance(caught.value, TimedOut)
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    for text in (str(caught.value), repr(caught.value), "".join(traceback.format_exception(caught.value))):
        assert CANARY not in text
    assert (http.counts().resting, http.counts().used) == (0, 0)


@pytest.mark.parametrize(
    ("headers", "credentials", "named"),
    [
        ({}, {"authorization": f"Bearer {CANARY}\n"}, "authorization"),
        ({}, {"x-api-key": f"{CANARY}\u2028"}, "x-api-key"),
        ({}, {"x-api-key": f" {CANARY}"}, "x-api-key"),
        ({"x-a": "b\r\nc: d"}, {}, "x-a"),
        ({"x a": "b"}, {}, "x a"),
    ],
)
def test_a_header_that_cannot_be_sent_is_named_and_its_value_is_not(
    http: Colour, headers: dict[str, str], credentials: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        http.send(outgoing("http://127.0.0.1:1/", headers=headers, credentials=credentials), soon())
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("method", ["", "A B", "GET /\r\n", "É"])
def test_a_method_that_is_none_is_refused(http: Colour, method: str) -> None:
    with pytest.raises(ConfigurationError, match="method"):
        http.send(outgoing("http://127.0.0.1:1/", method=method), soon())


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:80", "ftp://a/b", "http://", "https:///x", "http://a:b/", "http://[::1"]
)
def test_an_address_that_http_does_not_reach_is_the_programs_mistake(http: Colour, url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        http.send(outgoing(url), soon())


# Threads, loops, forks


@pytest.mark.parametrize("length", ["transfer-encoding: chunked", "content-length: 9", "x-length: none"])
def test_a_stream_may_be_closed_while_another_thread_reads_it(length: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.write(f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n".encode())
        await peer.wait_gone()

    with Server(script) as server:
        transport = HTTPTransport()
        stream = transport.open(outgoing(server.address), soon())
        threading.Timer(0.1, stream.close, kwargs={"reuse": False}).start()
        began = time.monotonic()
        with pytest.raises(TransportError, match="closed"):
            stream.receive(soon())
        assert time.monotonic() - began < 1
        server.peers[0].gone.result(1)
        transport.close()


@pytest.mark.parametrize("when", ["connecting", "head", "stream", "pool"])
def test_cancelling_a_task_closes_its_socket_at_once(when: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        if when in {"stream", "pool"}:
            await peer.start()
        await peer.wait_gone()

    async def main(server: Server) -> None:
        transport = HTTPTransport(max_connections=1)

        async def work() -> None:
            stream = await transport.aopen(outgoing(server.address), soon())
            if when == "pool":
                await transport.aopen(outgoing(server.address), soon())
            await stream.areceive(soon())

        task = asyncio.create_task(work())
        await asyncio.sleep(0 if when == "connecting" else 0.2)
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 0.5
        if when != "pool":
            assert transport.counts(asyncio.get_running_loop()) == Counts(0, 0, 0)
        await transport.aclose()
        if server.peers:
            await asyncio.wrap_future(server.peers[0].gone)

    with Server(script) as server:
        asyncio.run(asyncio.wait_for(main(server), PATIENCE))


def test_many_threads_share_one_transport() -> None:
    async def script(peer: Peer) -> None:
        while True:
            got = await peer.request()
            await peer.reply(got.body)

    wrong: list[bytes] = []

    def work(number: int) -> None:
        for turn in range(20):
            body = b"%d %d" % (number, turn)
            if transport.send(outgoing(server.address, body), soon()).body != body:
                wrong.append(body)

    with Server(script) as server:
        transport = HTTPTransport(max_connections=4)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not wrong
        assert len(server.peers) <= 4
        assert transport.counts().used == 0
        transport.close()


def test_one_transport_serves_loop_after_loop_and_blocking_code_inside_a_loop() -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.reply(b"ok")

    async def main() -> None:
        for _ in range(2):
            assert (await transport.asend(outgoing(server.address), soon())).body == b"ok"
        assert transport.send(outgoing(server.address), soon()).body == b"ok"

    with Server(script) as server:
        transport = HTTPTransport()
        for _ in range(3):
            asyncio.run(main())
        assert len(server.peers) == 4
        deadline = soon()
        while any(not peer.reader.at_eof() for peer in (server.peers[0], *server.peers[2:])):
            assert time.monotonic() < deadline, "a loop that ended left a connection open"
            time.sleep(0.01)
        transport.close()


def test_several_loops_at_once_have_connections_of_their_own() -> None:
    async def script(peer: Peer) -> None:
        while True:
            got = await peer.request()
            await asyncio.sleep(0.01)
            await peer.reply(got.body)

    failures: list[BaseException] = []

    def work(number: int) -> None:
        async def main() -> None:
            bodies = [b"%d %d" % (number, n) for n in range(10)]
            replies = await asyncio.gather(*(transport.asend(outgoing(server.address, b), soon()) for b in bodies))
            assert [reply.body for reply in replies] == bodies

        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - reported by the test
            failures.append(error)

    with Server(script) as server:
        transport = HTTPTransport()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert not failures


def test_errors_of_the_transport_survive_pickling(http: Colour) -> None:
    with pytest.raises(ChatError) as caught:
        http.send(outgoing("http://127.0.0.1:1/"), soon())
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
