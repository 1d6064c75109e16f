"""Errors of services: from a reply's status, headers and body to the `ProviderError` that fits.

Law: classified by the service's own codes, then by the status, then by vague names; never by words of a message.
Nothing here raises, whatever the bytes are.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from chat_core.codec.framers import SSE
from chat_core.codec.retry_after import retry_after
from chat_core.errors import (
    MAX_BODY,
    AuthenticationFailed,
    ChatError,
    InvalidRequest,
    NotFound,
    Overloaded,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    ServerError,
)
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

MAX_JSON = 1024 * 1024
"""Longest error body that is parsed, in bytes."""

Kind: TypeAlias = type[ProviderError]

_OK = 200
_LONGEST = 10.0**9
"""More seconds than this are no time to wait."""
_SHOULD_RETRY: Mapping[str, bool] = {"true": True, "false": False}

STATUSES: Mapping[int, Kind] = {
    400: InvalidRequest,
    401: AuthenticationFailed,
    402: QuotaExceeded,
    403: PermissionDenied,
    404: NotFound,
    408: ServerError,  # the server gave up waiting
    409: ServerError,  # a conflict with another request, gone on the next try
    410: NotFound,
    425: ServerError,
    429: RateLimited,
    498: Overloaded,  # no flexible capacity
    499: ServerError,  # a gateway gave up
    501: InvalidRequest,  # the server will never do it
    503: Overloaded,
    529: Overloaded,
}
"""What a status says by itself; other ones of 400 to 499 are `InvalidRequest`, of 500 to 599 `ServerError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the services of one wire spell their errors.

    Attributes:
        codes: names that decide, whatever the status is; a pair of status and name goes before the name alone.
        types: names that say less than a status does, asked where there is none.
        inner: members of an error object that hold objects with more precise names.
        wrapped: members of those that hold, as JSON text, the error of the service behind.
        request_ids: headers that hold the request's id, best first.
        waits: members that hold the seconds to wait.
        resets: pairs of headers: what remains of a limit, and when the limit starts afresh.
    """

    codes: Mapping[str | tuple[int, str], Kind] = field(default_factory=dict[str | tuple[int, str], Kind])
    types: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    inner: tuple[str, ...] = ()
    wrapped: tuple[str, ...] = ()
    request_ids: tuple[str, ...] = ("x-request-id", "request-id")
    waits: tuple[str, ...] = ()
    resets: tuple[tuple[str, str], ...] = ()


def decode_failure(reply: WireResponse, dialect: Dialect) -> ProviderError:
    """Read a reply whose status says that it failed; its body may be anything."""
    text = reply.body[: MAX_BODY * 4].decode("utf-8", "replace")
    return failure(_body_json(reply.body), dialect, status=reply.status, headers=reply.headers, body=text)


def failure(
    data: JSON,
    dialect: Dialect,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    body: str = "",
) -> ProviderError:
    """Make the error that a service's JSON describes.

    Args:
        data: the object that says what went wrong, or the document around it; `None` for a body without JSON.
        dialect: the wire's names.
        status: what HTTP said; a success, or `None` inside a stream, lets the body's own status decide.
        headers: the reply's headers, names in lower case.
        body: the reply as text.
    """
    headers = headers if headers is not None else {}
    error, around = _objects(data)
    inner = [item for key in dialect.inner for item in _objects_in(error.get(key))]
    failed = status is not None and not _OK <= status < _OK + 100
    said = status if failed else _status(error, around)
    kind = _kind(tuple(_names(error, around, inner, dialect)), said, dialect)
    words = (_words(error), _words(data), _no_message(status, body))
    found = kind(
        next(text for text in words if text is not None),
        status=status,
        type=_text(error, ("type", "error_type", "status")),
        code=_first(("code", "error_code"), error, around, *inner),
        param=_text(error, ("param",)),
        request_id=_request_id(headers, error, around, dialect),
        # beside a success such headers are no sign of throttling
        retry_after=_wait(kind, headers if failed else {}, (*inner, error, around), dialect),
        body=body,
        details=data,
    )
    found.retryable = _SHOULD_RETRY.get(headers.get("x-should-retry", ""), found.retryable)
    return found


def kept_headers(
    headers: Mapping[str, str], *, names: tuple[str, ...] = (), prefixes: tuple[str, ...] = ()
) -> dict[str, str]:
    """Pick the headers worth keeping in a response; names are in lower case."""
    return {name: value for name, value in headers.items() if name in names or name.startswith(prefixes)}


def of_status(status: int | None) -> Kind | None:
    """Return what a status says by itself; `None` for one that is no failure."""
    if status is None or status < 400 or status > 599:  # noqa: PLR2004 - HTTP's error statuses
        return None
    return STATUSES.get(status, InvalidRequest if status < 500 else ServerError)  # noqa: PLR2004 - HTTP


def _body_json(body: bytes) -> JSON:
    """Parse a body: JSON, or an event stream of which the last event with JSON counts; `None` for anything else."""
    try:
        return parse(body, limit=MAX_JSON)
    except ChatError:
        pass
    found: JSON = None
    try:
        framer = SSE()
        for frame in [*framer.feed(body[:MAX_JSON]), *framer.finish()]:
            found = _frame_json(frame.data, found)
    except ChatError:
        pass
    return found


def _frame_json(data: bytes | str, otherwise: JSON) -> JSON:
    try:
        return parse(data)
    except ChatError:
        return otherwise


def _objects(data: JSON) -> tuple[JSONObject, JSONObject]:
    """Return the object that describes an error, and what is around it."""
    if isinstance(data, list):
        data = next((item for item in data if isinstance(item, dict)), None)
    if not isinstance(data, dict):
        return {}, {}
    match data:
        case {"error": {"error": dict(error)}} | {"error": dict(error)} | {"errors": [dict(error), *_]}:
            return error, data
        case {"message": dict(error)}:
            return error, data
        case _:
            return data, {}


def _objects_in(value: JSON) -> list[JSONObject]:
    match value:
        case dict():
            return [value]
        case list():
            return [item for item in value if isinstance(item, dict)]
        case _:
            return []


_MESSAGES = ("message", "Message", "error", "detail", "msg", "error_message", "error_description", "errors", "title")


def _words(value: JSON, depth: int = 4) -> str | None:
    """Return the words for people in an error, wherever services put them."""
    match value:
        case str():
            return value
        case {"msg": str(text), "loc": list(place)}:
            return f"{'.'.join(str(step) for step in place if isinstance(step, str | int))}: {text}"
        case list() if depth:
            found = [words for item in value if (words := _words(item, depth - 1)) is not None]
            return "; ".join(found) if found else None
        case dict() if depth:
            places = (_words(value[key], depth - 1) for key in _MESSAGES if key in value)
            return next((words for words in places if words is not None), None)
        case _:
            return None


def _no_message(status: int | None, body: str) -> str:
    """Say what there is to say about a body that says nothing itself."""
    what = "the service reported an error" if status is None else f"HTTP {status}"
    match body.strip():
        case "":
            return f"{what} without a message"
        case text if text.startswith("<"):
            return f"{what} with a page of HTML or XML instead of an API error"
        case text:
            return excerpt(text, 500)


def _name(value: JSON) -> str | None:
    match value:
        case str():
            return value
        case int() if not isinstance(value, bool) and abs(value) < 2**63:  # longer ones cannot be printed
            return str(value)
        case _:
            return None


def _first(keys: tuple[str, ...], *scopes: JSONObject) -> str | None:
    """Return the first name under one of the keys."""
    names = (_name(scope.get(key)) for scope in scopes for key in keys)
    return next((name for name in names if name is not None), None)


def _text(error: JSONObject, keys: tuple[str, ...]) -> str | None:
    """Return the first text under one of the keys."""
    return next((value for key in keys if isinstance(value := error.get(key), str)), None)


_STATUSES = ("status", "status_code", "statusCode", "raw_status_code", "code")


def _status(error: JSONObject, around: JSONObject) -> int | None:
    """Return the HTTP status that a body speaks of."""
    for value in (scope.get(key) for scope in (error, around) for key in _STATUSES):
        match value:
            case int() if of_status(value) is not None:
                return value
            case str() if value.isascii() and value.isdigit() and of_status(int(value[:4])) is not None:
                return int(value[:4])
            case _:
                pass
    return None


_NAMES = ("error_code", "error_type", "code", "type", "status", "reason", "provider_code")


def _names(error: JSONObject, around: JSONObject, inner: list[JSONObject], dialect: Dialect) -> Iterator[str]:
    """Yield an error's names, the most precise first."""
    behind = [_objects(_frame_json(text, None))[0] for text in _wrapped(inner, dialect)]
    for scope in (*inner, error, around, *behind):
        for key in _NAMES:
            if (name := _name(scope.get(key))) is not None:
                yield name


def _wrapped(inner: list[JSONObject], dialect: Dialect) -> list[str]:
    texts = (item.get(key) for item in inner for key in dialect.wrapped)
    return [text for text in texts if isinstance(text, str) and len(text) <= MAX_JSON]


def _kind(names: tuple[str, ...], status: int | None, dialect: Dialect) -> Kind:
    """Choose the class: a code that decides, else the status, else a vague name, else a fault of the server."""
    for name in names:
        exact = dialect.codes.get((status, name)) if status is not None else None
        if (kind := exact or dialect.codes.get(name)) is not None:
            return kind
    if (kind := of_status(status)) is not None:
        return kind
    vague = (dialect.types.get(name) for name in names)
    otherwise = ServerError if status is None else ProviderError
    return next((kind for kind in vague if kind is not None), otherwise)


def _request_id(headers: Mapping[str, str], error: JSONObject, around: JSONObject, dialect: Dialect) -> str | None:
    ids = (headers.get(name) for name in dialect.request_ids)
    found = next((value for value in ids if value is not None), None)
    return found if found is not None else _text(around | error, ("request_id",))


def _wait(kind: Kind, headers: Mapping[str, str], scopes: tuple[JSONObject, ...], dialect: Dialect) -> float | None:
    """Return the seconds to wait: from the headers, then the body, then the limits' resets."""
    date = {"date": headers["date"]} if "date" in headers else {}
    repeated = [date | found for scope in scopes if (found := _repeated(scope.get("headers")))]
    sources = (dict(headers), *repeated)
    resets = dialect.resets if issubclass(kind, RateLimited) else ()
    waits = (
        *(retry_after(source) for source in sources),
        *(_seconds(scope.get(key)) for scope in scopes for key in dialect.waits),
        *(retry_after(source, resets=resets) for source in sources),
    )
    return next((seconds for seconds in waits if seconds is not None), None)


def _seconds(value: JSON) -> float | None:
    match value:
        case (int() | float()) as number if not isinstance(number, bool) and 0 <= number <= _LONGEST:
            return float(number)
        case _:
            return None


def _repeated(headers: JSON) -> dict[str, str]:
    """Return headers that a gateway repeats in a body."""
    if not isinstance(headers, dict):
        return {}
    return {name.lower(): value for name, value in headers.items() if isinstance(value, str)}
