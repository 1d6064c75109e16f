"""Whether one sentence follows from another, "natural language inference": the capability `Entailments`."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, Protocol

from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.response import Notice, Usage


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class EntailmentRequest:
    """Pairs of sentences to be compared.

    Attributes:
        model: the service's name of the model, which is trained for natural language inference.
        pairs: premises, each with its hypothesis.
        extra: further body fields, sent as they are.
    """

    model: str
    pairs: tuple[tuple[str, str], ...]
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Entailment:
    """How a hypothesis stands to its premise; the numbers add up to 1.

    Attributes:
        entailment: how sure it is that it follows.
        contradiction: how sure it is that it cannot be; with models of two classes: that it does not follow.
        neutral: how sure it is that it may or may not be; `None` = the model has no such class.
        meta: what else the service said, by origin.
    """

    entailment: float
    contradiction: float
    neutral: float | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)

    @property
    def label(self) -> Literal["entailment", "neutral", "contradiction"]:
        """The surest of the three."""
        if self.neutral is not None and self.neutral > max(self.entailment, self.contradiction):
            return "neutral"
        return "entailment" if self.entailment >= self.contradiction else "contradiction"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class EntailmentResponse:
    """How the pairs stand, in their order.

    Attributes:
        results: one for each pair.
        model: the model that compared them.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed; a list of them where it took several.
    """

    results: tuple[Entailment, ...]
    model: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class Entailments(Protocol):
    """Compares sentences."""

    @property
    def most_inputs(self) -> int | None:
        """How many pairs one exchange takes; `None` = any number."""
        ...

    def encode(self, request: EntailmentRequest) -> WireRequest:
        """Spell the request."""
        ...

    def decode(self, request: EntailmentRequest, reply: WireResponse) -> EntailmentResponse:
        """Read how the pairs stand.

        Raises:
            DecodeError: the reply is malformed, has not one result for each pair, or its classes are not those of
                natural language inference.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...
