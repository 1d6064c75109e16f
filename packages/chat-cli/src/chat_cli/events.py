"""Events as JSON lines: what `--request-file --stream` prints.

Each line is an object whose `type` is the event's name: `response_start`, `part_start`, `text_delta`,
`reasoning_delta`, `tool_call_delta`, `media_delta`, `citation_delta`, `refusal_delta`, `part_end`, `unknown_event`, and
those of tools. The other members are the event's fields, defaults left out. The last line is the response as
`chat_core.dump` writes it, `"type": "response"`, or `"type": "error"`.

Law: nothing of an event is left out, and `chat_core.load` reads what is a message, a part or a response in it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import TYPE_CHECKING, Any, cast

from chat_cli.exits import code_of, words_of
from chat_core.codec.wire import dump as dump_json
from chat_core.errors import ProviderError, TimedOut
from chat_core.events import ResponseEnd
from chat_core.history import PARTS, dump
from chat_core.messages import Message, assistant
from chat_core.response import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.approval import Pending
    from chat_core.errors import ChatError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Usage
    from chat_core.turn import Turn

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_STEERING = re.compile(r"[\x7f-\x9f]")
"""The control characters that JSON may hold as they are; they stand in its texts only."""

_PARTS = tuple(PARTS.values())


def line(value: JSON) -> str:
    """Write JSON on one line, without characters that could steer a terminal."""
    return f"{_STEERING.sub(_escaped, dump_json(value).decode())}\n"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def as_json(event: Event) -> JSONObject:
    """Return an event as JSON."""
    if isinstance(event, ResponseEnd):
        return dump(event.response)
    return {"type": _WORD.sub("_", type(event).__name__).lower(), **_fields(event)}


def error_as_json(error: ChatError) -> JSONObject:
    """Return an error as JSON; members that are not known are left out."""
    facts: JSONObject = {"message": error.message, "retryable": error.retryable, "exit_code": code_of(error)}
    if isinstance(error, ProviderError):
        names = ("status", "code", "param", "request_id", "retry_after")
        facts |= {name: value for name in names if (value := getattr(error, name)) is not None}
    if isinstance(error, TimedOut):
        facts |= {"phase": error.phase, "seconds": error.seconds}
    if error.fix is not None:
        facts["fix"] = words_of(error.fix)
    if error.partial is not None:
        facts["partial"] = dump(error.partial)
    return {"type": "error", "error": type(error).__name__, **facts}


def answer_as_json(response: Response) -> JSONObject:
    """Return what `--json` prints of an answer: these members, always."""
    return {
        "text": response.text,
        "reasoning": response.reasoning,
        "refusal": response.refusal,
        "finish_reason": None if response.finish_reason is None else response.finish_reason.value,
        "usage": None if response.usage is None else usage_as_json(response.usage),
        "model": response.model,
        "id": response.id,
        "tool_calls": [_value(call) for call in response.tool_calls],
        "media": [_value(part) for part in response.media],
        "notices": [_value(notice) for notice in response.notices],
        "alternatives": [answer_as_json(answer) for answer in response.alternatives],
    }


def turn_as_json(turn: Turn[Any], conversation: str | None) -> JSONObject:
    """Return what `--json` prints of a turn: its last answer, what all of them cost, and what waits; always these."""
    answer = turn.responses[-1] if turn.responses else Response(message=assistant())
    return {
        **answer_as_json(answer),
        "usage": usage_as_json(turn.usage) or None,
        "status": turn.status,
        "pending": [_pending(waits) for waits in turn.pending],
        "conversation": conversation,
    }


def _pending(waits: Pending) -> JSONObject:
    call: JSONObject = {"id": waits.call.id, "name": waits.call.name, "arguments": waits.call.arguments}
    raw: JSONObject = {} if waits.call.raw is None else {"raw": waits.call.raw}
    return {**call, **raw, "why": waits.why, "reason": waits.reason, "token": waits.token}


def usage_as_json(usage: Usage) -> JSONObject:
    """Return the counts that were reported."""
    return {name: value for name, value in _fields(usage).items() if name != "raw"}


def _fields(value: object) -> JSONObject:
    """Return the fields of a value that are not at their defaults."""
    found: JSONObject = {}
    for item in fields(cast("Any", value)):
        content: object = getattr(value, item.name)
        if content != _default(item):
            found[item.name] = _value(content)
    return found


def _default(item: Field[Any]) -> object:
    return item.default if item.default_factory is MISSING else item.default_factory()


def _value(value: object) -> JSON:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return b64encode(value).decode("ascii")
        case Message() | Response():
            return dump(value)
        case _ if isinstance(value, _PARTS):
            return {name: item for name, item in dump(value).items() if name != "version"}
        case list() | tuple():
            return [_value(item) for item in cast("list[object]", value)]
        case dict():
            return {str(key): _value(item) for key, item in cast("Mapping[object, object]", value).items()}
        case _ if is_dataclass(value):
            return _fields(value)
        case _:
            return str(value)
