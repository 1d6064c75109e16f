"""The demo's provider keeps the laws, as far as a recording can."""

from __future__ import annotations

from pathlib import Path

from chat_core.testing import ProviderContract

ONE_QUESTION = "the recorded service is sent the last question alone, not the history"


SKIPS = {
    "sealed_reasoning": "recorded reasoning has no signature",
    "cached_usage": "the recorded service has no cache",
    "stream_error": "a recording breaks off and reports no error",
    "goes_back": ONE_QUESTION,
    "prefix": ONE_QUESTION,
    "foreign_reasoning": ONE_QUESTION,
}


class TestContract(ProviderContract):
    spec = "replay"
    model = "demo"
    fixtures = Path(__file__).with_name("demo_fixtures")
    skips = SKIPS
