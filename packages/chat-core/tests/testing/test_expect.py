"""What is expected of an answer is compared, and what is not named is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core import Response, ToolCall, Usage, assistant
from chat_core.errors import RateLimited
from chat_core.response import FinishReason
from chat_core.testing.expect import differences
from chat_core.testing.scenarios import Evidence

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

TOLD = Evidence(
    response=Response(
        message=assistant("Hi ", "there", ToolCall(id="c", name="f", arguments={"a": 1})),
        finish_reason=FinishReason.STOP,
        usage=Usage(input_tokens=3),
    )
)


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"text": "Hi there", "finish_reason": "stop"},
        {"tool_calls": [{"name": "f"}]},
        {"tool_calls": [{"arguments": {"a": 1}, "raw": None}]},
        {"usage": {"input_tokens": 3, "output_tokens": None}},
        {"refusal": None, "error": None},
    ],
)
def test_what_agrees_is_no_difference(expected: JSONObject) -> None:
    assert list(differences(expected, TOLD)) == []


@pytest.mark.parametrize(
    "expected",
    [
        {"text": "Hi"},
        {"tool_calls": []},
        {"tool_calls": [{"arguments": {"a": 2}}]},
        {"tool_calls": [{"mood": None}]},
        {"usage": {"input_tokens": 4}},
        {"error": "RateLimited"},
    ],
)
def test_what_differs_is_said(expected: JSONObject) -> None:
    (difference,) = differences(expected, TOLD)
    assert difference.startswith(f"expected {next(iter(expected))}")


def test_errors_are_expected_by_their_class_and_wait() -> None:
    told = Evidence(error=RateLimited("busy", retry_after=7.0))
    assert list(differences({"error": "RateLimited", "retry_after": 7}, told)) == []
    assert list(differences({"retry_after": 8}, told)) == ["expected retry_after 8, found 7.0"]
