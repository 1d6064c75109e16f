"""The openai library over a WebSocket."""

from openai import AsyncOpenAI

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main

MODEL = "gpt-6-luna"
SAID = [{"role": "user", "content": QUESTION}]


class OpenAI:
    def __init__(self):
        self.open = {}

    async def stream(self, wire, base, seen):
        if base not in self.open:
            client = AsyncOpenAI(base_url=f"{base}/v1", api_key=KEY)
            self.open[base] = await client.responses.connect().enter()
        connection = self.open[base]
        await connection.response.create(model=MODEL, input=SAID)
        async for event in connection:
            if event.type == "response.output_text.delta":
                seen(event.delta)
            elif event.type == "response.completed":
                return

    async def unary(self, wire, base):
        texts = []
        await self.stream(wire, base, texts.append)
        return "".join(texts)


if __name__ == "__main__":
    main(OpenAI, "openai", "websockets")
