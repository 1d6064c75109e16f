"""Errors of the Responses wire, as OpenAI and the services compatible with it spell them.

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
    "authentication_error": AuthenticationFailed,
    "invalid_api_key": AuthenticationFailed,
    # what it may do
    "data_residency_mismatch": PermissionDenied,
    "permission_error": PermissionDenied,
    "unsupported_country_region_territory": PermissionDenied,
    # what is not there
    "DeploymentNotFound": NotFound,
    "image_file_not_found": NotFound,
    "model_not_found": NotFound,
    "not_found_error": NotFound,
    "response_not_found": NotFound,
    # the context
    "context_length_exceeded": ContextTooLong,
    "string_above_max_length": ContextTooLong,
    # money: waiting does not help
    "billing_hard_limit_reached": QuotaExceeded,
    "billing_not_active": QuotaExceeded,
    "credit_balance_exhausted": QuotaExceeded,
    "insufficient_quota": QuotaExceeded,
    "organization_spend_limit_exceeded": QuotaExceeded,
    "organization_usage_limit_exceeded": QuotaExceeded,
    "project_spend_limit_exceeded": QuotaExceeded,
    # speed: waiting helps
    "rate_limit_error": RateLimited,
    "rate_limit_exceeded": RateLimited,
    "slow_down": RateLimited,
    "too_many_requests": RateLimited,
    "websocket_stream_limit_reached": RateLimited,
    # capacity
    (503, "slow_down"): Overloaded,
    "overloaded_error": Overloaded,
    "server_is_overloaded": Overloaded,
    "service_unavailable_error": Overloaded,
    # filters
    "ResponsibleAIPolicyViolation": ContentBlocked,
    "bio_policy": ContentBlocked,
    "content_filter": ContentBlocked,
    "content_policy_violation": ContentBlocked,
    "image_content_policy_violation": ContentBlocked,
    "misalignment_policy_violation": ContentBlocked,
    # inputs that the service could not use, also where it says so after a success
    **dict.fromkeys(
        (
            "empty_image_file", "failed_to_download_image", "image_file_too_large", "image_parse_error",
            "image_too_large", "image_too_small", "invalid_base64_image", "invalid_image", "invalid_image_format",
            "invalid_image_mode", "invalid_image_url", "invalid_prompt", "invalid_stream_id",
            "unsupported_image_media_type",
        ),
        InvalidRequest,
    ),
    # a service that fails
    "vector_store_timeout": ServerError,
    "websocket_connection_limit_reached": ServerError,
    # the chain
    "previous_response_not_found": ChainLost,
}  # fmt: skip
"""Codes and types that decide, whatever the status is."""

TYPES: Mapping[str, Kind] = {
    "api_error": ServerError,
    "internal_server_error": ServerError,
    "invalid_request_error": InvalidRequest,
    "server_error": ServerError,
}
"""Types that services put on errors of every status."""

LIMITS = ("requests", "tokens", "requests-day", "input-images")

DIALECT = Dialect(
    codes=CODES,
    types=TYPES,
    inner=("metadata", "innererror"),
    wrapped=("raw",),
    request_ids=("x-request-id", "request-id", "apim-request-id", "x-ms-request-id"),
    waits=("retry_after", "retry_after_seconds"),
    resets=tuple((f"x-ratelimit-remaining-{limit}", f"x-ratelimit-reset-{limit}") for limit in LIMITS),
)

KEPT = (*DIALECT.request_ids, "retry-after", "retry-after-ms", "openai-processing-ms", "openai-organization")
KEPT_PREFIXES = ("x-ratelimit-", "x-ms-", "azure-openai-")


def decode_error(reply: WireResponse) -> ProviderError:
    """Read a reply whose status says that it failed; never raises."""
    return decode_failure(reply, DIALECT)


def error_from(
    data: JSON, *, status: int | None = None, headers: Mapping[str, str] | None = None, body: str = ""
) -> ProviderError:
    """Make the error of an object found beside a success: in a failed answer, in an event.

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
