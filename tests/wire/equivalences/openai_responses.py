"""Spellings of a Responses request that mean the same to every service of this wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

_AS_THEY_ARE = frozenset({"schema", "parameters", "extra"})
"""Members that hold a schema: a null there is a value."""


def _nulls(body: JSONObject) -> JSONObject:
    cleaned = _without_nulls(body)
    return cleaned if isinstance(cleaned, dict) else body


def _without_nulls(data: JSON) -> JSON:
    match data:
        case dict():
            return {
                key: value if key in _AS_THEY_ARE else _without_nulls(value)
                for key, value in data.items()
                if value is not None
            }
        case list():
            return [_without_nulls(item) for item in data]
        case _:
            return data


def _defaults(body: JSONObject) -> JSONObject:
    body = {key: value for key, value in body.items() if key != "stream" and (key, value) != ("tools", [])}
    return {**body, "input": [_item(item) for item in items]} if isinstance(items := _input(body), list) else body


def _input(body: JSONObject) -> JSON:
    match body.get("input"):
        case str(text):
            return [{"role": "user", "content": text}]
        case value:
            return value


def _item(item: JSON) -> JSON:
    if not isinstance(item, dict):
        return item
    if "role" in item and item.get("type") == "message":
        item = {key: value for key, value in item.items() if key != "type"}
    match item.get("content"):
        case str(text) if "role" in item:
            kind = "output_text" if item["role"] == "assistant" else "input_text"
            return {**item, "content": [{"type": kind, "text": text}]}
        case [] if item.get("type") == "reasoning":
            return {key: value for key, value in item.items() if key != "content"}
        case list(pieces):
            return {**item, "content": [_piece(piece) for piece in pieces]}
        case _:
            return _arguments(item)


_EMPTY: Mapping[str, JSON] = {"annotations": [], "logprobs": [], "detail": "auto"}


def _piece(piece: JSON) -> JSON:
    if not isinstance(piece, dict):
        return piece
    return {key: value for key, value in piece.items() if key not in _EMPTY or value != _EMPTY[key]}


def _arguments(item: JSONObject) -> JSONObject:
    match item:
        case {"type": "function_call", "arguments": str(text)}:
            try:
                value = parse(text)
            except DecodeError:
                return item
            return {**item, "arguments": value} if isinstance(value, dict) else item
        case {"type": "function_call_output", "output": [{"type": "input_text", "text": str(text), **more}]} if (
            not more
        ):
            return {**item, "output": text}
        case _:
            return item


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("null", "null is the default of every field, which an absent one has as well", _nulls),
    Equivalence(
        "defaults",
        "`message` is the type of what has a role, a text is a list of one, empty lists and `auto` say what absence "
        "says, the spaces of arguments say nothing, and `stream` is an argument of encode",
        _defaults,
    ),
)
