"""Live sessions recorded, and played again: both sides, in order, without a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from living import Blocking, Looped, Side, answer_of, serving
from peers import PATIENCE

from chat_core import tool
from chat_core.demo import Demo
from chat_core.errors import ConfigurationError, TransportError
from chat_core.live import NativeInput
from chat_core.transport.cassette import dumps, load, loads
from chat_core.transport.http import HTTPTransport
from chat_core.transport.recording import Recording
from chat_core.transport.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from living import Colour, Session

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import WireRequest

KEY = "sk-canary-0123456789"


@pytest.fixture(params=["blocking", "asyncio"])
def colour(request: pytest.FixtureRequest) -> Iterator[Colour]:
    found = Blocking() if request.param == "blocking" else Looped()
    yield found
    found.close()


@tool
def double(n: int) -> int:
    return 2 * n


def authorize(demo: Demo, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG001 - the seam's signature
    return {"authorization": f"Bearer {secret.value}"}


async def script(side: Side) -> None:
    await side.begin()
    await side.told("say")
    await side.call(("c", "double", {"n": 2}))
    await side.told("results")
    await side.say(b"\x01\x02", {"words": f"four, {KEY}"}, {"finish": "stop"})
    await side.caller.ws.close()


def test_a_session_that_was_recorded_is_played_again(
    colour: Colour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Demo, "authorize", authorize)
    path = tmp_path / "live.jsonl"
    with serving(script) as server:
        address = server.address
        recording = Recording(HTTPTransport(), path)
        with colour.live(address, client={"api_key": KEY}, transport=recording, tools=[double]) as session:
            session.send("Two?")
            until_over(session)
            first = session.messages
    assert KEY not in path.read_text()
    (exchange,) = load(path).exchanges
    assert exchange.live
    assert loads(dumps(exchange)).exchanges == (exchange,)
    assert {read.said for read in exchange.reads if read.data} == {True, False}

    replay = Replay(path)
    with colour.live(address, transport=replay, tools=[double]) as session:
        session.send("Two?")
        until_over(session)
        assert [message.role for message in session.messages] == [message.role for message in first]
    assert replay.left == ()


def until_over(session: Session) -> None:
    while session.receive(PATIENCE) is not None:
        pass


def test_saying_something_else_than_was_recorded_is_an_error(colour: Colour, tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"

    async def brief(side: Side) -> None:
        await side.begin()
        await side.told("say")
        await side.answer("ok")
        await side.stay()

    with serving(brief) as server:
        address = server.address
        with colour.live(address, transport=Recording(HTTPTransport(), path)) as session:
            session.send("Hi")
            assert answer_of(session) == "ok"
    with colour.live(address, transport=Replay(path)) as session:
        session.send("Ho")
        with pytest.raises(ConfigurationError, match=r"differs at message\.say"):
            answer_of(session)
    with colour.live(address, transport=Replay(path)) as session:
        session.send("Hi")
        assert answer_of(session) == "ok"
        with pytest.raises(TransportError, match="left the session"):
            session.receive(PATIENCE)


def test_a_secret_that_the_service_is_told_is_not_recorded_and_the_session_is_played(
    colour: Colour, tmp_path: Path
) -> None:
    path = tmp_path / "live.jsonl"
    told = NativeInput("demo", {"server": {"headers": {"Authorization": f"Bearer {KEY}"}}})

    async def echoing(side: Side) -> None:
        await side.begin()
        await side.told("server")
        await side.answer(f"with {KEY}")
        await side.stay()

    with serving(echoing) as server:
        address = server.address
        with colour.live(address, transport=Recording(HTTPTransport(), path)) as session:
            session.send(told)
            assert KEY in answer_of(session)
    assert KEY not in path.read_text()
    with colour.live(address, transport=Replay(path)) as session:
        session.send(told)
        assert answer_of(session).startswith("with ***")


def test_what_a_session_is_taken_up_with_is_not_recorded_and_it_is_played(colour: Colour, tmp_path: Path) -> None:
    path, inner = tmp_path / "live.jsonl", KEY.removeprefix("sk-")
    told = NativeInput("demo", {"sessionResumption": {"handle": KEY}})

    async def giving(side: Side) -> None:
        await side.begin()
        await side.say({"sessionResumptionUpdate": {"newHandle": inner, "resumable": True}})
        await side.told("sessionResumption")
        await side.answer(f"with {KEY}")
        await side.stay()

    with serving(giving) as server:
        address = server.address
        with colour.live(address, transport=Recording(HTTPTransport(), path)) as session:
            session.send(told)
            assert KEY in answer_of(session)
    assert inner not in path.read_text()
    assert "sk-" not in path.read_text()  # of two secrets the longer one is masked first
    with colour.live(address, transport=Replay(path)) as session:
        session.send(told)
        assert answer_of(session).startswith("with ***")
