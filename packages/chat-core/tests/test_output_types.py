"""`output` keeps the type for type checkers: mypy and pyright check these lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_type

from pydantic import BaseModel
from typing_extensions import TypedDict

from chat_core.jsonvalue import JSON
from chat_core.outputs import Output, output
from chat_core.request import OutputFormat

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


class City(BaseModel):
    name: str


@dataclass
class Point:
    x: float


class Movie(TypedDict):
    title: str


RAW: JSONObject = {"type": "object"}


def test_the_type_that_is_asked_for_comes_back() -> None:
    assert_type(output(City), Output[City])
    assert_type(output(City).validate('{"name": "Oslo"}'), City)
    assert_type(output(Point), Output[Point])
    assert_type(output(Movie), Output[Movie])
    assert_type(output(list[City]), Output[list[City]])
    assert_type(output(dict[str, int]), Output[dict[str, int]])
    assert_type(output(City | Point), Output[City | Point])
    assert_type(output(City | None), Output[City | None])
    assert_type(output(int), Output[int])
    assert_type(output(Literal["a", "b"]), Output[Literal["a", "b"]])
    assert_type(output(RAW), Output[JSON])
    assert_type(output(OutputFormat(kind="json")), Output[JSON])
    assert_type(output(output(City), strategy="tool"), Output[City])
