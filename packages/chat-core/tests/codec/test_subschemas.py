"""Schemas inside schemas are found, data inside them is left alone, and references keep their meaning."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from chat_core.codec.subschemas import changed, target, under, walk

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

VALIDATOR: Any = import_module("jsonschema").Draft202012Validator  # it comes without types

LEAF: JSONObject = {"type": "integer"}
FULL: JSONObject = {
    "$defs": {"a/b": LEAF},
    "properties": {"x": LEAF, "const": LEAF},
    "items": LEAF,
    "prefixItems": [LEAF, True],
    "additionalProperties": LEAF,
    "not": LEAF,
    "anyOf": [LEAF, {"items": LEAF}],
    "const": {"properties": {"x": LEAF}},
    "default": LEAF,
    "enum": [LEAF],
    "examples": [LEAF],
}


def test_every_schema_is_visited_with_its_pointer_and_no_data_is() -> None:
    assert [pointer for _, pointer in walk(FULL)] == [
        "", "/$defs/a~1b", "/properties/x", "/properties/const", "/items", "/prefixItems/0", "/additionalProperties",
        "/not", "/anyOf/0", "/anyOf/1", "/anyOf/1/items",
    ]  # fmt: skip


def test_children_are_changed_and_data_is_not() -> None:
    def titled(schema: JSONObject, pointer: str) -> JSON:
        return {**changed(schema, titled, pointer), "title": pointer}

    new = changed(FULL, titled)
    assert [schema.get("title") for schema, _ in walk(new)] == [None, *[pointer for _, pointer in walk(FULL)][1:]]
    assert all(new[key] is FULL[key] for key in ("const", "default", "enum", "examples"))


def test_what_is_not_changed_is_the_same_object() -> None:
    assert changed(FULL, lambda schema, _: schema) is FULL


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        ("#", FULL),
        ("#/$defs/a~1b", LEAF),
        ("#/prefixItems/1", True),
        ("#/anyOf/7", None),
        ("#/nothing/here", None),
        ("#name", None),
        ("http://x.test/y", None),
    ],
)
def test_references_inside_the_document_are_followed(ref: str, found: JSON) -> None:
    assert target(FULL, ref) == found


NESTED: list[tuple[JSONObject, JSON, JSON]] = [
    ({"type": "array", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": LEAF}}, [1], ["x"]),
    ({"definitions": {"a": LEAF}, "items": {"$ref": "#/definitions/a"}}, [1], ["x"]),
    ({"anyOf": [LEAF, {"type": "array", "items": {"$ref": "#"}}]}, [1, [2]], [1, ["x"]]),
    ({"prefixItems": [LEAF, {"$ref": "#/prefixItems/0"}]}, [1, 2], [1, "x"]),
    ({"$defs": {"a": {"anyOf": [LEAF, {"items": {"$ref": "#"}, "type": "array"}]}}, "$ref": "#/$defs/a"}, [1], ["x"]),
    ({"$id": "http://x.test/s", "items": {"$ref": "#/$defs/a"}, "$defs": {"a": LEAF}}, [1], ["x"]),
    ({"const": {"$ref": "#/x"}}, {"$ref": "#/x"}, {"$ref": "#/properties/value/x"}),
]


@pytest.mark.parametrize(("schema", "good", "bad"), NESTED)
def test_a_schema_means_the_same_under_a_key(schema: JSONObject, good: JSON, bad: JSON) -> None:
    moved = under(schema, "value")
    VALIDATOR.check_schema(moved)
    assert VALIDATOR(schema).is_valid(good)
    assert not VALIDATOR(schema).is_valid(bad)
    assert VALIDATOR(moved).is_valid({"value": good})
    assert not VALIDATOR(moved).is_valid({"value": bad})
    assert not VALIDATOR(moved).is_valid({"value": good, "more": 1})
    assert not VALIDATOR(moved).is_valid({})
