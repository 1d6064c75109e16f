"""The traffic: programs of every kind ask a service that fails at random, and each outcome is judged.

Law: an outcome is the answer, word for word, or one error that the library promises, with nothing in its `partial`
that was not said; and it comes in time. A tool runs at most once for each question.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, cast

from tests.endurance.answers import TOOL, Question

from chat_core import AsyncChat, AsyncSession, Chat, Session, tool
from chat_core.errors import ChatError, DecodeError, ProviderError, TransportError
from chat_core.events import ResponseStart, TextDelta
from chat_core.flow.retry import Retry
from chat_core.flow.timeouts import Timeouts
from chat_core.plugins.registry import registry
from chat_core.transport.websocket import WebSocketTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chat_core.events import Event
    from chat_core.transport.http import HTTPTransport

PROMISED = (ProviderError, TransportError, DecodeError)
"""What a request may end in, if not in its answer."""
RETRY = Retry(attempts=2, first=0.01, longest=0.05, longest_asked=0.05)
TIMEOUTS = Timeouts(connect=2, pool=20, first_byte=1, first_content=1.5, between_content=0.7, total=4)
LATEST = 12.0
"""Seconds after which a request hangs: its `total`, and what a machine with other work to do adds."""

MODELS = {
    "chat": "compatible:m",
    "responses": "responses:m",
    "messages": "claude:m",
    "gemini": "gemini:m",
    "ollama": "ollama:m",
    "socket": "openai:m",
}
"""The models that are asked, by the first step of their address."""


@dataclass(slots=True)
class Tally:
    """What came of all requests.

    Attributes:
        outcomes: how often each thing came.
        wrong: what must not come.
        longest: seconds of the request that took longest.
        ran: how often the tool ran, by question.
    """

    outcomes: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    longest: float = 0.0
    ran: Counter[int] = field(default_factory=Counter[int])

    def answered(self, asked: Question, text: str, where: str) -> None:
        """Judge an answer."""
        self.outcomes["answer"] += 1
        if text != asked.answer:
            self.wrong.append(f"{where}: {asked.text} was answered {text[:200]!r}")

    def failed(self, asked: Question, error: Exception, where: str) -> None:
        """Judge an error."""
        self.outcomes[type(error).__name__] += 1
        if not isinstance(error, PROMISED):
            self.wrong.append(f"{where}: {asked.text} ended in {error!r} from {error.__cause__!r}")
        elif error.partial is not None and not asked.answer.startswith(error.partial.text):
            self.wrong.append(f"{where}: {asked.text} was partly answered {error.partial.text[:200]!r}")

    def took(self, asked: Question, begun: float, where: str) -> None:
        """Judge how long a request took."""
        spent = time.monotonic() - begun
        self.longest = max(self.longest, spent)
        if spent > LATEST:
            self.wrong.append(f"{where}: {asked.text} took {spent:.1f} s")


def joined(events: Iterable[Event]) -> str:
    """Return the text of the last answer among events."""
    pieces: list[str] = []
    for event in events:
        if isinstance(event, ResponseStart):
            pieces = []
        elif isinstance(event, TextDelta):
            pieces.append(event.text)
    return "".join(pieces)


class Traffic:
    """Programs that ask, in tasks of one loop and in threads.

    Attributes:
        tally: what came.
    """

    def __init__(self, ports: tuple[int, int], seed: int, transport: str) -> None:
        """Ask the server at two ports, the second one for WebSockets; `transport` names what carries HTTP."""
        self.tally = Tally()
        self._seed = seed
        self._numbers = itertools.count(1)
        http, socket = ports
        self._bases = {name: f"http://127.0.0.1:{http}/{name}" for name in MODELS}
        self._bases |= {name: f"http://127.0.0.1:{http}/{name}/v1" for name in ("chat", "responses")}
        self._bases["socket"] = f"http://127.0.0.1:{socket}/v1"
        kind = cast("type[HTTPTransport]", type(registry().transport(transport)))
        self._http = kind(proxy="")
        self._sockets = WebSocketTransport(proxy="", max_connections=8, max_age=3)
        ran = self.tally.ran

        @tool(name=TOOL)
        def lookup(id: int) -> str:
            """Look something up."""
            ran[id] += 1
            return f"looked:{id}"

        @tool(name=TOOL)
        async def awaited(id: int) -> str:
            """Look something up, as a coroutine."""
            await asyncio.sleep(0.001)
            ran[id] += 1
            return f"looked:{id}"

        self._tools = (lookup, awaited)

    def _settings(self, name: str) -> dict[str, object]:
        transport = self._sockets if name == "socket" else self._http
        return {
            "api_key": "k", "base_url": self._bases[name], "transport": transport, "retry": RETRY, "timeouts": TIMEOUTS,
        }  # fmt: skip

    def _question(self, chance: Random) -> Question:
        return Question(next(self._numbers), chance.choice((1, 3, 12, 40)), chance.random() < 0.25)

    # tasks

    async def tasks(self, number: int, until: float) -> None:
        """Let many programs ask side by side in the running loop, until a moment."""
        chats = {name: AsyncChat(model, **self._settings(name)) for name, model in MODELS.items()}  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings
        async with asyncio.TaskGroup() as group:
            for one in range(number):
                group.create_task(self._program(chats, Random(f"{self._seed}/task/{one}"), until))
        await self._http.aclose()
        await self._sockets.aclose()

    async def _program(self, chats: dict[str, AsyncChat], chance: Random, until: float) -> None:
        names = list(MODELS)
        while time.monotonic() < until:
            name = chance.choice(names)
            way = chance.choice((self._whole, self._streamed, self._left, self._cancelled, self._talk))
            await way(chats[name], name, chance)

    async def _judged(self, asked: Question, where: str, ask: Callable[[], object]) -> None:
        begun = time.monotonic()
        try:
            await ask()  # type: ignore[misc] # pyright: ignore[reportGeneralTypeIssues] - each of them is a coroutine
        except Exception as error:  # noqa: BLE001 - whatever comes is judged
            self.tally.failed(asked, error, where)
        self.tally.took(asked, begun, where)

    async def _whole(self, chat: AsyncChat, name: str, chance: Random) -> None:
        asked, where = self._question(chance), f"{name} whole"

        async def ask() -> None:
            turn = await chat.complete(asked.text, tools=[chance.choice(self._tools)])
            self.tally.answered(asked, turn.text, where)

        await self._judged(asked, where, ask)

    async def _streamed(self, chat: AsyncChat, name: str, chance: Random) -> None:
        asked, where = self._question(chance), f"{name} streamed"

        async def ask() -> None:
            async with chat.stream(asked.text, tools=[chance.choice(self._tools)]) as stream:
                events = [event async for event in stream]
            self.tally.answered(asked, stream.result.text, where)
            self.tally.answered(asked, joined(events), f"{where}, its deltas")

        await self._judged(asked, where, ask)

    async def _left(self, chat: AsyncChat, name: str, chance: Random) -> None:
        asked, where, few = self._question(chance), f"{name} left", chance.randrange(12)

        async def ask() -> None:
            async with chat.stream(asked.text, tools=[chance.choice(self._tools)]) as stream:
                for _ in range(few):
                    if await anext(stream, None) is None:
                        break
            self.tally.outcomes["left"] += 1

        await self._judged(asked, where, ask)

    async def _cancelled(self, chat: AsyncChat, name: str, chance: Random) -> None:
        task = asyncio.create_task(chance.choice((self._whole, self._streamed))(chat, name, chance))
        await asyncio.sleep(chance.random() ** 3 * 0.3)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        self.tally.outcomes["cancelled"] += 1

    async def _talk(self, chat: AsyncChat, name: str, chance: Random) -> None:
        session = AsyncSession(chat, tools=[chance.choice(self._tools)])
        for _ in range(chance.randrange(1, 4)):
            asked, where = self._question(chance), f"{name} session"

            async def ask(asked: Question = asked, where: str = where) -> None:
                self.tally.answered(asked, (await session.send(asked.text)).text, where)

            await self._judged(asked, where, ask)

    # threads

    def threads(self, number: int, until: float) -> None:
        """Let many programs ask side by side, each in a thread of its own, until a moment."""
        chats = {name: Chat(model, **self._settings(name)) for name, model in MODELS.items()}  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        asking = [
            threading.Thread(target=self._blocking, args=(chats, Random(f"{self._seed}/thread/{one}"), until))
            for one in range(number)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        self._http.close()
        self._sockets.close()

    def _blocking(self, chats: dict[str, Chat], chance: Random, until: float) -> None:
        names = list(MODELS)
        while time.monotonic() < until:
            name = chance.choice(names)
            asked, where = self._question(chance), f"{name} blocking"
            way = chance.choice((self._ask, self._stream, self._leave, self._close, self._converse))
            begun = time.monotonic()
            try:
                way(chats[name], asked, where, chance)
            except Exception as error:  # noqa: BLE001 - as above
                self.tally.failed(asked, error, f"{where} {way.__name__}")
            self.tally.took(asked, begun, where)

    def _ask(self, chat: Chat, asked: Question, where: str, chance: Random) -> None:
        self.tally.answered(asked, chat.complete(asked.text, tools=[chance.choice(self._tools)]).text, where)

    def _stream(self, chat: Chat, asked: Question, where: str, chance: Random) -> None:
        with chat.stream(asked.text, tools=[chance.choice(self._tools)]) as stream:
            events = list(stream)
        self.tally.answered(asked, stream.result.text, where)
        self.tally.answered(asked, joined(events), f"{where}, its deltas")

    def _leave(self, chat: Chat, asked: Question, where: str, chance: Random) -> None:
        del where
        with chat.stream(asked.text, tools=[chance.choice(self._tools)]) as stream:
            for _ in itertools.islice(stream, chance.randrange(12)):
                pass
        self.tally.outcomes["left"] += 1

    def _close(self, chat: Chat, asked: Question, where: str, chance: Random) -> None:
        stream = chat.stream(asked.text, tools=[chance.choice(self._tools)])
        timer = threading.Timer(chance.random() ** 3 * 0.3, stream.close)
        timer.start()
        try:
            for _ in stream:
                pass
        finally:
            timer.join()
        if stream.ended and stream.result.status == "complete":
            self.tally.answered(asked, stream.result.text, where)
        elif stream.ended and not asked.answer.startswith(stream.result.text):
            self.tally.wrong.append(f"{where}: {asked.text} was closed with {stream.result.text[:200]!r}")
        else:  # a stream that was closed before it began has no result
            self.tally.outcomes["closed"] += 1

    def _converse(self, chat: Chat, asked: Question, where: str, chance: Random) -> None:
        session = Session(chat, tools=[chance.choice(self._tools)])
        self.tally.answered(asked, session.send(asked.text).text, where)
        again = self._question(chance)
        try:
            self.tally.answered(again, session.send(again.text).text, where)
        except ChatError as error:
            self.tally.failed(again, error, f"{where} again")
