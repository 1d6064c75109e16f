"""Ollama keeps the laws of all providers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.testing import ProviderContract
from chat_ollama.decode import IGNORED

if TYPE_CHECKING:
    from collections.abc import Mapping

SKIPS: Mapping[str, str] = {
    "sealed_reasoning": "thoughts are plain text on this wire and have no seals",
    "broken_arguments": "the server reads calls itself and sends objects; what it cannot read it sends as text",
    "cached_usage": "the server does not say how many tokens it had in its cache",
}


class TestContract(ProviderContract):
    spec = "ollama"
    fixtures = Path(__file__).with_name("fixtures")
    ignored = IGNORED
    skips = SKIPS
