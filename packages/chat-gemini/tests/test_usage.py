"""Counts of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_core.response import Usage
from chat_gemini.usage import decode_usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


def test_thoughts_are_a_part_of_the_answer_and_cached_tokens_one_of_the_prompt() -> None:
    raw: JSONObject = {
        "promptTokenCount": 100, "cachedContentTokenCount": 80, "candidatesTokenCount": 9, "thoughtsTokenCount": 20,
        "toolUsePromptTokenCount": 5, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 30}],
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 9}],
    }  # fmt: skip
    assert decode_usage(raw) == Usage(
        input_tokens=100,
        output_tokens=29,
        cache_read_tokens=80,
        reasoning_tokens=20,
        audio_input_tokens=30,
        raw=raw,
    )


def test_what_is_not_counted_is_not_zero() -> None:
    assert decode_usage({"trafficType": "ON_DEMAND"}) == Usage(raw={"trafficType": "ON_DEMAND"})
    assert decode_usage(None) is None


def test_all_tokens_can_have_gone_into_thoughts() -> None:
    usage = decode_usage({"thoughtsTokenCount": 20})
    assert usage is not None
    assert usage.output_tokens == 20


def test_malformed_counts_are_refused() -> None:
    malformed: list[JSON] = ["7", {"promptTokenCount": "7"}, {"promptTokenCount": True}]
    for wrong in malformed:
        with pytest.raises(DecodeError, match="malformed usageMetadata"):
            decode_usage(wrong)
