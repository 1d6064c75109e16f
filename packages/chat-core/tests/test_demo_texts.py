"""What is recorded of ranking, classes and entailment."""

from __future__ import annotations

import pytest

from chat_core import Chat
from chat_core.errors import UnsupportedContent


def test_documents_are_ordered_as_was_recorded() -> None:
    found = Chat("replay:demo").rerank("tea", ["a", "b", "c"], top_n=2)
    assert [(one.index, one.document, one.score) for one in found.results] == [(1, "b", 0.93), (0, "a", 0.21)]
    with pytest.raises(UnsupportedContent, match="scores of 4 documents were recorded, not of 5"):
        Chat("replay:demo").rerank("tea", ["a"] * 5)


def test_texts_are_sorted_as_was_recorded() -> None:
    found = Chat("replay:demo").classify(["a", "b"], labels=["x", "y"], multi_label=True)
    assert [one.scores for one in found.results] == [{"x": 0.72, "y": 0.19}] * 2
    assert [notice.feature for notice in found.notices] == ["multi_label"]
    with pytest.raises(UnsupportedContent, match="give labels"):
        Chat("replay:demo").classify("a")


def test_stances_and_entailment_are_told_as_was_recorded() -> None:
    assert [one.label for one in Chat("replay:demo").stance(["a", "b"], "tea").results] == ["favor", "favor"]
    assert Chat("replay:demo").entail([("p", "h")]).results[0].label == "entailment"
