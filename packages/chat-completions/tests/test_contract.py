"""Services of the table keep the laws of all providers: one class for each kind of row."""

from __future__ import annotations

from pathlib import Path

from chat_completions.decode import IGNORED
from chat_core.testing import ProviderContract

FIXTURES = Path(__file__).with_name("fixtures")
SHARED = FIXTURES / "shared"
ONE_KIND = {"unknown_event": "every event of the wire is a chunk: what is new in one is in `meta`"}
NO_REASONING = {
    **ONE_KIND,
    "reasoning": "OpenAI shows the reasoning of its models on the Responses wire only",
    "sealed_reasoning": "as `reasoning`",
}


class TestOpenAI(ProviderContract):
    """OpenAI's own service, which shows no reasoning on this wire."""

    spec = "openai-chat"
    fixtures = (SHARED, FIXTURES / "openai")
    ignored = IGNORED
    skips = NO_REASONING


class TestMistral(ProviderContract):
    """A service that refuses some options and puts reasoning into the content."""

    spec = "mistral"
    fixtures = (SHARED, FIXTURES / "mistral")
    ignored = IGNORED
    skips = ONE_KIND


class TestOpenRouter(ProviderContract):
    """A router, whose vendors' reasoning is sealed."""

    spec = "openrouter"
    model = "anthropic/model"
    fixtures = (SHARED, FIXTURES / "openrouter")
    ignored = IGNORED
    skips = ONE_KIND


class TestCompatible(ProviderContract):
    """A service that nobody knows, by the subset that every server takes."""

    spec = "compatible"
    base_url = "https://llm.example/v1"
    fixtures = (SHARED, FIXTURES / "compatible")
    ignored = IGNORED
    skips = ONE_KIND
