"""The classes of a model that sorts texts, as its `config.json` says: their names, and what its scores mean.

Law: classes are known by their names, never by their places: which one is entailment differs from model to model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chat_core.jsonvalue import JSONObject

Meaning: TypeAlias = Literal["softmax", "sigmoid", "raw"]
"""Probabilities that add up to 1, one for each by itself, or the scores as they are."""

ENTAILMENT, NEUTRAL = "entail", "neutral"
"""Beginnings of the names of classes of natural language inference, in small letters."""

CONTRADICTION = ("contradict", "not_entail", "not entail", "not-entail", "non_entail", "non-entail")
"""The same for what speaks against it; models of two classes say that it does not follow."""


@dataclass(frozen=True, slots=True)
class Inference:
    """Which class is what, of a model trained for natural language inference; `neutral` may be missing."""

    entailment: int
    contradiction: int
    neutral: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """What a head tells apart.

    Attributes:
        labels: the names, in the order of the scores.
        meaning: what the scores of a text are.
        ranking: what the score of a pair is, in a model of one class.
    """

    labels: tuple[str, ...]
    meaning: Meaning
    ranking: Meaning

    @property
    def inference(self) -> Inference | None:
        """Which class is what; `None` = the model is not trained for natural language inference."""
        names = [label.lower() for label in self.labels]
        entailment, contradiction = _place(names, (ENTAILMENT,)), _place(names, CONTRADICTION)
        if entailment is None or contradiction is None:
            return None
        return Inference(entailment, contradiction, _place(names, (NEUTRAL,)))


def classes_of(folder: Path, config: JSONObject, said: JSONObject, width: int) -> Classes:
    """Read the classes of a model.

    Args:
        folder: where it is.
        config: its `config.json`.
        said: its `config_sentence_transformers.json`.
        width: how many scores its graph gives.

    Raises:
        ConfigurationError: its description does not fit its graph, or is not understood.
    """
    labels = _labels(config, width)
    if len(labels) != width:
        raise ConfigurationError(f"{folder} names {len(labels)} classes, and its graph gives {width} scores")
    return Classes(labels=labels, meaning=_meaning(config, width), ranking=_ranking(folder, config, said))


def _labels(config: JSONObject, width: int) -> tuple[str, ...]:
    match config.get("id2label"):
        case dict(found) if found and all(key.isdecimal() for key in found):
            return tuple(str(found[key]) for key in sorted(found, key=int))
        case _:
            return tuple(f"LABEL_{place}" for place in range(width))  # transformers' names for classes without one


def _meaning(config: JSONObject, width: int) -> Meaning:
    match config.get("problem_type"):
        case "regression":
            return "raw"
        case "multi_label_classification":
            return "sigmoid"
        case _:
            return "sigmoid" if width == 1 else "softmax"


def _ranking(folder: Path, config: JSONObject, said: JSONObject) -> Meaning:
    """Return what a cross-encoder's score is, as sentence-transformers' files say it."""
    own = config.get("sentence_transformers")
    places = (
        own.get("activation_fn") if isinstance(own, dict) else None,
        config.get("sbert_ce_default_activation_function"),
        said.get("activation_fn"),
    )
    word = next((place for place in places if isinstance(place, str)), "torch.nn.modules.activation.Sigmoid")
    match word.rpartition(".")[2]:
        case "Sigmoid":
            return "sigmoid"
        case "Identity":
            return "raw"
        case other:
            raise ConfigurationError(
                f"{folder} makes scores by {other}, which is not known here: Sigmoid, Identity are"
            )


def _place(names: Sequence[str], beginnings: tuple[str, ...]) -> int | None:
    return next((place for place, name in enumerate(names) if name.startswith(beginnings)), None)
