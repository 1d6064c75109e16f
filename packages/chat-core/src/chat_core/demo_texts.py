"""Ranking, classes and entailment of `replay:demo`: one recording each, whatever is asked.

Law: as `demo`: what is played was recorded before, and what is asked beyond that is a notice or an error.

The wire: `{"scores": […]}`, in the order of the documents or labels; `{"entailment": …, "neutral": …,
"contradiction": …}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.classification import Classification, ClassificationResponse, Label, classified
from chat_core.codec.entailment import Entailment, EntailmentResponse, Entailments
from chat_core.codec.rerank import Ranked, Rerank, RerankResponse
from chat_core.codec.wire import WireRequest
from chat_core.demo import RECORDED, address
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse_object
from chat_core.parts import no_meta
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.classification import ClassificationRequest
    from chat_core.codec.entailment import EntailmentRequest
    from chat_core.codec.rerank import RerankRequest
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON


def offered() -> Mapping[type, object]:
    """Return what is offered for texts, by protocol."""
    return {Rerank: DemoRerank(), Classification: DemoClassification(), Entailments: DemoEntailments()}


def _wire(model: str, path: str, beyond: Mapping[str, JSON], body: Mapping[str, JSON] | None = None) -> WireRequest:
    notices = tuple(Notice(feature=name, requested=asked, reason=RECORDED) for name, asked in beyond.items() if asked)
    return WireRequest(url=address(model, path), body={} if body is None else body, notices=notices)


def _scores(reply: WireResponse, wanted: int, what: str) -> list[float]:
    """Read as many scores as are wanted.

    Raises:
        DecodeError: the reply has none.
        UnsupportedContent: fewer were recorded.
    """
    match parse_object(reply.body):
        case {"scores": list(scores)}:
            found = [score for score in scores if isinstance(score, float)]
        case _:
            raise DecodeError("the reply has no scores")
    if len(found) < wanted:
        raise UnsupportedContent(f"scores of {len(found)} {what} were recorded, not of {wanted}")
    return found[:wanted]


@dataclass(frozen=True, slots=True)
class DemoRerank:
    """Recorded scores for a few documents."""

    def encode(self, request: RerankRequest) -> WireRequest:
        """Spell the request."""
        return _wire(request.model, "rerank", {"extra": dict(request.extra)}, {"top_n": request.top_n})

    def decode(self, request: RerankRequest, reply: WireResponse) -> RerankResponse:
        """Read the order.

        Raises:
            UnsupportedContent: scores of fewer documents were recorded.
        """
        scores = _scores(reply, len(request.documents), "documents")
        placed = [
            Ranked(index=index, score=score, document=document)
            for index, (score, document) in enumerate(zip(scores, request.documents, strict=True))
        ]
        placed.sort(key=lambda one: one.score, reverse=True)
        return RerankResponse(results=tuple(placed[: request.top_n]), model=request.model)


@dataclass(frozen=True, slots=True)
class DemoClassification:
    """Recorded scores for a few labels."""

    most_inputs: None = None

    def encode(self, request: ClassificationRequest) -> WireRequest:
        """Spell the request.

        Raises:
            UnsupportedContent: no labels are given.
        """
        if not request.labels:
            raise UnsupportedContent("the recorded model has no classes of its own: give labels")
        beyond: dict[str, JSON] = {
            "multi_label": request.multi_label, "hypothesis": request.hypothesis, "extra": dict(request.extra)
        }  # fmt: skip
        return _wire(request.model, "classify", beyond, {"top_n": request.top_n})

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:
        """Read the classes, the same ones for each text.

        Raises:
            DecodeError: the reply has none.
            UnsupportedContent: scores of fewer labels were recorded.
        """
        scores = _scores(reply, len(request.labels), "labels")
        labels = [Label(name=name, score=score) for name, score in zip(request.labels, scores, strict=True)]
        one = classified(labels, no_meta(), request.top_n)
        if one is None:
            raise DecodeError("the reply has no scores")
        return ClassificationResponse(results=(one,) * len(request.inputs), model=request.model)


@dataclass(frozen=True, slots=True)
class DemoEntailments:
    """One recorded comparison, of each pair."""

    most_inputs: None = None

    def encode(self, request: EntailmentRequest) -> WireRequest:
        """Spell the request."""
        return _wire(request.model, "entail", {"extra": dict(request.extra)})

    def decode(self, request: EntailmentRequest, reply: WireResponse) -> EntailmentResponse:
        """Read the numbers.

        Raises:
            DecodeError: the reply has none.
        """
        match parse_object(reply.body):
            case {"entailment": float(follows), "neutral": float(may), "contradiction": float(cannot)}:
                one = Entailment(entailment=follows, neutral=may, contradiction=cannot)
                return EntailmentResponse(results=(one,) * len(request.pairs), model=request.model)
            case _:
                raise DecodeError("the reply has no comparison")
