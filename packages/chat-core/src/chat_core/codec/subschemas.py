"""Where a JSON Schema holds further schemas, and how they are pointed at.

Law: data inside a schema (`const`, `enum`, `default`, `examples`) is never taken for a schema; what is not changed is
the same object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat_core.jsonvalue import JSON, JSONObject

Change: TypeAlias = "Callable[[JSONObject, str], JSON]"

DEFINITIONS = ("$defs", "definitions")
"""The keywords under which a schema keeps schemas to refer to."""

_BY_NAME = frozenset({"properties", "patternProperties", "dependentSchemas", *DEFINITIONS})
_IN_ORDER = frozenset({"anyOf", "oneOf", "allOf", "prefixItems", "items"})
_ALONE = frozenset(
    {
        "items", "additionalProperties", "additionalItems", "unevaluatedItems", "unevaluatedProperties", "contains",
        "propertyNames", "not", "if", "then", "else", "contentSchema",
    }
)  # fmt: skip


def children(schema: JSONObject, pointer: str = "") -> Iterator[tuple[JSONObject, str]]:
    """Yield the schemas right inside a schema, each with its JSON pointer."""
    for keyword, value in schema.items():
        for step, child in _held(keyword, value):
            if isinstance(child, dict):
                yield child, f"{pointer}/{_escaped(keyword)}{step}"


def walk(schema: JSONObject, pointer: str = "") -> Iterator[tuple[JSONObject, str]]:
    """Yield a schema and all schemas inside it, each with its JSON pointer."""
    yield schema, pointer
    for child, place in children(schema, pointer):
        yield from walk(child, place)


def changed(schema: JSONObject, change: Change, pointer: str = "") -> JSONObject:
    """Return a schema whose children are what `change` makes of them; the same object when they stay the same."""
    new: JSONObject = {keyword: _changed(keyword, value, change, pointer) for keyword, value in schema.items()}
    return schema if all(new[keyword] is value for keyword, value in schema.items()) else new


def _changed(keyword: str, value: JSON, change: Change, pointer: str) -> JSON:
    def made(step: str, child: JSON) -> JSON:
        return change(child, f"{pointer}/{_escaped(keyword)}{step}") if isinstance(child, dict) else child

    match value:
        case dict() if keyword in _BY_NAME:
            named: JSONObject = {name: made(f"/{_escaped(name)}", child) for name, child in value.items()}
            return value if all(named[name] is child for name, child in value.items()) else named
        case list() if keyword in _IN_ORDER:
            listed: list[JSON] = [made(f"/{number}", child) for number, child in enumerate(value)]
            return value if all(new is old for new, old in zip(listed, value, strict=True)) else listed
        case dict() if keyword in _ALONE:
            return made("", value)
        case _:
            return value


def _held(keyword: str, value: JSON) -> Iterator[tuple[str, JSON]]:
    match value:
        case dict() if keyword in _BY_NAME:
            yield from ((f"/{_escaped(name)}", child) for name, child in value.items())
        case list() if keyword in _IN_ORDER:
            yield from ((f"/{number}", child) for number, child in enumerate(value))
        case dict() if keyword in _ALONE:
            yield "", value
        case _:
            pass


def target(root: JSONObject, ref: str) -> JSON:
    """Return what a reference inside the document points to; `None` for any other."""
    if ref != "#" and not ref.startswith("#/"):
        return None
    found: JSON = root
    for step in ref[1:].split("/")[1:]:
        match found:
            case dict():
                found = found.get(step.replace("~1", "/").replace("~0", "~"))
            case list() if step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            case _:
                return None
    return found


def under(root: JSONObject, key: str) -> JSONObject:
    """Return the schema of an object whose only member `key` holds what `root` describes.

    Definitions move to the new root, and references go on to mean the same. A schema with an `$id` is a document of
    its own and moves as it is.
    """
    home = f"#/properties/{key}"
    kept = {keyword: root[keyword] for keyword in ("$schema", *DEFINITIONS) if keyword in root and "$id" not in root}

    def moved(schema: JSONObject, pointer: str) -> JSONObject:
        if "$id" in schema:
            return schema
        new = changed(schema, moved, pointer)
        match new.get("$ref"):
            case "#":
                return {**new, "$ref": home}
            case str(ref) if ref.startswith("#/") and ref.split("/")[1] not in kept:
                return {**new, "$ref": home + ref[1:]}
            case _:
                return new

    inner = moved({keyword: value for keyword, value in root.items() if keyword not in kept}, "")
    outer: JSONObject = {
        "type": "object", "properties": {key: inner}, "required": [key], "additionalProperties": False,
    }  # fmt: skip
    return {**outer, **changed(kept, moved)}


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
