"""Claude keeps the laws of all providers."""

from __future__ import annotations

from pathlib import Path

from chat_claude.decode import IGNORED
from chat_core.testing import ProviderContract


class TestContract(ProviderContract):
    spec = "claude"
    fixtures = Path(__file__).with_name("fixtures")
    ignored = IGNORED
