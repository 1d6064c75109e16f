"""A whole interaction → `Response`; the envelope of streams too.

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
from chat_core.parts import ToolCall
from chat_core.response import FinishReason, Response
from chat_gemini.errors import headers_of
from chat_gemini.interactions.chain import mark_of
from chat_gemini.interactions.errors import error_from
from chat_gemini.interactions.steps import OUTPUT, decode_step
from chat_gemini.interactions.usage import FAILED, decode_usage, finish_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part
    from chat_core.request import Request
    from chat_core.response import Usage
    from chat_gemini.interactions.provider import Interactions

IGNORED: Mapping[str, str] = {
    "output_audio.*": "the last sound of the steps again",
    "output_image.*": "the last image of the steps again",
    "output_text": "the texts of the last step again",
    "output_video.*": "the last video of the steps again",
}
"""Leaves that are dropped, with the reason."""

AGAIN = frozenset({"output_audio", "output_image", "output_text", "output_video"})

ENVELOPE = frozenset({"id", "object", "model", "agent", "steps", "status", "usage"}) | AGAIN
"""Keys of an interaction that have typed fields; the others are in `Response.meta`."""

OBJECT = "interaction"
"""What `object` says of every interaction; another word is kept in `Response.meta`."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an interaction says beside its steps.

    Attributes:
        model: the model or the agent.
        status: the service's own word for how far it is.
        leftovers: what has no typed field.
    """

    id: str | None
    model: str | None
    status: str | None
    usage: Usage | None
    leftovers: JSONObject

    def finish(self, parts: Iterable[Part]) -> FinishReason:
        """Say why the answer ended, given what is in it."""
        return finish_reason(self.status, calls=any(isinstance(part, ToolCall) and not part.executed for part in parts))


def decode(provider: Interactions, request: Request, reply: WireResponse) -> Response:
    """Read a whole successful reply.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the interaction failed, or the reply is an error in the guise of a success.
    """
    data = parse_object(reply.body)
    match data:
        case {"status": str()}:
            pass
        case {"error": error} if error is not None:
            raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
        case _:
            raise DecodeError(f"no interaction: {excerpt(reply.body)}")
    origin = provider.origin(request.model)
    parts = tuple(part for step in steps_of(data) for part in decode_step(step, origin))
    told = envelope(data)
    response = Response(
        message=Message(role="assistant", parts=parts, meta=meta_of(origin, mark_of(request, data))),
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
        raise failed
    return response


def steps_of(data: JSONObject) -> list[JSON]:
    """Return the steps of an interaction; it may have none yet.

    Raises:
        DecodeError: they are no list.
    """
    match data.get("steps"):
        case None:
            return []
        case list(steps):
            return steps
        case other:
            raise DecodeError(f"malformed steps: {excerpt(repr(other))}")


def failure_of(data: JSONObject) -> ProviderError | None:
    """Return the error of an interaction that failed: the first that it names, else that of its last step."""
    if data.get("status") != FAILED:
        return None
    match data.get("errors"):
        case [dict(error), *_]:
            return error_from({"error": error})
        case _:
            pass
    for step in reversed(steps_of(data)):
        match step:
            case {"type": str(kind), "error": dict(error)} if kind == OUTPUT:
                return error_from({"error": error})
            case _:
                pass
    return error_from({"message": "the interaction failed, and nothing says why"})


def envelope(data: JSONObject) -> Envelope:
    """Read what an interaction says beside its steps; an empty id stands for none.

    Raises:
        DecodeError: a typed field is malformed.
    """
    match data.get("id"), data.get("model"), data.get("agent"), data.get("status"):
        case (str() | None) as id, (str() | None) as model, (str() | None) as agent, (str() | None) as status:
            pass
        case wrong:
            raise DecodeError(f"malformed interaction: id, model, agent, status are {excerpt(repr(wrong))}")
    left = rest(data, ENVELOPE)
    if data.get("object") is not None and data["object"] != OBJECT:
        left["object"] = data["object"]
    if model is not None and agent is not None:
        left["agent"] = agent
    named = model if model is not None else agent
    return Envelope(id or None, named, status, decode_usage(data.get("usage")), left)
