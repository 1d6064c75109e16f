"""Requests beside chat, and what their replies have in common: one JSON object, dates, and numbers that travel as text.

Law: a reply with an `error` is that error, whatever its status says.
"""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar
from urllib.parse import quote

from chat_core.codec.effects import now, sleep
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError, TimedOut, UnsupportedCapability
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.parts import Meta, no_meta
from chat_gemini.errors import error_from
from chat_gemini.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireJSON, WireResponse
    from chat_core.flow.service import Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice

T = TypeVar("T")

PAGE = 1000
"""Most items that a page of models or caches can have."""

MAX_PAGES = 10_000
"""Most pages of a list that are asked for."""


class Sender(Protocol):
    """A provider of this package: what is asked for beside chat is the same for all of them."""

    @property
    def name(self) -> str:
        """The name users type before the colon."""
        ...

    @property
    def place(self) -> Place:
        """Where it is served."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Further headers for every request."""
        ...

    def origin(self, model: str) -> str:
        """Return the name under which parts keep what only this service understands."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A page of a list.

    Attributes:
        items: what is listed, in the service's order.
        next: the token of the next page; `None` on the last one.
        meta: what else the service says, by origin.
    """

    items: tuple[T, ...]
    next: str | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


def wire_of(  # noqa: PLR0913 - one keyword per part of a request
    sender: Sender,
    url: str,
    body: Mapping[str, WireJSON] | bytes | None = None,
    *,
    method: str = "POST",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    notices: tuple[Notice, ...] = (),
) -> WireRequest:
    """Make a request to an address of the place."""
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in (query or {}).items())
    typed = {} if body is None or isinstance(body, bytes) else {"content-type": "application/json"}
    return WireRequest(
        url=f"{url}?{asked}" if asked else url,
        body=body,
        method=method,
        headers={"accept": "application/json", **typed, **(headers or {}), **sender.headers},
        notices=notices,
    )


def object_of(sender: Sender, reply: WireResponse) -> JSONObject:
    """Return a reply as an object that is no error.

    Raises:
        DecodeError: it is no object.
        ProviderError: it is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    if data.get("error") is not None and "name" not in data:  # what has a name is told about, as a file that failed
        raise error_from(data, sender, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
    return data


def sender_of(service: Service) -> Sender:
    """Return the provider of a client of this package.

    Raises:
        UnsupportedCapability: it is another one.
    """
    provider: object = service.provider
    if isinstance(getattr(provider, "place", None), Place):
        return provider  # type: ignore[return-value] # pyright: ignore[reportReturnType] - all that have a place are of this package
    raise UnsupportedCapability(f"{service.provider.name} is no service of Google's: use a client of gemini:MODEL")


def on_developer(service: Service, what: str) -> Sender:
    """Return the provider of a client of the developer API.

    Raises:
        UnsupportedCapability: it is another one.
    """
    sender = sender_of(service)
    if sender.place.vertex:
        raise UnsupportedCapability(f"Vertex AI has no {what}: use a client of gemini:MODEL")
    return sender


def listed(
    service: Service,
    wire: Callable[[dict[str, str]], WireRequest],
    read: Callable[[WireResponse], Page[T]],
    size: int = PAGE,
) -> Flow[tuple[T, ...]]:
    """Ask for a list page by page.

    Args:
        service: who is asked.
        wire: makes the request of a page of its query.
        read: reads a page.
        size: most items of a page.

    Raises:
        DecodeError: the list does not end.
    """
    found: list[T] = []
    query = {"pageSize": str(size)}
    for _ in range(MAX_PAGES):
        page = yield from service.exchange(wire(query), read)
        found += page.items
        if page.next is None:
            return tuple(found)
        if query.get("pageToken") == page.next:
            break
        query = {**query, "pageToken": page.next}
    raise DecodeError("the list does not end: its pages go round in circles")


def polled(
    ask: Callable[[], Flow[T]],
    is_over: Callable[[T], bool],
    late: Callable[[T, float], TimedOut],
    *,
    every: float,
    timeout: float | None,
) -> Flow[T]:
    """Ask until something is over.

    Args:
        ask: asks how far it is.
        is_over: whether it is over.
        late: makes the error of what is not over in time, which is told.
        every: seconds between two questions.
        timeout: most seconds to wait; `None` = as long as it takes.

    Raises:
        TimedOut: it is not over in time.
    """
    begun = (yield from now()).monotonic
    while True:
        found = yield from ask()
        if is_over(found):
            return found
        passed = (yield from now()).monotonic - begun
        if timeout is not None and passed + every > timeout:
            raise late(found, timeout)
        yield from sleep(every)


def late(what: str, timeout: float) -> TimedOut:
    """Say that something is not so in time."""
    return TimedOut(f"{what} after {timeout} s: wait longer", phase="total", seconds=timeout)


def items_of(data: JSONObject, key: str) -> tuple[list[JSONObject], str | None]:
    """Return the objects of a page, and the token of the next page; a list without items is absent on this wire.

    Raises:
        DecodeError: the page is malformed.
    """
    match data.get(key, []), data.get("nextPageToken"):
        case list(items), (None | str()) as token:
            objects = [item for item in items if isinstance(item, dict)]
            if len(objects) == len(items):
                return objects, token or None
        case _:
            pass
    raise DecodeError(f"a malformed list of {key}: {excerpt(repr(data))}")


def page_of(sender: Sender, reply: WireResponse, key: str, read: Callable[[JSONObject], T]) -> Page[T]:
    """Read a page of a list.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = object_of(sender, reply)
    items, token = items_of(data, key)
    meta = meta_of(sender, rest(data, {key, "nextPageToken"}))
    return Page(items=tuple(read(item) for item in items), next=token, meta=meta)


def gone(sender: Sender, reply: WireResponse) -> Meta:
    """Read what is said about something that was deleted or stopped: nothing, as a rule.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    return meta_of(sender, rest(object_of(sender, reply), ())) if reply.body.strip() else {}


def meta_of(sender: Sender, data: JSONObject, model: str = "") -> Meta:
    """Return what else is said as private data."""
    return {sender.origin(model): data} if data else {}


def text_of(data: JSONObject, key: str) -> str | None:
    """Return a member that is a text, or absent.

    Raises:
        DecodeError: it is something else.
    """
    match data.get(key):
        case (None | str()) as text:
            return text
        case other:
            raise DecodeError(f"malformed {key}: expected a text, got {excerpt(repr(other), 100)}")


def count_of(data: JSONObject, key: str) -> int | None:
    """Return a member that is a whole number, which travels as text where it may be a long one.

    Raises:
        DecodeError: it is something else.
    """
    match data.get(key):
        case None:
            return None
        case int(number) if not isinstance(number, bool):
            return number
        case str(text) if text.isascii() and text.isdigit() and len(text) < 20:  # noqa: PLR2004 - digits of 64 bits
            return int(text)
        case other:
            raise DecodeError(f"malformed {key}: expected a whole number, got {excerpt(repr(other), 100)}")


def seconds_of(value: JSON) -> float | None:
    """Read a date of RFC 3339 as seconds since 1970; `None` for anything else, which stays in `meta`."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() if moment is not None else None
    except (ValueError, OverflowError):
        return None


def date(seconds: float) -> str:
    """Spell a moment, in seconds since 1970, as the wire has it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """Spell a span of time as the wire has it: `300s`."""
    return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"
