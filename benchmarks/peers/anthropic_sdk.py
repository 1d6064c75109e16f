"""The anthropic library in a loop: its raw stream, and its helper where arguments are read as they come."""

from functools import lru_cache

from anthropic import AsyncAnthropic

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main

ASKED = {"model": "claude-sonnet-5-5", "max_tokens": 1000, "messages": [{"role": "user", "content": QUESTION}]}


class Anthropic:
    @lru_cache(maxsize=None)
    def client(self, base):
        return AsyncAnthropic(base_url=base, api_key=KEY)

    async def stream(self, wire, base, seen):
        async for event in await self.client(base).messages.create(**ASKED, stream=True):
            if event.type == "content_block_delta":
                seen(event.delta.text)

    async def unary(self, wire, base):
        return (await self.client(base).messages.create(**ASKED)).content[0].text

    async def call(self, wire, base, seen):
        tool = {"name": "save", "input_schema": {"type": "object"}}
        async with self.client(base).messages.stream(**ASKED, tools=[tool]) as events:
            async for event in events:
                if event.type == "input_json":
                    assert event.snapshot is not None or not event.partial_json
                    seen(event.partial_json)


if __name__ == "__main__":
    main(Anthropic, "anthropic")
