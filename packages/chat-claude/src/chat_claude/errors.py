"""Errors of the Anthropic Messages wire, and of the clouds in front of it.

Law: `error.details.error_code` decides, then `error.type`, then the status; the message's words never do. An error of
any shape is read, and nothing raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.failure import Dialect, decode_failure, failure, kept_headers
from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
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
    from chat_core.jsonvalue import JSON

CODES: Mapping[str | tuple[int, str], Kind] = {
    # error.details.error_code
    "contract_spend_limit_reached": QuotaExceeded,
    "enforced_spend_limit_reached": QuotaExceeded,
    "file_expired": NotFound,
    "organization_not_enrolled_in_beta": PermissionDenied,
    "ramp_limit_exceeded": RateLimited,
    "request_body_timeout": ServerError,
    "thread_already_continued": ChainLost,
    "thread_fingerprint_mismatch": ChainLost,
    "thread_not_found": ChainLost,
    # error.type
    "authentication_error": AuthenticationFailed,
    "billing_error": QuotaExceeded,
    "conflict_error": ServerError,
    "not_found_error": NotFound,
    "overloaded_error": Overloaded,
    "permission_error": PermissionDenied,
    "rate_limit_error": RateLimited,
    "request_too_large": InvalidRequest,
    "timeout_error": ServerError,
    # error.status of Google's cloud
    "PERMISSION_DENIED": PermissionDenied,
    "RESOURCE_EXHAUSTED": RateLimited,
    "UNAUTHENTICATED": AuthenticationFailed,
    # error.code of Microsoft's cloud
    "DeploymentNotFound": NotFound,
}
"""Codes and types that decide, whatever the status is."""

TYPES: Mapping[str, Kind] = {"api_error": ServerError, "invalid_request_error": InvalidRequest}
"""Types that say less than a status."""

LIMITS = ("requests", "tokens", "input-tokens", "output-tokens")

DIALECT = Dialect(
    codes=CODES,
    types=TYPES,
    inner=("details", "metadata"),
    wrapped=("raw",),
    request_ids=("request-id", "x-request-id", "apim-request-id", "x-ms-request-id"),
    resets=tuple((f"anthropic-ratelimit-{limit}-remaining", f"anthropic-ratelimit-{limit}-reset") for limit in LIMITS),
)

KEPT = (*DIALECT.request_ids, "retry-after", "anthropic-organization-id", "anthropic-workspace-id")
KEPT_PREFIXES = ("anthropic-ratelimit-", "anthropic-priority-", "anthropic-fast-", "x-ratelimit-")


def decode_error(reply: WireResponse) -> ProviderError:
    """Read a reply whose status says that it failed; never raises."""
    return decode_failure(reply, DIALECT)


def error_from(
    data: JSON, *, status: int | None = None, headers: Mapping[str, str] | None = None, body: str = ""
) -> ProviderError:
    """Make the error of an object found beside a success: in a body, in a stream's `error` event.

    Args:
        data: the error, or the object that has it as its `error`.
        status: what HTTP said; `None` inside a stream.
        headers: the reply's headers, names in lower case.
        body: what came, as text.
    """
    return failure(data, DIALECT, status=status, headers=headers, body=body)


def headers_of(reply: WireResponse) -> dict[str, str]:
    """Pick the headers worth keeping in a response: request ids and rate limits."""
    return kept_headers(reply.headers, names=KEPT, prefixes=KEPT_PREFIXES)
