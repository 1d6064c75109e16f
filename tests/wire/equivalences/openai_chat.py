"""Spellings of a chat completions request that mean the same to every service of this wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject


def _nulls(body: JSONObject) -> JSONObject:
    """Leave out members that are null, except inside schemas and `reasoning_details`, which travel as they are."""
    return {key: _without_nulls(value) for key, value in body.items() if value is not None}


def _without_nulls(data: JSON) -> JSON:
    match data:
        case dict():
            return {
                key: value if key in {"schema", "parameters", "reasoning_details"} else _without_nulls(value)
                for key, value in data.items()
                if value is not None
            }
        case list():
            return [_without_nulls(item) for item in data]
        case _:
            return data


def _stream(body: JSONObject) -> JSONObject:
    match body.get("stream_options"):
        case dict(asked):
            more: JSONObject = {key: value for key, value in asked.items() if key != "include_usage"}
        case _:
            more = {}
    rest: JSONObject = {key: value for key, value in body.items() if key not in {"stream", "stream_options"}}
    return {**rest, "stream_options": more} if more else rest


def _stops(body: JSONObject) -> JSONObject:
    return {**body, "stop": [text]} if isinstance(text := body.get("stop"), str) else body


def _no_tools(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if key != "tools" or value != []}


def _messages(change: Callable[[JSONObject], JSONObject]) -> Callable[[JSONObject], JSONObject]:
    def normalise(body: JSONObject) -> JSONObject:
        match body.get("messages"):
            case list(messages):
                return {**body, "messages": [change(item) if isinstance(item, dict) else item for item in messages]}
            case _:
                return body

    return normalise


def _one_text(message: JSONObject) -> JSONObject:
    match message.get("content"):
        case [{"type": "text", "text": str(text), **more}] if not more:
            return {**message, "content": text}
        case _:
            return message


def _arguments(message: JSONObject) -> JSONObject:
    match message.get("tool_calls"):
        case list(calls):
            return {**message, "tool_calls": [_call(call) for call in calls]}
        case _:
            return message


def _call(call: JSON) -> JSON:
    if not isinstance(call, dict):
        return call
    match call:
        case {"function": dict(function)} if isinstance(text := function.get("arguments"), str):
            try:
                value = parse(text)
            except DecodeError:
                return call
            return {**call, "function": {**function, "arguments": value}} if isinstance(value, dict) else call
        case _:
            return call


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("null", "null is the default of every field, which an absent one has as well", _nulls),
    Equivalence(
        "stream", "an argument of encode: it changes how the answer travels and whether it is counted", _stream
    ),
    Equivalence("one stop", "a text alone is a list of one", _stops),
    Equivalence("no tools", "services refuse the empty list, or take it as an absent one", _no_tools),
    Equivalence("one text", "content that is a text is content with one text part", _messages(_one_text)),
    Equivalence("arguments", "arguments are JSON in a text; its spaces and escapes say nothing", _messages(_arguments)),
)
