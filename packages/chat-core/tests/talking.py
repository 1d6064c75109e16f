"""Sessions of both colours behind one face, so that one scenario runs on both."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from scripted import Model
from toy import MemoryTransport, Toy

from chat_core import AsyncChat, AsyncSession, Chat, Session, tool
from chat_core.flow.adrive import ADrive

if TYPE_CHECKING:
    from typing import Unpack

    from chat_core.approval import Decisions
    from chat_core.calls import Asking
    from chat_core.codec.effects import Flow
    from chat_core.events import Event
    from chat_core.flow.call import Call
    from chat_core.flow.drive import Drive
    from chat_core.functions import FunctionTool
    from chat_core.jsonvalue import JSON
    from chat_core.messages import Message
    from chat_core.outputs import Output
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_core.sessions.shown import Beginning, Said, Told
    from chat_core.stores.protocol import Store
    from chat_core.turn import Turn

T = TypeVar("T")

Either: TypeAlias = Session | AsyncSession
Heard: TypeAlias = "tuple[list[Event], Turn[T] | None]"


class Wire:
    """Answers each request with what is put in next.

    Attributes:
        model: gives the next answers; the program may put another one in.
    """

    def __init__(self, *answers: Response | Exception) -> None:
        self.model = Model(*answers)

    def middleware(self, _: Call) -> Call:
        return self._answered

    def _answered(self, request: Request) -> Flow[Response]:
        return self.model(request)


def act(key: str) -> str:
    """Do something."""
    return f"did {key}"


ACT = tool(act, name="act")
GUARDED = tool(act, name="guarded", approval=True)
TOOLS: tuple[FunctionTool[..., object], ...] = (ACT, GUARDED)


class Talk:
    """A session of either colour, driven so that it blocks.

    Attributes:
        held: the session.
    """

    def __init__(self, held: Either) -> None:
        self.held = held

    def send(self, content: Said, **asking: Unpack[Asking]) -> Turn[None]:
        if isinstance(self.held, Session):
            return self.held.send(content, **asking)
        return asyncio.run(self.held.send(content, **asking))

    def answer(self, content: Said, output: Output[T]) -> Turn[T]:
        if isinstance(self.held, Session):
            return self.held.send(content, output=output)
        return asyncio.run(self.held.send(content, output=output))

    def resume(self, decisions: Decisions) -> Turn[None]:
        if isinstance(self.held, Session):
            return self.held.resume(decisions)
        return asyncio.run(self.held.resume(decisions))

    def stream(self, content: Said, events: int | None = None) -> Heard[None]:
        """Hear some events of a step, or all, and leave it."""
        return heard(self.held.stream(content), events)

    def stream_answer(self, content: Said, output: Output[T]) -> Heard[T]:
        return heard(self.held.stream(content, output=output), None)

    def resume_stream(self, decisions: Decisions, events: int | None = None) -> Heard[None]:
        """Hear some events of a step, or all, and leave it."""
        return heard(self.held.resume_stream(decisions), events)

    def undo(self, turns: int = 1) -> tuple[Message, ...]:
        return self.held.undo(turns) if isinstance(self.held, Session) else asyncio.run(self.held.undo(turns))

    def fork(self, at: int | None = None, *, id: str | None = None) -> Talk:
        if isinstance(self.held, Session):
            return Talk(self.held.fork(at, id=id))
        return Talk(asyncio.run(self.held.fork(at, id=id)))


class Colour:
    """One of the colours."""

    def __init__(self, name: str, session: type[Either]) -> None:
        self.name = name
        self.kind = session

    def session(self, wire: Wire, **told: Unpack[Beginning]) -> Talk:
        told.setdefault("tools", TOOLS)
        return Talk(Session(chat(wire), **told) if self.kind is Session else AsyncSession(achat(wire), **told))

    def demo(self, **told: Unpack[Beginning]) -> Talk:
        return Talk(Session("replay:demo", **told) if self.kind is Session else AsyncSession("replay:demo", **told))

    def open(self, wire: Wire, store: Store, id: str, **told: Unpack[Told]) -> Talk:
        told.setdefault("tools", TOOLS)
        if self.kind is Session:
            return Talk(Session.open(chat(wire), store, id, **told))
        return Talk(asyncio.run(AsyncSession.open(achat(wire), store, id, **told)))

    def load(self, wire: Wire, data: JSON, **told: Unpack[Told]) -> Talk:
        told.setdefault("tools", TOOLS)
        if self.kind is Session:
            return Talk(Session.load(chat(wire), data, **told))
        return Talk(AsyncSession.load(achat(wire), data, **told))

    def __repr__(self) -> str:
        return self.name


def chat(wire: Wire) -> Chat:
    return Chat("toy-1", provider=Toy(), transport=MemoryTransport(), middleware=[wire.middleware])


def achat(wire: Wire) -> AsyncChat:
    return AsyncChat("toy-1", provider=Toy(), transport=MemoryTransport(), middleware=[wire.middleware])


def heard(stream: Drive[Turn[T]] | ADrive[Turn[T]], events: int | None) -> Heard[T]:
    """Return the events of a stream that was left, and the turn, if there is one."""
    return asyncio.run(_left_async(stream, events)) if isinstance(stream, ADrive) else _left(stream, events)


def _left(stream: Drive[Turn[T]], events: int | None) -> Heard[T]:
    seen: list[Event] = []
    with stream:
        while events is None or len(seen) < events:
            try:
                seen.append(next(stream))
            except StopIteration:
                break
    return seen, stream.result if stream.ended else None


async def _left_async(stream: ADrive[Turn[T]], events: int | None) -> Heard[T]:
    seen: list[Event] = []
    async with stream:
        while events is None or len(seen) < events:
            try:
                seen.append(await anext(stream))
            except StopAsyncIteration:
                break
    return seen, stream.result if stream.ended else None


COLOURS = (Colour("blocking", Session), Colour("asyncio", AsyncSession))
numbers = count()


def fresh() -> str:
    """Return an id of a call that nobody has."""
    return f"call{next(numbers)}"
