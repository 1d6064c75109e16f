"""A thousand streams at once lose no event, with no setting touched."""

from __future__ import annotations

import asyncio
import resource
import threading
from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import BASES

from chat_core import AsyncChat, Chat
from chat_core.codec.fold import fold
from chat_core.events import TextDelta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.events import Event

STREAMS = 1_000
SAID = "fault:slow-drip"
TEXT = "a token every hundred milliseconds"
"""aimock sends two characters every 100 ms, so that all streams are open at the same time."""


@pytest.fixture(autouse=True)
def _many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4 * STREAMS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4 * STREAMS, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_streams_in_a_loop(aimock: str, provider: str) -> None:
    async def read(chat: AsyncChat) -> list[str]:
        async with chat.stream(SAID) as stream:
            events: list[Event] = [event async for event in stream]
        assert fold(events) == stream.result.response
        return [event.text for event in events if isinstance(event, TextDelta)]

    async def main() -> list[list[str]]:
        chat = AsyncChat(f"{provider}:m", api_key="k", base_url=aimock + BASES[provider])
        return await asyncio.gather(*(read(chat) for _ in range(STREAMS)))

    texts = asyncio.run(main())
    assert ["".join(pieces) for pieces in texts] == [TEXT] * STREAMS
    assert {tuple(piece for piece in pieces if piece) for pieces in texts} == {
        tuple(TEXT[at : at + 2] for at in range(0, len(TEXT), 2))
    }


def test_a_thousand_streams_in_threads(aimock: str) -> None:
    chat = Chat("openai-chat:m", api_key="k", base_url=aimock + BASES["openai-chat"])
    texts: list[str] = []

    def read() -> None:
        with chat.stream(SAID) as stream:
            events = list(stream)
        assert fold(events) == stream.result.response
        texts.append(stream.result.text)

    threads = [threading.Thread(target=read) for _ in range(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [TEXT] * STREAMS
