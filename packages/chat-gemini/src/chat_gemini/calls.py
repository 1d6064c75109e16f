"""Calls and results → parts of the wire, for the program's tools and for those of the service.

Law: arguments and results are objects on this wire. An object goes as it is, anything else under `output`, and what a
tool that failed says under `error`. An id of ours is never sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.parts import Json, Text, is_local
from chat_gemini.media import overlaid
from chat_gemini.wire_parts import CODE

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import ToolCall, ToolResult

UNPARSED = "INVALID_JSON"
"""The key under which arguments that are no object are sent: the wire takes objects only."""

OUTPUT = "output"
ERROR = "error"


def encode_call(call: ToolCall, own: JSONObject | None) -> JSONObject:
    """Spell a call of the program's tools; `own` is its private data."""
    return overlaid({"functionCall": {**_id(call.id), "name": call.name, **_args(call)}}, own)


def encode_run(call: ToolCall, own: JSONObject | None) -> JSONObject:
    """Spell a call that the service ran itself."""
    if call.name == CODE:
        return overlaid({"executableCode": {**_id(call.id), **(call.arguments or {})}}, own)
    return overlaid({"toolCall": {**_id(call.id), "toolType": call.name, **_args(call)}}, own)


def encode_ran(result: ToolResult, own: JSONObject | None) -> JSONObject:
    """Spell a result of a tool that the service ran itself."""
    if result.name == CODE:
        said = [part.text for part in result.content if isinstance(part, Text)]
        output: JSONObject = {"output": "".join(said)} if said else {}
        return overlaid({"codeExecutionResult": {**_id(result.call_id), **output}}, own)
    answered = next((part.value for part in result.content if isinstance(part, Json)), None)
    response: JSONObject = {} if answered is None else {"response": answered}
    return overlaid({"toolResponse": {**_id(result.call_id), "toolType": result.name, **response}}, own)


def encode_result(result: ToolResult, name: str, inside: list[JSON], own: JSONObject | None) -> JSONObject:
    """Spell a result of the program's tools; `inside` are the parts of its media."""
    body: JSONObject = {**_id(result.call_id), "name": name, "response": _response(result)}
    if inside:
        body["parts"] = inside
    return overlaid({"functionResponse": body}, own)


def _id(call_id: str) -> JSONObject:
    return {} if is_local(call_id) else {"id": call_id}


def _args(call: ToolCall) -> JSONObject:
    """Spell arguments; those that were not there, which is another thing than none, are not there again."""
    match call.arguments, call.raw:
        case dict(arguments), str() if not arguments:
            return {}
        case dict(arguments), _:
            return {"args": arguments}
        case None, str(raw):
            return {"args": {UNPARSED: raw}}
        case _:
            return {"args": {}}


def _response(result: ToolResult) -> JSONObject:
    values: list[JSON] = []
    for part in result.content:
        match part:
            case Text(text):
                values.append(text)
            case Json(value):
                values.append(value)
            case _:
                pass
    if result.is_error:
        return {ERROR: _one(values) if values else ""}
    match values:
        case []:
            return {}
        case [dict(value)]:
            return value
        case _:
            return {OUTPUT: _one(values)}


def _one(values: list[JSON]) -> JSON:
    """Return one value for all: texts are one text."""
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == len(values):
        return "".join(texts)
    return values[0] if len(values) == 1 else values
