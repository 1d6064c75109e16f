"""Errors are told apart by their codes and statuses."""

from __future__ import annotations

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
    ContentBlocked,
    ContextTooLong,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    ServerError,
)
from chat_responses.errors import decode_error, headers_of


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "previous_response_not_found", ChainLost),
        (400, "context_length_exceeded", ContextTooLong),
        (400, "invalid_value", InvalidRequest),
        (400, "content_filter", ContentBlocked),
        (401, "invalid_api_key", AuthenticationFailed),
        (403, "unsupported_country_region_territory", PermissionDenied),
        (404, "model_not_found", NotFound),
        (400, "model_not_found", NotFound),
        (429, "insufficient_quota", QuotaExceeded),
        (429, "rate_limit_exceeded", RateLimited),
        (429, "slow_down", RateLimited),
        (503, "slow_down", Overloaded),
        (500, None, ServerError),
    ],
)
def test_the_code_decides_then_the_status(status: int, code: str | None, kind: type[ProviderError]) -> None:
    body = dump({"error": {"type": "invalid_request_error", "code": code, "message": "No.", "param": "input"}})
    error = decode_error(WireResponse(status=status, body=body, headers={"x-request-id": "req_1"}))
    assert type(error) is kind
    assert (error.code, error.param, error.request_id) == (code, "input", "req_1")


@pytest.mark.parametrize(
    ("body", "message"),
    [(b'{"code":"c","error":"Bad key"}', "Bad key"), (b'{"detail":"Sign in"}', "Sign in"), (b"<html>", None)],
)
def test_other_shapes_are_read_too(body: bytes, message: str | None) -> None:
    error = decode_error(WireResponse(status=400, body=body))
    assert isinstance(error, InvalidRequest)
    assert message is None or error.message == message


def test_a_limit_says_when_to_come_back() -> None:
    headers = {"retry-after-ms": "1500", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}
    body = dump({"error": {"code": "rate_limit_exceeded", "message": "No."}})
    error = decode_error(WireResponse(status=429, body=body, headers=headers))
    assert error.retry_after == 1.5
    assert headers_of(WireResponse(headers={**headers, "server": "s"})) == headers
