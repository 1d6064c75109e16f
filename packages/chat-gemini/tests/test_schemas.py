"""The wire's dialect of OpenAPI as JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_gemini.schemas import lowered

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


def test_types_and_keywords_are_those_of_json_schema() -> None:
    assert lowered(
        {
            "type": "OBJECT",
            "properties": {
                "type": {"type": "STRING", "nullable": True, "max_length": "9"},
                "list": {"type": "ARRAY", "items": {"type": 3}, "minItems": "1"},
                "any": {"any_of": [{"type": "NULL"}, {"type": "NUMBER"}]},
            },
        }
    ) == {
        "type": "object",
        "properties": {
            "type": {"type": ["string", "null"], "maxLength": 9},
            "list": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
            "any": {"anyOf": [{"type": "null"}, {"type": "number"}]},
        },
    }


def test_json_schema_comes_out_equal() -> None:
    schema: JSONObject = {
        "$defs": {"A": {"type": "object", "additionalProperties": {"type": "string"}}},
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/A"}, "b": {"enum": ["STRING"], "default": "OBJECT"}},
        "required": ["a"],
    }
    assert lowered(schema) == schema
