"""Converted encoders give what transformers and sentence-transformers give, through the front door."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tinyencoders import CONFIGS, LABELS, PAIRS, SENTENCES, TEXTS, write_sentence, write_source

from chat_core.chat import Chat
from chat_local.convert.converting import convert

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = json.loads(Path(__file__).with_name("golden_encoders.json").read_text(encoding="utf-8"))
CLOSE = 1e-5
ON_CPU: dict[str, Any] = {"options": {"device": "cpu", "threads": 1}}


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    with Chat(f"local:{tmp_path / 'made'}") as made:
        yield made


def converted(folder: Path, name: str) -> None:
    write = write_sentence if name in SENTENCES else write_source
    convert(write(folder / "source", name), folder / "made")


@pytest.mark.parametrize("name", SENTENCES)
def test_vectors_are_those_of_sentence_transformers(tmp_path: Path, chat: Chat, name: str) -> None:
    converted(tmp_path, name)
    for purpose, expected in GOLDEN["vectors"][name].items():
        found = chat.embed(TEXTS, purpose=purpose or None, extra=ON_CPU).vectors
        assert np.allclose(np.array(found), np.array(expected), atol=CLOSE), purpose


@pytest.mark.parametrize("name", GOLDEN["inference"])
def test_inference_is_that_of_transformers(tmp_path: Path, chat: Chat, name: str) -> None:
    converted(tmp_path, name)
    found = chat.entail(PAIRS, extra=ON_CPU).results
    for one, expected in zip(found, GOLDEN["inference"][name]["pairs"], strict=True):
        against = expected.get("contradiction", expected.get("not_entailment"))
        assert (one.entailment, one.contradiction) == pytest.approx((expected["entailment"], against), abs=CLOSE)
        assert one.neutral == pytest.approx(expected.get("neutral"), abs=CLOSE)


@pytest.mark.parametrize("name", GOLDEN["inference"])
@pytest.mark.parametrize("kind", ["single", "multi"])
def test_given_labels_are_scored_as_the_zero_shot_pipeline_does(
    tmp_path: Path, chat: Chat, name: str, kind: str
) -> None:
    converted(tmp_path, name)
    texts = [text for text in TEXTS if text]
    hypothesis = "It is of {}!" if kind == "multi" else None
    found = chat.classify(
        texts, labels=LABELS, multi_label=kind == "multi", hypothesis=hypothesis, extra=ON_CPU
    ).results
    for one, expected in zip(found, GOLDEN["inference"][name][kind], strict=True):
        assert one.scores == pytest.approx(expected, abs=CLOSE)


@pytest.mark.parametrize("name", GOLDEN["classes"])
def test_own_classes_are_scored_as_the_pipeline_does(tmp_path: Path, chat: Chat, name: str) -> None:
    converted(tmp_path, name)
    found = chat.classify(TEXTS, extra=ON_CPU).results
    assert [one.scores for one in found] == [pytest.approx(expected, abs=CLOSE) for expected in GOLDEN["classes"][name]]


@pytest.mark.parametrize("name", GOLDEN["ranks"])
def test_pairs_are_scored_as_a_cross_encoder_does(tmp_path: Path, chat: Chat, name: str) -> None:
    converted(tmp_path, name)
    for (query, document), expected in zip(PAIRS, GOLDEN["ranks"][name], strict=True):
        (found,) = chat.rerank(query, [document], extra=ON_CPU).results
        assert found.score == pytest.approx(expected, abs=CLOSE)


def test_all_small_models_are_compared() -> None:
    compared = {name for kind in ("inference", "classes", "ranks") for name in GOLDEN[kind]}
    assert compared | {encoder for encoder, _ in SENTENCES.values()} == {*CONFIGS}
    assert {*GOLDEN["vectors"]} == {*SENTENCES}
