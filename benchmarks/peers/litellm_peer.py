"""litellm in a loop."""

import litellm

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main

SAID = [{"role": "user", "content": QUESTION}]
MODELS = {
    "chat": ("openai/gpt-6-luna", "/v1"),
    "messages": ("anthropic/claude-sonnet-5-5", ""),
    "gemini": ("gemini/gemini-3.8-flash", "/v1beta/models/gemini-3.8-flash"),
    "ollama": ("ollama_chat/llama3.2:3b", ""),
}


class LiteLLM:
    def asked(self, wire, base):
        model, path = MODELS[wire]
        return {"model": model, "messages": SAID, "api_base": base + path, "api_key": KEY}

    async def stream(self, wire, base, seen):
        async for chunk in await litellm.acompletion(**self.asked(wire, base), stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                seen(chunk.choices[0].delta.content)

    async def unary(self, wire, base):
        return (await litellm.acompletion(**self.asked(wire, base))).choices[0].message.content

    async def embed(self, base, encoding, texts):
        model = "openai/text-embedding-3-small"
        reply = await litellm.aembedding(
            model=model, input=texts, api_base=f"{base}/v1", api_key=KEY, encoding_format=encoding
        )
        rows = [item["embedding"] for item in reply.data]
        if encoding == "float":
            return sum(map(len, rows))
        import base64
        from array import array

        return sum(len(array("f", base64.b64decode(row))) for row in rows)


if __name__ == "__main__":
    main(LiteLLM, "litellm")
