from __future__ import annotations

import pytest

from chat_core.errors import DecodeError
from chat_core.jsonvalue import JSON, JSONObject  # noqa: TC001 - in annotations of parametrised tests
from chat_core.response import Usage
from chat_gemini.interactions.usage import decode_usage


def test_thoughts_are_output_and_cached_tokens_are_input() -> None:
    raw: JSONObject = {
        "total_input_tokens": 22,
        "total_output_tokens": 10,
        "total_thought_tokens": 5,
        "total_cached_tokens": 20,
        "total_tool_use_tokens": 7,
        "total_tokens": 44,
        "input_tokens_by_modality": [{"modality": "text", "tokens": 2}, {"modality": "AUDIO", "tokens": 20}],
        "output_tokens_by_modality": [{"modality": "audio", "tokens": 4.0}, {"modality": "audio", "tokens": 4}],
    }
    expected = Usage(
        input_tokens=22,
        output_tokens=15,
        cache_read_tokens=20,
        reasoning_tokens=5,
        audio_input_tokens=20,
        audio_output_tokens=4,
        raw=raw,
    )
    assert decode_usage(raw) == expected


def test_what_is_not_reported_is_none() -> None:
    assert decode_usage(None) is None
    assert decode_usage({}) is None
    assert decode_usage({"total_thought_tokens": 5}) == Usage(reasoning_tokens=5, raw={"total_thought_tokens": 5})


@pytest.mark.parametrize("wrong", [[], "a", {"total_input_tokens": True}, {"total_output_tokens": "7"}])
def test_counts_that_are_none_are_an_error(wrong: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_usage(wrong)
