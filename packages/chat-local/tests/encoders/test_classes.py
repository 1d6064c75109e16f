"""Classes: known by their names, in whatever place they stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import ConfigurationError
from chat_local.encoders.classes import Classes, Inference, classes_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

HERE = Path("m")


def read(config: JSONObject, width: int, said: JSONObject | None = None) -> Classes:
    return classes_of(HERE, config, said or {}, width)


def test_labels_are_in_the_order_of_the_scores() -> None:
    found = read({"id2label": {"10": "k", "2": "c", "0": "a", "1": "b", **{str(n): f"x{n}" for n in range(3, 10)}}}, 11)
    assert found.labels[:3] == ("a", "b", "c")
    assert found.labels[10] == "k"


def test_labels_without_names_have_those_of_transformers() -> None:
    assert read({}, 2).labels == ("LABEL_0", "LABEL_1")
    assert read({}, 2).inference is None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("contradiction", "entailment", "neutral"), Inference(1, 0, 2)),
        (("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), Inference(0, 2, 1)),
        (("entailment", "not_entailment"), Inference(0, 1, None)),
        (("not entailment", "entailment"), Inference(1, 0, None)),
        (("positive", "negative"), None),
    ],
)
def test_inference_is_found_by_name(labels: tuple[str, ...], expected: Inference | None) -> None:
    named: JSONObject = {str(place): label for place, label in enumerate(labels)}
    assert read({"id2label": named}, len(labels)).inference == expected


def test_what_scores_mean_is_as_the_description_says() -> None:
    assert read({}, 3).meaning == "softmax"
    assert read({}, 1).meaning == "sigmoid"
    assert read({"problem_type": "multi_label_classification"}, 3).meaning == "sigmoid"
    assert read({"problem_type": "regression"}, 1).meaning == "raw"


def test_a_cross_encoders_score_is_as_its_files_say() -> None:
    identity = "torch.nn.modules.linear.Identity"
    assert read({}, 1).ranking == "sigmoid"
    assert read({"sbert_ce_default_activation_function": identity}, 1).ranking == "raw"
    assert read({"sentence_transformers": {"activation_fn": identity}}, 1).ranking == "raw"
    assert read({}, 1, {"activation_fn": identity}).ranking == "raw"
    with pytest.raises(ConfigurationError, match="Softplus"):
        read({"sbert_ce_default_activation_function": "torch.nn.Softplus"}, 1)


def test_a_description_that_does_not_fit_the_graph_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="names 2 classes, and its graph gives 3"):
        read({"id2label": {"0": "a", "1": "b"}}, 3)
