"""Conversations that the service keeps, and their items, as the wire has them.

Law: a reply's items are messages, oldest first; what cannot be sent as it is has a `Notice`.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from chat_core.codec.leftovers import meta_of
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.parts import Meta, no_meta
from chat_core.request import Request
from chat_responses.encode import encode_body
from chat_responses.errors import error_from
from chat_responses.said import TurnParser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.response import Notice
    from chat_responses.provider import Responses

PATH = "/conversations"
"""The endpoint, below the base address."""

IGNORED: Mapping[str, str] = {
    "object": "always `conversation`, `conversation.deleted` or `list`",
    "first_id": "the first of the ids",
    "last_id": "the last of the ids, which `next` is where more follow",
}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Conversation:
    """A conversation that the service keeps.

    Attributes:
        id: what `ResponsesOptions.conversation` takes.
        created: when it was made, in seconds since 1970.
        metadata: its labels.
        notices: what was not sent as it is.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    id: str
    created: float | None = None
    metadata: JSONObject = field(default_factory=dict[str, "JSON"], hash=False)
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ItemPage:
    """Items of a conversation.

    Attributes:
        messages: the items as messages, oldest first; items of one answer that stand together are one message.
        ids: the id of each item, in the service's order.
        next: what to pass as `after` for the next page; `None` on the last one.
        notices: what was not sent as it is.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    messages: tuple[Message, ...]
    ids: tuple[str, ...]
    next: str | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


def encode_create(
    provider: Responses, messages: Sequence[Message], metadata: JSONObject | None, *, model: str
) -> WireRequest:
    """Spell the wish for a new conversation.

    Raises:
        UnsupportedContent: the wire cannot spell a part.
        UnansweredToolCall: a call has no result.
    """
    spelled, notices = encode_items(provider, messages, model)
    body: JSONObject = {} if metadata is None else {"metadata": metadata}
    return replace(wire_of(provider, body={**body, "items": spelled} if spelled else body), notices=notices)


def decode(provider: Responses, reply: WireResponse) -> Conversation:
    """Read a conversation.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = _parsed(reply)
    match data.get("id"), data.get("created_at"), data.get("metadata"):
        case str(named), (None | int() | float()) as created, (None | dict()) as labels:
            pass
        case _:
            raise DecodeError(f"a malformed conversation: {excerpt(reply.body)}")
    return Conversation(
        id=named,
        created=created,
        metadata=labels if labels is not None else {},
        meta=meta_of(provider.origin(""), rest(data, {"id", "created_at", "metadata", *IGNORED})),
        raw=data,
    )


def decode_deleted(provider: Responses, reply: WireResponse) -> Conversation:
    """Read what is left of a conversation that was deleted: its id.

    Raises:
        DecodeError: the reply does not say that it was.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = _parsed(reply)
    match data:
        case {"deleted": True, "id": str(named)}:
            left = rest(data, {"deleted", "id", *IGNORED})
            return Conversation(id=named, meta=meta_of(provider.origin(""), left), raw=data)
        case _:
            raise DecodeError(f"the service does not say that it has deleted the conversation: {excerpt(reply.body)}")


def decode_items(provider: Responses, reply: WireResponse, *, model: str = "", newest_first: bool = False) -> ItemPage:
    """Read a page of items.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = _parsed(reply)
    match data:
        case {"data": list(found), "has_more": bool(more)}:
            ids = tuple(_id(one) for one in found)
        case _:
            raise DecodeError(f"a malformed list of items: {excerpt(reply.body)}")
    origin = provider.origin(model)
    return ItemPage(
        messages=TurnParser(origin, provider.preset, ()).parse(found[::-1] if newest_first else found),
        ids=ids,
        next=ids[-1] if more and ids else None,
        meta=meta_of(origin, rest(data, {"data", "has_more", *IGNORED})),
        raw=data,
    )


def _parsed(reply: WireResponse) -> JSONObject:
    """Return a reply as an object that is no error.

    Raises:
        DecodeError: it is no object.
        ProviderError: it is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    if data.get("error") is not None:
        raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
    return data


def _id(data: JSON) -> str:
    match data:
        case {"id": str(named)}:
            return named
        case _:
            raise DecodeError(f"an item without an id: {excerpt(repr(data))}")


def decode_item(provider: Responses, reply: WireResponse, *, model: str = "") -> Message:
    """Read one item, as a message of its own.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    (message,) = TurnParser(provider.origin(model), provider.preset, ()).parse([_parsed(reply)])
    return message


def encode_items(provider: Responses, messages: Sequence[Message], model: str) -> tuple[list[JSON], tuple[Notice, ...]]:
    """Spell messages as items; what a request would say as `instructions` is an item here.

    Raises:
        UnsupportedContent: the wire cannot spell a part.
        UnansweredToolCall: a call has no result.
    """
    notices: list[Notice] = []
    body, _ = encode_body(provider, Request(model=model, messages=tuple(messages)), notices, kept=False)
    match body:
        case {"instructions": str(text), "input": list(spelled)}:
            return [{"role": provider.preset.system_role, "content": text}, *spelled], tuple(notices)
        case {"input": list(spelled)}:
            return spelled, tuple(notices)
        case _:
            return [], ()


def wire_of(
    provider: Responses, *path: str, method: str = "POST", query: str = "", body: JSONObject | None = None
) -> WireRequest:
    """Make a request of the endpoint, or of what lies below it."""
    url = "/".join((provider.url(PATH), *(quote(name, safe="") for name in path))) + (f"?{query}" if query else "")
    headers = provider.headers if body is None else {"content-type": "application/json", **provider.headers}
    return WireRequest(url=url, method=method, headers=headers, body=body)
