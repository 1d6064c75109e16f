from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.leftovers import as_text, meta_of, overlay, under
from chat_core.errors import DecodeError

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


def test_leftovers_are_put_back_at_their_place() -> None:
    assert overlay({"a": {"b": 1}, "c": 2}, {"a": {"d": 3}, "e": 4}) == {"a": {"b": 1, "d": 3}, "c": 2, "e": 4}


def test_a_leftover_replaces_what_is_no_object() -> None:
    assert overlay({"role": "system"}, {"role": "developer"}) == {"role": "developer"}
    assert overlay({"a": [1]}, {"a": [2]}) == {"a": [2]}


def test_what_is_laid_over_stays_as_it_is() -> None:
    known: dict[str, JSON] = {"a": {"b": 1}}
    overlay(known, {"a": {"c": 2}})
    assert known == {"a": {"b": 1}}


def test_marks_of_our_own_are_not_put_back() -> None:
    left: dict[str, JSON] = {"_place": 1, "a": {"_same": True, "b": 2}, "c": {"_sent": 3}}
    assert overlay({"a": {}}, left, marks="_") == {"a": {"b": 2}, "c": {"_sent": 3}}  # what a service sent stays whole
    assert overlay({"a": {}}, left) == left


def test_nothing_left_is_nothing_kept() -> None:
    assert under("a", {}) == {}
    assert meta_of("o", {}) == {}
    assert under("a", {"b": 1}) == {"a": {"b": 1}}
    assert meta_of("o", {"b": 1}) == {"o": {"b": 1}}


def test_json_of_a_service_is_written_compactly() -> None:
    assert as_text({"a": [1, "ü"]}) == '{"a":[1,"ü"]}'


def test_json_that_is_nested_too_deeply_is_a_fault_of_the_service() -> None:
    deep: JSON = 1
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(DecodeError):
        as_text(deep)
