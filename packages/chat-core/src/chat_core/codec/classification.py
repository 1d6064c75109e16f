"""Texts sorted into classes, the model's own or the caller's: the capability `Classification`.

A stance is such a choice between three classes, see `chat_core.stances`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.response import Notice, Usage


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ClassificationRequest:
    """Texts to be sorted.

    Attributes:
        model: the service's name of the model.
        inputs: the texts, each sorted by itself.
        labels: the classes to choose from, in words ("zero-shot"); none = those that the model was trained for.
        multi_label: whether a text may be of several of `labels`, so that each score is from 0 to 1 by itself; else
            the scores of a text add up to 1.
        hypothesis: the sentence that says that a text is of a class, with `{}` for the class; `None` = the service's
            own, mostly `This example is {}.`
        top_n: how many of the best classes to return; `None` = all.
        extra: further body fields, sent as they are.
    """

    model: str
    inputs: tuple[str, ...]
    labels: tuple[str, ...] = ()
    multi_label: bool = False
    hypothesis: str | None = None
    top_n: int | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Label:
    """A class, and how sure the service is that a text is of it.

    Attributes:
        name: the class.
        score: from 0 to 1, where the service gives probabilities.
    """

    name: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Classified:
    """What a text is.

    Attributes:
        labels: its classes, the surest first; never empty.
        meta: what else the service said, by origin.
    """

    labels: tuple[Label, ...]
    meta: Meta = field(default_factory=no_meta, hash=False)

    @property
    def best(self) -> Label:
        """The surest class."""
        return self.labels[0]

    @property
    def scores(self) -> dict[str, float]:
        """The scores by class."""
        return {label.name: label.score for label in self.labels}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ClassificationResponse:
    """What the texts are, in the order of the inputs.

    Attributes:
        results: one for each text.
        model: the model that sorted them.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed; a list of them where it took several.
    """

    results: tuple[Classified, ...]
    model: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class Classification(Protocol):
    """Sorts texts into classes.

    One whose service compares each text with each label has an attribute `most_pairs`: how many of these one exchange
    takes.
    """

    @property
    def most_inputs(self) -> int | None:
        """How many texts one exchange takes; `None` = any number."""
        ...

    def encode(self, request: ClassificationRequest) -> WireRequest:
        """Spell the request.

        Raises:
            UnsupportedContent: this service sorts into the model's own classes only, or into given ones only.
        """
        ...

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:
        """Read the classes.

        Raises:
            DecodeError: the reply is malformed, or has not one result for each text.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...


def classified(labels: list[Label], meta: Meta, top_n: int | None = None) -> Classified | None:
    """Put classes in order, those of equal score as they came; `None` when there are none."""
    if not labels:
        return None
    best = sorted(labels, key=lambda label: label.score, reverse=True)
    return Classified(labels=tuple(best[:top_n]), meta=meta)
