"""The WebSocket transport against real sockets, in both colours: what is sent, what comes back, what is left behind."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import hashlib
import os
import pickle
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import trustme
from peers import PATIENCE, Peer, Server, certified, soon, trusting
from websockets.typing import Subprotocol
from wspeers import LANES, NAMED, Blocking, Caller, Looped, WSServer, answers, asking, echo, frames_of, text_of

from chat_core.codec.wire import Multipart
from chat_core.errors import (
    ChatError,
    ConfigurationError,
    ConnectFailed,
    SlowConsumer,
    TimedOut,
    TransportError,
    UnsupportedTransport,
)
from chat_core.transport.http import HTTPTransport
from chat_core.transport.pool import Counts
from chat_core.transport.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request as Asked
    from websockets.http11 import Response as Answered
    from wspeers import Colour

CANARY = "sk-canary-0123456789abcdef"


@pytest.fixture(params=["blocking", "asyncio"])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Colour]]:
    made: list[Blocking | Looped] = []

    def new(  # noqa: PLR0913 - what tests vary
        *,
        proxy: str | None = None,
        verify: bool | ssl.SSLContext = True,
        max_connections: int = 100,
        max_age: float = 60,
        ping_interval: float | None = 20,
        ping_timeout: float = 20,
        max_message: int = 10**8,
        max_queue: int = 10**7,
        compression: bool = False,
    ) -> Colour:
        transport = WebSocketTransport(
            proxy=proxy,
            verify=verify,
            max_connections=max_connections,
            max_age=max_age,
            ping_interval=ping_interval,
            ping_timeout=ping_timeout,
            max_message=max_message,
            max_queue=max_queue,
            compression=compression,
        )
        made.append(Blocking(transport) if request.param == "blocking" else Looped(transport))
        return made[-1]

    yield new
    for each in made:
        each.close()
    until = soon(5)
    while time.monotonic() < until and any(t.name == "chat-websocket" for t in threading.enumerate()):
        time.sleep(0.01)
    assert [thread for thread in threading.enumerate() if thread.name == "chat-websocket"] == []


@pytest.fixture
def ws(make: Callable[..., Colour]) -> Colour:
    return make()


def settled(wanted: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait until something is so."""
    until = soon(seconds)
    while not wanted() and time.monotonic() < until:
        time.sleep(0.01)
    return wanted()


# What is sent, what comes back


def test_messages_come_as_frames_as_they_were(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.ws.send("grüße\u2028")
        await caller.ws.send(b"\x00\xff")
        await caller.ws.send(["a", "b", "c"])
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        assert stream.head.status == 101
        found: list[str | bytes] = []
        while len(found) < 3:
            read = stream.receive(soon())
            assert isinstance(read, tuple)
            found += [frame.data for frame in read]
        assert found == ["grüße\u2028", b"\x00\xff", "abc"]
        stream.close(reuse=False)


def test_the_handshake_carries_headers_and_credentials_and_the_message_the_body(ws: Colour) -> None:
    heads: list[Asked] = []

    def look(_: ServerConnection, asked: Asked) -> None:
        heads.append(asked)

    with WSServer(echo, handshake=look) as server:
        request = asking(f"{server.address}/v1/x?y=1", headers={"X-A": "1"}, credentials={"Authorization": CANARY})
        assert text_of(ws.open(request, soon())) == "hi"
    assert heads[0].path == "/v1/x?y=1"
    assert heads[0].headers["authorization"] == CANARY
    assert heads[0].headers["x-a"] == "1"
    assert heads[0].headers["host"] == f"127.0.0.1:{server.port}"
    assert "content-type" not in heads[0].headers
    assert "content-length" not in heads[0].headers
    assert "sec-websocket-extensions" not in heads[0].headers


def test_bytes_are_sent_as_a_binary_message(ws: Colour) -> None:
    got: list[object] = []

    async def script(caller: Caller) -> None:
        got.append(await caller.ws.recv())
        await caller.say({"done": True})
        await caller.wait_gone()

    with WSServer(script) as server:
        request = asking(server.address)
        request = replace(request, wire=replace(request.wire, body=b"\x00\x01"), body=b"\x00\x01")
        frames_of(ws.open(request, soon()))
    assert got == [b"\x00\x01"]


def test_a_form_is_refused_before_it_is_sent(ws: Colour) -> None:
    with WSServer(echo) as server:
        request = asking(server.address)
        request = replace(request, wire=replace(request.wire, body=Multipart(())))
        with pytest.raises(ConfigurationError, match="JSON objects"):
            ws.open(request, soon())
        assert text_of(ws.open(asking(server.address), soon())) == "hi"


def test_messages_are_compressed_if_asked_for(make: Callable[..., Colour]) -> None:
    heads: list[Asked] = []

    def look(_: ServerConnection, asked: Asked) -> None:
        heads.append(asked)

    with WSServer(echo, handshake=look, compression="deflate") as server:
        ws = make(compression=True)
        for _ in range(3):
            assert text_of(ws.open(asking(server.address, "hello" * 20), soon())) == "hello" * 20
    assert "permessage-deflate" in heads[0].headers["sec-websocket-extensions"]


def test_what_has_an_address_of_http_goes_over_http() -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.reply(b"[1]")

    with Server(script) as server:
        transport = WebSocketTransport()
        assert transport.send(asking(server.address), soon()).body == b"[1]"
        stream = transport.open(asking(server.address), soon())
        assert stream.receive(soon()) == b"[1]"
        stream.close(reuse=True)
        transport.close()


def test_there_are_no_whole_replies_over_a_websocket() -> None:
    with pytest.raises(UnsupportedTransport, match="open a stream"):
        WebSocketTransport().send(asking("ws://127.0.0.1:1/"), soon())


@pytest.mark.parametrize("url", ["ws://a:b@127.0.0.1/", "wss:///x", "ws://127.0.0.1:99999/"])
def test_an_address_that_cannot_be_is_an_error_that_names_the_fix(ws: Colour, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"base_url|header"):
        ws.open(asking(url), soon())


# Connections


def test_a_connection_serves_again_once_its_answer_is_read(ws: Colour) -> None:
    with WSServer(echo) as server:
        for _ in range(3):
            assert text_of(ws.open(asking(server.address), soon())) == "hi"
        assert len(server.callers) == 1
        assert ws.counts() == Counts(0, 1, 0)


def test_without_lanes_requests_at_once_have_connections_of_their_own(ws: Colour) -> None:
    with WSServer(echo) as server:
        first, second = (ws.open(asking(server.address, text), soon()) for text in ("one", "two"))
        assert (text_of(second), text_of(first)) == ("two", "one")
        assert len(server.callers) == 2


def test_requests_share_a_connection_by_lanes_and_never_mix(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        asked = [await caller.asked() for _ in range(4)]
        queues = [answers(each, *str(each["text"])) for each in asked]
        while any(queues):
            for queue in queues:
                if queue:
                    await caller.say(queue.pop(0))
        await caller.wait_gone()

    texts = ["a", "bcd", "efghi", "jk"]
    with WSServer(script) as server:
        found: dict[str, str] = {}

        def ask(text: str) -> None:
            found[text] = text_of(ws.open(asking(server.address, text, lane=LANES), soon()))

        threads = [threading.Thread(target=ask, args=(text,)) for text in texts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert found == {text: text for text in texts}
        assert settled(lambda: len(server.callers) == 1)


def test_other_credentials_have_connections_of_their_own(ws: Colour) -> None:
    with WSServer(echo) as server:
        for key in ("one", "two", "one"):
            assert text_of(ws.open(asking(server.address, credentials={"authorization": key}), soon())) == "hi"
        assert len(server.callers) == 2


def test_the_connection_that_last_served_a_conversation_is_preferred(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        while True:
            for frame in answers(await caller.asked(), str(caller.number)):
                await caller.say(frame)

    with WSServer(script) as server:
        both = [ws.open(asking(server.address, affinity=name), soon()) for name in ("a", "b")]
        assert [text_of(stream) for stream in both] == ["0", "1"]
        for _ in range(3):
            assert text_of(ws.open(asking(server.address, affinity="a"), soon())) == "0"
            assert text_of(ws.open(asking(server.address, affinity="b"), soon())) == "1"


def test_a_connection_that_is_too_old_serves_no_more(make: Callable[..., Colour]) -> None:
    ws = make(max_age=0.2)
    with WSServer(echo) as server:
        assert text_of(ws.open(asking(server.address), soon())) == "hi"
        assert text_of(ws.open(asking(server.address), soon())) == "hi"
        assert len(server.callers) == 1
        time.sleep(0.25)
        assert text_of(ws.open(asking(server.address), soon())) == "hi"
        assert len(server.callers) == 2
        server.callers[0].gone.result(PATIENCE)


def test_an_answer_under_way_outlives_the_age_of_its_connection(make: Callable[..., Colour]) -> None:
    ws = make(max_age=0.1)

    async def script(caller: Caller) -> None:
        asked = await caller.asked()
        for frame in answers(asked, *"hello"):
            await caller.say(frame)
            await asyncio.sleep(0.05)
        await caller.wait_gone()

    with WSServer(script) as server:
        assert text_of(ws.open(asking(server.address, lane=LANES), soon())) == "hello"


def test_a_connection_closed_while_it_rested_is_not_used(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        for frame in answers(await caller.asked(), "x"):
            await caller.say(frame)
        await caller.ws.close(1001)

    with WSServer(script) as server:
        for number in range(3):
            assert text_of(ws.open(asking(server.address), soon())) == "x"
            server.callers[number].gone.result(PATIENCE)
            time.sleep(0.05)
        assert len(server.callers) == 3


def test_a_request_whose_connection_had_rested_and_died_is_sent_once_more(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        for frame in answers(await caller.asked(), "x"):
            await caller.say(frame)
        await caller.asked()
        caller.drop()

    with WSServer(script) as server:
        assert text_of(ws.open(asking(server.address), soon())) == "x"
        assert text_of(ws.open(asking(server.address), soon())) == "x"
        assert len(server.callers) == 2


def test_a_farewell_to_a_resting_connection_that_crosses_a_request_costs_nothing(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        for frame in answers(await caller.asked(), "x"):
            await caller.say(frame)
        if caller.number == 0:
            await caller.asked()
            await caller.ws.close(1001)
        await caller.wait_gone()

    with WSServer(script) as server:
        assert text_of(ws.open(asking(server.address), soon())) == "x"
        assert text_of(ws.open(asking(server.address), soon())) == "x"
        assert len(server.callers) == 2


def test_a_subprotocol_is_asked_for_by_a_header(ws: Colour) -> None:
    def look(connection: ServerConnection, asked: Asked) -> None:
        connection.protocol.available_subprotocols = [Subprotocol(asked.headers["Sec-WebSocket-Protocol"])]

    with WSServer(echo, handshake=look) as server:
        request = asking(server.address, headers={"Sec-WebSocket-Protocol": "realtime"})
        assert text_of(ws.open(request, soon())) == "hi"


def test_a_request_on_a_new_connection_is_not_sent_again(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        caller.drop()

    with WSServer(script) as server:
        with pytest.raises(TransportError, match="without a farewell"):
            ws.open(asking(server.address), soon())
        assert len(server.callers) == 1
    assert ws.counts() == Counts(0, 0, 0)


def test_what_comes_unasked_makes_a_resting_connection_useless(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        for frame in answers(await caller.asked(), "x"):
            await caller.say(frame)
        await asyncio.sleep(0.05)
        await caller.say({"text": "stale"})
        for frame in answers(await caller.asked(), "y"):
            await caller.say(frame)

    with WSServer(script) as server:
        assert text_of(ws.open(asking(server.address), soon())) == "x"
        time.sleep(0.2)
        assert text_of(ws.open(asking(server.address), soon())) == "x"
        assert len(server.callers) == 2


def test_what_came_beyond_the_end_makes_its_connection_useless(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        asked = await caller.asked()
        await caller.ws.send(["a"])
        caller.ws.transport.write(b'\x81\x0d{"done":true}\x81\x10{"text":"stale"}')
        await caller.wait_gone()
        assert asked

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        time.sleep(0.1)
        stream.close(reuse=True)  # as a decoder does whose answer is complete
        assert ws.counts() == Counts(0, 0, 0)


def test_leaving_early_closes_the_connection_at_once(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "a"})
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        stream.close(reuse=False)
        server.callers[0].gone.result(PATIENCE)
        assert server.callers[0].ws.close_code == 1001
        assert ws.counts() == Counts(0, 0, 0)
        with pytest.raises(TransportError, match="closed"):
            stream.receive(soon())


def test_leaving_a_lane_early_leaves_the_others_alone(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        first = await caller.asked()
        await caller.say(answers(first, "a")[0])
        second = await caller.asked()
        await caller.say(answers(second, "b")[0])
        await asyncio.sleep(0.2)
        await caller.say(answers(first, "late")[0])
        await caller.say(answers(second)[0])
        await caller.wait_gone()

    with WSServer(script) as server:
        left = ws.open(asking(server.address, "1", lane=LANES), soon())
        kept = ws.open(asking(server.address, "2", lane=LANES), soon())
        left.close(reuse=False)
        third = ws.open(asking(server.address, "3", lane=LANES), soon())  # on another one: the first takes no more
        third.close(reuse=False)
        assert text_of(kept) == "b"
        server.callers[0].gone.result(PATIENCE)
        assert len(server.callers) == 2


def test_a_lane_that_can_be_cancelled_is_and_its_connection_serves_on(ws: Colour) -> None:
    got: list[object] = []

    async def script(caller: Caller) -> None:
        while True:
            asked = await caller.asked()
            got.append(asked.get("cancel") or asked["text"])
            if "text" in asked:
                await caller.say(answers(asked, "x")[0])
            if asked.get("text") == "whole":
                await caller.say(answers(asked)[0])

    with WSServer(script) as server:
        left = ws.open(asking(server.address, "left", lane=NAMED), soon())
        left.close(reuse=False)
        assert text_of(ws.open(asking(server.address, "whole", lane=NAMED), soon())) == "x"
        assert len(server.callers) == 1
        assert got == ["left", "1", "whole"]


def test_a_connection_whose_names_are_used_up_takes_no_more(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        while True:
            asked = await caller.asked()
            if "text" in asked:
                await caller.say(answers(asked, "x")[0])

    with WSServer(script) as server:
        for number in range(7):
            ws.open(asking(server.address, str(number), lane=NAMED), soon()).close(reuse=False)
        assert len(server.callers) == 3  # three of four names can be left before two requests at once find none


def test_what_is_for_the_connection_reaches_every_lane(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        asked = [await caller.asked() for _ in range(2)]
        for each in asked:
            await caller.say(answers(each, "x")[0])
        await caller.say({"kind": "limits"})
        for each in asked:
            await caller.say(answers(each)[0])
        await caller.wait_gone()

    with WSServer(script) as server:
        streams: list[object] = []
        texts: list[list[object]] = []

        def ask(text: str) -> None:
            stream = ws.open(asking(server.address, text, lane=LANES), soon())
            streams.append(stream)
            texts.append([frame.get("kind") for frame in frames_of(stream)])
            stream.close(reuse=True)

        threads = [threading.Thread(target=ask, args=(text,)) for text in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    assert texts == [[None, "limits", None]] * 2


def test_a_message_for_nobody_breaks_the_connection(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        asked = await caller.asked()
        await caller.say(answers(asked, "x")[0])
        await caller.say({"text": "?", "lane": "77"})
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address, lane=LANES), soon())
        with pytest.raises(TransportError, match="never sent"):
            frames_of(stream)
        server.callers[0].gone.result(PATIENCE)


# Bounds


def test_a_request_waits_for_a_place_and_a_freed_lane_is_one(make: Callable[..., Colour]) -> None:
    ws = make(max_connections=1)
    with WSServer(echo) as server:
        held = [ws.open(asking(server.address, "x", lane=LANES), soon()) for _ in range(4)]
        with pytest.raises(TimedOut) as caught:
            ws.open(asking(server.address, lane=LANES, pool=0.05), soon())
        assert caught.value.phase == "pool"
        found: list[str] = []
        waiting = threading.Thread(
            target=lambda: found.append(text_of(ws.open(asking(server.address, "y", lane=LANES), soon())))
        )
        waiting.start()
        assert settled(lambda: ws.counts().waiting == 1)
        assert text_of(held[0]) == "x"
        waiting.join(PATIENCE)
        assert found == ["y"]
        assert ws.counts() == Counts(1, 0, 0)
        for stream in held[1:]:
            stream.close(reuse=False)


def test_a_message_that_is_too_long_is_an_error_that_is_not_tried_again(make: Callable[..., Colour]) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.ws.send("x" * 2000)
        await caller.wait_gone()

    with WSServer(script) as server:
        with pytest.raises(TransportError, match="more than 1000 bytes") as caught:
            make(max_message=1000).open(asking(server.address), soon())
        assert caught.value.retryable is False


def test_the_lane_of_a_slow_reader_closes_alone(make: Callable[..., Colour]) -> None:
    ws = make(max_queue=100_000)

    async def script(caller: Caller) -> None:
        slow, quick = await caller.asked(), await caller.asked()
        if slow["text"] != "slow":
            slow, quick = quick, slow
        await caller.say(answers(slow, "a")[0])
        for _ in range(300):
            await caller.say(answers(slow, "x" * 1000)[0])
        for frame in answers(quick, "q"):
            await caller.say(frame)
        await caller.wait_gone()

    with WSServer(script) as server:
        found: list[str] = []

        def ask() -> None:
            found.append(text_of(ws.open(asking(server.address, "quick", lane=LANES), soon())))

        thread = threading.Thread(target=ask)
        thread.start()
        slow = ws.open(asking(server.address, "slow", lane=LANES), soon())
        thread.join(PATIENCE)
        assert found == ["q"]
        with pytest.raises(SlowConsumer) as caught:
            frames_of(slow)
        assert caught.value.retryable is False


def test_without_lanes_a_slow_reader_slows_the_service(make: Callable[..., Colour]) -> None:
    ws = make(max_queue=100_000)
    sent: list[int] = []

    async def script(caller: Caller) -> None:
        asked = await caller.asked()
        for number in range(3000):
            await caller.say({"text": "x" * 10_000})
            sent.append(number)
        await caller.say(answers(asked)[0])
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        time.sleep(0.7)
        held = len(sent)
        assert held < 2500
        assert len(frames_of(stream)) == 3001
        stream.close(reuse=True)


# Time


@pytest.mark.parametrize("phase", ["connect", "read"])
def test_a_handshake_that_is_not_answered_names_its_phase(ws: Colour, phase: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.wait_gone()

    with Server(script) as server:
        url = f"ws{server.address[4:]}"
        if phase == "connect":
            full = socket.create_server(("127.0.0.1", 0), backlog=0)
            port = full.getsockname()[1]
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            with pytest.raises(TimedOut) as caught:
                ws.open(asking(f"ws://127.0.0.1:{port}", connect=0.2), soon())
            for each in (*fillers, full):
                each.close()
        else:
            with pytest.raises(TimedOut) as caught:
                ws.open(asking(url), soon(0.2))
        assert caught.value.phase == phase
        assert ws.counts() == Counts(0, 0, 0)


def test_an_answer_that_does_not_come_ends_in_time_and_the_connection_with_it(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.wait_gone()

    with WSServer(script) as server:
        began = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            ws.open(asking(server.address), soon(0.2))
        assert time.monotonic() - began < 2
        assert caught.value.phase == "read"
        server.callers[0].gone.result(PATIENCE)
    assert ws.counts() == Counts(0, 0, 0)


def test_an_answer_that_stops_ends_in_time(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "a"})
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        assert stream.receive(soon()) is not None
        with pytest.raises(TimedOut):
            stream.receive(soon(0.1))
        server.callers[0].gone.result(PATIENCE)


def test_a_service_that_takes_nothing_ends_in_time(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        caller.ws.transport.pause_reading()
        await caller.ws.wait_closed()

    with WSServer(script) as server:
        with pytest.raises(TimedOut):
            ws.open(asking(server.address, "x" * 30_000_000), soon(0.5))
        assert ws.counts() == Counts(0, 0, 0)
        server.soon(server.callers[0].drop)


def test_a_request_that_is_long_arrives_whole(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        asked = await caller.asked()
        for frame in answers(asked, str(len(str(asked["text"])))):
            await caller.say(frame)
        await caller.wait_gone()

    with WSServer(script) as server:
        assert text_of(ws.open(asking(server.address, "x" * 9_000_000), soon())) == "9000000"


def test_pings_keep_a_silent_connection_and_are_no_frames(make: Callable[..., Colour]) -> None:
    ws = make(ping_interval=0.05, ping_timeout=5)

    async def script(caller: Caller) -> None:
        asked = await caller.asked()
        await asyncio.sleep(0.4)
        for frame in answers(asked, "x"):
            await caller.say(frame)
        await caller.wait_gone()

    with WSServer(script) as server:
        assert text_of(ws.open(asking(server.address), soon())) == "x"


def test_a_service_that_answers_no_ping_is_given_up(make: Callable[..., Colour]) -> None:
    ws = make(ping_interval=0.1, ping_timeout=0.1)

    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "a"})
        caller.ws.transport.pause_reading()
        await asyncio.sleep(0.6)

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        with pytest.raises(TransportError, match="did not answer a ping"):
            frames_of(stream)
        assert ws.counts() == Counts(0, 0, 0)


def test_pings_of_the_service_are_answered_while_nobody_reads(ws: Colour) -> None:
    pongs: list[float] = []

    async def script(caller: Caller) -> None:
        asked = await caller.asked()
        await caller.say({"text": "a"})
        pongs.append(await (await caller.ws.ping()))
        await caller.say(answers(asked)[0])
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        assert settled(lambda: len(pongs) == 1)
        frames_of(stream)
        stream.close(reuse=True)


# How it ends


@pytest.mark.parametrize(
    ("code", "words", "retryable"),
    [
        (1001, "goes away", True),
        (1008, "broke its rules", False),
        (1009, "too long", False),
        (1011, "failed", True),
        (1012, "starts anew", True),
        (1013, "too much to do", True),
        (4321, "code of its own", True),
    ],
)
def test_a_closing_in_the_middle_says_why(ws: Colour, code: int, words: str, retryable: bool) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "a"})
        await caller.ws.close(code, "because")

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        with pytest.raises(TransportError, match=words) as caught:
            frames_of(stream)
        assert f"code {code}): because" in caught.value.message
        assert caught.value.retryable is retryable
        pickle.loads(pickle.dumps(caught.value))


def test_a_normal_closing_after_something_came_is_the_end_of_input(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "a"})
        await caller.ws.close(1000)

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        assert frames_of(stream) == [{"text": "a"}]
        assert stream.receive(soon()) is None
        stream.close(reuse=True)
    assert ws.counts() == Counts(0, 0, 0)


@pytest.mark.parametrize("status", [302, 401, 404, 426, 503])
def test_a_refused_handshake_is_a_head_with_the_whole_body(ws: Colour, status: int) -> None:
    def refuse(connection: ServerConnection, _: Asked) -> Answered:
        return connection.respond(status, '{"error":{"message":"no"}}')

    with WSServer(echo, handshake=refuse) as server:
        stream = ws.open(asking(server.address), soon())
        assert stream.head.status == status
        assert stream.head.body == b'{"error":{"message":"no"}}'
        assert stream.receive(soon()) is None
        stream.close(reuse=True)
    assert ws.counts() == Counts(0, 0, 0)


def test_an_answer_that_is_no_handshake_is_no_connection(ws: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.reply(b"<html>")
        await peer.wait_gone()

    with Server(script) as server:
        with pytest.raises(ConnectFailed, match="HTTP 200") as caught:
            ws.open(asking(f"ws{server.address[4:]}"), soon())
        assert caught.value.retryable is False
    assert ws.counts() == Counts(0, 0, 0)


def test_a_handshake_with_a_wrong_proof_is_no_connection(ws: Colour) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            b"sec-websocket-accept: nonsense\r\n\r\n"
        )
        await peer.wait_gone()

    with Server(script) as server, pytest.raises(ConnectFailed, match="as the WebSocket protocol wants it"):
        ws.open(asking(f"ws{server.address[4:]}"), soon())


def test_nobody_there_is_no_connection(ws: Colour) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ConnectFailed, match="refused"):
        ws.open(asking(f"ws://127.0.0.1:{port}"), soon())
    assert ws.counts() == Counts(0, 0, 0)


def test_those_who_wait_for_a_connection_that_fails_fail_as_well(ws: Colour) -> None:
    def refuse(connection: ServerConnection, _: Asked) -> Answered:
        time.sleep(0.2)
        return connection.respond(401, "no")

    with WSServer(echo, handshake=refuse) as server:
        heads: list[int] = []

        def ask() -> None:
            heads.append(ws.open(asking(server.address, lane=LANES), soon()).head.status)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert heads == [401] * 3
    assert ws.counts() == Counts(0, 0, 0)


def test_those_who_find_the_connection_ended_leave_no_trace(ws: Colour) -> None:
    def slowly(_: ServerConnection, __: Asked) -> None:
        time.sleep(0.1)

    async def script(caller: Caller) -> None:
        caller.drop()

    with WSServer(script, handshake=slowly) as server:
        failed: list[Exception] = []

        def ask() -> None:
            try:
                ws.open(asking(server.address, lane=LANES), soon())
            except TransportError as error:
                failed.append(error)

        for _ in range(5):
            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(PATIENCE)
        assert len(failed) == 20
    assert ws.counts() == Counts(0, 0, 0)


def test_what_is_no_websocket_after_the_handshake_is_an_error(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        caller.ws.transport.write(b"\xff\xff\xff\xff\xff\xff")
        await caller.wait_gone()

    with WSServer(script) as server, pytest.raises(TransportError, match="not valid"):
        ws.open(asking(server.address), soon())


def test_text_that_is_no_text_is_an_error(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        caller.ws.transport.write(b"\x81\x02\xff\xfe")
        await caller.wait_gone()

    with WSServer(script) as server, pytest.raises(TransportError, match="not valid"):
        ws.open(asking(server.address), soon())


async def agree(peer: Peer, more: bytes) -> None:
    """Answer a handshake by hand, and send more in the same write."""
    got = await peer.request()
    key = got.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    proof = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    rows = f"upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {proof}\r\n"
    await peer.write(f"HTTP/1.1 101 .\r\n{rows}\r\n".encode() + more)


def test_closing_does_not_wait_for_a_service_that_does_not_react(make: Callable[..., Colour]) -> None:
    ws, reading = make(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await agree(peer, b'\x81\x0d{"done":true}')
        await reading.wait()

    with Server(script) as server:
        stream = ws.open(asking(f"ws{server.address[4:]}"), soon())
        stream.close(reuse=False)
        assert settled(lambda: not [t for t in threading.enumerate() if t.name == "chat-websocket"], 2)


def test_what_came_with_the_answer_to_the_handshake_is_not_lost(ws: Colour) -> None:
    async def script(peer: Peer) -> None:
        await agree(peer, b'\x81\x0d{"done":true}')
        await peer.wait_gone()

    with Server(script) as server:
        stream = ws.open(asking(f"ws{server.address[4:]}"), soon())
        assert frames_of(stream) == [{"done": True}]
        stream.close(reuse=True)


def test_closing_from_elsewhere_wakes_who_reads(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "a"})
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        stream.receive(soon())
        threading.Timer(0.1, lambda: stream.close(reuse=False)).start()
        began = time.monotonic()
        with pytest.raises(TransportError):
            stream.receive(soon())
        assert time.monotonic() - began < 5


def test_closing_the_transport_ends_what_is_under_way(make: Callable[..., Colour]) -> None:
    ws = make()

    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "a"})
        await caller.wait_gone()

    with WSServer(script) as server:
        stream = ws.open(asking(server.address), soon())
        if isinstance(ws, Looped):
            ws.run(ws.transport.aclose())
        else:
            ws.transport.close()
        server.callers[0].gone.result(PATIENCE)
        with pytest.raises(TransportError):
            frames_of(stream)


# Networks


def test_a_private_authority_is_trusted_if_told_and_the_error_names_the_fix(make: Callable[..., Colour]) -> None:
    authority = trustme.CA()
    with WSServer(echo, tls=certified(authority)) as server:
        with pytest.raises(ConnectFailed, match="verify="):
            make().open(asking(server.address), soon())
        context = trusting(authority, ssl.create_default_context())
        ws = make(verify=context)
        for _ in range(2):
            assert text_of(ws.open(asking(server.address, "x" * 300, lane=LANES), soon())) == "x" * 300
        assert text_of(ws.open(asking(server.address, "z" * 20_000), soon())) == "z" * 20_000


async def tunnel(peer: Peer) -> None:
    """Be a proxy that opens tunnels."""
    head = (await peer.reader.readuntil(b"\r\n\r\n")).decode()
    host, port = head.split()[1].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    await peer.write(b"HTTP/1.1 200 OK\r\n\r\n")

    async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                sink.write(data)
        sink.close()

    try:
        await asyncio.gather(carry(peer.reader, writer), carry(reader, peer.writer))
    finally:
        writer.close()


@pytest.mark.parametrize("where", ["argument", "environment"])
@pytest.mark.parametrize("over_tls", [False, True])
def test_a_proxy_is_gone_through(
    make: Callable[..., Colour], monkeypatch: pytest.MonkeyPatch, where: str, over_tls: bool
) -> None:
    authority = trustme.CA()
    context = trusting(authority, ssl.create_default_context())
    with (
        WSServer(echo, tls=certified(authority)) as server,
        Server(tunnel, certified(authority) if over_tls else None) as proxy,
    ):
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        if where == "environment":
            monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        ws = make(verify=context, proxy=proxy.address if where == "argument" else None)
        for text in ("hello", "x" * 50_000):
            assert text_of(ws.open(asking(server.address, text), soon())) == text
        assert len(proxy.peers) == 1
        ws.close()
        proxy.peers[0].gone.result(PATIENCE)


# Secrets, processes, what is left


def test_no_secret_shows_in_errors_and_repr(ws: Colour) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        caller.drop()

    with WSServer(script) as server:
        request = asking(server.address, credentials={"authorization": f"Bearer {CANARY}"})
        with pytest.raises(TransportError) as caught:
            ws.open(request, soon())
    text = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(ws.transport))
    assert CANARY not in text


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # that a test process has threads is the point
def test_a_child_after_a_fork_has_connections_of_its_own() -> None:
    async def script(caller: Caller) -> None:
        while True:
            for frame in answers(await caller.asked(), str(caller.number)):
                await caller.say(frame)

    with WSServer(script) as server:
        transport = WebSocketTransport()
        assert text_of(transport.open(asking(server.address), soon())) == "0"
        child = os.fork()
        if child == 0:
            try:
                os._exit(0 if text_of(transport.open(asking(server.address), soon())) == "1" else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        assert text_of(transport.open(asking(server.address), soon())) == "0"
        transport.close()


def test_a_transport_that_is_forgotten_ends_its_threads() -> None:
    with WSServer(echo) as server:
        transport = WebSocketTransport()
        assert text_of(transport.open(asking(server.address), soon())) == "hi"
        del transport
        gc.collect()
        server.callers[0].gone.result(PATIENCE)
    assert settled(lambda: not [t for t in threading.enumerate() if t.name == "chat-websocket"])


def test_each_loop_has_connections_of_its_own_and_leaves_none() -> None:
    transport = WebSocketTransport()

    async def ask(url: str) -> int:
        stream = await transport.aopen(asking(url), soon())
        while (read := await stream.areceive(soon())) is not None and b"done" not in str(read).encode():
            pass
        await stream.aclose(reuse=True)
        return len(asyncio.all_tasks())

    with WSServer(echo) as server:
        assert [asyncio.run(ask(server.address)) for _ in range(3)] == [2, 2, 2]
        assert len(server.callers) == 3
        for caller in server.callers:
            caller.gone.result(PATIENCE)


def test_a_cancelled_task_leaves_no_connection() -> None:
    transport = WebSocketTransport()

    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.wait_gone()

    async def main(url: str) -> Counts:
        task = asyncio.create_task(transport.aopen(asking(url), soon()))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return transport.counts(asyncio.get_running_loop())

    with WSServer(script) as server:
        assert asyncio.run(main(server.address)) == Counts(0, 0, 0)
        server.callers[0].gone.result(PATIENCE)


def test_without_the_package_the_error_names_the_extra() -> None:
    program = f"""
import sys
sys.path[:] = {sys.path!r}
sys.modules["websockets"] = None
from chat_core.errors import ConfigurationError
from chat_core.codec.wire import Outgoing, WireRequest
from chat_core.transport.websocket import WebSocketTransport
try:
    WebSocketTransport().open(Outgoing(wire=WireRequest(url="ws://127.0.0.1:1", body={{}})), None)
except ConfigurationError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'chat-core[websocket]'" in done.stdout


def test_making_one_loads_nothing() -> None:
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\nfrom chat_core.transport.websocket import WebSocketTransport\n"
        "WebSocketTransport()\nprint([name for name in ('websockets', 'httpx', 'httpcore') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_errors_are_of_one_family() -> None:
    assert issubclass(SlowConsumer, ChatError)
    assert HTTPTransport.channel != WebSocketTransport.channel
