"""What the program wants back: as a schema for the model, and as a check of what the model sent."""

from __future__ import annotations

import copy
import pickle
import sys
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from scripted import said
from talking import Wire, chat
from typing_extensions import TypedDict

from chat_core.codec.wire import dump
from chat_core.errors import ConfigurationError, OutputInvalid
from chat_core.outputs import Output, complaint, instructions, output, output_of
from chat_core.request import OutputFormat

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

VALIDATOR: Any = import_module("jsonschema").Draft202012Validator  # it comes without types


class City(BaseModel):
    """A city."""

    name: str
    people: Annotated[int, Field(ge=0)] | None = None


class Node(BaseModel):
    name: str
    children: list[Node] = []


@dataclass
class Point:
    x: float
    y: float = 0.0


class Movie(TypedDict):
    title: str


class Pair(NamedTuple):
    left: int
    right: str


class Colour(Enum):
    RED = "red"


OBJECTS: list[tuple[object, str, object]] = [
    (City, '{"name": "Oslo"}', City(name="Oslo")),
    (City, '{"name": "Oslo", "people": "7"}', City(name="Oslo", people=7)),
    (Node, '{"name": "a", "children": [{"name": "b"}]}', Node(name="a", children=[Node(name="b")])),
    (Point, '{"x": 1}', Point(1.0)),
    (Movie, '{"title": "Heat"}', {"title": "Heat"}),
    (dict[str, int], '{"a": 1}', {"a": 1}),
]
OTHERS: list[tuple[object, str, object]] = [
    (list[City], '[{"name": "Oslo"}]', [City(name="Oslo")]),
    (list[Node], '[{"name": "a"}]', [Node(name="a")]),
    (City | Point, '{"x": 2, "y": 3}', Point(2.0, 3.0)),
    (City | None, "null", None),
    (None, "null", None),
    (int, "3", 3),
    (str, '"x"', "x"),
    (bool, "true", True),
    (Literal["a", "b"], '"b"', "b"),
    (Annotated[int, Field(ge=1)], "2", 2),
    (Colour, '"red"', Colour.RED),
    (Pair, '[1, "x"]', Pair(1, "x")),
    (Any, "[1]", [1]),
]


@pytest.mark.parametrize(("wanted", "text", "value"), OBJECTS)
def test_an_object_is_asked_for_as_it_is(wanted: object, text: str, value: object) -> None:
    made = output_of(wanted)
    assert not made.wrapped
    assert made.format.schema is not None
    assert made.format.schema["type"] == "object"
    VALIDATOR.check_schema(made.format.schema)
    assert made.validate(text) == value


@pytest.mark.parametrize(("wanted", "text", "value"), OTHERS)
def test_anything_else_is_the_value_of_an_object(wanted: object, text: str, value: object) -> None:
    made = output_of(wanted)
    schema = made.format.schema
    assert made.wrapped
    assert schema is not None
    VALIDATOR.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["required"] == ["value"]
    assert made.validate(f'{{"value": {text}}}') == value
    with pytest.raises(OutputInvalid):
        made.validate("{}")


@pytest.mark.parametrize("wanted", [wanted for wanted, _, _ in (*OBJECTS, *OTHERS)])
def test_references_lead_somewhere(wanted: object) -> None:
    schema = output_of(wanted).format.schema
    assert isinstance(schema, dict)
    list(VALIDATOR(schema).iter_errors({"value": [{"name": "a", "children": [{"name": "b"}]}], "name": "x"}))


def test_a_partial_value_is_unwrapped() -> None:
    made = output_of(list[int])
    partials: list[JSON] = [None, {}, {"value": [1]}]
    assert [made.unwrapped(partial) for partial in partials] == [None, None, [1]]
    assert output_of(City).unwrapped({"name": "O"}) == {"name": "O"}


@pytest.mark.parametrize(
    ("wanted", "text", "faults"),
    [
        (
            City,
            '{"people": -1}',
            ("name: Field required", "people: Input should be greater than or equal to 0; got -1"),
        ),
        (City, "[1]", ("answer: Input should be an object; got [1]",)),
        (list[City], '{"value": [{}]}', ("value[0].name: Field required",)),
        (list[City], '{"value": [], "x": 1}', ("x: Extra inputs are not permitted",)),
    ],
)
def test_faults_are_told_with_their_place(wanted: object, text: str, faults: tuple[str, ...]) -> None:
    with pytest.raises(OutputInvalid, match="does not have the form") as caught:
        output_of(wanted).validate(text)
    assert caught.value.text == text
    assert caught.value.faults == faults


@pytest.mark.parametrize("text", ["", "Oslo", '{"name": "Os', '{"name": NaN}', '{"name": "a"} {}'])
def test_what_is_no_json_is_invalid(text: str) -> None:
    with pytest.raises(OutputInvalid) as caught:
        output_of(City).validate(text)
    assert caught.value.text == text
    assert caught.value.faults[0].startswith("answer: not valid JSON")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (City, "City"),
        ({"type": "object", "required": ["a"]}, "JSON of the schema"),
        (OutputFormat(schema={"type": "object"}, name="city"), "JSON of the schema 'city'"),
        (OutputFormat(kind="json"), "JSON"),
        (list[int], "list[int]"),
    ],
)
def test_an_error_says_what_was_wanted_and_quotes_how_the_answer_begins(wanted: object, words: str) -> None:
    with pytest.raises(OutputInvalid) as caught:
        output_of(wanted).validate("Sure!\n" * 100)
    why, _, said = caught.value.message.partition(" Wanted: ")
    assert "Sure" not in why
    assert said == f"{words}. The answer: {('Sure!' + chr(10)) * 33 + 'Su…'!r}"
    assert caught.value.text == "Sure!\n" * 100


def test_a_parsed_value_is_checked_like_its_text() -> None:
    assert output_of(City).validate_value({"name": "Oslo"}) == City(name="Oslo")
    assert output_of(list[Point]).validate_value({"value": [{"x": 1}]}) == [Point(1.0)]
    with pytest.raises(OutputInvalid) as caught:
        output_of(City).validate_value({"name": 1})
    assert caught.value.text == '{"name":1}'
    with pytest.raises(OutputInvalid):
        output_of(City).validate_value({"name": float("nan")})


def test_a_lone_surrogate_is_a_fault_and_no_crash() -> None:
    with pytest.raises(OutputInvalid):
        output_of(City).validate('{"name": "\\ud800"}')
    assert output_of({"type": "string"}).validate('{"value": "\\ud800"}') == "\ud800"


NUMBER: JSONObject = {"type": "integer"}
RAW: list[tuple[JSONObject, str, JSON, str]] = [
    ({"type": "object", "properties": {"a": NUMBER}, "required": ["a"]}, '{"a": 1}', {"a": 1}, '{"a": ""}'),
    ({"properties": {"a": NUMBER}}, '{"a": 1}', {"a": 1}, '{"a": ""}'),
    ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": NUMBER}}, '{"value": [1, 2]}', [1, 2], '{"value": [""]}'),
    (
        {"prefixItems": [NUMBER], "items": {"$ref": "#/prefixItems/0"}},
        '{"value": [1, 2]}',
        [1, 2],
        '{"value": [1, ""]}',
    ),
    ({"enum": ["a"]}, '{"value": "a"}', "a", '{"value": "b"}'),
]


@pytest.mark.parametrize(("schema", "good", "value", "bad"), RAW)
def test_a_raw_schema_is_checked(schema: JSONObject, good: str, value: JSON, bad: str) -> None:
    before = copy.deepcopy(schema)
    made = output_of(schema)
    assert made.validate(good) == value
    with pytest.raises(OutputInvalid):
        made.validate(bad)
    assert schema == before


def test_a_raw_object_schema_is_sent_as_it_is() -> None:
    schema: JSONObject = {"type": "object"}
    assert output_of(schema).format.schema is schema


def test_a_form_is_taken_as_it_is() -> None:
    form = OutputFormat(schema={"type": "array", "items": {"type": "integer"}}, name="n", strict=True)
    made = output_of(form)
    assert made.format == form
    assert not made.wrapped
    assert made.validate("[1]") == [1]
    with pytest.raises(OutputInvalid):
        made.validate('["x"]')
    assert output_of(OutputFormat(kind="json")).validate("[1, null]") == [1, None]


def test_more_can_be_said_about_an_output() -> None:
    made = output(City, strategy="tool", name="city", description="One.", strict=True)
    assert made.strategy == "tool"
    assert (made.format.name, made.format.description, made.format.strict) == ("city", "One.", True)
    changed = output(made, strategy="native")
    assert (changed.strategy, changed.format) == ("native", made.format)
    assert output_of(made) == made


def test_nothing_is_said_that_was_not_asked_for() -> None:
    form = output(City).format
    assert (form.name, form.description, form.strict, form.kind) == (None, None, None, "schema")


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 65])
def test_a_name_that_services_refuse_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="1 to 64 letters"):
        output(City, name=name)


class Unknown:
    pass


@pytest.mark.parametrize("wanted", ["City", 5, Unknown(), Unknown, [int]])
def test_what_is_no_type_is_refused_with_the_fix(wanted: object) -> None:
    with pytest.raises(ConfigurationError, match="Ask for a type that pydantic knows"):
        output_of(wanted)


def test_the_order_of_a_union_is_kept() -> None:
    first, second = output_of(list[Literal[1] | str]), output_of(list[str | Literal[1]])
    assert first.format.schema != second.format.schema


@pytest.mark.parametrize("wanted", [City, list[City], {"type": "array"}, OutputFormat(kind="json")])
def test_outputs_are_values(wanted: object) -> None:
    made = output_of(wanted)
    assert made == output_of(wanted)
    assert hash(made) == hash(output_of(wanted))
    assert pickle.loads(pickle.dumps(made)) == made
    assert copy.deepcopy(made) == made
    assert isinstance(made, Output)


def test_unhashable_types_work_too() -> None:
    made = output_of(Annotated[int, Field(json_schema_extra={"x": 1}), ["metadata"]])
    assert made.validate('{"value": 3}') == 3
    hash(made)


@given(st.recursive(st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_what_is_wrapped_comes_back(value: JSON) -> None:
    assert output_of(Any).validate_value({"value": value}) == value
    assert output_of({}).validate(dump({"value": value}).decode()) == value


def test_the_words_hold_the_schema_whole() -> None:
    form = output(City, description="Where it is.").format
    words = instructions(form)
    assert form.schema is not None
    assert dump(form.schema).decode() in words
    assert "Where it is." in words
    assert "JSON" in instructions(OutputFormat(kind="json"))


def test_a_complaint_lists_the_faults() -> None:
    assert complaint(("name: Field required", "x: wrong")).splitlines()[1:3] == ["- name: Field required", "- x: wrong"]


def test_a_raw_schema_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(ConfigurationError, match=r'pip install "chat-core\[jsonschema\]"'):
        output_of({"type": "object"}).validate("{}")
    assert output_of(City).validate('{"name": "x"}') == City(name="x")


def test_a_raw_schema_that_cannot_be_checked_is_refused_before_anything_is_asked() -> None:
    wire = Wire(said("{}"))
    with pytest.raises(ConfigurationError, match="not a valid JSON Schema"):
        chat(wire).complete("Hi", output={"type": "object", "properties": {"a": {"type": "integr"}}})
    assert wire.model.asked == []
