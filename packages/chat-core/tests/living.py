"""Live sessions of both colours behind one face, and a service on loopback whose behaviour each test writes."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, TypeVar, Unpack, cast

from peers import PATIENCE
from wspeers import Caller, WSServer

from chat_core import AsyncChat, Chat
from chat_core.codec.live import Live
from chat_core.codec.wire import dump
from chat_core.demo import Demo
from chat_core.demo_live import DemoLive
from chat_core.events import ResponseEnd, TextDelta
from chat_core.jsonvalue import parse_object
from chat_core.setup import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from chat_core.alivesession import AsyncLiveSession
    from chat_core.approval import Decision
    from chat_core.codec.wire import WireJSON
    from chat_core.jsonvalue import JSONObject
    from chat_core.live import LiveEvent, LiveInput
    from chat_core.livesession import LiveSession
    from chat_core.livesessions.beginning import LiveAsking, LiveUpdate
    from chat_core.messages import Message
    from chat_core.response import Usage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DemoAt(Demo):
    """The demo's provider, whose live sessions are at an address of the test's."""

    url: str = ""

    @property
    def capabilities(self) -> Mapping[type, object]:
        return {Live: DemoLive(self.origin("demo"), self.url)}


class Side:
    """The service's side of one session."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.begun: JSONObject = {}

    async def hear(self) -> JSONObject | bytes:
        """Return the next message: sound as it is."""
        message = await self.caller.ws.recv()
        return message if isinstance(message, bytes) else parse_object(message)

    async def told(self, name: str) -> JSONObject:
        """Return the next message that says this, letting go of sound and what else is said before."""
        while True:
            message = await self.hear()
            if isinstance(message, dict) and name in message:
                return message

    async def say(self, *values: WireJSON) -> None:
        for value in values:
            await self.caller.ws.send(value if isinstance(value, bytes) else dump(value).decode())

    async def begin(self) -> JSONObject:
        """Take the beginning, and say that the session is on."""
        self.begun = await self.told("begin")
        await self.say({"ready": f"live_{self.caller.number}"})
        return self.begun

    async def answer(self, *words: str) -> None:
        """Answer in words."""
        await self.say(*({"text": word} for word in words), {"finish": "stop"})

    async def call(self, *calls: tuple[str, str, WireJSON]) -> None:
        """Answer with calls: their ids, names and arguments."""
        for call_id, name, arguments in calls:
            text = arguments if isinstance(arguments, str) else dump(arguments).decode()
            await self.say({"call": {"id": call_id, "name": name}}, {"arguments": text})
        await self.say({"finish": "tool_calls"})

    async def stay(self) -> None:
        """Listen until the program leaves."""
        await self.caller.wait_gone()


Script: TypeAlias = "Callable[[Side], Awaitable[None]]"


def serving(script: Script) -> WSServer:
    """Return a service that plays a script to every session."""

    async def play(caller: Caller) -> None:
        await script(Side(caller))

    return WSServer(play)


class Session(Protocol):
    """A live session of either colour, seen from blocking code."""

    @property
    def id(self) -> str | None: ...
    @property
    def resume_token(self) -> str | None: ...
    @property
    def usage(self) -> Usage: ...
    @property
    def messages(self) -> tuple[Message, ...]: ...
    def receive(self, timeout: float | None = None) -> LiveEvent | None: ...
    def send(self, said: str | Message | LiveInput, *, timeout: float | None = 30.0) -> None: ...
    def send_audio(self, data: bytes | bytearray | memoryview, *, timeout: float | None = 30.0) -> None: ...
    def interrupt(self, heard: int | None = None) -> None: ...
    def end_turn(self, *, respond: bool = True) -> None: ...
    def update(self, **changes: Unpack[LiveUpdate]) -> None: ...
    def decide(self, call_id: str, decision: Decision) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *failure: object) -> None: ...


class Colour(Protocol):
    """A client of either colour, seen from blocking code."""

    def live(self, url: str, *, client: Settings | None = None, **asking: Unpack[LiveAsking]) -> Session: ...
    def close(self) -> None: ...


def at(url: str, client: Settings | None) -> Settings:
    """Return the settings of a client whose service is at an address."""
    settings = Settings(provider=DemoAt(url=url))
    settings.update(client or {})
    return settings


class Blocking:
    """The blocking colour as it is."""

    def live(self, url: str, *, client: Settings | None = None, **asking: Unpack[LiveAsking]) -> LiveSession:
        return Chat("demo", **at(url, client)).live(**asking)

    def close(self) -> None:
        pass


class Looped:
    """The asyncio colour, in a loop that runs in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE * 3)

    def live(self, url: str, *, client: Settings | None = None, **asking: Unpack[LiveAsking]) -> Session:
        chat = AsyncChat("demo", **at(url, client))
        return cast("Session", LoopedSession(self, chat.live(**asking)))

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.get_loop().run_forever()


class LoopedSession:
    """A session of `Looped`: what is awaited there blocks here."""

    def __init__(self, colour: Looped, inner: AsyncLiveSession) -> None:
        self.inner = inner
        self._colour = colour

    def __enter__(self) -> Self:
        self._colour.run(self.inner.__aenter__())
        return self

    def __exit__(self, *failure: object) -> None:
        self._colour.run(self.inner.__aexit__(*failure))

    def __getattr__(self, name: str) -> object:
        value = getattr(self.inner, name)
        if not callable(value):
            return value

        def call(*given: object, **named: object) -> object:
            return self._colour.run(cast("Coroutine[Any, Any, object]", value(*given, **named)))

        return call


def until(session: Session, kind: type[T], seconds: float = PATIENCE) -> tuple[list[LiveEvent], T]:
    """Take events up to one of a kind; return those before it, and it."""
    before: list[LiveEvent] = []
    while not isinstance(event := session.receive(seconds), kind):
        assert event is not None, f"the session ended after {before}"
        before.append(event)
    return before, event


def answer_of(session: Session) -> str:
    """Take events up to the end of an answer, and return its words."""
    before, end = until(session, ResponseEnd)
    assert "".join(event.text for event in before if isinstance(event, TextDelta)) == end.response.text
    return end.response.text
