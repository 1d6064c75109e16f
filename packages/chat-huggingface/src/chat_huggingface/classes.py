"""Classes and their scores as servers write them, and which of them are those of natural language inference.

Law: a class is known by its name or by the user's word; a name that says nothing is an error, never a guess.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chat_core.codec.classification import Label
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.presets import Relation

RELATIONS: Mapping[str, Relation] = {
    "contradiction": "contradiction",
    "contradicts": "contradiction",
    "entailment": "entailment",
    "entailed": "entailment",
    "entails": "entailment",
    "neutral": "neutral",
    "non_entailment": "contradiction",
    "not_entailed": "contradiction",
    "not_entailment": "contradiction",
}
"""What names of classes mean, in lower case and with `_` between words."""


def labels_of(data: JSON) -> tuple[list[Label], JSONObject]:
    """Read the classes of one text, and what else is said of them.

    Args:
        data: a list of them, or the list of one such list.

    Raises:
        DecodeError: it is something else.
    """
    match data:
        case [list(items)] | list(items):
            read = [_label(item) for item in items]
        case _:
            raise DecodeError(f"no classes of a text: {excerpt(repr(data))}")
    left: list[JSON] = [more for _, more in read]
    return [label for label, _ in read], {"labels": left} if any(left) else {}


def _label(data: JSON) -> tuple[Label, JSONObject]:
    said = data if isinstance(data, dict) else {}
    match said:
        case {"label": str(name), "score": (int() | float()) as score} if not isinstance(score, bool):
            return Label(name=name, score=_number(score)), rest(said, {"label", "score"})
        case _:
            raise DecodeError(f"a class without name and score: {excerpt(repr(data), 100)}")


def paired(names: JSON, scores: JSON) -> list[Label]:
    """Read names and scores that stand in two lists.

    Raises:
        DecodeError: they are no lists of the same length.
    """
    if not isinstance(names, list) or not isinstance(scores, list) or len(names) != len(scores):
        raise DecodeError("labels and scores do not fit together")
    return [_label({"label": name, "score": score})[0] for name, score in zip(names, scores, strict=True)]


def _number(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise DecodeError("a score is too large a number") from None


def relations_of(labels: Iterable[Label], classes: Mapping[str, Relation]) -> dict[Relation, float]:
    """Return the scores of the classes of natural language inference.

    Args:
        labels: the classes of one pair.
        classes: what they stand for, where their names do not say it.

    Raises:
        DecodeError: a class is not known, two stand for the same, or one is missing.
    """
    known: dict[Relation, float] = {}
    names = [label.name for label in labels]
    for label in labels:
        relation = classes[label.name] if label.name in classes else RELATIONS.get(_plain(label.name))
        if relation is None or relation in known:
            raise _unknown(names)
        known[relation] = label.score
    if not {"entailment", "contradiction"} <= known.keys():
        raise _unknown(names)
    return known


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "_").replace("-", "_")


def _unknown(names: list[str]) -> DecodeError:
    shown = ", ".join(names[:6]) if names else "none at all"
    return DecodeError(
        f"the model's classes are not those of natural language inference: {shown}. Take a model that is trained for "
        "it; if this one is, say what its classes stand for, as its card has it: "
        "classes={'LABEL_0': 'contradiction', 'LABEL_1': 'neutral', 'LABEL_2': 'entailment'}"
    )


def shares(scores: Iterable[float]) -> list[float]:
    """Turn scores without bounds into shares that add up to 1 (softmax)."""
    given = list(scores)
    top = max(given)
    powers = [math.exp(score - top) for score in given]
    total = math.fsum(powers)
    return [power / total for power in powers]
