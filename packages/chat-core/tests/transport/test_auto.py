"""WebSockets where there are any, HTTP where not, through the front door in both colours."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING

import pytest
from loopback import serving
from peers import Peer, Server, soon
from toy import Toy
from wspeers import LANES, Caller, WSServer, WSToy, asking, echo, text_of

from chat_core import AsyncChat, Chat
from chat_core.codec.fold import fold
from chat_core.errors import ConnectFailed, ProviderError, TransportError, UnsupportedTransport
from chat_core.flow.retry import NEVER
from chat_core.plugins.registry import registry
from chat_core.transport.auto import AutoTransport
from chat_core.transport.http import HTTPTransport
from chat_core.transport.recording import Recording
from chat_core.transport.replay import Replay
from chat_core.transport.websocket import WebSocketTransport

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.codec.wire import Lane
    from chat_core.events import Event
    from chat_core.transport.protocol import AsyncTransport, Transport

    Both = WebSocketTransport | AutoTransport | Recording | Replay

KEY = "sk-canary-0123456789abcdef"


def through(colour: str, transport: Both, url: str, text: str, *, lane: Lane | None = None) -> tuple[list[Event], str]:
    """Stream an answer through the front door; return its events and its text as a whole answer."""
    toy = WSToy(base_url=url, lane=lane)

    async def main() -> tuple[list[Event], str]:
        chat = AsyncChat("m", provider=toy, api_key=KEY, transport=transport, retry=NEVER)
        events = [event async for event in chat.stream(text)]
        whole = (await chat.complete(text)).text
        return events, whole

    if colour == "asyncio":
        return asyncio.run(main())
    chat = Chat("m", provider=toy, api_key=KEY, transport=transport, retry=NEVER)
    with chat.stream(text) as stream:
        events = list(stream)
    return events, chat.complete(text).text


COLOURS = pytest.mark.parametrize("colour", ["blocking", "asyncio"])


@COLOURS
@pytest.mark.parametrize("lane", [None, LANES])
def test_a_chat_over_a_websocket_is_a_chat(colour: str, lane: Lane | None) -> None:
    transport = WebSocketTransport()
    with WSServer(echo) as server:
        events, whole = through(colour, transport, f"http{server.address[2:]}", "hello", lane=lane)
        transport.close()
        assert [caller.ws.request.headers["authorization"] for caller in server.callers if caller.ws.request] == [
            f"Bearer {KEY}"
        ] * len(server.callers)
    assert fold(events).text == whole == "hello"


@COLOURS
def test_without_a_websocket_auto_goes_on_over_http_and_remembers(colour: str) -> None:
    transport = AutoTransport()
    with serving() as url:
        events, whole = through(colour, transport, url, "Hi")
        assert fold(events).text == whole == f"Hi Bearer {KEY}"
        attempts = fold(events).attempts
        assert len(attempts) == 2
        assert (attempts[1].cause or "").startswith(("ServerError", "InvalidRequest"))
        chat = Chat("m", provider=WSToy(base_url=url), api_key=KEY, transport=transport)
        again = chat.complete("Hi").response
        assert "s ago" in (again.attempts[1].cause or "")
    transport.close()


def test_auto_prefers_a_websocket() -> None:
    transport = AutoTransport()
    with WSServer(echo) as server:
        events, whole = through("blocking", transport, f"http{server.address[2:]}", "hello")
        assert len(fold(events).attempts) == 1
    assert whole == "hello"
    transport.close()


def test_a_websocket_alone_falls_back_to_nothing() -> None:
    transport = WebSocketTransport()
    with serving() as url:
        chat = Chat("m", provider=WSToy(base_url=url), api_key=KEY, transport=transport, retry=NEVER)
        with pytest.raises(ProviderError):
            chat.complete("Hi")
    transport.close()


def test_auto_does_not_fall_back_once_an_event_was_seen() -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "He"})
        caller.drop()

    transport = AutoTransport()
    with WSServer(script) as server:
        chat = Chat("m", provider=WSToy(base_url=f"http{server.address[2:]}"), api_key=KEY, transport=transport)
        with pytest.raises(TransportError) as caught:
            list(chat.stream("Hi"))
        assert caught.value.partial is not None
        assert caught.value.partial.text == "He"
        assert len(server.callers) == 1
    transport.close()


def test_auto_speaks_http_with_a_provider_that_has_nothing_else() -> None:
    transport = AutoTransport()
    with serving() as url:
        chat = Chat("m", provider=Toy(base_url=url), api_key=KEY, transport=transport)
        response = chat.complete("Hi").response
        assert (response.text, len(response.attempts)) == (f"Hi Bearer {KEY}", 1)
    transport.close()


def test_a_provider_without_websockets_is_refused_when_the_client_is_made() -> None:
    with pytest.raises(UnsupportedTransport, match="does not speak over websocket, only over http"):
        Chat("m", provider=Toy(), transport="websocket")


def test_the_transports_can_be_had_by_name() -> None:
    assert isinstance(registry().transport("websocket"), WebSocketTransport)
    assert isinstance(registry().transport("auto"), AutoTransport)


def test_a_service_is_asked_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = AutoTransport()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"ws://127.0.0.1:{port}"
    with pytest.raises(ConnectFailed, match="refused"):
        transport.open(asking(url), soon())
    with pytest.raises(ConnectFailed, match="ago"):
        transport.open(asking(f"{url}/other"), soon())
    monkeypatch.setattr("chat_core.transport.auto.monotonic", lambda: soon(301))
    with WSServer(echo, port=port):
        assert text_of(transport.open(asking(url), soon())) == "hi"
    transport.close()


def test_other_services_are_not_held_responsible() -> None:
    transport = AutoTransport()
    with WSServer(echo) as server:
        with pytest.raises(ConnectFailed):
            transport.open(asking("ws://127.0.0.1:1"), soon())
        assert text_of(transport.open(asking(server.address), soon())) == "hi"
    transport.close()


def test_plain_requests_pass_through_auto() -> None:
    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.reply(b"[1]", "404 Not Found")

    transport = AutoTransport()
    with Server(script) as server:
        for _ in range(2):
            assert transport.send(asking(server.address), soon()).status == 404
            assert transport.open(asking(server.address), soon()).head.status == 404

        async def both() -> list[int]:
            sent = await transport.asend(asking(server.address), soon())
            opened = await transport.aopen(asking(server.address), soon())
            await opened.aclose(reuse=True)
            await transport.aclose()
            return [sent.status, opened.head.status]

        assert asyncio.run(both()) == [404, 404]
    transport.close()


# Recording


@COLOURS
def test_what_a_websocket_said_is_recorded_as_frames_and_replays_equal(colour: str, tmp_path: Path) -> None:
    async def script(caller: Caller) -> None:
        while True:
            await caller.asked()
            await caller.say({"text": "Your key: "})
            await caller.say({"text": KEY})
            await caller.ws.send(b'{"text":"!"}')
            await caller.say({"done": True})

    path = tmp_path / "ws.jsonl"
    inner = WebSocketTransport()
    with WSServer(script) as server:
        url = f"http{server.address[2:]}"
        recorded, whole = through(colour, Recording(inner, path), url, "Hi")
    inner.close()
    text = path.read_text()
    assert KEY not in text
    first, *exchanges = [json.loads(line) for line in text.splitlines()]
    assert first == {"cassette": 1, "channel": "websocket"}
    assert [exchange["status"] for exchange in exchanges] == [101, 101]
    assert all(exchange["end"] == "complete" for exchange in exchanges)
    frames = [frame for read in exchanges[0]["reads"] if read[1] for frame in read[1]["frames"]]
    assert [frame.get("binary", False) for frame in frames] == [False, False, True, False]
    replayed, again = through(colour, Replay(path), url, "Hi")
    assert fold(recorded).text == whole == f"Your key: {KEY}!"
    assert fold(replayed).text == again == f"Your key: {'*' * len(KEY)}!"
    assert [type(event) for event in replayed] == [type(event) for event in recorded]


@COLOURS
def test_a_loss_in_the_middle_is_recorded_and_replays(colour: str, tmp_path: Path) -> None:
    async def script(caller: Caller) -> None:
        await caller.asked()
        await caller.say({"text": "He"})
        await caller.ws.close(1011, "sorry")

    path = tmp_path / "ws.jsonl"
    inner = WebSocketTransport()
    with WSServer(script) as server:
        url = f"http{server.address[2:]}"
        for make in (lambda: Recording(inner, path), lambda: Replay(path)):
            with pytest.raises(TransportError, match="code 1011") as caught:
                through(colour, make(), url, "Hi")
            assert caught.value.partial is not None
            assert caught.value.partial.text == "He"
    inner.close()


def test_http_is_untouched_by_it() -> None:
    transports: list[Transport | AsyncTransport] = [HTTPTransport(), WebSocketTransport(), AutoTransport()]
    assert [transport.channel for transport in transports] == ["http", "websocket", "websocket"]
