"""Errors of Google's APIs: a status, its word, and details with a reason, times to wait and limits that were met.

Law: the reason in `details` decides, then the limit that was met, then the status; the message's words never do. An
error of any shape is read, and nothing raises.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from chat_core.codec.failure import Dialect, decode_failure, failure, kept_headers
from chat_core.errors import (
    AuthenticationFailed,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    QuotaExceeded,
    RateLimited,
    ServerError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.failure import Kind
    from chat_core.codec.wire import WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.places import Place

REASONS: Mapping[str | tuple[int, str], Kind] = {
    "ACCESS_TOKEN_EXPIRED": AuthenticationFailed,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": PermissionDenied,
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": AuthenticationFailed,
    "API_KEY_EXPIRED": AuthenticationFailed,
    "API_KEY_INVALID": AuthenticationFailed,  # with the status 400
    "API_KEY_SERVICE_BLOCKED": PermissionDenied,
    "BILLING_DISABLED": QuotaExceeded,
    "CONSUMER_SUSPENDED": PermissionDenied,
    "CREDENTIALS_MISSING": AuthenticationFailed,
    "IAM_PERMISSION_DENIED": PermissionDenied,
    "RATE_LIMIT_EXCEEDED": RateLimited,
    "SERVICE_DISABLED": PermissionDenied,
}
"""Reasons in `details` that decide, whatever the status is."""

WORDS: Mapping[str, Kind] = {
    "ABORTED": ServerError,
    "CANCELLED": ServerError,
    "DEADLINE_EXCEEDED": ServerError,
    "FAILED_PRECONDITION": InvalidRequest,
    "INTERNAL": ServerError,
    "INVALID_ARGUMENT": InvalidRequest,
    "NOT_FOUND": NotFound,
    "OUT_OF_RANGE": InvalidRequest,
    "PERMISSION_DENIED": PermissionDenied,
    "RESOURCE_EXHAUSTED": RateLimited,
    "UNAUTHENTICATED": AuthenticationFailed,
    "UNAVAILABLE": Overloaded,
    "UNIMPLEMENTED": InvalidRequest,
}
"""Words of `error.status`, for errors without a number."""

DIALECT = Dialect(codes=REASONS, types=WORDS, inner=("details",), request_ids=("x-request-id", "x-goog-request-id"))

KEPT = (*DIALECT.request_ids, "retry-after", "server-timing", "x-vertex-ai-llm-request-type")

LASTING = "PerDay"
"""What the names of limits hold that no retry of this call outwaits."""

_DELAY = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")


class Served(Protocol):
    """What serves: a provider of this package."""

    @property
    def place(self) -> Place:
        """Where."""
        ...


def read_error(reply: WireResponse, provider: Served) -> ProviderError:
    """Read a reply whose status says that it failed; never raises."""
    return _told(decode_failure(reply, DIALECT), provider.place)


def error_from(
    data: JSON,
    provider: Served,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    body: str = "",
) -> ProviderError:
    """Make the error of an object found beside a success: in a body, in an event of a stream.

    Args:
        data: the error, or the object that has it as its `error`.
        provider: who sent it.
        status: what HTTP said; `None` inside a stream.
        headers: the reply's headers, names in lower case.
        body: what came, as text.
    """
    return _told(failure(data, DIALECT, status=status, headers=headers, body=body), provider.place)


def headers_of(reply: WireResponse) -> dict[str, str]:
    """Pick the headers worth keeping in a response."""
    return kept_headers(reply.headers, names=KEPT)


def _told(error: ProviderError, place: Place) -> ProviderError:
    """Add what the details say: how long to wait, which limit was met, what helps."""
    details = _details(error.details)
    if isinstance(error, RateLimited) and any(LASTING in limit for limit in _limits(details)):
        error = _as_quota(error)
    wait = next((seconds for item in details if (seconds := _delay(item)) is not None), None)
    if wait is not None and error.retry_after is None:
        error.retry_after = wait
    if error.fix is None:
        error.fix = _fix(error, place)
    return error


def _as_quota(error: RateLimited) -> QuotaExceeded:
    return QuotaExceeded(
        error.message,
        status=error.status,
        type=error.type,
        code=error.code,
        param=error.param,
        request_id=error.request_id,
        retry_after=error.retry_after,
        body=error.body,
        details=error.details,
    )


def _details(data: JSON) -> list[JSONObject]:
    """Return the details of an error, wherever it was found."""
    match data:
        case [dict() as first, *_]:
            return _details(first)
        case {"error": dict(error)}:
            return _details(error)
        case {"details": list(items)}:
            return [item for item in items if isinstance(item, dict)]
        case _:
            return []


def _limits(details: list[JSONObject]) -> list[str]:
    """Return the names of the limits that were met."""
    violations = [item.get("violations") for item in details]
    met = [one for items in violations if isinstance(items, list) for one in items]
    return [name for one in met if isinstance(one, dict) and isinstance(name := one.get("quotaId"), str)]


def _delay(detail: JSONObject) -> float | None:
    match detail.get("retryDelay"):
        case str(text) if (found := _DELAY.fullmatch(text)) is not None:
            return float(found[1])
        case _:
            return None


def _fix(error: ProviderError, place: Place) -> str | None:
    match error:
        case AuthenticationFailed() if place.vertex:
            return "Pass api_key= a function that returns a fresh token of Google Cloud, or a key of express mode"
        case AuthenticationFailed():
            return "Set GOOGLE_API_KEY or GEMINI_API_KEY to a key of Google AI Studio"
        case _:
            return None
