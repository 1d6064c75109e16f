"""What is recorded replays equal: cuts, pauses, errors and all, and holds no secret."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, cast

import pytest
from peers import Blocking, Looped, Peer, Server, outgoing, rest, soon

from chat_core.codec.wire import Frame
from chat_core.errors import ConfigurationError, ConnectFailed, TimedOut, TransportError
from chat_core.transport.cassette import Cassette, Exchange, Fault, Received, Sent, load
from chat_core.transport.http import HTTPTransport
from chat_core.transport.recording import Recording
from chat_core.transport.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from peers import Stream

    from chat_core.codec.wire import Outgoing, WireResponse
    from chat_core.transport.protocol import AsyncTransport, Read, Transport
    from chat_core.transport.replay import Match

CANARY = "sk-canary-0123456789abcdef"
OTHER = "canary-of-another-service"
PIECES = [b"data: 1\n\n", b"dat", b"a: \xff\xfe\n\n", b"data: [DONE]\n\n"]


class Both:
    """A transport seen from blocking code, in one colour or the other."""

    def __init__(self, colour: str) -> None:
        self._runner = asyncio.Runner() if colour == "asyncio" else None

    def send(self, transport: object, request: Outgoing, until: float | None = None) -> WireResponse:
        if self._runner is None:
            return cast("Transport", transport).send(request, until or soon())
        return self._runner.run(cast("AsyncTransport", transport).asend(request, until or soon()))

    def open(self, transport: object, request: Outgoing, until: float | None = None) -> Stream:
        if self._runner is None:
            return cast("Transport", transport).open(request, until or soon())
        runner = self._runner
        inner = runner.run(cast("AsyncTransport", transport).aopen(request, until or soon()))

        class Opened:
            head = inner.head

            def receive(self, until: float | None) -> Read:
                return runner.run(inner.areceive(until))

            def close(self, *, reuse: bool) -> None:
                runner.run(inner.aclose(reuse=reuse))

        return Opened()

    def end(self) -> None:
        if self._runner is not None:
            self._runner.close()


@pytest.fixture(params=["blocking", "asyncio"])
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    colour = Both(request.param)
    yield colour
    colour.end()


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    return tmp_path / "tape.jsonl"


async def script(peer: Peer) -> None:
    while True:
        got = await peer.request()
        if "stream" in got.line:
            await peer.start()
            for piece in PIECES:
                await peer.chunk(piece)
                await asyncio.sleep(0.05)
            if "cut" in got.line:
                return
            if "stall" in got.line:
                await peer.wait_gone()
            await peer.end()
        elif "echo" in got.line:
            await peer.reply(f'{{"wrong key":"{got.headers["authorization"]}"}}'.encode(), "401 No", set_cookie="a=b")
        else:
            await peer.reply(got.body)


def test_a_stream_replays_with_its_cuts(both: Both, tape: Path) -> None:
    with Server(script) as server:
        http = HTTPTransport()
        stream = both.open(Recording(http, tape), outgoing(f"{server.address}/stream"))
        assert rest(stream) == PIECES
        stream.close(reuse=True)
        http.close()
    (exchange,) = load(tape).exchanges
    assert [read.data for read in exchange.reads] == [None, *PIECES]
    assert all(0.02 < read.after < 2 for read in exchange.reads[2:])
    replay = Replay(tape)
    again = both.open(replay, outgoing(f"{server.address}/stream"))
    assert again.head == stream.head
    assert rest(again) == PIECES
    assert replay.left == ()


def test_recorded_pauses_are_kept_if_asked_for(both: Both) -> None:
    reads = (Received(0.1, None), Received(0.2, b"a"))
    cassette = Cassette((Exchange(request=Sent(method="POST", url="http://a/", body=b"x"), status=200, reads=reads),))
    request = outgoing("http://a/", b"x")
    with pytest.raises(TimedOut, match="recording"):
        both.open(Replay(cassette, pace=1), request, soon(0.05))
    stream = both.open(Replay(cassette, pace=1), request, soon(0.5))
    with pytest.raises(TimedOut) as late:
        stream.receive(soon(0.05))
    assert late.value.phase == "read"
    began = soon(0)
    stream = both.open(Replay(cassette, pace=1), request)
    assert stream.receive(soon()) == b"a"
    assert 0.25 < soon(0) - began < 2
    began = soon(0)
    assert rest(both.open(Replay(cassette), request)) == [b"a"]
    assert soon(0) - began < 0.1


@pytest.mark.parametrize("path", ["/stream/cut", "/stream/stall"])
def test_an_error_in_a_stream_replays_where_it_happened(both: Both, tape: Path, path: str) -> None:
    def play(transport: object) -> tuple[list[Read], TransportError]:
        stream = both.open(transport, outgoing(server.address + path))
        pieces: list[Read] = [stream.receive(soon(0.3)) for _ in PIECES]
        with pytest.raises(TransportError) as caught:
            stream.receive(soon(0.3))
        stream.close(reuse=False)
        return pieces, caught.value

    with Server(script) as server:
        http = HTTPTransport()
        pieces, error = play(Recording(http, tape))
        http.close()
        again, same = play(Replay(tape))
    assert pieces == again == PIECES
    assert (type(same), str(same)) == (type(error), str(error))


def test_a_place_where_no_file_can_be_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"there is no folder {tmp_path}/none: make it first"):
        Recording(HTTPTransport(), tmp_path / "none" / "c.jsonl")
    with pytest.raises(ConfigurationError, match="it is a folder"):
        Recording(HTTPTransport(), tmp_path)


def test_a_place_that_is_gone_when_the_answer_comes_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "soon").mkdir()
    recording = Recording(HTTPTransport(), tmp_path / "soon" / "c.jsonl")
    (tmp_path / "soon").rmdir()
    with pytest.raises(ConfigurationError, match=f"cassette {tmp_path}/soon/c.jsonl cannot be written"):
        recording.write(Exchange(request=Sent(method="GET", url="https://a.example", body=b""), began=0.0, whole=True))


def test_a_connection_that_failed_fails_again(both: Both, tape: Path) -> None:
    request = outgoing("http://127.0.0.1:1/")
    recording = Recording(HTTPTransport(), tape)
    for call in (both.send, both.open):
        with pytest.raises(ConnectFailed) as caught:
            call(recording, request)
        with pytest.raises(ConnectFailed) as again:
            call(Replay(tape, repeat=True), request)
        assert str(again.value) == str(caught.value)
    assert [exchange.whole for exchange in load(tape).exchanges] == [True, False]


def test_a_stream_that_was_left_ends_there(both: Both, tape: Path) -> None:
    with Server(script) as server:
        http = HTTPTransport()
        stream = both.open(Recording(http, tape), outgoing(f"{server.address}/stream"))
        stream.receive(soon())
        stream.close(reuse=False)
        http.close()
    assert load(tape).exchanges[0].end == "left"
    again = both.open(Replay(tape), outgoing(f"{server.address}/stream"))
    assert again.receive(soon()) == PIECES[0]
    with pytest.raises(TransportError, match="left"):
        again.receive(soon())


def test_no_secret_is_written_down(both: Both, tape: Path) -> None:
    with Server(script) as server:
        http = HTTPTransport()
        recording = Recording(http, tape, redact=["x-mine"])
        request = outgoing(
            f"{server.address}/echo?key={CANARY}",
            f'{{"oops":"{CANARY}","mcp":{{"headers":{{"Authorization":"Bearer {OTHER}"}}}}}}'.encode(),
            headers={"x-mine": CANARY, "cookie": CANARY, "content-type": "application/json"},
            credentials={"authorization": f"Bearer {CANARY}"},
        )
        heads = [both.send(recording, request), both.open(recording, request).head]
        both.send(recording, outgoing(f"{server.address}/fine", credentials={"authorization": f"Bearer {CANARY}"}))
        http.close()
    assert all(head.status == 401 and CANARY.encode() in head.body for head in heads)
    text = tape.read_text()
    assert CANARY not in text
    assert OTHER not in text
    assert "a=b" not in text
    assert '"content-type":"application/json"' in text
    replay = Replay(tape)
    for head in (both.send(replay, request), both.open(replay, request).head):
        assert head.status == 401
        assert head.body == heads[0].body.replace(f"Bearer {CANARY}".encode(), b"*" * (7 + len(CANARY)))


def test_each_exchange_serves_once_and_in_order(both: Both) -> None:
    cassette = Cassette(
        tuple(
            Exchange(
                request=Sent(method="POST", url="http://a/v1", body=b'{"n":1}'),
                status=200,
                reads=(Received(0, None), Received(0, text)),
            )
            for text in (b"first", b"second")
        )
    )
    replay = Replay(cassette)
    request = outgoing("http://a/v1", b'{"n":1}')
    assert [both.send(replay, request).body for _ in range(2)] == [b"first", b"second"]
    with pytest.raises(ConfigurationError, match="has served"):
        both.send(replay, request)
    replay = Replay(cassette, repeat=True)
    assert [both.send(replay, request).body for _ in range(3)] == [b"first", b"second", b"second"]


CASSETTE = Cassette(
    (
        Exchange(
            request=Sent(method="POST", url="http://a/v1/chat", body=b'{"a":{"b":[1,2]},"c":"d"}'),
            status=200,
            reads=(Received(0, None),),
        ),
    )
)


@pytest.mark.parametrize(
    ("url", "body", "match", "why"),
    [
        ("http://a/v1/chat", b'{"a":{"b":[1,3]},"c":"d"}', "strict", r"body\.a\.b\[1\]"),
        ("http://a/v1/chat", b'{"a":{"b":[1]},"c":"d"}', "structural", r"body\.a\.b\[1\]"),
        ("http://a/v1/chat", b'{"a":{"b":[1,2]}}', "structural", r"body\.c"),
        ("http://a/v1/chat", b'{"a":{"b":[true,2]},"c":"d"}', "structural", r"body\.a\.b\[0\]"),
        ("http://a/v1/chat", b'{"c":"d","a":{"b":[1,2]}}', "strict", "spelling"),
        ("http://a/v1/chat", b"not json", "structural", "body"),
        ("http://b/v1/chat", b'{"a":{"b":[1,2]},"c":"d"}', "strict", "http://a/v1/chat"),
        ("http://a/v2", b"", "structural", "POST /v1/chat"),
        ("http://a/v1/chat", b"", "sloppy", "neither strict nor structural"),
    ],
)
def test_a_request_that_was_not_recorded_says_where_it_differs(
    both: Both, url: str, body: bytes, match: str, why: str
) -> None:
    with pytest.raises(ConfigurationError, match=why):
        both.send(Replay(CASSETTE, match=cast("Match", match)), outgoing(url, body))


def test_a_structural_match_looks_at_the_json_and_not_at_its_spelling_or_host(both: Both) -> None:
    request = outgoing("http://b/v1/chat?x=y", b'{ "c": "d", "a": {"b": [1, 2]}}')
    assert both.send(Replay(CASSETTE, match="structural"), request).status == 200


def test_a_function_may_decide_what_fits(both: Both) -> None:
    def any_chat(recorded: Sent, made: Sent) -> bool:
        return recorded.url == made.url

    assert both.send(Replay(CASSETTE, match=any_chat), outgoing("http://a/v1/chat", b"other")).status == 200


def test_frames_replay_as_frames(both: Both) -> None:
    frames = (Frame("one"), Frame(b"two", event="e", id="i"))
    reads = (Received(0, None), Received(0, frames))
    sent = Sent(method="GET", url="ws://a/", body=b"")
    replay = Replay(Cassette((Exchange(request=sent, status=101, reads=reads),), channel="websocket"))
    assert replay.channel == "websocket"
    stream = both.open(replay, outgoing("ws://a/", b"", method="GET"))
    assert stream.receive(soon()) == frames
    assert stream.receive(soon()) is None


def test_an_exchange_without_head_or_error_says_so(both: Both) -> None:
    replay = Replay(Cassette((Exchange(request=Sent(method="GET", url="http://a/"), end="left"),)))
    with pytest.raises(TransportError, match="holds no reply"):
        both.send(replay, outgoing("http://a/", b"", method="GET"))


def test_a_closed_replay_wakes_whoever_waits() -> None:
    reads = (Received(0, None), Received(30, b"a"))
    replay = Replay(Cassette((Exchange(request=Sent(method="GET", url="http://a/"), status=200, reads=reads),)), pace=1)
    stream = replay.open(outgoing("http://a/", b"", method="GET"), soon())
    threading.Timer(0.1, stream.close, kwargs={"reuse": False}).start()
    with pytest.raises(TransportError, match="closed"):
        stream.receive(soon())


def test_a_fault_may_stand_in_place_of_the_head(both: Both) -> None:
    fault = Fault(kind="time", message="late", after=0.1, phase="connect", seconds=10)
    cassette = Cassette((Exchange(request=Sent(method="GET", url="http://a/"), end=fault),))
    with pytest.raises(TimedOut) as late:
        both.open(Replay(cassette, pace=1), outgoing("http://a/", b"", method="GET"))
    assert (late.value.phase, late.value.seconds) == ("connect", 10)


def test_exchanges_that_overlap_are_recorded_each_by_itself(tape: Path) -> None:
    async def main(address: str) -> None:
        http = HTTPTransport()
        recording = Recording(http, tape)

        async def one(number: int) -> None:
            stream = await recording.aopen(outgoing(f"{address}/stream/{number}"), soon())
            while await stream.areceive(soon()) is not None:
                pass
            await stream.aclose(reuse=True)

        await asyncio.gather(*(one(number) for number in range(10)))
        await recording.aclose()

    with Server(script) as server:
        asyncio.run(main(server.address))
    lines = [json.loads(line) for line in tape.read_text().splitlines()]
    assert lines[0] == {"cassette": 1, "channel": "http"}
    assert len(lines) == 11
    for exchange in load(tape).exchanges:
        assert b"".join(cast("bytes", read.data) for read in exchange.reads[1:]) == b"".join(PIECES)


def test_a_recording_passes_everything_on(make: Callable[..., Blocking | Looped], tape: Path) -> None:
    with Server(script) as server:
        http = make()
        recording = Recording(http.transport, tape)
        assert recording.channel == "http"
        if isinstance(http, Blocking):
            assert recording.send(outgoing(server.address, b"x"), soon()).body == b"x"
            recording.close()
        assert http.send(outgoing(server.address, b"y"), soon()).body == b"y"
