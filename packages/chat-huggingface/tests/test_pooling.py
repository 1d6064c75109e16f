from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_huggingface.pooling import vectors_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_huggingface.presets import Pooling

ONE: tuple[JSON, ...] = ([1, 2], [[1, 2]])
TOKENS: tuple[JSON, ...] = ([[1, 2], [3, 6]], [[[1, 2], [3, 6]]], [[[[1, 2], [3, 6]]]])


@pytest.mark.parametrize("data", ONE)
def test_a_lone_text_has_its_vector_with_or_without_a_list_around_it(data: JSON) -> None:
    assert vectors_of(data, 1, None) == (array("f", [1, 2]),)


@pytest.mark.parametrize("data", TOKENS)
@pytest.mark.parametrize(("pooling", "vector"), [("mean", [2, 4]), ("first", [1, 2])])
def test_tokens_become_one_as_it_is_said(data: JSON, pooling: Pooling, vector: list[float]) -> None:
    assert vectors_of(data, 1, pooling) == (array("f", vector),)
    with pytest.raises(DecodeError, match="a vector for each of 2 tokens"):
        vectors_of(data, 1, None)


def test_vectors_of_texts_are_not_pooled() -> None:
    assert vectors_of([[1, 2], [3, 6]], 2, "mean") == (array("f", [1, 2]), array("f", [3, 6]))


def test_no_texts_have_no_vectors() -> None:
    assert vectors_of([], 0, None) == ()
    with pytest.raises(DecodeError, match="no vectors of 0 texts"):
        vectors_of([1], 0, None)


MALFORMED: tuple[tuple[JSON, int], ...] = (
    (3, 1),
    ({}, 1),
    ([], 1),
    ([[]], 1),
    ([[], []], 2),
    ([["a"]], 1),
    ([[True]], 1),
    ([[1e39]], 1),
    ([[10**400]], 1),
    ([1, 2], 2),
    ([[1], [2], [3]], 2),
    ([[[1], [2]]], 2),
    ([[[1], 2]], 1),
    ([[[1], [2, 3]]], 1),
    ([[[1]], [2]], 2),
    ([[[1]], 2], 2),
    ([[[[1]], [[2]]]], 1),
    ([[[[[1]]]]], 1),
)


@pytest.mark.parametrize(("data", "count"), MALFORMED)
def test_lists_of_another_shape_are_an_error(data: JSON, count: int) -> None:
    with pytest.raises(DecodeError):
        vectors_of(data, count, "mean")
