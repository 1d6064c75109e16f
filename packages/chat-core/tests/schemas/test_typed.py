"""Schemas of arguments are whole, and what they accept is what the function gets."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from chat_core.errors import ConfigurationError
from chat_core.functions.signatures import hints_of, signature_of
from chat_core.schemas.faults import Unfit
from chat_core.schemas.typed import arguments_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.schemas.typed import Arguments


VALIDATOR: Any = import_module("jsonschema").Draft202012Validator  # it comes without types


class Unit(Enum):
    METRE = "m"
    FOOT = "ft"


@dataclass
class Size:
    """How large."""

    value: float
    unit: Unit = Unit.METRE


class Node(BaseModel):
    name: str = Field(description="what it is called")
    children: list[Node] = []


class Place(TypedDict, total=False):
    lat: float
    lon: float


def arguments(function: Callable[..., object], **descriptions: str) -> Arguments:
    parameters = signature_of(function).parameters
    hints = hints_of(function, parameters, globals())
    seen = {name: p.replace(annotation=hints.get(name, inspect.Parameter.empty)) for name, p in parameters.items()}
    return arguments_of("f", seen, descriptions=descriptions)


def members(function: Callable[..., object], **descriptions: str) -> JSON:
    return arguments(function, **descriptions).schema["properties"]


def test_nested_types_enums_unions_and_recursion_stay_whole() -> None:
    def function(size: Size | None, tree: Node, at: Place, how: Literal["fast", "slow"] | int) -> None: ...

    assert arguments(function).schema == {
        "type": "object",
        "additionalProperties": False,
        "required": ["size", "tree", "at", "how"],
        "properties": {
            "size": {"anyOf": [{"$ref": "#/$defs/Size"}, {"type": "null"}]},
            "tree": {"$ref": "#/$defs/Node"},
            "at": {"$ref": "#/$defs/Place"},
            "how": {"anyOf": [{"enum": ["fast", "slow"], "type": "string"}, {"type": "integer"}]},
        },
        "$defs": {
            "Unit": {"enum": ["m", "ft"], "title": "Unit", "type": "string"},
            "Size": {
                "description": "How large.",
                "type": "object",
                "title": "Size",
                "additionalProperties": False,
                "required": ["value"],
                "properties": {"value": {"type": "number"}, "unit": {"$ref": "#/$defs/Unit", "default": "m"}},
            },
            "Node": {
                "type": "object",
                "title": "Node",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "description": "what it is called"},
                    "children": {"type": "array", "default": [], "items": {"$ref": "#/$defs/Node"}},
                },
            },
            "Place": {
                "type": "object",
                "title": "Place",
                "additionalProperties": False,
                "properties": {"lat": {"type": "number"}, "lon": {"type": "number"}},
            },
        },
    }


def test_values_arrive_as_the_types_that_were_declared() -> None:
    def function(size: Size, tree: Node, day: date, cost: Decimal, tags: set[str], pair: tuple[int, str]) -> None: ...

    sent: JSONObject = {
        "size": {"value": 2, "unit": "ft"},
        "tree": {"name": "a", "children": [{"name": "b"}]},
        "day": "2026-01-02",
        "cost": "1.50",
        "tags": ["a", "a"],
        "pair": [1, "b"],
    }
    assert arguments(function).validated(sent) == {
        "size": Size(2.0, Unit.FOOT),
        "tree": Node(name="a", children=[Node(name="b")]),
        "day": date(2026, 1, 2),
        "cost": Decimal("1.50"),
        "tags": {"a"},
        "pair": (1, "b"),
    }


def test_a_parameter_without_a_type_takes_any_json() -> None:
    anything = inspect.Parameter("anything", inspect.Parameter.KEYWORD_ONLY)
    made = arguments_of("f", {"anything": anything}, descriptions={})
    assert made.schema["properties"] == {"anything": {}}
    assert made.validated({"anything": [1, None]}) == {"anything": [1, None]}


def test_a_function_without_parameters_takes_an_empty_object() -> None:
    def function() -> None: ...

    assert arguments(function).schema == {"type": "object", "properties": {}, "additionalProperties": False}
    assert arguments(function).validated({}) == {}


def test_descriptions_come_from_the_annotation_first_and_the_docstring_next() -> None:
    def function(
        a: Annotated[int, "a text"],
        b: Annotated[int, Field(description="a field", ge=1)],
        c: int,
        d: Annotated[int, Field(ge=1)] = 3,
        e: int = Field(5, description="a default"),
        f: int = Field(5),
    ) -> None: ...

    assert members(function, a="no", b="no", c="c words", d="d words", e="no", f="f words") == {
        "a": {"type": "integer", "description": "a text"},
        "b": {"type": "integer", "description": "a field", "minimum": 1},
        "c": {"type": "integer", "description": "c words"},
        "d": {"type": "integer", "description": "d words", "minimum": 1, "default": 3},
        "e": {"type": "integer", "description": "a default", "default": 5},
        "f": {"type": "integer", "description": "f words", "default": 5},
    }


def test_defaults_are_shown_and_left_to_the_function() -> None:
    marker = object()

    def function(a: int = 3, b: object = marker, c: Size = Size(1.0)) -> None: ...  # noqa: B008 - what is tested

    assert members(function) == {
        "a": {"type": "integer", "default": 3},
        "b": {},
        "c": {"$ref": "#/$defs/Size", "default": {"value": 1.0, "unit": "m"}},
    }
    assert arguments(function).validated({}) == {}
    assert arguments(function).validated({"a": 4}) == {"a": 4}


def test_defaults_that_field_declares_are_given_to_the_function() -> None:
    def function(
        a: int = Field(5, alias="from"),
        b: Annotated[list[int], Field(default_factory=list)] = Field(max_length=2),  # noqa: B008 - as above
    ) -> None: ...

    made = arguments(function)
    assert made.validated({}) == {"a": 5, "b": []}
    assert made.validated({"from": 6, "b": [1]}) == {"a": 6, "b": [1]}
    with pytest.raises(Unfit, match="a: Extra inputs"):
        made.validated({"a": 6})


@pytest.mark.parametrize("name", ["schema", "copy", "json", "model_dump", "model_config", "_x", "__y", "self", "cls"])
def test_any_name_of_a_parameter_will_do(name: str) -> None:
    parameter = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=int)
    made = arguments_of("f", {name: parameter}, descriptions={})
    assert made.schema["required"] == [name]
    assert made.validated({name: 1}) == {name: 1}


def test_free_keywords_are_additional_properties() -> None:
    def function(a: int, **more: Size) -> None: ...

    made = arguments(function)
    assert made.schema["additionalProperties"] == {"$ref": "#/$defs/Size"}
    assert made.validated({"a": 1, "b": {"value": 2}}) == {"a": 1, "b": Size(2.0)}
    with pytest.raises(Unfit, match=r"b.value: Input should be a valid number"):
        made.validated({"a": 1, "b": {"value": "x"}})


def test_free_keywords_may_have_any_type_and_any_name() -> None:
    def function(a: int, **more: object) -> None: ...

    made = arguments(function)
    assert made.schema["additionalProperties"] is True
    assert made.schema["properties"] == {"a": {"type": "integer"}}
    assert made.validated({"a": 1, "**": [1], "p0": None}) == {"a": 1, "**": [1], "p0": None}


def test_members_of_nested_types_keep_their_names_and_take_no_others() -> None:
    @dataclass
    class Inner:
        p0: int
        rest: int = 0

    for kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD):
        made = arguments_of("f", {"x": inspect.Parameter("x", kind, annotation=Inner)}, descriptions={})
        assert made.validated({"x": {"p0": 1}}) == {"x": Inner(1)}
        with pytest.raises(Unfit, match=r"x.y: Unexpected keyword argument"):
            made.validated({"x": {"p0": 1, "y": 2}})


def test_hidden_names_are_refused_even_where_any_are_taken() -> None:
    def function(**more: str) -> None: ...

    parameters = signature_of(function).parameters
    made = arguments_of("f", parameters, hidden={"user"}, descriptions={})
    with pytest.raises(Unfit, match="user: Extra inputs are not permitted"):
        made.validated({"user": "admin"})


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ({}, ("n: Field required", "flag: Field required", "size: Field required")),
        (
            {"n": "many", "flag": 2, "size": {"value": 1, "unit": "mile"}, "town": 1},
            (
                'n: Input should be a valid integer, unable to parse string as an integer; got "many"',
                "flag: Input should be a valid boolean, unable to interpret input; got 2",
                "size.unit: Input should be 'm' or 'ft'; got \"mile\"",
                "town: Extra inputs are not permitted",
            ),
        ),
        (
            {"n": 1.5, "flag": True, "size": {}},
            (
                "n: Input should be a valid integer, got a number with a fractional part; got 1.5",
                "size.value: Field required",
            ),
        ),
        (
            {"n": None, "flag": True, "size": {"value": "\ud800"}},
            (
                "n: Input should be a valid integer; got null",
                (
                    r"size.value: Input should be a valid string, unable to parse raw data as a unicode string"
                    r"; got '\ud800'"
                ),
            ),
        ),
    ],
)
def test_a_misfit_says_where_and_what_was_expected(sent: JSONObject, faults: tuple[str, ...]) -> None:
    def function(n: int, flag: bool, size: Size) -> None: ...

    with pytest.raises(Unfit) as caught:
        arguments(function).validated(sent)
    assert caught.value.faults == faults


@pytest.mark.parametrize(
    ("annotation", "sent", "got"),
    [
        (int, "3", 3),
        (int, 3.0, 3),
        (int, True, 1),
        (bool, "yes", True),
        (bool, 0, False),
        (float, "1.5", 1.5),
        (float, 2, 2.0),
        (bytes, "é", "é".encode()),
    ],
)
def test_models_that_spell_a_value_otherwise_are_understood(annotation: object, sent: JSON, got: object) -> None:
    parameter = inspect.Parameter("x", inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
    value = arguments_of("f", {"x": parameter}, descriptions={}).validated({"x": sent})["x"]
    assert value == got
    assert type(value) is type(got)


def test_text_is_never_made_of_something_else() -> None:
    def function(text: str) -> None: ...

    for sent in (3, True, None, ["a"]):
        with pytest.raises(Unfit, match="text: Input should be a valid string"):
            arguments(function).validated({"text": sent})  # type: ignore[dict-item] # pyright: ignore[reportArgumentType] - lists are invariant


def test_a_type_without_a_schema_names_the_tool_and_the_fix() -> None:
    class Odd: ...

    def function(odd: Odd) -> None: ...

    parameters = {"odd": signature_of(function).parameters["odd"].replace(annotation=Odd)}
    with pytest.raises(ConfigurationError, match=r"no JSON Schema can be made for the tool 'f': .*Odd.*use a type"):
        arguments_of("f", parameters, descriptions={})


def test_a_type_that_can_be_checked_but_not_spelled_names_the_tool() -> None:
    parameter = inspect.Parameter("x", inspect.Parameter.KEYWORD_ONLY, annotation=Callable[[], int])
    with pytest.raises(ConfigurationError, match="no JSON Schema can be made for the tool 'f'"):
        arguments_of("f", {"x": parameter}, descriptions={})


@dataclass
class Kind:
    """A type, and JSON that is surely of it or surely not: what lax checks would coerce is not drawn."""

    annotation: object
    fits: st.SearchStrategy[Any]
    others: st.SearchStrategy[Any] = field(default_factory=st.nothing)


_words = st.text(st.characters(codec="utf-8"), max_size=5)
_numbers = st.integers(-(2**53), 2**53)
_letters = st.text("abc", min_size=1, max_size=4)
_objects = st.dictionaries(_letters, st.integers(), max_size=2)
ATOMS = [
    Kind(int, _numbers, _letters | st.none() | _objects),
    Kind(float, _numbers | st.floats(allow_nan=False, allow_infinity=False), _letters | st.none() | _objects),
    Kind(str, _words, _numbers | st.none() | st.booleans() | _objects),
    Kind(bool, st.booleans(), st.sampled_from(["abc", 7, None, []])),
    Kind(Unit, st.sampled_from(["m", "ft"]), st.sampled_from(["mile", 3, None, {}])),
    Kind(Literal["a", 1], st.sampled_from(["a", 1]), st.sampled_from(["b", 2, None])),
    Kind(
        Size,
        st.fixed_dictionaries({"value": _numbers}, optional={"unit": st.sampled_from(["m", "ft"])}),
        st.sampled_from([{}, {"value": "abc"}, {"value": 1, "unit": "mile"}, [], None, "abc"]),
    ),
    Kind(Node, st.just({"name": "a", "children": [{"name": "b"}]}), st.just({"name": "a", "children": [3]})),
]


NO_LIST: list[Any] = [None, "abc", 3, {}]


@st.composite
def kinds(draw: st.DrawFn) -> Kind:
    inner = draw(st.sampled_from(ATOMS))
    annotation: Any = inner.annotation  # made while the test runs
    wrong: st.SearchStrategy[Any]
    match draw(st.sampled_from(["plain", "list", "dict", "optional"])):
        case "list":
            wrong = st.lists(inner.others, min_size=1, max_size=2) | st.sampled_from(NO_LIST)
            return Kind(list[annotation], st.lists(inner.fits, max_size=3), wrong)
        case "dict":
            wrong = st.dictionaries(_letters, inner.others, min_size=1, max_size=2) | st.sampled_from([None, "abc", 3])
            fits = st.dictionaries(_letters, inner.fits, max_size=2)
            return Kind(dict[str, annotation], fits, wrong)
        case "optional":
            wrong = inner.others.filter(lambda value: value is not None)
            return Kind(annotation | None, inner.fits | st.none(), wrong)
        case _:
            return inner


@st.composite
def calls(draw: st.DrawFn) -> tuple[dict[str, inspect.Parameter], dict[str, Any]]:
    """Draw the parameters of a function, and arguments that fit, are wrong, missing or unwanted."""
    parameters: dict[str, inspect.Parameter] = {}
    sent: dict[str, Any] = {}
    for name in draw(st.lists(_letters, unique=True, max_size=3)):
        kind = draw(kinds())
        default = draw(st.sampled_from([inspect.Parameter.empty, None]))
        place = inspect.Parameter.KEYWORD_ONLY
        parameters[name] = inspect.Parameter(name, place, annotation=kind.annotation, default=default)
        if draw(st.integers(0, 9)) > 0:
            sent[name] = draw(kind.fits if draw(st.integers(0, 4)) > 0 else kind.fits | kind.others)
    if draw(st.integers(0, 9)) == 0:
        sent["unwanted"] = None
    return parameters, sent


@given(calls())
def test_the_schema_accepts_what_the_check_accepts(call: tuple[dict[str, inspect.Parameter], dict[str, Any]]) -> None:
    parameters, sent = call
    made = arguments_of("f", parameters, descriptions={})
    VALIDATOR.check_schema(made.schema)
    accepted = VALIDATOR(made.schema).is_valid(sent)
    try:
        given_on = made.validated(sent)
    except Unfit:
        assert not accepted
    else:
        assert accepted
        assert given_on.keys() == sent.keys()
