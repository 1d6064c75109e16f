"""The ollama library in a loop."""

from functools import lru_cache

from ollama import AsyncClient

from benchmarks.asking import QUESTION
from benchmarks.contender import main

ASKED = {"model": "llama3.2:3b", "messages": [{"role": "user", "content": QUESTION}]}


class Ollama:
    @lru_cache(maxsize=None)
    def client(self, base):
        return AsyncClient(host=base)

    async def stream(self, wire, base, seen):
        async for part in await self.client(base).chat(**ASKED, stream=True):
            if part.message.content:
                seen(part.message.content)

    async def unary(self, wire, base):
        return (await self.client(base).chat(**ASKED)).message.content


if __name__ == "__main__":
    main(Ollama, "ollama")
