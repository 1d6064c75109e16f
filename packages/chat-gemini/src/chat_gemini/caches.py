"""Content that the service keeps, for many requests to begin with: create, get, list, update, delete.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    cache = chat.drive(create(request, ttl=600)).finish()
    chat.complete("…", options=Options(native=(GeminiOptions(cached_content=cache.name),)))

Law: what is kept is encoded as in a chat; a request that uses it leaves out its instructions and tools.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import rest
from chat_core.parts import Meta, no_meta
from chat_core.request import Request
from chat_core.response import Notice
from chat_gemini.provider import Gemini
from chat_gemini.resources import Resource, name_of
from chat_gemini.sending import (
    count_of,
    date,
    duration,
    meta_of,
    seconds_of,
    sender_of,
    text_of,
    wire_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireJSON, WireRequest, WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_gemini.sending import Page, Sender

PATH = "cachedContents"

TAKES = ("contents", "systemInstruction", "tools", "toolConfig")
"""What of a chat request can be kept."""

IGNORED: Mapping[str, str] = {}

_TYPED = {"name", "displayName"}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Cache:
    """Content that the service keeps.

    Attributes:
        name: what `GeminiOptions.cached_content` takes.
        model: the only model that it is for.
        display_name: a name for people.
        created, updated: in seconds since 1970.
        expires: when it is deleted, in seconds since 1970.
        tokens: how many tokens it has.
        notices: what was not sent as asked.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    name: str
    model: str | None = None
    display_name: str | None = None
    created: float | None = None
    updated: float | None = None
    expires: float | None = None
    tokens: int | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


def create(
    content: Request | Sequence[Message],
    *,
    ttl: float | None = None,
    expires: float | None = None,
    display_name: str | None = None,
    extra: Mapping[str, JSON] | None = None,
) -> Operation[Cache]:
    """Have content kept: the messages and tools of a request, for its model; of messages alone, for the client's.

    Args:
        content: what is kept; a model has a least number of tokens below which it keeps nothing.
        ttl: seconds for which it is kept; `None` = an hour, as the service has it.
        expires: when it is deleted instead, in seconds since 1970.
        display_name: a name for people.
        extra: further body fields, such as `encryptionSpec`.

    Raises:
        ConfigurationError: both `ttl` and `expires` are said.
    """
    ending = _ending(ttl, expires)

    def operation(service: Service) -> Flow[Cache]:
        sender = sender_of(service)
        request = content if isinstance(content, Request) else Request(model=service.model, messages=tuple(content))
        named: JSONObject = {} if display_name is None else {"displayName": display_name}
        wire = encode_create(sender, request, {**ending, **named, **(extra or {})})
        return _kept(service, sender, wire)

    return operation


def get(name: str) -> Operation[Cache]:
    """Ask about kept content by its name."""
    return CACHES.get(name)


def list_all() -> Operation[tuple[Cache, ...]]:
    """List all content that is kept, page by page."""
    return CACHES.list_all()


def update(name: str, *, ttl: float | None = None, expires: float | None = None) -> Operation[Cache]:
    """Have content kept for another time from now on; the rest of it cannot be changed.

    Raises:
        ConfigurationError: not one of `ttl` and `expires` is said.
    """
    ending = _ending(ttl, expires)
    if not ending:
        raise ConfigurationError("nothing to update: say ttl= or expires=")

    def operation(service: Service) -> Flow[Cache]:
        sender = sender_of(service)
        return _kept(service, sender, encode_update(sender, name, ending))

    return operation


def delete(name: str) -> Operation[Meta]:
    """Delete kept content."""
    return CACHES.delete(name)


def encode_create(sender: Sender, request: Request, said: JSONObject) -> WireRequest:
    """Spell the wish to have a request's input kept.

    Raises:
        UnsupportedContent: the wire cannot spell a part.
        UnansweredToolCall: a call in the history has no result.
    """
    gemini = Gemini(name=sender.name, place=sender.place, headers=sender.headers)
    chat = gemini.encode(request)
    body: Mapping[str, WireJSON] = chat.body if isinstance(chat.body, dict) else {}
    place = sender.place
    kept = {key: body[key] for key in TAKES if key in body}
    left = tuple(
        Notice(feature=key, reason="what is kept is input: say it in the requests that use it")
        for key in body
        if key not in TAKES
    )
    model = place.resource(place.model_name(request.model))
    return wire_of(sender, place.url(PATH), {"model": model, **kept, **said}, notices=(*chat.notices, *left))


def encode_update(sender: Sender, name: str, ending: JSONObject) -> WireRequest:
    """Spell the wish for another time."""
    return wire_of(sender, CACHES.url(sender, name), ending, method="PATCH", query={"updateMask": ",".join(ending)})


def decode(sender: Sender, reply: WireResponse, notices: tuple[Notice, ...] = ()) -> Cache:
    """Read what is kept.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    return replace(CACHES.decode(sender, reply), notices=notices)


def decode_page(sender: Sender, reply: WireResponse) -> Page[Cache]:
    """Read a page of the list; raises as `decode`."""
    return CACHES.decode_page(sender, reply)


def _kept(service: Service, sender: Sender, wire: WireRequest) -> Flow[Cache]:
    return service.exchange(wire, lambda reply: decode(sender, reply, wire.notices))


def _cache(sender: Sender, data: JSONObject) -> Cache:
    usage = data.get("usageMetadata")
    return Cache(
        name=name_of(data, "kept content"),
        model=text_of(data, "model"),
        display_name=text_of(data, "displayName"),
        created=seconds_of(data.get("createTime")),
        updated=seconds_of(data.get("updateTime")),
        expires=seconds_of(data.get("expireTime")),
        tokens=count_of(usage, "totalTokenCount") if isinstance(usage, dict) else None,
        meta=meta_of(sender, rest(data, {*_TYPED, "model"})),
        raw=data,
    )


def _ending(ttl: float | None, expires: float | None) -> JSONObject:
    if ttl is not None and expires is not None:
        raise ConfigurationError("say ttl= or expires=, not both")
    if ttl is not None:
        return {"ttl": duration(ttl)}
    return {} if expires is None else {"expireTime": date(expires)}


def _whole(name: str) -> str:
    """Return the whole name of kept content, which may be said without the collection."""
    return name if "/" in name else f"{PATH}/{name}"


CACHES = Resource(path=PATH, sender=sender_of, read=_cache, whole=_whole)
