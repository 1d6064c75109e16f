"""Finish reasons and whole replies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import WireResponse
from chat_core.messages import user
from chat_core.request import Request
from chat_core.response import FinishReason
from chat_gemini.decode import finish_reason, reason_word
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("STOP", FinishReason.STOP),
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("SAFETY", FinishReason.CONTENT_FILTER),
        ("IMAGE_SAFETY", FinishReason.CONTENT_FILTER),
        ("MODEL_ARMOR", FinishReason.CONTENT_FILTER),
        ("MALFORMED_FUNCTION_CALL", FinishReason.ERROR),
        ("MISSING_THOUGHT_SIGNATURE", FinishReason.ERROR),
        ("CONTINUATION", FinishReason.PAUSE),
        ("OTHER", FinishReason.OTHER),
        ("ESCALATION", FinishReason.OTHER),
        ("1", FinishReason.STOP),
        ("17", FinishReason.OTHER),
    ],
)
def test_a_word_has_a_meaning(word: str, reason: FinishReason) -> None:
    assert finish_reason(word, calls=False) is reason


def test_an_answer_that_stops_with_calls_is_one_that_calls() -> None:
    assert finish_reason("STOP", calls=True) is FinishReason.TOOL_CALLS
    assert finish_reason("MAX_TOKENS", calls=True) is FinishReason.LENGTH


def test_numbers_of_enumerations_are_words() -> None:
    values: list[JSON] = [None, "STOP", 2]
    assert [reason_word(value) for value in values] == [None, "STOP", "2"]


def test_a_reply_keeps_its_document_and_what_headers_say() -> None:
    body = {"candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": 1}]}
    reply = WireResponse(headers={"x-request-id": "q1", "date": "now"}, body=json.dumps(body).encode())
    response = Gemini().decode(Request(model="m", messages=(user("Hi"),)), reply)
    assert response.headers == {"x-request-id": "q1"}
    assert response.raw == body
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "1")


def test_a_whole_reply_without_a_reason_has_ended_somehow() -> None:
    reply = WireResponse(body=b'{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}')
    response = Gemini().decode(Request(model="m", messages=(user("Hi"),)), reply)
    assert (response.text, response.finish_reason) == ("Hi", FinishReason.OTHER)
