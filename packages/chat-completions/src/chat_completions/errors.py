"""Errors of the chat completions wire, as OpenAI and the services compatible with it spell them.

Law: the tables below decide, and the message's words never do. An error of any shape is read, and nothing raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.failure import Dialect, decode_failure, failure, kept_headers
from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
    ContentBlocked,
    ContextTooLong,
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
    # the key
    "authentication": AuthenticationFailed,
    "authentication_error": AuthenticationFailed,
    "invalid_api_key": AuthenticationFailed,
    "invalid_authentication_error": AuthenticationFailed,
    # what it may do
    "permission_denied": PermissionDenied,
    "permission_error": PermissionDenied,
    "unsupported_country_region_territory": PermissionDenied,
    # what is not there
    "DeploymentNotFound": NotFound,
    "NotFoundError": NotFound,
    "invalid_model": NotFound,
    "model_decommissioned": NotFound,
    "model_not_found": NotFound,
    "not_found": NotFound,
    "not_found_error": NotFound,
    # the context
    "context_length_exceeded": ContextTooLong,
    "exceed_context_size_error": ContextTooLong,
    "model_max_prompt_tokens_exceeded": ContextTooLong,
    "string_above_max_length": ContextTooLong,
    "string_too_long": ContextTooLong,
    "token_limit_exceeded": ContextTooLong,
    "tokens_limit_reached": ContextTooLong,
    (413, "rate_limit_exceeded"): ContextTooLong,  # one request is longer than a whole minute's tokens
    # money: waiting does not help
    "billing_hard_limit_reached": QuotaExceeded,
    "billing_not_active": QuotaExceeded,
    "credit_balance_exhausted": QuotaExceeded,
    "exceeded_current_quota_error": QuotaExceeded,
    "insufficient_quota": QuotaExceeded,
    "organization_spend_limit_exceeded": QuotaExceeded,
    "organization_usage_limit_exceeded": QuotaExceeded,
    "payment_required": QuotaExceeded,
    "project_spend_limit_exceeded": QuotaExceeded,
    "quota_exceeded": QuotaExceeded,
    # speed: waiting helps
    "rate_limit_error": RateLimited,
    "rate_limit_exceeded": RateLimited,
    "rate_limit_reached_error": RateLimited,
    "rate_limited": RateLimited,
    "request_quota_exceeded": RateLimited,
    "slow_down": RateLimited,
    "token_quota_exceeded": RateLimited,
    "too_many_requests": RateLimited,
    # capacity
    (503, "slow_down"): Overloaded,
    "engine_overloaded_error": Overloaded,
    "overloaded_error": Overloaded,
    "provider_overloaded": Overloaded,
    "provider_unavailable": Overloaded,
    "queue_exceeded": Overloaded,
    "server_is_overloaded": Overloaded,
    "service_tier_capacity_exceeded": Overloaded,
    "service_unavailable_error": Overloaded,
    "unavailable_error": Overloaded,
    # filters
    "ResponsibleAIPolicyViolation": ContentBlocked,
    "content_filter": ContentBlocked,
    "content_policy_violation": ContentBlocked,
    "data_inspection_failed": ContentBlocked,
    "refusal": ContentBlocked,
    # the rest
    "not_supported_error": InvalidRequest,
    "previous_response_not_found": ChainLost,
}
"""Codes and types that decide, whatever the status is."""

TYPES: Mapping[str, Kind] = {
    "BadRequestError": InvalidRequest,
    "InternalServerError": ServerError,
    "api_error": ServerError,
    "internal_server_error": ServerError,
    "invalid_request": InvalidRequest,
    "invalid_request_error": InvalidRequest,
    "server": ServerError,
    "server_error": ServerError,
    "timeout": ServerError,
}
"""Types that services put on errors of every status."""

LIMITS = ("requests", "tokens", "requests-day", "tokens-minute", "req-minute", "input-images")

DIALECT = Dialect(
    codes=CODES,
    types=TYPES,
    inner=("metadata", "innererror"),
    wrapped=("raw",),
    request_ids=("x-request-id", "request-id", "apim-request-id", "x-ms-request-id", "mistral-correlation-id"),
    waits=("retry_after", "retry_after_seconds", "estimated_time"),
    resets=(
        *((f"x-ratelimit-remaining-{limit}", f"x-ratelimit-reset-{limit}") for limit in LIMITS),
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ),
)

KEPT = (*DIALECT.request_ids, "retry-after", "retry-after-ms", "openai-processing-ms", "openai-organization")
KEPT_PREFIXES = ("x-ratelimit-", "x-tokenlimit-", "x-ms-", "azure-openai-")


def decode_error(reply: WireResponse) -> ProviderError:
    """Read a reply whose status says that it failed; never raises."""
    return decode_failure(reply, DIALECT)


def error_from(
    data: JSON, *, status: int | None = None, headers: Mapping[str, str] | None = None, body: str = ""
) -> ProviderError:
    """Make the error of an object found beside a success: in a body, a choice, a stream's frame.

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
