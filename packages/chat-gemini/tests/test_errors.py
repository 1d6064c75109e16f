from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import (
    AuthenticationFailed,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    ServerError,
)
from chat_gemini.errors import error_from, headers_of, read_error
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

GEMINI = Gemini()
VERTEX = Gemini(place=vertex("p"))
INFO = "type.googleapis.com/google.rpc.ErrorInfo"
LIMIT = "type.googleapis.com/google.rpc.QuotaFailure"
RETRY = "type.googleapis.com/google.rpc.RetryInfo"


def refused(status: int, word: str, *details: JSONObject, words: str = "rate limit, API key not valid") -> WireResponse:
    error: JSONObject = {"code": status, "message": words, "status": word, "details": [*details]}
    return WireResponse(status=status, body=dump({"error": error}))


def reason(word: str) -> JSONObject:
    return {"@type": INFO, "reason": word, "domain": "googleapis.com"}


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (400, "INVALID_ARGUMENT", InvalidRequest),
        (400, "FAILED_PRECONDITION", InvalidRequest),
        (401, "UNAUTHENTICATED", AuthenticationFailed),
        (403, "PERMISSION_DENIED", PermissionDenied),
        (404, "NOT_FOUND", NotFound),
        (409, "ABORTED", ServerError),
        (413, "INVALID_ARGUMENT", InvalidRequest),
        (429, "RESOURCE_EXHAUSTED", RateLimited),
        (499, "CANCELLED", ServerError),
        (500, "INTERNAL", ServerError),
        (503, "UNAVAILABLE", Overloaded),
        (504, "DEADLINE_EXCEEDED", ServerError),
    ],
)
def test_without_a_reason_the_status_decides(status: int, word: str, kind: type[ProviderError]) -> None:
    error = read_error(refused(status, word), GEMINI)
    assert type(error) is kind
    assert (error.status, error.type, error.code) == (status, word, str(status))
    assert error.message == "rate limit, API key not valid"


@pytest.mark.parametrize(
    ("status", "word", "kind"),
    [
        (400, "API_KEY_INVALID", AuthenticationFailed),
        (400, "API_KEY_EXPIRED", AuthenticationFailed),
        (401, "CREDENTIALS_MISSING", AuthenticationFailed),
        (403, "SERVICE_DISABLED", PermissionDenied),
        (403, "BILLING_DISABLED", QuotaExceeded),
        (400, "SOMETHING_NEW", InvalidRequest),
    ],
)
def test_a_reason_decides_before_the_status(status: int, word: str, kind: type[ProviderError]) -> None:
    assert type(read_error(refused(status, "INVALID_ARGUMENT", reason(word)), GEMINI)) is kind


@pytest.mark.parametrize(
    ("limit", "kind"),
    [
        ("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", RateLimited),
        ("GenerateRequestsPerDayPerProjectPerModel-FreeTier", QuotaExceeded),
    ],
)
def test_a_limit_of_a_day_is_no_limit_to_wait_for(limit: str, kind: type[ProviderError]) -> None:
    met: JSONObject = {"@type": LIMIT, "violations": [{"quotaId": limit, "quotaValue": "20"}]}
    error = read_error(refused(429, "RESOURCE_EXHAUSTED", met, {"@type": RETRY, "retryDelay": "17s"}), GEMINI)
    assert type(error) is kind
    assert (error.retry_after, error.status) == (17.0, 429)
    assert isinstance(error.details, dict)


@pytest.mark.parametrize(("delay", "seconds"), [("0.5s", 0.5), ("17.25s", 17.25), ("soon", None), (17, None)])
def test_the_time_to_wait_is_read(delay: JSON, seconds: float | None) -> None:
    error = read_error(refused(429, "RESOURCE_EXHAUSTED", {"@type": RETRY, "retryDelay": delay}), GEMINI)
    assert error.retry_after == seconds


def test_an_error_in_an_array_is_read() -> None:
    body = dump([{"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE",
                            "details": [{"@type": RETRY, "retryDelay": "2s"}]}}])  # fmt: skip
    error = read_error(WireResponse(status=503, body=body), GEMINI)
    assert (type(error), error.message, error.retry_after) == (Overloaded, "busy", 2.0)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"error": {"code": 503, "message": "m", "status": "UNAVAILABLE"}}, Overloaded),
        ({"error": {"message": "m", "status": "RESOURCE_EXHAUSTED"}}, RateLimited),
        ({"error": {"message": "m"}}, ServerError),
        ({"error": {"message": "m", "status": "SOMETHING_NEW"}}, ServerError),
    ],
)
def test_an_error_inside_a_stream_says_its_own_status(data: JSON, kind: type[ProviderError]) -> None:
    error = error_from(data, GEMINI)
    assert (type(error), error.message, error.status) == (kind, "m", None)


def test_what_helps_depends_on_the_place() -> None:
    reply = refused(401, "UNAUTHENTICATED")
    assert read_error(reply, GEMINI).fix == "Set GOOGLE_API_KEY or GEMINI_API_KEY to a key of Google AI Studio"
    fix = read_error(reply, VERTEX).fix
    assert fix is not None
    assert "api_key=" in fix
    assert read_error(refused(404, "NOT_FOUND"), GEMINI).fix is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[3]", b'{"error": 3}', b'{"error": {"details": 3}}'])
def test_an_error_of_any_shape_is_read(body: bytes) -> None:
    assert type(read_error(WireResponse(status=502, body=body), GEMINI)) is ServerError


def test_headers_worth_keeping_are_kept() -> None:
    assert headers_of(WireResponse(headers={"x-request-id": "r", "date": "d"})) == {"x-request-id": "r"}
