"""Results: what a tool returned or raised, as the model is told it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import pathlib

import pytest
from pydantic import BaseModel, SecretStr

from chat_core.functions.results import MAX_TEXT, EndTurn, failed, result_of
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Text, ToolCall, ToolResult

CALL = ToolCall(id="c1", name="look", arguments={})
IMAGE = Media(kind="image", source=Inline(b"\x89PNG"), mime="image/png")
BLOCK = Opaque(origin="o", kind="k", data={})


class Sky(enum.Enum):
    CLEAR = "clear"


class Tone(str, enum.Enum):  # noqa: UP042 - the older spelling, whose `str` is not its value
    LOUD = "loud"


@dataclasses.dataclass
class Day:
    sky: Sky
    date: dt.date


class Report(BaseModel):
    days: list[Day]
    key: SecretStr


def content(value: object) -> tuple[object, ...]:
    result, ends = result_of(CALL, value)
    assert (result.call_id, result.name, result.is_error, ends) == ("c1", "look", False, False)
    return result.content


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, ()),
        ("", (Text(""),)),
        ("words", (Text("words"),)),
        (IMAGE, (IMAGE,)),
        (BLOCK, (BLOCK,)),
        (Json({"a": 1}), (Json({"a": 1}),)),
        (["see", IMAGE], (Text("see"), IMAGE)),
        ((IMAGE, {"a": 1}, None), (IMAGE, Json({"a": 1}), Json(None))),
        (["a", "b"], (Json(["a", "b"]),)),
        ([], (Json([]),)),
        (0, (Json(0),)),
        (False, (Json(False),)),
        ({"a": [1, None]}, (Json({"a": [1, None]}),)),
        (Sky.CLEAR, (Json("clear"),)),
        (Tone.LOUD, (Text("loud"),)),
        (decimal.Decimal("1.50"), (Json("1.50"),)),
        (pathlib.Path("a/b"), (Json("a/b"),)),
        ({3}, (Json([3]),)),
        (Day(Sky.CLEAR, dt.date(2026, 1, 2)), (Json({"sky": "clear", "date": "2026-01-02"}),)),
        (
            Report(days=[Day(Sky.CLEAR, dt.date(2026, 1, 2))], key=SecretStr("sealed")),
            (Json({"days": [{"sky": "clear", "date": "2026-01-02"}], "key": "**********"}),),
        ),
    ],
    ids=repr,
)
def test_a_value_is_content_or_json(value: object, told: tuple[object, ...]) -> None:
    assert content(value) == told


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (b"bytes", "return Media"),
        ([IMAGE, b"bytes"], "return Media"),
        (Reasoning("hm"), "cannot hold Reasoning"),
        ([IMAGE, CALL], "cannot hold ToolCall"),
        (object(), "object cannot be written as JSON"),
        (float("nan"), "float cannot be written as JSON"),
        ({"a": float("inf")}, "dict cannot be written as JSON"),
        ({"a": b"\xff"}, "dict cannot be written as JSON"),
    ],
    ids=[
        "bytes",
        "bytes beside an image",
        "reasoning",
        "a call beside an image",
        "an object",
        "nan",
        "infinity",
        "bytes in JSON",
    ],
)
def test_what_is_neither_is_refused_with_the_fix(value: object, fix: str) -> None:
    with pytest.raises(TypeError, match=fix):
        result_of(CALL, value)


def test_a_value_inside_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        result_of(CALL, loop)


def test_a_result_is_kept_under_the_calls_id() -> None:
    made = ToolResult(call_id="", content=(Text("no"),), is_error=True)
    assert result_of(CALL, made) == (
        ToolResult(call_id="c1", name="look", content=(Text("no"),), is_error=True),
        False,
    )


@pytest.mark.parametrize("value", [None, "done", {"a": 1}, ToolResult(call_id="x", content=(Text("done"),))])
def test_the_end_of_a_turn_says_so_and_holds_the_value(value: object) -> None:
    assert result_of(CALL, EndTurn(value)) == (result_of(CALL, value)[0], True)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such city"), "ValueError: no such city"),
        (KeyError("x"), "KeyError: 'x'"),
        (RuntimeError(), "RuntimeError"),
        ("there is no tool 'f'", "there is no tool 'f'"),
    ],
    ids=repr,
)
def test_an_error_is_told_in_its_own_words(error: Exception | str, text: str) -> None:
    told = failed(CALL, error)
    assert told == ToolResult(call_id="c1", name="look", content=(Text(text),), is_error=True)


def test_an_error_is_bounded_and_needs_no_words() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise OSError

    (part,) = failed(CALL, ValueError("x" * 100_000)).content
    assert isinstance(part, Text)
    assert len(part.text) == MAX_TEXT + 1
    assert failed(CALL, Mute()).content == (Text("Mute"),)
