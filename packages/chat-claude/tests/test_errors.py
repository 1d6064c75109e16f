from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_claude.errors import CODES, TYPES, decode_error, error_from, headers_of
from chat_core.codec.wire import WireResponse
from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    ServerError,
)

if TYPE_CHECKING:
    from chat_core.codec.failure import Kind
    from chat_core.jsonvalue import JSON, JSONObject


def read(body: JSON | bytes, status: int = 400, headers: dict[str, str] | None = None) -> ProviderError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_error(WireResponse(status=status, headers=headers if headers is not None else {}, body=data))


def envelope(type: str, **details: JSON) -> JSONObject:
    error: JSONObject = {"type": type, "message": "m", **({"details": details} if details else {})}
    return {"type": "error", "error": error, "request_id": "req_1"}


@pytest.mark.parametrize(
    ("type", "status", "kind", "retryable"),
    [
        ("invalid_request_error", 400, InvalidRequest, False),
        ("authentication_error", 401, AuthenticationFailed, False),
        ("billing_error", 402, QuotaExceeded, False),
        ("permission_error", 403, PermissionDenied, False),
        ("not_found_error", 404, NotFound, False),
        ("conflict_error", 409, ServerError, True),
        ("request_too_large", 413, InvalidRequest, False),
        ("invalid_request_error", 422, InvalidRequest, False),
        ("rate_limit_error", 429, RateLimited, True),
        ("api_error", 500, ServerError, True),
        ("timeout_error", 504, ServerError, True),
        ("overloaded_error", 529, Overloaded, True),
        ("later_error", 400, InvalidRequest, False),
    ],
)
def test_types_and_statuses_agree(type: str, status: int, kind: Kind, retryable: bool) -> None:
    error = read(envelope(type), status)
    assert error.__class__ is kind
    assert error.retryable is retryable
    assert (error.message, error.type, error.code, error.request_id) == ("m", type, None, "req_1")


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("ramp_limit_exceeded", RateLimited, True),
        ("enforced_spend_limit_reached", QuotaExceeded, False),
        ("contract_spend_limit_reached", QuotaExceeded, False),
        ("thread_not_found", ChainLost, False),
        ("later_code", RateLimited, True),
    ],
)
def test_the_error_code_goes_before_the_type(code: str, kind: Kind, retryable: bool) -> None:
    error = read(envelope("rate_limit_error", error_code=code, limit=3), 429)
    assert error.__class__ is kind
    assert error.retryable is retryable
    assert error.code == code


@pytest.mark.parametrize(
    ("type", "kind"),
    [
        ("overloaded_error", Overloaded),
        ("api_error", ServerError),
        ("invalid_request_error", InvalidRequest),
        ("rate_limit_error", RateLimited),
        ("later_error", ServerError),
    ],
)
def test_an_error_event_of_a_stream_has_no_status(type: str, kind: Kind) -> None:
    error = error_from(envelope(type))
    assert error.__class__ is kind
    assert (error.status, error.type, error.message, error.request_id) == (None, type, "m", "req_1")


@pytest.mark.parametrize(
    ("body", "status", "kind", "code"),
    [
        ({"error": {"code": "401", "message": "m"}}, 401, AuthenticationFailed, "401"),
        ({"error": {"code": "DeploymentNotFound", "message": "m"}}, 404, NotFound, "DeploymentNotFound"),
        ({"error": {"code": 403, "message": "m", "status": "PERMISSION_DENIED"}}, 403, PermissionDenied, "403"),
        ([{"error": {"code": 429, "message": "m", "status": "RESOURCE_EXHAUSTED"}}], 429, RateLimited, "429"),
        ({"message": "m"}, 400, InvalidRequest, None),
        ({"detail": "m"}, 403, PermissionDenied, None),
    ],
)
def test_clouds_and_proxies_in_front_have_shapes_of_their_own(
    body: JSON, status: int, kind: Kind, code: str | None
) -> None:
    error = read(body, status)
    assert error.__class__ is kind
    assert (error.message, error.code) == ("m", code)


def test_a_page_from_the_edge_is_no_crash() -> None:
    error = read(b"<html><h1>413 Request Entity Too Large</h1></html>", 413)
    assert isinstance(error, InvalidRequest)
    assert "413" in error.message
    assert error.body.startswith("<html>")


def test_the_header_names_the_request_before_the_body() -> None:
    assert read(envelope("api_error"), 500, {"request-id": "req_2"}).request_id == "req_2"


def test_the_service_says_whether_and_when_to_retry() -> None:
    error = read(envelope("api_error"), 500, {"x-should-retry": "false", "retry-after": "3"})
    assert error.retryable is False
    assert error.retry_after == 3.0


def test_a_used_up_limit_says_when_it_starts_afresh() -> None:
    headers = {
        "date": "Sat, 21 Nov 2026 10:00:00 GMT",
        "anthropic-ratelimit-requests-remaining": "7",
        "anthropic-ratelimit-requests-reset": "2026-11-21T11:00:00Z",
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-21T10:00:20Z",
    }
    assert read(envelope("rate_limit_error"), 429, headers).retry_after == 20.0


def test_names_decide_or_are_vague_not_both() -> None:
    assert not CODES.keys() & TYPES.keys()


def test_request_ids_and_rate_limits_are_kept() -> None:
    headers = {"request-id": "r", "anthropic-ratelimit-tokens-limit": "9", "content-type": "application/json"}
    assert headers_of(WireResponse(headers=headers)) == {"request-id": "r", "anthropic-ratelimit-tokens-limit": "9"}
