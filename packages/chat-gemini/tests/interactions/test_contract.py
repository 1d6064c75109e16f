"""The Interactions API keeps the laws of all providers."""

from __future__ import annotations

from pathlib import Path

from chat_core.testing import ProviderContract
from chat_gemini.interactions.decode import IGNORED as IN_REPLIES
from chat_gemini.interactions.stream import IGNORED as IN_STREAMS

IGNORED = {**IN_REPLIES, **IN_STREAMS}


class TestInteractions(ProviderContract):
    spec = "gemini-interactions"
    fixtures = Path(__file__).with_name("fixtures")
    ignored = IGNORED
