"""Errors: the class that the status asks for, and the words of the service unchanged.

Law: a status allows several classes, because the service's own code may say more than the status does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import (
    AuthenticationFailed,
    ChainLost,
    ContentBlocked,
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
    from collections.abc import Iterator, Mapping

    from chat_core.errors import ChatError
    from chat_core.jsonvalue import JSON, JSONObject

_REFUSED = (InvalidRequest, ContentBlocked, NotFound, AuthenticationFailed, PermissionDenied, QuotaExceeded, ChainLost)
_FAILED = (ServerError, Overloaded)
CLASSES: Mapping[int, tuple[type[ProviderError], ...]] = {
    400: _REFUSED,
    401: (AuthenticationFailed,),
    402: (QuotaExceeded,),
    403: (PermissionDenied, AuthenticationFailed, ContentBlocked),
    404: (NotFound, InvalidRequest, ChainLost),
    413: (InvalidRequest,),
    422: _REFUSED,
    429: (RateLimited, QuotaExceeded),
    501: (ServerError, InvalidRequest),
}


def error_differences(expect: JSONObject, error: ChatError | None) -> Iterator[str]:
    """Yield how an error differs from what is expected."""
    if not isinstance(error, ProviderError):
        yield f"expected an error of the service, got {error!r}"
        return
    match expect:
        case {"error": dict(wanted)}:
            yield from _facts(wanted, error)
        case {"sse_error_field": dict(wanted)}:
            yield from _words(_message_of(wanted), error)
        case _:
            yield "the corpus expects an error and does not say which"


def _facts(wanted: JSONObject, error: ProviderError) -> Iterator[str]:
    status = wanted.get("status")
    if isinstance(status, int):
        if status >= 400 and error.status != status:
            yield f"error.status: expected {status}, got {error.status}"
        yield from _class(status, error)
    for field, got in (("type", error.type), ("code", error.code), ("param", error.param)):
        if field in wanted and _text(wanted[field]) != got:
            yield f"error.{field}: expected {wanted[field]!r}, got {got!r}"
    yield from _words(_message_of(wanted), error)


def _class(status: int, error: ProviderError) -> Iterator[str]:
    allowed = CLASSES.get(status, _FAILED if status >= 500 else ())
    if allowed and not isinstance(error, allowed):
        yield f"error of status {status} is a {type(error).__name__}"


def _words(message: str | None, error: ProviderError) -> Iterator[str]:
    if message is not None and error.message != message:
        yield f"error.message: expected {message!r}, got {error.message!r}"


def _message_of(wanted: JSONObject) -> str | None:
    match wanted:
        case {"message": str(message)} | {"error": {"message": str(message)}} | {"detail": str(message)}:
            return message
        case _:
            return None


def _text(value: JSON) -> str | None:
    """Spell a code as text: services send numbers as well."""
    return value if isinstance(value, str) or value is None else str(value)
