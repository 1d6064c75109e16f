"""langchain's models in a loop."""

from functools import lru_cache

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main


def openai(base, **more):
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model="gpt-6-luna", base_url=f"{base}/v1", api_key=KEY, **more)


def messages(base):
    from langchain_anthropic import ChatAnthropic

    return ChatAnthropic(model="claude-sonnet-5-5", base_url=base, api_key=KEY)


def gemini(base):
    from langchain_google_genai import ChatGoogleGenerativeAI

    return ChatGoogleGenerativeAI(model="gemini-3.8-flash", base_url=base, api_key=KEY)


def ollama(base):
    from langchain_ollama import ChatOllama

    return ChatOllama(model="llama3.2:3b", base_url=base)


MODELS = {
    "chat": openai,
    "responses": lambda base: openai(base, use_responses_api=True),
    "messages": messages,
    "gemini": gemini,
    "ollama": ollama,
}


class LangChain:
    @lru_cache(maxsize=None)
    def model(self, wire, base):
        return MODELS[wire](base)

    async def stream(self, wire, base, seen):
        async for chunk in self.model(wire, base).astream(QUESTION):
            text = text_of(chunk)
            if text:
                seen(text)

    async def unary(self, wire, base):
        return text_of(await self.model(wire, base).ainvoke(QUESTION))


def text_of(message):
    if isinstance(message.content, str):
        return message.content
    return "".join(part.get("text", "") for part in message.content if isinstance(part, dict))


if __name__ == "__main__":
    main(LangChain, "langchain-core", "langchain-openai")
