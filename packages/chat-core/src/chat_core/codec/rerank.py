"""Documents ordered by how well they answer a query: the capability `Rerank`.

Law: scores are the service's own, of its own range; they compare within one response only.
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
class RerankRequest:
    """A query, and the documents that may answer it.

    Attributes:
        model: the service's name of the model.
        query: what is looked for.
        documents: the texts to be ordered.
        top_n: how many of the best to return; `None` = all.
        extra: further body fields, sent as they are.
    """

    model: str
    query: str
    documents: tuple[str, ...]
    top_n: int | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Ranked:
    """A document in its place.

    Attributes:
        index: where it stood among `RerankRequest.documents`, counted from 0.
        score: how well it answers, as the service measures it: the higher, the better.
        document: its text, as it was sent.
        meta: what else the service said, by origin.
    """

    index: int
    score: float
    document: str
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class RerankResponse:
    """Documents, the best first.

    Attributes:
        results: the documents; those of equal score in the service's order.
        model: the model that ordered them.
        id: the service's id of the answer.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed.
    """

    results: tuple[Ranked, ...]
    model: str | None = None
    id: str | None = None
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class Rerank(Protocol):
    """Orders documents by a query.

    One whose service takes a bounded number of documents at once, and judges each by itself, has an attribute
    `most_inputs`: more of them go in several exchanges, whose scores compare.
    """

    def encode(self, request: RerankRequest) -> WireRequest:
        """Spell the request."""
        ...

    def decode(self, request: RerankRequest, reply: WireResponse) -> RerankResponse:
        """Read the order.

        Raises:
            DecodeError: the reply is malformed, or names a document that was not sent.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...


def ranked(request: RerankRequest, index: int, score: float, meta: Meta) -> Ranked | None:
    """Put a document in its place; `None` when no such document was sent."""
    if not 0 <= index < len(request.documents):
        return None
    return Ranked(index=index, score=score, document=request.documents[index], meta=meta)
