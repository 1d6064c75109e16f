"""Local models keep the laws of all providers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.codec.wire import WireResponse, dump
from chat_core.testing import ProviderContract
from chat_local.decode import IGNORED

if TYPE_CHECKING:
    from collections.abc import Mapping

SKIPS: Mapping[str, str] = {
    "sealed_reasoning": "thoughts are plain text on this wire and have no seals",
    "broken_arguments": "the model's text is read here: what is no call of an offered tool stays text",
    "authentication_failed": "there is no key",
    "rate_limited": "requests wait for each other, and none is turned away",
}

BOTH_FIT = WireResponse(body=dump({"results": [{"labels": ["finch", "canary"], "scores": [0.9, 0.8]}]}))


class TestContract(ProviderContract):
    spec = "local"
    several = (BOTH_FIT,)
    fixtures = Path(__file__).with_name("fixtures")
    ignored = IGNORED
    skips = SKIPS
