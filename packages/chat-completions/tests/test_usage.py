from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.usage import decode_usage, finish_reason
from chat_core.errors import DecodeError
from chat_core.response import FinishReason, Usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


def counted(data: JSONObject) -> Usage:
    usage = decode_usage(data)
    assert usage is not None
    assert usage.raw == data
    return usage


def test_nothing_reported_is_none() -> None:
    assert decode_usage(None) is None
    assert decode_usage({}) is None


def test_counts_are_read_and_absent_ones_are_none() -> None:
    usage = counted({"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9})
    assert (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens) == (9, 0, None)


@pytest.mark.parametrize(
    "data",
    [
        {"prompt_tokens_details": {"cached_tokens": 4}},
        {"prompt_cache_hit_tokens": 4},
        {"cached_tokens": 4},
        {"num_cached_tokens": 4},
        {"prompt_tokens_details": None, "cache_read_input_tokens": 4},
    ],
)
def test_cached_tokens_have_many_spellings(data: JSONObject) -> None:
    assert counted(data).cache_read_tokens == 4


def test_written_cache_and_audio_are_counted() -> None:
    usage = counted(
        {
            "prompt_tokens_details": {"cache_write_tokens": 3, "audio_tokens": 5},
            "completion_tokens_details": {"audio_tokens": 7},
        }
    )
    assert (usage.cache_write_tokens, usage.audio_input_tokens, usage.audio_output_tokens) == (3, 5, 7)


def test_output_includes_reasoning_however_the_service_counts() -> None:
    apart: JSONObject = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 22}
    apart["completion_tokens_details"] = {"reasoning_tokens": 7}
    assert counted(apart).output_tokens == 12
    inside = {**apart, "completion_tokens": 12}
    assert counted(inside).output_tokens == 12
    assert counted({**inside, "total_tokens": None}).output_tokens == 12


@pytest.mark.parametrize(
    "data",
    [[], "many", {"prompt_tokens": "3"}, {"prompt_tokens": True}, {"prompt_tokens": 1.5}, {"prompt_tokens_details": 3}],
)
def test_malformed_usage_is_a_decode_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_usage(data)


def test_whole_floats_are_counts() -> None:
    assert counted({"prompt_tokens": 3.0}).input_tokens == 3


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", FinishReason.STOP),
        ("eos", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("model_length", FinishReason.LENGTH),
        ("tool_calls", FinishReason.TOOL_CALLS),
        ("tool_call", FinishReason.TOOL_CALLS),
        ("function_call", FinishReason.TOOL_CALLS),
        ("content_filter", FinishReason.CONTENT_FILTER),
        ("insufficient_system_resource", FinishReason.ERROR),
        ("error", FinishReason.ERROR),
        ("", FinishReason.OTHER),
        (None, FinishReason.OTHER),
        ("something new", FinishReason.OTHER),
    ],
)
def test_finish_reasons_are_mapped(word: str | None, reason: FinishReason) -> None:
    assert finish_reason(word, calls=False) is reason


@pytest.mark.parametrize("word", ["stop", "", None, "tool_calls"])
def test_an_answer_with_calls_calls(word: str | None) -> None:
    assert finish_reason(word, calls=True) is FinishReason.TOOL_CALLS


def test_a_cut_answer_with_calls_is_cut() -> None:
    assert finish_reason("length", calls=True) is FinishReason.LENGTH
