"""A whole reply → `Response`; the envelope of streams too.

Law: every leaf of a reply is in a typed field, in `meta`, in an `Opaque`, in `Usage.raw`, or in `IGNORED`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.messages import Message
from chat_core.parts import Refusal, ToolCall
from chat_core.response import FinishReason, Response
from chat_responses.chain import mark_of
from chat_responses.errors import error_from, headers_of
from chat_responses.items import decode_item
from chat_responses.tools import custom_names
from chat_responses.usage import decode_usage, finish_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part
    from chat_core.request import Request
    from chat_core.response import Usage
    from chat_core.tools import AnyTool
    from chat_responses.preset import Preset
    from chat_responses.provider import Responses

IGNORED: Mapping[str, str] = {}
"""Leaves that are dropped, with the reason."""

ENVELOPE = frozenset({"id", "object", "model", "output", "status", "usage", "error"})
"""Keys of an answer that have typed fields; the others are in `Response.meta`."""

OBJECT = "response"
"""What `object` says of every answer; another word is kept in `Response.meta`."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an answer says beside its items.

    Attributes:
        status: the service's own word for how far it is.
        reason: why it is incomplete.
        leftovers: what has no typed field.
    """

    id: str | None
    model: str | None
    status: str | None
    reason: str | None
    usage: Usage | None
    leftovers: JSONObject

    def finish(self, parts: list[Part]) -> FinishReason:
        """Say why the answer ended, given what is in it."""
        return finish_reason(
            self.status,
            self.reason,
            calls=any(isinstance(part, ToolCall) and not part.executed for part in parts),
            refused=any(isinstance(part, Refusal) for part in parts),
        )


def decode(provider: Responses, request: Request, reply: WireResponse) -> Response:
    """Read a whole successful reply.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the answer failed, or the reply is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    match data:
        case {"output": list(items)}:
            pass
        case {"error": error} if error is not None:
            raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
        case _:
            raise DecodeError(f"no answer: {excerpt(reply.body)}")
    origin = provider.origin(request.model)
    read = reader(provider.preset, origin, request.tools)
    parts = [part for item in items for part in read(item)]
    told = envelope(data)
    response = Response(
        message=Message(role="assistant", parts=tuple(parts), meta=meta_of(origin, mark_of(provider, request, data))),
        finish_reason=told.finish(parts),
        raw_finish_reason=told.status,
        usage=told.usage,
        id=told.id,
        model=told.model,
        headers=headers_of(reply),
        meta=meta_of(origin, told.leftovers),
        raw=data,
    )
    if (failed := failure_of(data)) is not None:
        failed.partial = replace(response, finish_reason=None)
        failed.request_id = failed.request_id or response.headers.get("x-request-id")
        raise failed
    return response


def reader(preset: Preset, origin: str, tools: tuple[AnyTool, ...]) -> Callable[[JSON], tuple[Part, ...]]:
    """Return what reads the items of an answer to a request that declares tools."""
    if not preset.runs_undeclared:
        return lambda item: decode_item(item, origin)
    declared = custom_names(tools)

    def read(item: JSON) -> tuple[Part, ...]:
        return tuple(_run_there(part, declared, origin) for part in decode_item(item, origin))

    return read


def _run_there(part: Part, declared: set[str], origin: str) -> Part:
    """Mark a free-form call that the service ran: nobody here knows its tool."""
    match part:
        case ToolCall(name=name) if (
            part.meta.get(origin, {}).get("type") == "custom_tool_call" and name not in declared
        ):
            return replace(part, executed=True)
        case _:
            return part


def failure_of(data: JSONObject) -> ProviderError | None:
    """Return the error of an answer that failed."""
    match data:
        case {"status": "failed"}:
            error = data.get("error")
            return error_from(error if error is not None else {"message": "the answer failed, and nothing says why"})
        case _:
            return None


def envelope(data: JSONObject) -> Envelope:
    """Read what an answer says beside its items.

    Raises:
        DecodeError: a typed field is malformed.
    """
    match data.get("id"), data.get("model"), data.get("status"):
        case (str() | None) as id, (str() | None) as model, (str() | None) as status:
            pass
        case wrong:
            raise DecodeError(f"malformed answer: id, model, status are {excerpt(repr(wrong))}")
    left = rest(data, ENVELOPE)
    if data.get("object") is not None and data["object"] != OBJECT:
        left["object"] = data["object"]
    if status != "failed" and data.get("error") is not None:
        left["error"] = data["error"]
    match data.get("incomplete_details"):
        case {"reason": str(word)}:
            reason: str | None = word
        case _:
            reason = None
    return Envelope(id, model, status, reason, decode_usage(data.get("usage")), left)
