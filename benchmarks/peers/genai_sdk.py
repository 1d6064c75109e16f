"""The google-genai library in a loop."""

from functools import lru_cache

from google import genai
from google.genai import types

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main

MODEL = "gemini-3.8-flash"


class Gemini:
    @lru_cache(maxsize=None)
    def client(self, base):
        options = types.HttpOptions(base_url=base, api_version="v1beta")
        return genai.Client(api_key=KEY, vertexai=False, http_options=options)

    async def stream(self, wire, base, seen):
        client = self.client(base).aio
        async for chunk in await client.models.generate_content_stream(model=MODEL, contents=QUESTION):
            if chunk.text:
                seen(chunk.text)

    async def unary(self, wire, base):
        return (await self.client(base).aio.models.generate_content(model=MODEL, contents=QUESTION)).text


if __name__ == "__main__":
    main(Gemini, "google-genai")
