"""Faults say where, in the value that was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.schemas.faults import MAX_FAULTS, Unfit, told, unwanted

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


def fault(*where: str | int, kind: str = "int_type", shown: str = '"x"') -> dict[str, object]:
    return {"type": kind, "loc": where, "msg": "wrong", "input": shown}


@pytest.mark.parametrize(
    ("where", "data", "path"),
    [
        (("a",), {"a": "x"}, "a"),
        (("a", 1, "b c"), {"a": [0, {"b c": "x"}]}, "a[1]['b c']"),
        (("a", "Node", "b"), {"a": {"b": "x"}}, "a.b"),
        (("a", "int"), {"a": "x"}, "a"),
        (("a", "function-after[f(), int]"), {"a": "x"}, "a"),
        ((), {}, "arguments"),
        (("a", 7), {"a": [0]}, "a"),
    ],
)
def test_a_path_leads_into_the_value(where: tuple[str | int, ...], data: JSON, path: str) -> None:
    assert told([fault(*where)], data, root="arguments") == (f'{path}: wrong; got "x"',)


def test_what_is_missing_is_named_and_not_shown() -> None:
    assert told([fault("a", "b", kind="missing")], {"a": {}}, root="arguments") == ("a.b: wrong",)


def test_faults_and_what_they_show_are_bounded() -> None:
    lines = told([fault("a", shown="x" * 500)] * 25, {"a": 1}, root="arguments")
    assert len(lines) == MAX_FAULTS + 1
    assert lines[-1] == "and 5 more"
    assert max(map(len, lines)) < 120


def test_unwanted_arguments_are_named_in_order() -> None:
    assert unwanted({"b", "a b"}) == (
        "['a b']: Extra inputs are not permitted",
        "b: Extra inputs are not permitted",
    )


def test_a_misfit_tells_its_faults() -> None:
    assert str(Unfit(("a: wrong", "b: wrong"))) == "a: wrong\nb: wrong"
