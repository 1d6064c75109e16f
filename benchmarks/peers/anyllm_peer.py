"""any-llm in a loop; the client is kept, as its functions make a new one for each call."""

from functools import lru_cache

from any_llm import AnyLLM

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main

SAID = [{"role": "user", "content": QUESTION}]
MODELS = {
    "chat": ("openai", "gpt-6-luna", "/v1"),
    "responses": ("openai", "gpt-6-luna", "/v1"),
    "messages": ("anthropic", "claude-sonnet-5-5", ""),
    "gemini": ("gemini", "gemini-3.8-flash", ""),
    "ollama": ("ollama", "llama3.2:3b", ""),
}


class Any:
    @lru_cache(maxsize=None)
    def client(self, wire, base):
        provider, _, path = MODELS[wire]
        return AnyLLM.create(provider, api_key=KEY, api_base=base + path)

    async def stream(self, wire, base, seen):
        client, model = self.client(wire, base), MODELS[wire][1]
        if wire == "responses":
            async for event in await client.aresponses(model=model, input_data=SAID, stream=True):
                if event.type == "response.output_text.delta":
                    seen(event.delta)
            return
        async for chunk in await client.acompletion(model=model, messages=SAID, stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                seen(chunk.choices[0].delta.content)

    async def unary(self, wire, base):
        client, model = self.client(wire, base), MODELS[wire][1]
        if wire == "responses":
            return (await client.aresponses(model=model, input_data=SAID)).output_text
        return (await client.acompletion(model=model, messages=SAID)).choices[0].message.content


if __name__ == "__main__":
    main(Any, "any-llm-sdk")
