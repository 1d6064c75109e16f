"""The openai library in a loop."""

from functools import lru_cache

from openai import AsyncOpenAI

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main

MODEL = "gpt-6-luna"
SAID = [{"role": "user", "content": QUESTION}]


class OpenAI:
    @lru_cache(maxsize=None)
    def client(self, base):
        return AsyncOpenAI(base_url=f"{base}/v1", api_key=KEY)

    async def stream(self, wire, base, seen):
        client = self.client(base)
        if wire == "chat":
            async for chunk in await client.chat.completions.create(model=MODEL, messages=SAID, stream=True):
                if chunk.choices and chunk.choices[0].delta.content:
                    seen(chunk.choices[0].delta.content)
        else:
            async for event in await client.responses.create(model=MODEL, input=SAID, stream=True):
                if event.type == "response.output_text.delta":
                    seen(event.delta)

    async def unary(self, wire, base):
        client = self.client(base)
        if wire == "chat":
            reply = await client.chat.completions.create(model=MODEL, messages=SAID)
            return reply.choices[0].message.content
        return (await client.responses.create(model=MODEL, input=SAID)).output_text

    async def embed(self, base, encoding, texts):
        client = self.client(base)
        reply = await client.embeddings.create(model="text-embedding-3-small", input=texts, encoding_format=encoding)
        if encoding == "float":
            return sum(len(item.embedding) for item in reply.data)
        import base64
        from array import array

        return sum(len(array("f", base64.b64decode(item.embedding))) for item in reply.data)

    async def call(self, wire, base, seen):
        tool = {"type": "function", "function": {"name": "save", "strict": True, "parameters": SCHEMA}}
        async with self.client(base).chat.completions.stream(model=MODEL, messages=SAID, tools=[tool]) as events:
            async for event in events:
                if event.type == "tool_calls.function.arguments.delta":
                    assert event.parsed_arguments is not None or not event.arguments_delta
                    seen(event.arguments_delta)


ROW = {
    "type": "object", "additionalProperties": False, "required": ["id", "name", "done"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "done": {"type": "boolean"}},
}  # fmt: skip
SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["rows"],
    "properties": {"rows": {"type": "array", "items": ROW}},
}  # fmt: skip

if __name__ == "__main__":
    main(OpenAI, "openai")
