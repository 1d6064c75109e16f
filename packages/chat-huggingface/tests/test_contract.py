"""Hugging Face keeps the laws of all providers, in chat and beside it."""

from __future__ import annotations

from pathlib import Path

from chat_completions.decode import IGNORED
from chat_core.codec.wire import WireResponse, dump
from chat_core.testing import ProviderContract

FIXTURES = Path(__file__).with_name("fixtures")
SHARED = Path(__file__).parents[2] / "chat-completions" / "tests" / "fixtures" / "shared"

SEVERAL = (
    WireResponse(body=dump([{"label": "finch", "score": 0.9}, {"label": "canary", "score": 0.8}])),
    WireResponse(body=dump({"sequence": "canary-text", "labels": ["finch", "canary"], "scores": [0.9, 0.8]})),
)
"""Both of two given classes fit: in pairs, and as an older server says it."""


class TestContract(ProviderContract):
    """The router, and the tasks beside it."""

    spec = "huggingface"
    model = "owner/model"
    fixtures = (SHARED, FIXTURES)
    ignored = IGNORED
    several = SEVERAL
    skips = {  # noqa: RUF012 - the contract reads it
        "unknown_event": "every event of the wire is a chunk: what is new in one is in `meta`",
    }


class TestServer(ProviderContract):
    """Text Generation Inference, which is asked for schemas in words of its own."""

    spec = "tgi"
    fixtures = (SHARED, FIXTURES / "without_done")
    ignored = IGNORED
    skips = {  # noqa: RUF012 - as above
        "unknown_event": "every event of the wire is a chunk: what is new in one is in `meta`",
        "reasoning": "the server has no field for it",
        "sealed_reasoning": "as `reasoning`",
        "offers": "special tokens are always added: what is noticed is that they cannot be left off",
    }
