"""`Chat` and `AsyncChat` at work, as programs use them: no setting is touched but the address and the key."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY
from chat_core.events import TextDelta, ToolCallDelta

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.contender import Seen
    from chat_core import AsyncChat, Chat

MODELS = {
    "chat": ("openai-chat:gpt-6-luna", "/v1"),
    "responses": ("openai:gpt-6-luna", "/v1"),
    "messages": ("claude:claude-sonnet-5-5", ""),
    "gemini": ("gemini:gemini-3.8-flash", "/v1beta"),
    "ollama": ("ollama:llama3.2:3b", ""),
}
"""By wire: the model, and what of the service's path belongs to its address."""

EMBEDDING = ("openai-chat:text-embedding-3-small", "/v1")


class Async:
    """`AsyncChat`."""

    def __init__(self, transport: str | None = None) -> None:
        self._transport = transport
        self._chat: Callable[[str, str], AsyncChat] = lru_cache(maxsize=None)(self._made)

    def _made(self, wire: str, base: str) -> AsyncChat:
        from chat_core import AsyncChat  # noqa: PLC0415 - programs load the one that they use

        model, path = MODELS[wire]
        return AsyncChat(model, base_url=base + path, api_key=KEY, transport=self._transport)

    async def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        async with self._chat(wire, base).stream(QUESTION) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    seen(event.text)

    async def unary(self, wire: str, base: str) -> str:
        """As `Client.unary`."""
        return (await self._chat(wire, base).complete(QUESTION)).text

    async def call(self, wire: str, base: str, seen: Seen) -> None:
        """Read a tool call, and the value of its arguments so far with each fragment."""
        from chat_core.codec.partial import PartialJSON  # noqa: PLC0415 - this job alone

        arguments = PartialJSON()
        async with self._chat(wire, base).stream(QUESTION, tools=[saving()]) as events:
            async for event in events:
                if isinstance(event, ToolCallDelta):
                    arguments.feed(event.arguments)
                    assert arguments.value is not None or not event.arguments
                    seen(event.arguments)

    async def embed(self, base: str, encoding: str, texts: list[str]) -> int:
        """Ask for embeddings; return how many numbers came."""
        from chat_core import AsyncChat  # noqa: PLC0415 - as above

        chat = AsyncChat(EMBEDDING[0], base_url=base + EMBEDDING[1], api_key=KEY, transport=self._transport)
        return sum(len(row) for row in (await chat.embed(texts, encoding=encoding)).vectors)

    def conversation(self, wire: str, messages: int) -> Callable[[int], None]:
        """Return what encodes a conversation of so many messages, and some more."""
        return conversation(wire, messages)


class Blocking:
    """`Chat`."""

    def __init__(self) -> None:
        self._chat: Callable[[str, str], Chat] = lru_cache(maxsize=None)(self._made)

    def _made(self, wire: str, base: str) -> Chat:
        from chat_core import Chat  # noqa: PLC0415 - as above

        model, path = MODELS[wire]
        return Chat(model, base_url=base + path, api_key=KEY)

    def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        with self._chat(wire, base).stream(QUESTION) as events:
            for event in events:
                if isinstance(event, TextDelta):
                    seen(event.text)

    def unary(self, wire: str, base: str) -> str:
        """As `Client.unary`."""
        return self._chat(wire, base).complete(QUESTION).text


@lru_cache(maxsize=1)
def saving() -> Any:  # noqa: ANN401 - a declaration
    """Declare the tool that the model calls; nobody runs it, so the turn pauses."""
    from chat_core.tools import Tool  # noqa: PLC0415 - this job alone

    return Tool(name="save", description="Save rows.", parameters={"type": "object"})


def conversation(wire: str, messages: int) -> Callable[[int], None]:
    """Make a conversation, with calls and results in it, and return what encodes it with so many messages more."""
    from chat_core.codec.prefix import Prefixes  # noqa: PLC0415 - this job alone
    from chat_core.codec.wire import dump  # noqa: PLC0415 - this job alone
    from chat_core.request import Request  # noqa: PLC0415 - this job alone
    from chat_core.setup import Arguments, set_up  # noqa: PLC0415 - this job alone

    said = spoken(messages + 1)
    provider = set_up(Arguments(model=MODELS[wire][0], api_key=KEY)).provider
    prefixes = Prefixes()  # as calls have them

    def encode(more: int) -> None:
        request = Request(model="m", messages=said[: messages + more])
        wired = prefixes.encode(provider, request, channel="http", stream=True)
        assert isinstance(wired.body, dict)
        body = dump(wired.body)
        assert len(body) > messages * len(json.dumps(QUESTION))

    return encode


def spoken(messages: int) -> tuple[Any, ...]:
    """Return a conversation: questions, calls, results and answers in turns."""
    from chat_core.messages import Message, user  # noqa: PLC0415 - this job alone
    from chat_core.parts import Text, ToolCall, ToolResult  # noqa: PLC0415 - this job alone

    made: list[Message] = []
    for number in range(0, messages, 4):
        call = ToolCall(id=f"call_{number}", name="save", arguments={"rows": [{"id": number, "name": f"row {number}"}]})
        result = ToolResult(call_id=call.id, content=(Text(f"Saved row {number}."),), name="save")
        made += [
            user(f"{QUESTION} This is question {number}."),
            Message(role="assistant", parts=(Text("I save it first."), call)),
            Message(role="tool", parts=(result,)),
            Message(role="assistant", parts=(Text(f"It is saved, and that was answer {number}."),)),
        ]
    return tuple(made[:messages])
