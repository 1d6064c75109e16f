from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_completions.errors import CODES, DIALECT, TYPES, decode_error, error_from, headers_of
from chat_core.codec.wire import WireResponse
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

if TYPE_CHECKING:
    from chat_core.codec.failure import Kind
    from chat_core.jsonvalue import JSON


def read(body: JSON | bytes, status: int = 400, headers: dict[str, str] | None = None) -> ProviderError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return decode_error(WireResponse(status=status, headers=headers if headers is not None else {}, body=data))


@pytest.mark.parametrize(
    ("body", "status", "kind", "type", "code"),
    [
        (
            {"error": {"message": "m", "type": "invalid_request_error", "param": None, "code": "invalid_api_key"}},
            401,
            AuthenticationFailed,
            "invalid_request_error",
            "invalid_api_key",
        ),
        (
            {"error": {"message": "m", "type": "invalid_request_error", "code": "context_length_exceeded"}},
            400,
            ContextTooLong,
            "invalid_request_error",
            "context_length_exceeded",
        ),
        (
            {"error": {"message": "m", "type": "exceed_context_size_error", "code": 400, "n_ctx": 512}},
            400,
            ContextTooLong,
            "exceed_context_size_error",
            "400",
        ),
        (
            {"error": {"message": "m", "type": "insufficient_quota", "code": "credit_balance_exhausted"}},
            429,
            QuotaExceeded,
            "insufficient_quota",
            "credit_balance_exhausted",
        ),
        (
            {"error": {"message": "m", "code": "content_filter", "type": None}},
            400,
            ContentBlocked,
            None,
            "content_filter",
        ),
        ({"error": {"message": "m", "code": "model_decommissioned"}}, 400, NotFound, None, "model_decommissioned"),
        (
            {"error": {"message": "m", "type": "tokens", "code": "rate_limit_exceeded"}},
            413,
            ContextTooLong,
            "tokens",
            "rate_limit_exceeded",
        ),
        (
            {"error": {"message": "m", "type": "tokens", "code": "rate_limit_exceeded"}},
            429,
            RateLimited,
            "tokens",
            "rate_limit_exceeded",
        ),
        ({"error": {"message": "m", "code": "slow_down"}}, 503, Overloaded, None, "slow_down"),
        ({"error": {"message": "m", "code": "slow_down"}}, 429, RateLimited, None, "slow_down"),
        ({"error": {"message": "m", "code": 402}}, 402, QuotaExceeded, None, "402"),
        ({"error": {"message": "m", "code": "401"}}, 401, AuthenticationFailed, None, "401"),
        ({"error": "m"}, 404, NotFound, None, None),
        ({"error": "m", "error_type": "validation"}, 422, InvalidRequest, "validation", None),
        ({"error": ["m"]}, 503, Overloaded, None, None),
        ({"code": "not there", "error": "m"}, 404, NotFound, None, "not there"),
        (
            {"message": "m", "type": "too_many_requests_error", "code": "queue_exceeded"},
            429,
            Overloaded,
            "too_many_requests_error",
            "queue_exceeded",
        ),
        ({"detail": "m"}, 401, AuthenticationFailed, None, None),
        (
            {"object": "error", "message": "m", "type": "NotFoundError", "code": 404},
            404,
            NotFound,
            "NotFoundError",
            "404",
        ),
        (
            {"object": "error", "message": "m", "type": "service_tier_capacity_exceeded", "code": "3505"},
            429,
            Overloaded,
            "service_tier_capacity_exceeded",
            "3505",
        ),
        ({"statusCode": 404, "message": "m"}, 404, NotFound, None, None),
        ({"error": {"message": "m", "type": "server_error"}}, 500, ServerError, "server_error", None),
        ({"error": {"message": "m", "type": "server_error"}}, 400, InvalidRequest, "server_error", None),
        (
            {"error": {"message": "m", "type": "not_supported_error", "code": 501}},
            501,
            InvalidRequest,
            "not_supported_error",
            "501",
        ),
        (
            {"error": {"message": "m", "code": "unsupported_country_region_territory"}},
            403,
            PermissionDenied,
            None,
            "unsupported_country_region_territory",
        ),
        (
            {"error": {"message": "m", "code": "previous_response_not_found"}},
            400,
            ChainLost,
            None,
            "previous_response_not_found",
        ),
    ],
)
def test_every_shape_gives_the_class_that_its_code_means(
    body: JSON, status: int, kind: Kind, type: str | None, code: str | None
) -> None:
    error = read(body, status)
    assert error.__class__ is kind
    assert (error.message, error.status, error.type, error.code) == ("m", status, type, code)
    assert error.details == body


def test_a_gateways_error_is_named_by_the_service_behind_it() -> None:
    behind = json.dumps({"error": {"message": "too much", "code": "context_length_exceeded"}})
    error = read({"error": {"message": "Provider error", "code": 400, "metadata": {"raw": behind}}})
    assert isinstance(error, ContextTooLong)
    assert (error.message, error.code) == ("Provider error", "400")


def test_a_gateways_own_name_for_the_error_decides() -> None:
    body: JSON = {"error": {"message": "m", "code": 403, "metadata": {"error_type": "content_policy_violation"}}}
    assert isinstance(read(body, 403), ContentBlocked)


def test_a_filters_inner_code_decides() -> None:
    body: JSON = {"error": {"message": "m", "code": "bad", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}
    assert isinstance(read(body), ContentBlocked)


@pytest.mark.parametrize("page", [b"", b"<html>502 Bad Gateway</html>", b"upstream timed out"])
def test_proxies_that_answer_without_json_are_told_by_the_status(page: bytes) -> None:
    error = read(page, 502)
    assert isinstance(error, ServerError)
    assert error.body == page.decode()


def test_a_rejected_generation_is_kept() -> None:
    body: JSON = {"error": {"message": "m", "code": "tool_use_failed", "failed_generation": "{oops"}}
    assert read(body).details == body


def test_the_wait_comes_from_headers_the_body_or_used_up_limits() -> None:
    assert read({"error": "m"}, 429, {"retry-after-ms": "250", "retry-after": "1"}).retry_after == 0.25
    assert read({"error": "loading", "estimated_time": 12.5}, 503).retry_after == 12.5
    limits = {
        "x-ratelimit-remaining-requests": "12",
        "x-ratelimit-reset-requests": "6h",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "1m2.5s",
    }
    assert read({"error": "m"}, 429, limits).retry_after == 62.5
    assert read({"error": "m"}, 500, limits).retry_after is None


@pytest.mark.parametrize("name", ["x-request-id", "apim-request-id", "x-ms-request-id", "mistral-correlation-id"])
def test_the_request_id_has_many_names(name: str) -> None:
    assert read({"error": "m"}, 500, {name: "r1"}).request_id == "r1"


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        ({"error": {"message": "m", "code": 502, "metadata": {"provider_name": "P"}}}, ServerError, "502"),
        ({"error": {"message": "m", "code": "tool_use_failed", "status_code": 400}}, InvalidRequest, "tool_use_failed"),
        ({"error": {"message": "m"}, "detail": "m"}, ServerError, None),
        ({"error": "m"}, ServerError, None),
        ({"message": "m", "code": 429}, RateLimited, "429"),
        ({"error": {"message": "m", "type": "invalid_request_error"}}, InvalidRequest, None),
    ],
)
def test_an_error_inside_a_stream_is_read_without_a_status(data: JSON, kind: Kind, code: str | None) -> None:
    error = error_from(data)
    assert error.__class__ is kind
    assert (error.message, error.code, error.status) == ("m", code, None)


def test_names_decide_or_are_vague_not_both() -> None:
    assert not CODES.keys() & TYPES.keys()
    assert DIALECT.codes is CODES


def test_request_ids_and_rate_limits_are_kept() -> None:
    headers = {"x-request-id": "r", "x-ratelimit-limit-tokens": "9", "content-type": "application/json"}
    assert headers_of(WireResponse(headers=headers)) == {"x-request-id": "r", "x-ratelimit-limit-tokens": "9"}
