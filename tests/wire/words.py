"""Other words for the same exchange: ids, names and models renamed, texts made longer, in the reply and in `expect`.

Law: whatever is renamed is renamed wherever it stands, and nothing that a service gives meaning to is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.bodies import documents, with_documents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from tests.wire.corpus import Exchange

    from chat_core.jsonvalue import JSON, JSONObject

SUFFIX = " · more"
_TEXTS = {"text": ("content", "text"), "reasoning": ("reasoning", "reasoning_content", "thinking")}
"""The fields of `expect` that are made longer, and the keys under which a reply has them."""


def rename(exchange: Exchange, random: Random) -> Exchange:
    """Give the calls, the response and the model other ids and names."""
    old = list(dict.fromkeys(_names(exchange.expect)))
    if not old:
        return exchange
    new = {name: f"{name}_{random.randrange(16**6):06x}" for name in old}
    changed = with_documents(exchange, lambda document: _renamed(document, new))
    return changed.but(expect=_object(_renamed(exchange.expect, new)))


def _names(expect: JSONObject) -> list[str]:
    """Return the ids and names that mean nothing to the service."""
    match expect.get("tool_calls"):
        case list(calls):
            found = [call.get(key) for call in calls if isinstance(call, dict) for key in ("id", "name")]
        case _:
            found = []
    return [name for name in (*found, expect.get("response_id"), expect.get("model")) if isinstance(name, str) and name]


def _renamed(value: JSON, names: Mapping[str, str], key: str = "") -> JSON:
    match value:
        case str():
            return names.get(value, value) if key in _NAMED else value
        case dict():
            return {name: item if name in _WORDS else _renamed(item, names, name) for name, item in value.items()}
        case list():
            return [_renamed(item, names, key) for item in value]
        case _:
            return value


_NAMED = frozenset({
    "id", "name", "tool_use_id", "tool_call_id", "call_id", "model", "response_id", "modelVersion", "responseId",
})  # fmt: skip
_WORDS = frozenset({"input", "arguments", "content_object", "args"})


def say_more(exchange: Exchange, random: Random) -> Exchange:
    """Make the text and the reasoning of the answer longer, each where it ends."""
    if random.random() < 0.2:
        return exchange
    for field, keys in _TEXTS.items():
        if _plain(exchange, field):
            exchange = _longer(exchange, field, keys)
    return exchange


def _plain(exchange: Exchange, field: str) -> bool:
    """Tell whether a field is said once in the reply: one choice, no repetition, no probabilities of its tokens."""
    repeated = {"choices", "logprobs", "reasoning_details", "error", "sse_error_field"}
    return bool(exchange.expect.get(field)) and not repeated & exchange.expect.keys()


def _longer(exchange: Exchange, field: str, keys: tuple[str, ...]) -> Exchange:
    found = documents(exchange)
    spots = [(at, path) for at, document in enumerate(found) for path in _spots(document, keys)]
    said = "".join(str(_at(found[at], path)) for at, path in spots)
    if not spots or said != exchange.expect[field]:
        return exchange  # said twice, or in other places as well
    at, path = spots[-1]
    place = iter(range(len(found)))
    changed = with_documents(exchange, lambda document: _with_suffix(document, path) if next(place) == at else document)
    expect = {**exchange.expect, field: f"{exchange.expect[field]}{SUFFIX}"}
    match field, expect.get("text_parts"):
        case "text", [*parts, str(last)]:
            expect["text_parts"] = [*parts, last + SUFFIX]
        case _:
            pass
    return changed.but(expect=expect)


def _spots(value: JSON, keys: tuple[str, ...], path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Find the texts of an answer's own blocks and deltas."""
    match value:
        case dict():
            return [
                spot
                for key, item in value.items()
                for spot in (
                    [(*path, key)]
                    if key in keys and isinstance(item, str) and item
                    else _spots(item, keys, (*path, key))
                )
                if key in {*keys, "choices", "message", "delta", "content", "content_block"}
            ]
        case list():
            return [spot for index, item in enumerate(value) for spot in _spots(item, keys, (*path, index))]
        case _:
            return []


def _at(value: JSON, path: tuple[str | int, ...]) -> JSON:
    for step in path:
        match value, step:
            case dict(), str():
                value = value[step]
            case list(), int():
                value = value[step]
            case _:
                return None
    return value


def _with_suffix(value: JSON, path: tuple[str | int, ...]) -> JSON:
    match value, path:
        case str(), ():
            return value + SUFFIX
        case dict(), (str(step), *more):
            return {**value, step: _with_suffix(value[step], tuple(more))}
        case list(), (int(step), *more):
            return [_with_suffix(item, tuple(more)) if at == step else item for at, item in enumerate(value)]
        case _:
            return value


def _object(value: JSON) -> JSONObject:
    return value if isinstance(value, dict) else {}
