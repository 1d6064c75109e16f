"""What a text thinks of something: for it, against it, or neither. A choice between three classes.

Law: pure. A service that sorts into given classes (`codec.classification`) can tell stances; none has to know of them.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal

from chat_core.codec.classification import ClassificationRequest
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from chat_core.codec.classification import ClassificationResponse, Classified
    from chat_core.jsonvalue import JSON
    from chat_core.response import Notice, Usage

HYPOTHESIS = "The author of this text is {}."
"""What is said of a text, with `{}` for one of `labels`."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Stance:
    """What a text thinks of the target; the numbers add up to 1.

    Attributes:
        favor: how sure it is that it is for it.
        against: how sure it is that it is against it.
        neutral: how sure it is that it is neither.
        meta: what else the service said, by origin.
    """

    favor: float
    against: float
    neutral: float
    meta: Meta = field(default_factory=no_meta, hash=False)

    @property
    def label(self) -> Literal["favor", "against", "neutral"]:
        """The surest of the three; `neutral` where two are equal."""
        if self.favor > max(self.against, self.neutral):
            return "favor"
        return "against" if self.against > max(self.favor, self.neutral) else "neutral"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class StanceResponse:
    """What the texts think, in their order.

    Attributes:
        results: one for each text.
        model: the model that judged.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed; a list of them where it took several.
    """

    results: tuple[Stance, ...]
    model: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


def labels(target: str) -> tuple[str, str, str]:
    """Return the three classes: for the target, against it, neither."""
    return f"in favor of {target}", f"against {target}", f"neutral towards {target}"


def request(model: str, texts: tuple[str, ...], target: str, hypothesis: str | None) -> ClassificationRequest:
    """Ask for stances."""
    return ClassificationRequest(
        model=model, inputs=texts, labels=labels(target), hypothesis=HYPOTHESIS if hypothesis is None else hypothesis
    )


def read(target: str, found: ClassificationResponse) -> StanceResponse:
    """Read stances from classes.

    Raises:
        DecodeError: one of the three is missing.
    """
    return StanceResponse(
        results=tuple(_stance(target, one) for one in found.results),
        model=found.model,
        usage=found.usage,
        notices=found.notices,
        meta=found.meta,
        raw=found.raw,
    )


def _stance(target: str, one: Classified) -> Stance:
    scores = one.scores
    try:
        favor, against, neutral = (scores[label] for label in labels(target))
    except KeyError as missing:
        raise DecodeError(f"no score of {missing} among those of {', '.join(scores)}") from None
    return Stance(favor=favor, against=against, neutral=neutral, meta=one.meta)
