"""HTTP/2: against a server in the test, and against a third party's where the proving ground is at hand."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.events
import pytest
import trustme
from peers import PATIENCE, Peer, Server, certified, outgoing, rest, soon, trusting

from chat_core.errors import TimedOut, TransportError
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from peers import Colour


class Two:
    """A connection that speaks HTTP/2; each request runs `answer(two, stream, path)`."""

    def __init__(self, peer: Peer, answer: Callable[[Two, int, str], Awaitable[None]]) -> None:
        self.peer = peer
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()

    async def flush(self) -> None:
        await self.peer.write(self.h2.data_to_send())

    async def start(self, stream: int, status: str = "200") -> None:
        self.h2.send_headers(stream, [(":status", status), ("content-type", "text/event-stream")])
        await self.flush()

    async def chunk(self, stream: int, data: bytes, *, end: bool = False) -> None:
        self.h2.send_data(stream, data, end_stream=end)
        await self.flush()

    async def serve(self) -> None:
        self.h2.initiate_connection()
        await self.flush()
        while data := await self.peer.reader.read(65536):
            for event in self.h2.receive_data(data):
                match event:
                    case h2.events.RequestReceived(stream_id=int(stream), headers=list(headers)):
                        path = dict(headers)[b":path"].decode()
                        task = asyncio.ensure_future(self._answer(self, stream, path))
                        self._tasks.add(task)
                    case h2.events.DataReceived(stream_id=int(stream), flow_controlled_length=int(length)):
                        self.h2.acknowledge_received_data(length, stream)
                    case _:
                        pass
            await self.flush()
        for task in self._tasks:
            task.cancel()


async def answer(two: Two, stream: int, path: str) -> None:
    """Say one's path a few times, or never end."""
    await two.start(stream)
    for _ in range(3):
        await two.chunk(stream, f"data: {path}\n\n".encode())
        await asyncio.sleep(0.02)
    if "stall" in path:
        await asyncio.sleep(PATIENCE)
    if "reset" in path:
        two.h2.reset_stream(stream)
        await two.flush()
    else:
        await two.chunk(stream, b"", end=True)


async def script(peer: Peer) -> None:
    await Two(peer, answer).serve()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    context = certified(authority)
    context.set_alpn_protocols(["h2"])
    return context


@pytest.fixture
def trust(authority: trustme.CA) -> ssl.SSLContext:
    return trusting(authority, ssl.create_default_context())


def test_a_stream_over_http2(make: Callable[..., Colour], context: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    with Server(script, context) as server:
        http = make(http2=True, verify=trust)
        for path in ("/a", "/b"):
            assert (
                b"".join(rest(http.open(outgoing(server.address + path), soon()))) == f"data: {path}\n\n".encode() * 3
            )
        assert http.send(outgoing(f"{server.address}/c"), soon()).body == b"data: /c\n\n" * 3
        assert len(server.peers) == 1
        assert (http.counts().resting, http.counts().used) == (1, 0)


def test_a_stalled_stream_over_http2_runs_out_of_time(
    make: Callable[..., Colour], context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    with Server(script, context) as server:
        http = make(http2=True, verify=trust)
        stream = http.open(outgoing(f"{server.address}/stall"), soon())
        with pytest.raises(TimedOut) as late:
            rest(stream, 0.3)
        assert late.value.phase == "read"
        server.peers[0].gone.result(PATIENCE)
        assert http.counts().used == 0


def test_a_stream_that_the_server_resets_is_a_transport_error(
    make: Callable[..., Colour], context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    with Server(script, context) as server:
        http = make(http2=True, verify=trust)
        with pytest.raises(TransportError):
            rest(http.open(outgoing(f"{server.address}/reset"), soon()))
        assert http.counts().used == 0


def test_the_tasks_of_a_loop_share_a_connection(context: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    async def read(transport: HTTPTransport, path: str) -> bytes:
        stream = await transport.aopen(outgoing(server.address + path), soon())
        pieces: list[bytes] = []
        while (piece := await stream.areceive(soon())) is not None:
            pieces.append(piece)
        return b"".join(pieces)

    async def main() -> None:
        transport = HTTPTransport(http2=True, verify=trust)
        first = await transport.aopen(outgoing(f"{server.address}/first"), soon())
        paths = [f"/{number}" for number in range(50)]
        expected = [f"data: {path}\n\n".encode() * 3 for path in paths]
        assert await asyncio.gather(*(read(transport, path) for path in paths)) == expected
        assert len(server.peers) == 1
        assert await first.areceive(soon()) == b"data: /first\n\n"
        await first.aclose(reuse=True)
        counts = transport.counts(asyncio.get_running_loop())
        assert (counts.used, counts.resting) == (0, 1)

    with Server(script, context) as server:
        asyncio.run(asyncio.wait_for(main(), 30))


def test_a_connection_that_rested_is_shared_again(context: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    async def main() -> None:
        transport = HTTPTransport(http2=True, verify=trust)
        for _ in range(2):
            asked = [outgoing(f"{server.address}/{number}") for number in range(10)]
            await transport.asend(asked[0], soon())
            await asyncio.gather(*(transport.asend(request, soon()) for request in asked))
        assert transport.counts(asyncio.get_running_loop()).resting == 1
        assert len(server.peers) == 1

    with Server(script, context) as server:
        asyncio.run(asyncio.wait_for(main(), 30))


def test_a_stream_that_is_left_or_late_does_not_harm_those_beside_it(
    context: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    async def main() -> None:
        transport = HTTPTransport(http2=True, verify=trust)
        kept = await transport.aopen(outgoing(f"{server.address}/kept"), soon())
        left = await transport.aopen(outgoing(f"{server.address}/stall"), soon())
        late = await transport.aopen(outgoing(f"{server.address}/stall"), soon())
        await left.aclose(reuse=False)
        with pytest.raises(TimedOut):
            await late.whole(soon(0.2))
        pieces: list[bytes] = []
        while (piece := await kept.areceive(soon())) is not None:
            pieces.append(piece)
        assert b"".join(pieces) == b"data: /kept\n\n" * 3
        new = await transport.aopen(outgoing(f"{server.address}/new"), soon())  # not beside what went wrong
        assert len(server.peers) == 2
        await new.aclose(reuse=False)
        await asyncio.wait_for(asyncio.wrap_future(server.peers[0].gone), PATIENCE)

    with Server(script, context) as server:
        asyncio.run(asyncio.wait_for(main(), 30))


def test_a_connection_that_dies_fails_all_its_streams(context: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    async def dying(two: Two, stream: int, path: str) -> None:
        await two.start(stream)
        await two.chunk(stream, b"a")
        if path == "/2":
            await asyncio.sleep(0.1)
            two.peer.reset()

    async def dies(peer: Peer) -> None:
        await Two(peer, dying).serve()

    async def read(transport: HTTPTransport, path: str) -> None:
        stream = await transport.aopen(outgoing(server.address + path), soon())
        while await stream.areceive(soon()) is not None:
            pass

    async def main() -> None:
        transport = HTTPTransport(http2=True, verify=trust)
        first = asyncio.create_task(read(transport, "/0"))
        await asyncio.sleep(0.3)
        done = await asyncio.gather(first, read(transport, "/1"), read(transport, "/2"), return_exceptions=True)
        assert [type(error) for error in done] == [TransportError] * 3
        counts = transport.counts(asyncio.get_running_loop())
        assert (counts.used, counts.resting) == (0, 0)

    with Server(dies, context) as server:
        asyncio.run(asyncio.wait_for(main(), 30))


# A third party's server


PROVING = os.environ.get("CHAT_PROVING")


@pytest.mark.skipif(PROVING is None, reason="CHAT_PROVING does not name the folder of the proving ground")
def test_streams_through_a_third_partys_http2_server(make: Callable[..., Colour], tmp_path: Path) -> None:
    async def upstream(peer: Peer) -> None:
        while True:
            got = await peer.request()
            await peer.start()
            for number in range(20):
                await peer.chunk(f"data: {number} {got.line}\n\n".encode())
                await asyncio.sleep(0.01)
            await peer.end()

    with Server(upstream) as server:
        start = Path(PROVING or "", "tls", "start.sh")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environ = {**os.environ, "PORT": str(port), "REAL_HOME": str(tmp_path), "UPSTREAM": server.address}
        began = subprocess.run([start], env=environ, check=False, capture_output=True, text=True, timeout=300)
        if began.returncode:
            pytest.skip(f"the third party's server does not start: {began.stderr[-200:]}")
        try:
            root = tmp_path / "state-tls" / "root.crt"
            while not root.exists():
                time.sleep(0.05)
            http = make(http2=True, verify=str(root))
            for path in ("/a", "/b"):
                body = b"".join(rest(http.open(outgoing(f"https://localhost:{port}{path}"), soon())))
                assert body.count(b"data: ") == 20
                assert body.count(path.encode()) == 20
            assert (http.counts().resting, http.counts().used) == (1, 0)
        finally:
            subprocess.run([start, "stop"], env=environ, check=True, capture_output=True, timeout=60)
