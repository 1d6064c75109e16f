"""TLS, proxies, forks and the ends of loops, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import os
import ssl
import subprocess
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
import trustme
from peers import PATIENCE, Peer, Server, certified, outgoing, rest, soon, trusting

from chat_core.errors import ConfigurationError, ConnectFailed, TimedOut, TransportError
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from peers import Colour


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def root(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "root.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


async def hello(peer: Peer) -> None:
    while True:
        await peer.request()
        await peer.start()
        await peer.chunk(b"hello")
        await asyncio.sleep(0.01)
        await peer.chunk(b"x" * 100_000)
        await peer.end()


@pytest.mark.parametrize("verify", ["file", "context", "no"])
def test_a_stream_over_tls(make: Callable[..., Colour], authority: trustme.CA, root: Path, verify: str) -> None:
    trust: dict[str, str | bool | ssl.SSLContext] = {
        "file": str(root),
        "context": ssl.create_default_context(cafile=root),
        "no": False,
    }
    with Server(hello, certified(authority)) as server:
        http = make(verify=trust[verify])
        for _ in range(2):
            assert b"".join(rest(http.open(outgoing(server.address), soon()))) == b"hello" + b"x" * 100_000
        assert len(server.peers) == 1


def test_a_server_that_is_not_trusted_is_not_spoken_to(make: Callable[..., Colour], authority: trustme.CA) -> None:
    with Server(hello, certified(authority)) as server:
        http = make()
        with pytest.raises(ConnectFailed, match="not trusted"):
            http.send(outgoing(server.address), soon())
        assert http.counts().used == 0


def test_a_server_with_the_certificate_of_another_is_not_spoken_to(
    make: Callable[..., Colour], authority: trustme.CA, root: Path
) -> None:
    with (
        Server(hello, certified(authority, "other.example")) as server,
        pytest.raises(ConnectFailed, match="not trusted"),
    ):
        make(verify=str(root)).send(outgoing(server.address), soon())


def test_a_client_certificate_is_shown(
    make: Callable[..., Colour], authority: trustme.CA, root: Path, tmp_path: Path
) -> None:
    context = certified(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    trusting(authority, context)
    own = authority.issue_cert("me@example.org")
    own.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    with Server(hello, context) as server:
        request = outgoing(server.address)
        assert make(verify=str(root), cert=str(tmp_path / "own.pem")).send(request, soon()).status == 200
        with pytest.raises(TransportError):
            make(verify=str(root)).send(request, soon())


def test_certificates_that_cannot_be_read_are_the_programs_mistake(make: Callable[..., Colour], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="certificate"):
        make(verify=str(tmp_path / "none.pem")).send(outgoing("https://127.0.0.1:1/"), soon())
    with pytest.raises(ConfigurationError, match="certificate"):
        make(cert=str(tmp_path / "none.pem")).send(outgoing("https://127.0.0.1:1/"), soon())


def test_a_server_that_never_shakes_hands_is_the_phase_connect(make: Callable[..., Colour], root: Path) -> None:
    async def script(peer: Peer) -> None:
        await peer.wait_gone()

    with Server(script) as server:
        with pytest.raises(TimedOut) as late:
            make(verify=str(root)).open(outgoing(f"https://127.0.0.1:{server.port}/", connect=0.2), soon())
        assert late.value.phase == "connect"
        server.peers[0].gone.result(1)


def test_a_server_that_does_not_speak_tls_cannot_be_connected_to(make: Callable[..., Colour], root: Path) -> None:
    async def script(peer: Peer) -> None:
        await peer.write(b"HTTP/1.1 400 Bad\r\n\r\n")

    with Server(script) as server, pytest.raises(ConnectFailed, match="TLS"):
        make(verify=str(root)).open(outgoing(f"https://127.0.0.1:{server.port}/"), soon())


def test_leaving_a_stream_over_tls_closes_its_socket_at_once(
    make: Callable[..., Colour], authority: trustme.CA, root: Path
) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.start()
        await peer.chunk(b"a")
        await peer.wait_gone()

    with Server(script, certified(authority)) as server:
        stream = make(verify=str(root)).open(outgoing(server.address), soon())
        assert stream.receive(soon()) == b"a"
        began = time.monotonic()
        stream.close(reuse=False)
        server.peers[0].gone.result(PATIENCE)
        assert time.monotonic() - began < 1


# Proxies


async def proxy(peer: Peer) -> None:
    """Tunnel a CONNECT, answer anything else with its request line."""
    head = (await peer.reader.readuntil(b"\r\n\r\n")).decode()
    method, target, _ = head.splitlines()[0].split(" ")
    if f"Basic {base64.b64encode(b'me:s3cret').decode()}" not in head:
        await peer.reply(b"who?", "407 Proxy Authentication Required")
        return
    if method != "CONNECT":
        await peer.reply(f"via proxy: {target}".encode())
        return
    host, _, port = target.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await peer.write(b"HTTP/1.1 200 Connected\r\n\r\n")

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
        sink.close()

    try:
        await asyncio.gather(copy(peer.reader, writer), copy(reader, peer.writer))
    finally:
        writer.transport.abort()


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_request_goes_through_a_proxy(make: Callable[..., Colour], clean: pytest.MonkeyPatch, how: str) -> None:
    with Server(proxy) as server:
        url = f"http://me:s3cret@127.0.0.1:{server.port}"
        if how == "environment":
            clean.setenv("HTTP_PROXY", url)
        http = make(proxy=url) if how == "argument" else make()
        reply = http.send(outgoing("http://api.example/v1?a=b"), soon())
        assert reply.body == b"via proxy: http://api.example/v1?a=b"
        if how == "environment":
            clean.setenv("NO_PROXY", "127.0.0.1")
            assert http.send(outgoing(server.address), soon()).status == 407


def test_a_request_over_tls_is_tunnelled_through_a_proxy(
    make: Callable[..., Colour], clean: pytest.MonkeyPatch, authority: trustme.CA, root: Path
) -> None:
    with Server(proxy) as tunnel, Server(hello, certified(authority)) as server:
        clean.setenv("https_proxy", f"http://me:s3cret@127.0.0.1:{tunnel.port}")
        http = make(verify=str(root))
        for _ in range(2):
            assert http.send(outgoing(server.address), soon()).body[:5] == b"hello"
        assert len(tunnel.peers) == len(server.peers) == 1


def test_a_proxy_that_refuses_is_an_error_without_its_password(
    make: Callable[..., Colour], clean: pytest.MonkeyPatch
) -> None:
    clean.setenv("https_proxy", "")
    with Server(proxy) as server, pytest.raises(TransportError, match="proxy") as caught:
        make(proxy=f"http://me:wr0ng@127.0.0.1:{server.port}").send(outgoing("https://api.example/"), soon())
    assert "wr0ng" not in repr(caught.value)
    with pytest.raises(ConfigurationError, match="proxy") as mistake:
        make(proxy="gopher://me:wr0ng@127.0.0.1").send(outgoing("https://api.example/"), soon())
    assert "wr0ng" not in repr(mistake.value)


def test_an_unreachable_proxy_is_a_failed_connection(make: Callable[..., Colour]) -> None:
    with pytest.raises(ConnectFailed, match=r"api.example:80 through the proxy 127.0.0.1:1: .*refused") as caught:
        make(proxy="http://me:s3cret@127.0.0.1:1").send(outgoing("http://api.example/"), soon())
    assert "s3cret" not in str(caught.value)


def test_a_proxy_over_tls_carries_a_tunnel_of_tls(
    make: Callable[..., Colour], authority: trustme.CA, root: Path
) -> None:
    with Server(proxy, certified(authority)) as tunnel, Server(hello, certified(authority)) as server:
        http = make(proxy=f"https://me:s3cret@127.0.0.1:{tunnel.port}", verify=str(root))
        for _ in range(2):
            assert b"".join(rest(http.open(outgoing(server.address), soon()))) == b"hello" + b"x" * 100_000
        stream = http.open(outgoing(server.address), soon())
        assert stream.receive(soon()) == b"hello"
        stream.close(reuse=False)
        server.peers[0].gone.result(PATIENCE)


def test_a_socks_proxy(make: Callable[..., Colour]) -> None:
    async def script(peer: Peer) -> None:
        assert (await peer.reader.readexactly(3))[:1] == b"\x05"
        await peer.write(b"\x05\x00")
        head = await peer.reader.readexactly(5)
        assert head[:4] == b"\x05\x01\x00\x03"
        assert await peer.reader.readexactly(head[4] + 2) == b"api.example\x00\x50"
        await peer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        got = await peer.request()
        await peer.reply(got.headers["host"].encode())

    with Server(script) as server:
        http = make(proxy=f"socks5://127.0.0.1:{server.port}")
        assert http.send(outgoing("http://api.example/"), soon()).body == b"api.example"


# Processes and the ends of loops


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # that a test process has threads is the point
def test_a_child_after_a_fork_has_connections_of_its_own() -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.reply(b"%d" % peer.number)

    with Server(script) as server:
        transport = HTTPTransport()
        assert transport.send(outgoing(server.address), soon()).body == b"0"
        lock = transport._lines.threads().lock  # pyright: ignore[reportPrivateUsage] - as if another thread held it
        lock.acquire()
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if transport.send(outgoing(server.address), soon()).body == b"1" else 1)
            finally:
                os._exit(2)
        lock.release()
        assert os.waitpid(child, 0)[1] == 0
        assert transport.send(outgoing(server.address), soon()).body == b"0"
        transport.close()


def test_a_transport_that_is_forgotten_closes_its_connections() -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.reply(b"ok")
        await peer.wait_gone()

    with Server(script) as server:
        transport = HTTPTransport()
        transport.send(outgoing(server.address), soon())
        del transport
        gc.collect()
        server.peers[0].gone.result(PATIENCE)


@pytest.mark.parametrize("left", ["threads", "resting", "a stream that was not closed", "in a generator"])
def test_a_program_that_closes_nothing_ends_without_a_warning(left: str) -> None:
    program = f"""
        import asyncio, sys
        from chat_core.codec.wire import Outgoing, WireRequest
        from chat_core.transport.http import HTTPTransport

        transport = HTTPTransport()
        request = Outgoing(wire=WireRequest(url=sys.argv[1]))

        async def pieces():
            stream = await transport.aopen(request, None)
            while (piece := await stream.areceive(None)) is not None:
                yield piece

        async def main():
            if {left!r} == "resting":
                await transport.asend(request, None)
                await asyncio.gather(*(transport.asend(request, None) for _ in range(5)))
            elif {left!r} == "in a generator":
                async for piece in pieces():
                    break
            else:
                stream = await transport.aopen(request, None)
                await stream.areceive(None)

        if {left!r} == "threads":
            transport.send(request, None)
            stream = transport.open(request, None)
        else:
            for _ in range(3):
                asyncio.run(main())
    """
    with Server(hello) as server:
        done = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(program), server.address],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    noise = [line for line in done.stderr.splitlines() if " took " not in line]  # dev mode times the first import
    assert (done.returncode, noise) == (0, [])


def test_a_name_that_nobody_knows_is_a_failed_connection(make: Callable[..., Colour]) -> None:
    with pytest.raises((ConnectFailed, TimedOut)):
        make().send(outgoing("http://nobody.invalid/", connect=3), soon())


def test_a_name_is_looked_up(make: Callable[..., Colour]) -> None:
    with Server(hello) as server:
        assert make().send(outgoing(f"http://localhost:{server.port}/"), soon()).status == 200
