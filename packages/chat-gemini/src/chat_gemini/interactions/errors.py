"""Errors of the Interactions wire: Google's, and in events and answers an object of a code in words and a message.

Law: the status decides, and inside of a stream or an answer the code; the message's words never do. The service has no
code of its own for an interaction that is gone: where it refuses a request, the error is a `ChainLost` as well, so that
a request that was chained is sent again whole, and any other fails as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.failure import failure
from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
    ContentBlocked,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    QuotaExceeded,
    RateLimited,
    ServerError,
)
from chat_gemini.errors import DIALECT, WORDS, read_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.failure import Kind
    from chat_core.codec.wire import WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON
    from chat_gemini.errors import Served

CODES: Mapping[str, Kind] = {
    **{word.lower(): kind for word, kind in WORDS.items()},
    "authentication_error": AuthenticationFailed,
    "billing_disabled": QuotaExceeded,
    "blocked": ContentBlocked,
    "content_blocked": ContentBlocked,
    "internal_error": ServerError,
    "internal_server_error": ServerError,
    "invalid_request": InvalidRequest,
    "overloaded": Overloaded,
    "permission_error": PermissionDenied,
    "prohibited_content": ContentBlocked,
    "quota_exceeded": QuotaExceeded,
    "rate_limit_exceeded": RateLimited,
    "safety": ContentBlocked,
    "server_error": ServerError,
    "too_many_requests": RateLimited,
    "unauthorized": AuthenticationFailed,
}
"""Codes in words, asked where there is no status."""

SPOKEN = replace(DIALECT, types={**WORDS, **CODES})


class InteractionRefused(InvalidRequest, ChainLost):
    """The service does not accept the request, which may be because the interaction that it continues is gone."""


class InteractionNotFound(NotFound, ChainLost):
    """The service does not know the model, the file, or the interaction that the request continues."""


_MAYBE_LOST: Mapping[type[ProviderError], type[InteractionRefused | InteractionNotFound]] = {
    InvalidRequest: InteractionRefused,
    NotFound: InteractionNotFound,
}


def decode_error(reply: WireResponse, provider: Served) -> ProviderError:
    """Read a reply whose status says that it failed; never raises."""
    error = read_error(reply, provider)
    kind = _MAYBE_LOST.get(type(error))
    return error if kind is None else _as(kind, error)


def error_from(
    data: JSON, *, status: int | None = None, headers: Mapping[str, str] | None = None, body: str = ""
) -> ProviderError:
    """Make the error of an object found beside a success: in an answer that failed, in an event.

    Args:
        data: the error, or the object that has it as its `error`.
        status: what HTTP said; `None` inside a stream.
        headers: the reply's headers, names in lower case.
        body: what came, as text.
    """
    return failure(data, SPOKEN, status=status, headers=headers, body=body)


def _as(kind: type[InteractionRefused | InteractionNotFound], error: ProviderError) -> ProviderError:
    """Return an error as one of a more precise class."""
    found = kind(
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
    found.retryable, found.fix = error.retryable, error.fix
    return found
