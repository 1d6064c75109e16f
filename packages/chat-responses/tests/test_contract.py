"""Services of the table keep the laws of all providers: one class for each kind of row."""

from __future__ import annotations

from pathlib import Path

from chat_core.testing import ProviderContract
from chat_responses.decode import IGNORED as IN_REPLIES
from chat_responses.presets import OPENAI
from chat_responses.provider import Responses
from chat_responses.stream import IGNORED as IN_STREAMS

FIXTURES = Path(__file__).with_name("fixtures")
IGNORED = {**IN_REPLIES, **IN_STREAMS}


class TestOpenAI(ProviderContract):
    """OpenAI's own service."""

    provider = Responses(OPENAI)
    fixtures = FIXTURES
    ignored = IGNORED


class TestXAI(ProviderContract):
    """A service that runs tools which nobody declared."""

    spec = "xai-responses"
    fixtures = FIXTURES
    ignored = IGNORED


class TestOpenRouter(ProviderContract):
    """A router, whose vendors' reasoning is sealed."""

    spec = "openrouter-responses"
    model = "vendor/model"
    fixtures = FIXTURES
    ignored = IGNORED


class TestCompatible(ProviderContract):
    """A service that nobody knows, by the subset that every server takes."""

    spec = "responses"
    base_url = "https://llm.example/v1"
    fixtures = FIXTURES
    ignored = IGNORED
