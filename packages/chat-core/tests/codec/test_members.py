from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec import members
from chat_core.codec.members import PORTABLE, Left, model_of, plain, portable, put
from chat_core.errors import DecodeError
from chat_core.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject

VALUES: tuple[JSON, ...] = (None, True, 1, 1.5, "a", [], ["a"], [1], [{}], {}, {"a": 1}, {"a": "b"})


READ: tuple[tuple[Callable[[JSON], object], dict[str, object]], ...] = (
    (members.integer, {"1": 1}),
    (members.number, {"1": 1, "1.5": 1.5}),
    (members.text, {"a": "a"}),
    (members.flag, {"True": True}),
    (members.mapping, {"{}": {}, "{'a': 1}": {"a": 1}, "{'a': 'b'}": {"a": "b"}}),
    (members.texts, {"[]": (), "['a']": ("a",)}),
    (members.texts_or_one, {"a": ("a",), "[]": (), "['a']": ("a",)}),
    (members.mappings, {"[]": (), "[{}]": ({},)}),
    (members.numbers, {"{}": {}, "{'a': 1}": {"a": 1}}),
)
"""What reads, and what it makes of those of `VALUES` that it takes."""


@pytest.mark.parametrize(("read", "taken"), READ)
def test_a_value_of_another_kind_is_not_guessed_at(read: Callable[[JSON], object], taken: dict[str, object]) -> None:
    assert {str(value): got for value in VALUES if (got := read(value)) is not None} == taken


def test_any_value_may_be_read() -> None:
    assert [members.anything(value) for value in VALUES] == [*VALUES]


def test_a_member_that_is_taken_is_gone_and_another_stays() -> None:
    data: JSONObject = {"a": 1, "b": "x"}
    left = Left(data)
    assert (left.integer("a"), left.integer("b"), left.integer("c")) == (1, None, None)
    assert left.data is data
    assert data == {"b": "x"}


def test_a_member_inside_is_taken_and_what_holds_nothing_more_goes_too() -> None:
    held: JSONObject = {"effort": "high", "summary": "auto"}
    left = Left({"reasoning": held, "text": {"format": {}}, "n": 1})
    assert left.text("reasoning.effort") == "high"
    assert left.text("reasoning.effort") is None
    assert left.mapping("text.format") == {}
    assert left.text("n.inner") is None
    assert left.data == {"reasoning": {"summary": "auto"}, "n": 1}
    assert held == {"effort": "high", "summary": "auto"}


def test_each_kind_is_taken_by_its_name() -> None:
    left = Left({"i": 1, "n": 1.5, "t": "a", "f": False, "m": {}, "ts": ["a"], "ms": [{}], "items": [1, "a"]})
    assert (left.integer("i"), left.number("n"), left.text("t"), left.flag("f")) == (1, 1.5, "a", False)
    assert (left.mapping("m"), left.texts("ts"), left.mappings("ms")) == ({}, ("a",), ({},))
    assert (left.items("items"), left.items("items")) == ([1, "a"], [])
    assert left.data == {}


def test_what_should_be_a_list_and_is_none_is_named() -> None:
    with pytest.raises(DecodeError, match=r"malformed tools: expected a list, got \{'a': 1\}"):
        Left({"tools": {"a": 1}}).items("tools")


def test_a_model_is_named_by_the_body_or_known_otherwise() -> None:
    assert model_of({"model": "m"}, "other") == "m"
    assert model_of({}, "other") == "other"
    for body in ({}, {"model": 1}):
        with pytest.raises(DecodeError, match="the request names no model: "):
            model_of(dict(body))
    with pytest.raises(DecodeError, match="names no model: 1"):
        model_of({"model": 1}, "other")


def test_options_that_are_set_are_json() -> None:
    options = Options(stop=("a", "b"), logit_bias={"1": 2.0}, temperature=0, logprobs=False)
    assert portable(options) == {"stop": ["a", "b"], "logit_bias": {"1": 2.0}, "temperature": 0, "logprobs": False}
    assert portable(Options()) == {}
    assert {"max_tokens", "stop", "user"} < {*PORTABLE}
    assert not {"native", "foreign_reasoning"} & {*PORTABLE}


def test_values_of_native_options_become_json() -> None:
    assert [plain(value) for value in (("a", "b"), {"a": 1}, None, 1)] == [["a", "b"], {"a": 1}, None, 1]


def test_a_member_is_put_where_a_dot_leads() -> None:
    held: JSONObject = {"summary": "auto"}
    body: JSONObject = {"reasoning": held, "text": 1}
    put(body, "reasoning.effort", "high")
    put(body, "text.format", {})
    put(body, "n", 2)
    assert body == {"reasoning": {"summary": "auto", "effort": "high"}, "text": {"format": {}}, "n": 2}
    assert held == {"summary": "auto"}
