from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.classification import Label
from chat_core.errors import DecodeError
from chat_huggingface.classes import labels_of, paired, relations_of, shares

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON
    from chat_huggingface.presets import Relation


def labels(*names: str) -> list[Label]:
    return [Label(name=name, score=place / 4) for place, name in enumerate(names)]


@pytest.mark.parametrize("nested", [False, True])
def test_classes_are_read_in_one_list_or_two(nested: bool) -> None:
    rows: list[JSON] = [{"label": "a", "score": 0.75}, {"label": "b", "score": 1}]
    assert labels_of([rows] if nested else rows) == ([Label(name="a", score=0.75), Label(name="b", score=1)], {})


def test_what_else_is_said_of_a_class_is_kept() -> None:
    assert labels_of([{"label": "a", "score": 1, "id": 7}, {"label": "b", "score": 0}])[1] == {
        "labels": [{"id": 7}, {}]
    }


@pytest.mark.parametrize(
    "data", [3, {}, [3], ["a"], [{"label": "a"}], [{"label": 3, "score": 1}], [{"label": "a", "score": True}],
             [{"label": "a", "score": 10**400}], [[{"label": "a", "score": 1}], []]],
)  # fmt: skip
def test_other_shapes_are_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        labels_of(data)


@pytest.mark.parametrize(("names", "scores"), [(["a"], []), (3, [1]), (["a"], 1), ([3], [1])])
def test_names_and_scores_have_to_fit(names: JSON, scores: JSON) -> None:
    with pytest.raises(DecodeError):
        paired(names, scores)


@pytest.mark.parametrize(
    "names",
    [
        ("entailment", "neutral", "contradiction"),
        ("ENTAILMENT", "NEUTRAL", "CONTRADICTION"),
        ("entails", "Neutral", "contradicts"),
    ],
)
def test_classes_are_known_by_their_names(names: tuple[str, ...]) -> None:
    assert relations_of(labels(*names), {}) == {"entailment": 0, "neutral": 0.25, "contradiction": 0.5}


@pytest.mark.parametrize("name", ["not_entailment", "not entailment", "non-entailment"])
def test_of_two_classes_one_says_that_it_does_not_follow(name: str) -> None:
    assert relations_of(labels("entailment", name), {}) == {"entailment": 0, "contradiction": 0.25}


def test_the_users_word_goes_before_the_name() -> None:
    meant: Mapping[str, Relation] = {"LABEL_0": "contradiction", "neutral": "entailment"}
    found = relations_of(labels("LABEL_0", "neutral"), meant)
    assert found == {"contradiction": 0, "entailment": 0.25}


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("LABEL_0", "LABEL_1", "LABEL_2"),
        ("positive", "negative"),
        ("entailment", "entails", "contradiction"),
        ("entailment", "neutral"),
    ],
)
def test_names_that_say_nothing_are_an_error_that_names_the_fix(names: tuple[str, ...]) -> None:
    with pytest.raises(DecodeError, match=r"classes=\{'LABEL_0': 'contradiction'"):
        relations_of(labels(*names), {})


def test_shares_add_up_to_one_whatever_the_scores_are() -> None:
    assert shares([0, 0]) == [0.5, 0.5]
    assert sum(shares([1e6, -1e6, 1e6 - 1])) == pytest.approx(1)
