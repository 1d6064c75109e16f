"""Gemini keeps the laws of all providers."""

from __future__ import annotations

from pathlib import Path

from chat_core.testing import ProviderContract
from chat_gemini.decode import IGNORED


class TestContract(ProviderContract):
    spec = "gemini"
    fixtures = Path(__file__).with_name("fixtures")
    ignored = IGNORED
