"""Arguments that come in pieces."""

from __future__ import annotations

from time import process_time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse_object
from chat_gemini.partial_args import Arguments, apply

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


def put(*pieces: JSON) -> JSONObject:
    arguments: JSONObject = {}
    for piece in pieces:
        apply(arguments, [piece])
    return arguments


def test_a_text_grows_and_other_values_are_set() -> None:
    assert put(
        {"jsonPath": "$.city", "stringValue": "Os", "willContinue": True},
        {"jsonPath": "$.city", "stringValue": "lo"},
        {"jsonPath": "$.days", "numberValue": 2},
        {"jsonPath": "$.wet", "boolValue": False},
        {"jsonPath": "$.wind", "nullValue": "NULL_VALUE"},
    ) == {"city": "Oslo", "days": 2, "wet": False, "wind": None}


def test_paths_lead_into_lists_and_objects() -> None:
    assert put(
        {"jsonPath": "$.stops[0].name", "stringValue": "A"},
        {"jsonPath": "$.stops[1].name", "stringValue": "B"},
        {"jsonPath": "$['a.b']['it\\'s']", "numberValue": 1},
        {"jsonPath": '$["c"][1]', "numberValue": 2},
    ) == {"stops": [{"name": "A"}, {"name": "B"}], "a.b": {"it's": 1}, "c": [None, 2]}


@pytest.mark.parametrize(
    "piece",
    [
        {"jsonPath": "$", "numberValue": 1},
        {"jsonPath": "city", "numberValue": 1},
        {"jsonPath": "$.a..b", "numberValue": 1},
        {"jsonPath": "$.a[999999999]", "numberValue": 1},
        {"numberValue": 1},
        7,
    ],
)
def test_a_path_that_leads_nowhere_is_malformed(piece: JSON) -> None:
    with pytest.raises(DecodeError):
        put(piece)


def test_a_path_through_another_value_is_malformed() -> None:
    with pytest.raises(DecodeError, match="leads nowhere"):
        put({"jsonPath": "$.a", "stringValue": "x"}, {"jsonPath": "$.a.b", "numberValue": 1})


def said(*pieces: JSON) -> list[str]:
    arguments = Arguments()
    return [*(arguments.add({"partialArgs": [piece]}) for piece in pieces), arguments.end()]


def test_what_is_certain_is_said_at_once() -> None:
    assert said(
        {"jsonPath": "$.city", "stringValue": "Os"},
        {"jsonPath": "$.city", "stringValue": "lo}"},
        {"jsonPath": "$.n", "numberValue": 1},
    ) == ['{"city":"Os', "lo}", '","n":1', "}"]


def test_a_member_that_changes_later_is_said_once_more() -> None:
    texts = said(
        {"jsonPath": "$.a", "stringValue": "x"},
        {"jsonPath": "$.b", "numberValue": 1},
        {"jsonPath": "$.a", "stringValue": "y"},
    )
    assert texts == ['{"a":"x', '","b":1', "", '},"a":"xy"}'.removeprefix("}")]
    assert parse_object("".join(texts)) == {"a": "xy", "b": 1}


def test_a_cut_call_is_no_object() -> None:
    arguments = Arguments()
    arguments.add({"partialArgs": [{"jsonPath": "$.a", "stringValue": "x"}]})
    assert arguments.cut() == '"'
    assert Arguments().cut() == "{"


PATHS = st.sampled_from(["$.a", "$.b", "$.c.d", "$.c.e[0]", "$['}']"])
TEXTS = st.text(alphabet='xy"}]\\🏔', max_size=4)


@given(st.lists(st.tuples(PATHS, TEXTS), max_size=8))
def test_the_texts_together_are_the_arguments(pieces: list[tuple[str, str]]) -> None:
    made: list[JSON] = [{"jsonPath": path, "stringValue": text} for path, text in pieces]
    text = "".join(said(*made))
    assert (parse_object(text) if text else {}) == put(*made)


def grows(path: str, text: str) -> JSONObject:
    return {"partialArgs": [{"jsonPath": path, "stringValue": text, "willContinue": True}], "willContinue": True}


def test_a_long_text_in_pieces_costs_what_it_is_long() -> None:
    def seconds(number: int) -> float:
        arguments, begun = Arguments(), process_time()
        pieces = ["".join(arguments.add(grows("$.a", "x" * 50)) for _ in range(number)), arguments.end()]
        assert parse_object("".join(pieces)) == {"a": "x" * 50 * number}
        return process_time() - begun

    assert seconds(8000) < 40 * seconds(800) + 0.5
