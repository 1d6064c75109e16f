"""Expected facts of an answer: the `expect` of a fixture.

    {"text": …, "reasoning": …, "refusal": …, "finish_reason": "stop", "raw_finish_reason": …,
     "tool_calls": [{"name": …, "arguments": {…}}], "usage": {"input_tokens": …}, "citations": 2,
     "error": "RateLimited", "retry_after": 7}

Law: what is not named is not judged; of objects, what is named has to agree.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import ToolCall
    from chat_core.response import Response, Usage
    from chat_core.testing.scenarios import Evidence

_NOTHING: JSONObject = {}


def _call(call: ToolCall) -> JSON:
    return {"id": call.id, "name": call.name, "arguments": call.arguments, "raw": call.raw}


def _usage(usage: Usage | None) -> JSON:
    return _NOTHING if usage is None else {item.name: getattr(usage, item.name) for item in fields(usage)}


_OF_ANSWERS: Mapping[str, Callable[[Response], JSON]] = {
    "text": lambda response: response.text,
    "reasoning": lambda response: response.reasoning,
    "refusal": lambda response: response.refusal,
    "finish_reason": lambda response: response.finish_reason,
    "raw_finish_reason": lambda response: response.raw_finish_reason,
    "tool_calls": lambda response: [_call(call) for call in response.tool_calls],
    "usage": lambda response: _usage(response.usage),
    "citations": lambda response: len(response.citations),
}

FACTS = (*_OF_ANSWERS, "error", "retry_after")
"""What can be expected."""


def differences(expected: JSONObject, told: Evidence) -> Iterator[str]:
    """Yield what of a reply is not as expected."""
    for name, wanted in expected.items():
        match name:
            case "error":
                found: JSON = None if told.error is None else type(told.error).__name__
            case "retry_after":
                found = getattr(told.error, "retry_after", None)
            case _:
                found = None if told.response is None else _OF_ANSWERS[name](told.response)
        if not _agrees(wanted, parse(dump(found))):
            yield f"expected {name} {wanted!r}, found {found!r}"


def _agrees(wanted: JSON, found: JSON) -> bool:
    match wanted, found:
        case dict(), dict():
            return all(key in found and _agrees(value, found[key]) for key, value in wanted.items())
        case list(), list():
            return len(wanted) == len(found) and all(map(_agrees, wanted, found))
        case _:
            return wanted == found
