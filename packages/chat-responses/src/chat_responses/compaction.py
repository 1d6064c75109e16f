"""Compaction: `POST /responses/compact`, which makes a long history short.

    short = chat.drive(compact(turn.messages)).finish()
    turn = chat.complete((*short.messages, user("Go on.")))

Law: the history that is compacted is spelled as a request has it. What comes back goes back whole, as it came, in place
of what it was made of; the instructions are no part of it, and stand before it again.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.options import Options
from chat_core.parts import Meta, no_meta
from chat_core.request import Request
from chat_core.response import Notice
from chat_responses.background import responses_of
from chat_responses.errors import error_from
from chat_responses.said import TurnParser
from chat_responses.usage import decode_usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON
    from chat_core.messages import Message
    from chat_core.response import Usage
    from chat_responses.provider import Responses

PATH = "/compact"
"""The endpoint, below that of answers."""

TAKES = frozenset(
    {
        "image",
        "input",
        "instructions",
        "model",
        "previous_response_id",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "service_tier",
    }
)
"""What of a Responses request the endpoint takes; the rest says how to answer."""

IGNORED: Mapping[str, str] = {"object": "always `response.compaction`"}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Compacted:
    """A history that was made short.

    Attributes:
        messages: the history to carry on with; it belongs to the service that made it.
        id: the service's id of it.
        usage: what making it has cost.
        notices: what was not sent as it is.
        meta: what else the service says, by origin.
        raw: the reply as parsed.
    """

    messages: tuple[Message, ...]
    id: str
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


def compact(messages: Sequence[Message], *, options: Options | None = None) -> Operation[Compacted]:
    """Make a history short, by the client's model.

    Args:
        messages: the history; its calls have their results.
        options: such as the `prompt_cache_key` or `previous_response_id` of `ResponsesOptions`; those that say how to
            answer are not sent, with a notice.
    """

    def operation(service: Service) -> Flow[Compacted]:
        provider = responses_of(service)
        chosen = options if options is not None else Options()
        request = Request(model=service.model, messages=tuple(messages), options=chosen)
        wire = encode(provider, request)
        return service.exchange(wire, lambda reply: _whole(wire, request, decode(provider, request, reply)))

    return operation


def _whole(wire: WireRequest, request: Request, compacted: Compacted) -> Compacted:
    """Add what the reply does not know: notices, and the message that was sent as `instructions`."""
    apart = isinstance(wire.body, dict) and "instructions" in wire.body and request.messages[0].role == "system"
    kept = request.messages[:1] if apart else ()
    return replace(compacted, messages=(*kept, *compacted.messages), notices=wire.notices)


def encode(provider: Responses, request: Request) -> WireRequest:
    """Spell the question.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    wire = provider.encode(request)
    if not isinstance(wire.body, dict):
        raise UnsupportedContent("the endpoint takes JSON requests only")
    body = {key: value for key, value in wire.body.items() if key in TAKES}
    left = tuple(
        Notice(feature=key, reason="it says how to answer, and nothing is answered here")
        for key in wire.body
        if key not in TAKES
    )
    return replace(wire, url=f"{wire.url}{PATH}", body=body, notices=(*wire.notices, *left))


def decode(provider: Responses, request: Request, reply: WireResponse) -> Compacted:
    """Read what was made of the history of a request.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    match data:
        case {"output": list(items), "id": str(named)}:
            pass
        case {"error": error} if error is not None:
            raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
        case _:
            raise DecodeError(f"a compaction without `id` and `output`: {excerpt(reply.body)}")
    origin = provider.origin(request.model)
    return Compacted(
        messages=TurnParser(origin, provider.preset, ()).parse(items),
        id=named,
        usage=decode_usage(data.get("usage")),
        meta=meta_of(origin, rest(data, {"output", "id", "usage", *IGNORED})),
        raw=data,
    )
