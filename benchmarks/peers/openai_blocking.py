"""The openai library without a loop."""

from functools import lru_cache

from openai import OpenAI as Library

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main_blocking

MODEL = "gpt-6-luna"
SAID = [{"role": "user", "content": QUESTION}]


class OpenAI:
    @lru_cache(maxsize=None)
    def client(self, base):
        return Library(base_url=f"{base}/v1", api_key=KEY)

    def stream(self, wire, base, seen):
        client = self.client(base)
        if wire == "chat":
            for chunk in client.chat.completions.create(model=MODEL, messages=SAID, stream=True):
                if chunk.choices and chunk.choices[0].delta.content:
                    seen(chunk.choices[0].delta.content)
        else:
            for event in client.responses.create(model=MODEL, input=SAID, stream=True):
                if event.type == "response.output_text.delta":
                    seen(event.delta)

    def unary(self, wire, base):
        client = self.client(base)
        if wire == "chat":
            return client.chat.completions.create(model=MODEL, messages=SAID).choices[0].message.content
        return client.responses.create(model=MODEL, input=SAID).output_text


if __name__ == "__main__":
    main_blocking(OpenAI, "openai")
