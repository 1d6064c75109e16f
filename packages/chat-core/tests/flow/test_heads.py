"""Headers that stay with a response are told by a word of their names."""

from __future__ import annotations

from chat_core.flow.heads import kept, request_id_of

HEADERS = {
    "content-type": "a/b",
    "x-request-id": "r1",
    "openai-processing-ms": "7",
    "anthropic-ratelimit-tokens-remaining": "3",
    "x-rate-limit-reset": "1",
    "set-cookie": "c",
}


def test_what_describes_the_request_and_its_limits_is_kept() -> None:
    assert kept(HEADERS).keys() == HEADERS.keys() - {"content-type", "set-cookie"}


def test_a_request_has_the_id_that_its_service_gave_it() -> None:
    assert request_id_of(HEADERS) == "r1"
    assert request_id_of({"date": "today"}) is None
