"""A schema is weakened to what a service takes, in words and with notices; the rest is an obstacle."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from chat_core.codec.schema import Subset, obstacles, weakened
from chat_core.schemas.typed import schema_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice

VALIDATOR: Any = import_module("jsonschema").Draft202012Validator  # it comes without types

ANY = Subset(name="it")
TIGHT = Subset(
    name="it",
    unsupported=frozenset({"minLength", "not"}),
    at_most={"minItems": 1},
    formats=frozenset({"date"}),
    lookaround=False,
    one_of=False,
    closed=True,
    typed=True,
    all_required=True,
    lone_refs=True,
    recursion=False,
)


def of(properties: JSONObject, **more: Any) -> Any:  # noqa: ANN401 - test data, which type checkers take for any of its parts
    """Describe an object that `TIGHT` takes as it is."""
    names: list[JSON] = [*properties]
    return {
        "type": "object", "properties": properties, "required": names, "additionalProperties": False, **more,
    }  # fmt: skip


TEXT: JSONObject = {"type": "string"}
FITTING: list[JSONObject] = [
    of({"a": TEXT, "b": {"type": "array", "items": TEXT, "minItems": 1}}),
    of({"a": {"$ref": "#/$defs/x"}}, **{"$defs": {"x": of({"b": {"type": "string", "format": "date"}})}}),
    of({"a": {"anyOf": [TEXT, {"const": None}]}, "default": {"enum": [{"minLength": 1}]}}),
]


def weak(schema: JSONObject, subset: Subset = TIGHT) -> tuple[JSONObject, tuple[Notice, ...]]:
    return weakened(schema, subset, feature="output.schema")


def one(schema: JSONObject, subset: Subset = TIGHT) -> tuple[JSON, list[tuple[JSON, JSON, str]]]:
    """Weaken a property; return what it became, and the notices."""
    new, notices = weak(of({"a": schema}), subset)
    properties = new["properties"]
    assert isinstance(properties, dict)
    assert {notice.feature for notice in notices} <= {"output.schema"}
    return properties["a"], [(notice.requested, notice.applied, notice.reason) for notice in notices]


@pytest.mark.parametrize("schema", FITTING)
def test_what_fits_is_the_same_object(schema: JSONObject) -> None:
    new, notices = weak(schema)
    assert new is schema
    assert notices == ()
    assert obstacles(schema, TIGHT) == ()


def test_a_service_that_takes_all_gets_all() -> None:
    schema = of({"a": {"type": "string", "minLength": 1, "oneOf": [{}], "$ref": "#"}}, required=[])
    assert weak(schema, ANY) == (schema, ())


def test_a_refused_keyword_goes_into_the_description() -> None:
    new, notices = one({"type": "string", "minLength": 3, "not": {"const": "é"}, "description": "A name."})
    assert new == {"type": "string", "description": 'A name.\n\nHas to hold: minLength: 3; not: {"const":"é"}'}
    assert notices == [
        (3, None, "it does not take minLength: it is said in the description (at /properties/a/minLength)"),
        ({"const": "é"}, None, "it does not take not: it is said in the description (at /properties/a/not)"),
    ]


@pytest.mark.parametrize(
    ("keyword", "taken", "refused"),
    [("minItems", 1, 2), ("format", "date", "ssn"), ("pattern", "^a(?:b)$", "a(?!b)"), ("pattern", "a?=", "(?<=a)b")],
)
def test_some_values_of_a_keyword_are_taken(keyword: str, taken: JSON, refused: JSON) -> None:
    assert one({"type": "string", keyword: taken})[0] == {"type": "string", keyword: taken}
    new, notices = one({"type": "string", keyword: refused})
    assert isinstance(new, dict)
    assert new.keys() == {"type", "description"}
    assert [requested for requested, _, _ in notices] == [refused]


def test_one_of_is_sent_as_any_of() -> None:
    new, notices = one({"oneOf": [TEXT, {"type": "null"}]})
    assert new == {"anyOf": [TEXT, {"type": "null"}]}
    assert [applied for _, applied, _ in notices] == ["anyOf"]
    told_apart: JSONObject = {"oneOf": [of({"k": {"const": "a"}})], "discriminator": {"propertyName": "k"}}
    assert one(told_apart) == ({"anyOf": [of({"k": {"const": "a"}})]}, [])


def test_an_object_is_closed_silently_unless_it_says_that_it_is_open() -> None:
    silent: JSONObject = {"type": "object", "properties": {"b": TEXT}, "required": ["b"]}
    assert one(silent) == (of({"b": TEXT}), [])
    new, notices = one({**silent, "additionalProperties": True})
    assert new == of({"b": TEXT})
    assert [(requested, applied) for requested, applied, _ in notices] == [(True, False)]


def test_every_property_is_required_where_the_service_wants_that() -> None:
    new, notices = one(of({"b": TEXT, "c": TEXT}, required=["c"]))
    assert new == of({"b": TEXT, "c": TEXT})
    assert [(requested, applied) for requested, applied, _ in notices] == [(["c"], ["b", "c"])]
    assert "give these too: b" in notices[0][2]


def test_what_stands_beside_a_reference_is_merged_with_a_copy_of_the_definition() -> None:
    definition = of({"b": TEXT}, description="old")
    schema = of({"a": {"$ref": "#/$defs/x", "description": "new"}}, **{"$defs": {"x": definition}})
    new, notices = weak(schema)
    assert new["properties"] == {"a": {**definition, "description": "new"}}
    assert new["$defs"] == {"x": definition}
    assert notices == ()


def test_a_definition_that_refers_to_itself_is_not_copied() -> None:
    node = of({"next": {"$ref": "#/$defs/node", "description": "d"}})
    schema = of({"a": {"$ref": "#/$defs/node", "title": "t"}}, **{"$defs": {"node": node}})
    new, notices = weak(schema)
    assert new["properties"] == {"a": {"$ref": "#/$defs/node"}}
    assert new["$defs"] == {"node": of({"next": {"$ref": "#/$defs/node"}})}
    assert [notice.requested for notice in notices] == [{"title": "t"}, {"description": "d"}]


@pytest.mark.parametrize(
    ("schema", "obstacle"),
    [
        ({"type": "array", "items": TEXT}, "the root is not of type object"),
        ({"anyOf": [of({})], "type": "object", "properties": {}}, "the root is a union"),
        (of({"a": {"type": "object"}}), "/properties/a is a map with keys of any name"),
        (of({"a": {"type": "object", "additionalProperties": TEXT}}), "/properties/a is a map with keys of any name"),
        (of({"a": {"type": "object", "properties": {}, "patternProperties": {"a": TEXT}}}), "/properties/a is a map"),
        (of({"a": {}}), "/properties/a has no type"),
        (of({"a": {"$ref": "http://x.test/y"}}), "/properties/a/$ref leads out of the schema"),
        (of({"a": {"$ref": "#"}}), "/properties/a/$ref refers to itself"),
        (
            {**of({}), "$defs": {"x": of({"y": {"$ref": "#/$defs/y"}}), "y": of({"x": {"$ref": "#/$defs/x"}})}},
            "/$defs/x/properties/y/$ref refers to itself",
        ),
    ],
)  # fmt: skip
def test_what_no_words_replace_is_an_obstacle(schema: JSONObject, obstacle: str) -> None:
    assert any(line.startswith(obstacle) for line in obstacles(schema, TIGHT))
    open_one = replace(TIGHT, closed=False, typed=False, recursion=True)
    if "root" not in obstacle and "leads" not in obstacle:
        assert obstacles(schema, open_one) == ()


class Street(BaseModel):
    """Where somebody lives."""

    name: Annotated[str, Field(min_length=2)]
    number: int | None = None


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]


class Person(BaseModel):
    model_config = ConfigDict(extra="allow")
    home: Annotated[Street, Field(description="The first one.")]
    others: Annotated[list[Street], Field(min_length=2)] = []
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None


values: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, 1, "", "ab", "cat", "dog"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["home", "others", "pet", "name", "number", "kind", "lives"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
streets: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"name": st.sampled_from(["ab", "a"])}, optional={"number": st.sampled_from([1, None])}
)
people: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"home": streets},
    optional={"others": st.lists(streets, max_size=3), "pet": values, "more": values},
)


@given(people | values)
@settings(deadline=None)  # a busy machine is no fault
def test_a_weaker_schema_takes_what_the_words_do_not_forbid(value: JSON) -> None:
    schema, _ = schema_of(Person)
    loose = Subset(name="it", unsupported=frozenset({"minLength", "minItems"}), one_of=False)
    new, notices = weak(schema, loose)
    VALIDATOR.check_schema(new)
    assert {str(notice.requested) for notice in notices} == {"2"}
    if VALIDATOR(schema).is_valid(value):
        assert VALIDATOR(new).is_valid(value)


@given(people | values)
def test_a_narrower_schema_takes_nothing_new(value: JSON) -> None:
    schema, _ = schema_of(Person)
    new, _ = weak(schema, Subset(name="it", one_of=False, closed=True, all_required=True, lone_refs=True))
    VALIDATOR.check_schema(new)
    if VALIDATOR(new).is_valid(value):
        assert VALIDATOR(schema).is_valid(value)
