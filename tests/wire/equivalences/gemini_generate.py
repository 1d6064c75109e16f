"""Freedoms of spelling in requests of the generateContent wire, as the service reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

FREE = frozenset({
    "args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "labels",
})  # fmt: skip
"""Members that are the user's own words."""

_SNAKE = re.compile(r"_([a-z])")
_LISTS = frozenset({"parts", "contents", "tools"})
_BYTES = frozenset({"data", "thoughtSignature"})


def _walked(value: JSON, change: Callable[[JSONObject], JSONObject]) -> JSON:
    match value:
        case dict():
            return {key: item if key in FREE else _walked(item, change) for key, item in change(value).items()}
        case list():
            return [_walked(item, change) for item in value]
        case _:
            return value


def _everywhere(change: Callable[[JSONObject], JSONObject]) -> Callable[[JSONObject], JSONObject]:
    def normalise(body: JSONObject) -> JSONObject:
        changed = _walked(body, change)
        return changed if isinstance(changed, dict) else body

    return normalise


def _camel(data: JSONObject) -> JSONObject:
    return {_SNAKE.sub(lambda found: found[1].upper(), key): value for key, value in data.items()}


def _nulls(data: JSONObject) -> JSONObject:
    return {key: value for key, value in data.items() if value is not None}


def _lists(data: JSONObject) -> JSONObject:
    return {key: [value] if key in _LISTS and isinstance(value, dict) else value for key, value in data.items()}


def _alphabet(data: JSONObject) -> JSONObject:
    return {
        key: value.replace("-", "+").replace("_", "/") if key in _BYTES and isinstance(value, str) else value
        for key, value in data.items()
    }


def _thought(data: JSONObject) -> JSONObject:
    return {key: value for key, value in data.items() if (key, value) != ("thought", False)}


def _empty(body: JSONObject) -> JSONObject:
    left = {key: value for key, value in body.items() if value not in ([], {})}
    system = left.get("systemInstruction")
    if isinstance(system, dict):
        parts = system.get("parts")
        said: JSON = [part for part in parts if part != {"text": ""}] if isinstance(parts, list) else parts
        system = {**{key: value for key, value in system.items() if key != "role"}, "parts": said}
        left["systemInstruction"] = system
        if not system.get("parts"):
            del left["systemInstruction"]
    return left


def _stops(body: JSONObject) -> JSONObject:
    config = body.get("generationConfig")
    if not isinstance(config, dict):
        return body
    left = {key: value for key, value in config.items() if value not in ([], {})}
    return {
        **{key: value for key, value in body.items() if key != "generationConfig"},
        **({"generationConfig": left} if left else {}),
    }


def _roles(body: JSONObject) -> JSONObject:
    contents = body.get("contents")
    if not isinstance(contents, list):
        return body
    named: list[JSON] = [
        {**item, "role": "user" if item.get("role") in (None, "function") else item["role"]}
        if isinstance(item, dict)
        else item
        for item in contents
    ]
    return {**body, "contents": named}


def _results(body: JSONObject) -> JSONObject:
    contents = body.get("contents")
    merged: list[JSON] = []
    for item in contents if isinstance(contents, list) else ():
        match merged[-1:], item:
            case [{"parts": list(before)}], {"parts": list(parts)} if _answers(before) and _answers(parts):
                merged[-1] = {"role": "user", "parts": [*before, *parts]}
            case _:
                merged.append(item)
    return {**body, "contents": merged} if merged else body


def _answers(parts: list[JSON]) -> bool:
    return bool(parts) and all(isinstance(part, dict) and "functionResponse" in part for part in parts)


def _entries(body: JSONObject) -> JSONObject:
    entries = body.get("tools")
    if not isinstance(entries, list):
        return body
    functions: list[JSON] = []
    others: list[JSON] = []
    for entry in entries:
        for key, value in entry.items() if isinstance(entry, dict) else ():
            if key == "functionDeclarations" and isinstance(value, list):
                functions += value
            else:
                others.append({key: value})
    return {**body, "tools": [*others, {"functionDeclarations": functions}] if functions else others}


def _model(body: JSONObject) -> JSONObject:
    return {key: value for key, value in body.items() if key != "model"}


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("names", "members are read in snake case as well as in camel case", _everywhere(_camel)),
    Equivalence("null", "a member that is null is a member that is absent", _everywhere(_nulls)),
    Equivalence("list", "an object in place of a list is its only item", _everywhere(_lists)),
    Equivalence("base64", "bytes are read in both alphabets of base64", _everywhere(_alphabet)),
    Equivalence("thought", "false is the default", _everywhere(_thought)),
    Equivalence("empty", "empty lists and objects say nothing, and neither does the role of the instructions", _empty),
    Equivalence("settings", "an empty list of stops, and empty settings, say what absence says", _stops),
    Equivalence("role", "a content without a role, or with the older word for results, is the user's", _roles),
    Equivalence("results", "the results of one turn are wanted in one content", _results),
    Equivalence("entries", "tools may stand in one entry or in several", _entries),
    Equivalence("model", "the model is in the address", _model),
)
