"""How Text Generation Inference is asked for an answer after a schema: `json_object`, with the schema as its `value`.

Law: what of a schema's envelope is not sent is a notice. What has another shape is left as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.response import Notice

if TYPE_CHECKING:
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSONObject

FORM = "response_format"
NAME = "response"
"""What a schema that came without a name is called."""

REASON = "the server takes the schema alone, and always keeps to it"


def as_value(wire: WireRequest, description: str | None, strict: bool | None) -> WireRequest:  # noqa: FBT001 - as the form has it
    """Spell the schema of a request as this server has it.

    Args:
        wire: the request as others take it.
        description: what the form says beside the schema.
        strict: whether it asks to be kept to.
    """
    body = wire.body if isinstance(wire.body, dict) else {}
    match body.get(FORM):
        case {"type": "json_schema", "json_schema": {"schema": schema}}:
            spelled = {**body, FORM: {"type": "json_object", "value": schema}}
        case _:
            return wire
    lost: JSONObject = {} if description is None else {"description": description}
    if strict is False:
        lost["strict"] = False
    notices = (Notice(feature="output", requested=lost, reason=REASON),) if lost else ()
    return replace(wire, body=spelled, notices=(*wire.notices, *notices))


def as_schema(body: JSONObject) -> JSONObject:
    """Read a schema as this server has it: the inverse of `as_value`."""
    match body.get(FORM):
        case {"type": "json_object", "value": dict(schema), **more} if not more:
            return {**body, FORM: {"type": "json_schema", "json_schema": {"name": NAME, "schema": schema}}}
        case _:
            return body
