"""Conversations that the service keeps: made, looked up, labelled, deleted; their items listed, added and removed.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    kept = chat.drive(conversations.create(messages=(system("Be brief."),))).finish()
    chat.complete("Hello.", options=Options(native=(ResponsesOptions(conversation=kept.id),)))

Law: one exchange each. A reply's items are messages, oldest first; what cannot be sent as it is has a `Notice`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from chat_core.errors import DecodeError
from chat_responses.background import responses_of
from chat_responses.kept import (
    Conversation,
    ItemPage,
    decode,
    decode_deleted,
    decode_item,
    decode_items,
    encode_create,
    encode_items,
    wire_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_responses.provider import Responses


def create(messages: Sequence[Message] = (), *, metadata: JSONObject | None = None) -> Operation[Conversation]:
    """Make a conversation.

    Args:
        messages: what was said before; a service takes a few items at once (OpenAI 20), more are added later.
        metadata: its labels.
    """

    def operation(service: Service) -> Flow[Conversation]:
        provider = responses_of(service)
        wire = encode_create(provider, messages, metadata, model=service.model)
        return service.exchange(wire, lambda reply: _noticed(decode(provider, reply), wire))

    return operation


def retrieve(id: str) -> Operation[Conversation]:
    """Look a conversation up."""

    def operation(service: Service) -> Flow[Conversation]:
        provider = responses_of(service)
        return service.exchange(wire_of(provider, id, method="GET"), lambda reply: decode(provider, reply))

    return operation


def update(id: str, metadata: JSONObject) -> Operation[Conversation]:
    """Give a conversation other labels."""

    def operation(service: Service) -> Flow[Conversation]:
        provider = responses_of(service)
        wire = wire_of(provider, id, body={"metadata": metadata})
        return service.exchange(wire, lambda reply: decode(provider, reply))

    return operation


def delete(id: str) -> Operation[None]:
    """Delete a conversation; its items stay where the service keeps them otherwise."""

    def operation(service: Service) -> Flow[None]:
        provider = responses_of(service)
        return service.exchange(wire_of(provider, id, method="DELETE"), lambda reply: _gone(provider, reply, id))

    return operation


def items(
    id: str,
    *,
    after: str | None = None,
    limit: int | None = None,
    order: Literal["asc", "desc"] = "asc",
    include: Sequence[str] = (),
) -> Operation[ItemPage]:
    """List a page of a conversation's items.

    Args:
        id: the conversation.
        after: the `next` of the page before; `None` = the first page.
        limit: most items of the page; `None` = as many as the service likes.
        order: which items come first: the oldest (`asc`), or the newest.
        include: what an item shall hold beside the usual.
    """

    def operation(service: Service) -> Flow[ItemPage]:
        provider = responses_of(service)
        asked = {"order": order, "after": after, "limit": None if limit is None else str(limit)}
        query = [f"{name}={quote(value, safe='')}" for name, value in asked.items() if value is not None]
        query += [f"include[]={quote(value)}" for value in include]
        wire = wire_of(provider, id, "items", method="GET", query="&".join(query))
        newest_first = order == "desc"
        return service.exchange(
            wire, lambda reply: decode_items(provider, reply, model=service.model, newest_first=newest_first)
        )

    return operation


def add(id: str, messages: Sequence[Message]) -> Operation[ItemPage]:
    """Add messages to a conversation, and return them as the service keeps them.

    Args:
        id: the conversation.
        messages: what was said; a service takes a few items at once (OpenAI 20).
    """

    def operation(service: Service) -> Flow[ItemPage]:
        provider = responses_of(service)
        spelled, notices = encode_items(provider, messages, service.model)
        wire = replace(wire_of(provider, id, "items", body={"items": spelled}), notices=notices)
        return service.exchange(
            wire, lambda reply: replace(decode_items(provider, reply, model=service.model), notices=notices)
        )

    return operation


def item(id: str, item_id: str, *, include: Sequence[str] = ()) -> Operation[Message]:
    """Look one item of a conversation up, as a message of its own."""

    def operation(service: Service) -> Flow[Message]:
        provider = responses_of(service)
        query = "&".join(f"include[]={quote(value)}" for value in include)
        wire = wire_of(provider, id, "items", item_id, method="GET", query=query)
        return service.exchange(wire, lambda reply: decode_item(provider, reply, model=service.model))

    return operation


def remove(id: str, item_id: str) -> Operation[Conversation]:
    """Delete one item of a conversation, and return the conversation."""

    def operation(service: Service) -> Flow[Conversation]:
        provider = responses_of(service)
        wire = wire_of(provider, id, "items", item_id, method="DELETE")
        return service.exchange(wire, lambda reply: decode(provider, reply))

    return operation


def _gone(provider: Responses, reply: WireResponse, id: str) -> None:
    if (gone := decode_deleted(provider, reply)).id != id:
        raise DecodeError(f"the service has deleted another conversation: {gone.id}, not {id}")


def _noticed(conversation: Conversation, wire: WireRequest) -> Conversation:
    return replace(conversation, notices=wire.notices)
