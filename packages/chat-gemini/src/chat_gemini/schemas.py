"""The wire's own dialect of OpenAPI → JSON Schema.

Law: what the dialect says in words of its own is said in those of JSON Schema, and all else stays. A schema that is
JSON Schema already comes out equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

TYPES = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})

NUMBERS: Mapping[int, str] = {
    1: "string", 2: "number", 3: "integer", 4: "boolean", 5: "array", 6: "object", 7: "null"
}  # fmt: skip
"""Types where enumerations are numbers."""

SPELLINGS: Mapping[str, str] = {
    "any_of": "anyOf",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
    "additional_properties": "additionalProperties",
    "defs": "$defs",
    "ref": "$ref",
}
"""Keywords that the dialect writes otherwise."""

COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"})
"""Keywords whose numbers the dialect may write as texts."""

DEFINITIONS = frozenset({"properties", "$defs"})


def lowered(schema: JSONObject) -> JSONObject:
    """Return a schema of the dialect as JSON Schema."""
    named = ((SPELLINGS.get(key, key), value) for key, value in schema.items())
    made = {key: _member(key, value) for key, value in named if key != "nullable"}
    if schema.get("nullable") is True and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
    return made


def _member(key: str, value: JSON) -> JSON:
    match value:
        case str() if key == "type" and value in TYPES:
            return value.lower()
        case int() if key == "type" and value in NUMBERS:
            return NUMBERS[value]
        case str() if key in COUNTS and value.isascii() and value.isdigit():
            return int(value[:18])
        case dict() if key in DEFINITIONS:
            return {name: lowered(inner) if isinstance(inner, dict) else inner for name, inner in value.items()}
        case dict() if key in {"items", "additionalProperties"}:
            return lowered(value)
        case list() if key in {"anyOf", "prefixItems"}:
            return [lowered(inner) if isinstance(inner, dict) else inner for inner in value]
        case _:
            return value
