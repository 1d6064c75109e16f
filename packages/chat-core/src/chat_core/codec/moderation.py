"""Texts and pictures judged by what a service does not allow: the capability `Moderation`.

Law: categories and scores are the service's, by its own names; nothing is added up.
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
    from chat_core.parts import Media
    from chat_core.response import Notice, Usage


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ModerationRequest:
    """What is to be judged.

    Attributes:
        model: the service's name of the model.
        inputs: texts, each judged by itself; with a picture among them all are judged together, as one.
        extra: further body fields, sent as they are.
    """

    model: str
    inputs: tuple[str | Media, ...]
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Judgement:
    """What a service says of one input.

    Attributes:
        flagged: whether something is wrong with it: as the service says, else whether it names any category.
        categories: whether it is of a category.
        scores: how sure the service is of that, from 0 to 1.
        input_types: what the score comes from: `text`, `image`.
        meta: what else the service said, by origin.
    """

    flagged: bool
    categories: Mapping[str, bool] = field(hash=False)
    scores: Mapping[str, float] = field(default_factory=dict[str, float], hash=False)
    input_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]], hash=False)
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ModerationResponse:
    """Judgements, in the order of the inputs.

    Attributes:
        results: one for each input; one for all where a picture is among them.
        model: the model that judged.
        id: the service's id of the answer.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed.
    """

    results: tuple[Judgement, ...]
    model: str | None = None
    id: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)

    @property
    def flagged(self) -> bool:
        """Whether anything is wrong with any input."""
        return any(result.flagged for result in self.results)


class Moderation(Protocol):
    """Judges texts and pictures."""

    def encode(self, request: ModerationRequest) -> WireRequest:
        """Spell the request.

        Raises:
            UnsupportedContent: the service judges no such media.
        """
        ...

    def decode(self, request: ModerationRequest, reply: WireResponse) -> ModerationResponse:
        """Read the judgements.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...
