"""pydantic-ai in a loop: its models, without an agent around them."""

from functools import lru_cache

from pydantic_ai.messages import ModelRequest, PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta, UserPromptPart
from pydantic_ai.models import ModelRequestParameters

from benchmarks.asking import QUESTION
from benchmarks.contender import KEY, main

SAID = [ModelRequest(parts=[UserPromptPart(QUESTION)])]
NOTHING = ModelRequestParameters()


def chat(base):
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIChatModel("gpt-6-luna", provider=OpenAIProvider(base_url=f"{base}/v1", api_key=KEY))


def responses(base):
    from pydantic_ai.models.openai import OpenAIResponsesModel
    from pydantic_ai.providers.openai import OpenAIProvider

    return OpenAIResponsesModel("gpt-6-luna", provider=OpenAIProvider(base_url=f"{base}/v1", api_key=KEY))


def messages(base):
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicModel("claude-sonnet-5-5", provider=AnthropicProvider(api_key=KEY, base_url=base))


def gemini(base):
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel("gemini-3.8-flash", provider=GoogleProvider(api_key=KEY, base_url=base))


MODELS = {"chat": chat, "responses": responses, "messages": messages, "gemini": gemini}


class PydanticAI:
    @lru_cache(maxsize=None)
    def model(self, wire, base):
        return MODELS[wire](base)

    async def stream(self, wire, base, seen):
        async with self.model(wire, base).request_stream(SAID, None, NOTHING) as events:
            async for event in events:
                if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                    seen(event.delta.content_delta)
                elif isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                    seen(event.part.content)

    async def unary(self, wire, base):
        reply = await self.model(wire, base).request(SAID, None, NOTHING)
        return "".join(part.content for part in reply.parts if isinstance(part, TextPart))


if __name__ == "__main__":
    main(PydanticAI, "pydantic-ai-slim")
