"""A tiny service that says how well each class fits a text, `{"scores": {class: number}}`, and broken readers of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tiny import Tiny

from chat_core.codec.classification import Classification, ClassificationResponse, Classified, Label
from chat_core.codec.wire import WireRequest, WireResponse, dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.jsonvalue import parse_object
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.classification import ClassificationRequest
    from chat_core.jsonvalue import JSONObject

BOTH_FIT = WireResponse(body=dump({"scores": {"canary": 0.75, "finch": 0.875}}))


class Chooser:
    """Keeps the law: the service is told, and its scores are passed on, the surest first."""

    most_inputs: int | None = 1

    def encode(self, request: ClassificationRequest) -> WireRequest:
        if not request.labels:
            raise UnsupportedContent("give labels")
        return WireRequest(url="http://tiny.example/sort", body=self.body(request), notices=self.notices(request))

    def body(self, request: ClassificationRequest) -> JSONObject:
        return {
            "labels": [*request.labels], "several": request.multi_label, "hypothesis": request.hypothesis,
            "top_n": request.top_n, **request.extra,
        }  # fmt: skip

    def notices(self, request: ClassificationRequest) -> tuple[Notice, ...]:  # noqa: ARG002 - broken ones read it
        return ()

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:
        match parse_object(reply.body):
            case {"scores": dict(scores)} if scores:
                said = {name: score for name, score in scores.items() if isinstance(score, float)}
            case _:
                raise DecodeError("no scores")
        labels = [Label(name=name, score=score) for name, score in self.read(request, said).items()]
        return ClassificationResponse(results=(Classified(labels=self.order(labels)),))

    def read(self, request: ClassificationRequest, scores: dict[str, float]) -> dict[str, float]:  # noqa: ARG002 - as above
        return scores

    def order(self, labels: list[Label]) -> tuple[Label, ...]:
        return tuple(sorted(labels, key=lambda label: -label.score))


def shared(scores: dict[str, float]) -> dict[str, float]:
    return {name: score / sum(scores.values()) for name, score in scores.items()}


class WorksItOut(Chooser):
    """Keeps the law too: the service says the same in any case, and one choice is made of it here."""

    def body(self, request: ClassificationRequest) -> JSONObject:
        return {name: value for name, value in super().body(request).items() if name != "several"}

    def read(self, request: ClassificationRequest, scores: dict[str, float]) -> dict[str, float]:
        return scores if request.multi_label else shared(scores)


class ForgetsSeveral(WorksItOut):
    def read(self, request: ClassificationRequest, scores: dict[str, float]) -> dict[str, float]:  # noqa: ARG002 - that is what is wrong
        return scores


class SharesOut(Chooser):
    def read(self, request: ClassificationRequest, scores: dict[str, float]) -> dict[str, float]:  # noqa: ARG002 - as above
        return shared(scores)


class SaysPercent(Chooser):
    def read(self, request: ClassificationRequest, scores: dict[str, float]) -> dict[str, float]:  # noqa: ARG002 - as above
        return {name: 100 * score for name, score in scores.items()}


class KeepsOne(Chooser):
    def order(self, labels: list[Label]) -> tuple[Label, ...]:
        return super().order(labels)[:1]


class LeavesTheOrder(Chooser):
    def order(self, labels: list[Label]) -> tuple[Label, ...]:
        return tuple(labels)


class SaysThatItCannot(SharesOut):
    """Keeps the law by a notice."""

    def notices(self, request: ClassificationRequest) -> tuple[Notice, ...]:
        return (Notice(feature="multi_label", requested=True),) if request.multi_label else ()


class Refuses(SharesOut):
    """Keeps the law by an error."""

    def encode(self, request: ClassificationRequest) -> WireRequest:
        if request.multi_label:
            raise UnsupportedContent("one class a text")
        return super().encode(request)


@dataclass(frozen=True)
class Sorting(Tiny):
    chooser: Chooser = field(default_factory=Chooser)

    @property
    def capabilities(self) -> Mapping[type, object]:
        return {Classification: self.chooser}


BROKEN: Mapping[type[Chooser], str] = {
    ForgetsSeveral: "multi_label is not sent, and the same is read without it",
    SharesOut: "each of the labels fits, and the scores are [0.5384615384615384, 0.46153846153846156]: have they been",
    SaysPercent: "scores are not from 0 to 1: [87.5, 75.0]",
    KeepsOne: "canary, finch were given, and the classes are finch",
    LeavesTheOrder: "the surest class does not come first: [0.75, 0.875]",
}
"""Broken sorters, with what is found."""
