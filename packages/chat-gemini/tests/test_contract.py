"""Gemini keeps the laws of all providers, at both of its places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from chat_core.testing import ProviderContract
from chat_gemini.decode import IGNORED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON

FIXTURES = Path(__file__).with_name("fixtures")


class TestContract(ProviderContract):
    spec = "gemini"
    fixtures = FIXTURES
    ignored = IGNORED


class TestVertex(ProviderContract):
    spec = "vertex"
    settings: ClassVar[Mapping[str, JSON]] = {"project": "p", "location": "europe-west4"}
    fixtures = FIXTURES
    ignored = IGNORED
