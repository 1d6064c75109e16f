"""OpenAI keeps the laws of all providers, on the cases of the wire that it speaks."""

from __future__ import annotations

from pathlib import Path

from chat_core.testing import ProviderContract
from chat_responses.decode import IGNORED as IN_REPLIES
from chat_responses.stream import IGNORED as IN_STREAMS


class TestContract(ProviderContract):
    spec = "openai"
    fixtures = Path(__file__).parents[2] / "chat-responses" / "tests" / "fixtures"
    ignored = {**IN_REPLIES, **IN_STREAMS}  # noqa: RUF012 - the contract reads it
