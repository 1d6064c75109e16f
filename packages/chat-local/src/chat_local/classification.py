"""Classification: texts sorted into a model's own classes, or into given ones by natural language inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.classification import ClassificationResponse, Classified, Label, classified
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object
from chat_local.reply import number_of, results_of, said_in

if TYPE_CHECKING:
    from chat_core.codec.classification import ClassificationRequest
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.provider import Local

MOST_INPUTS = 2048
"""Texts of one exchange: enough to sort them by length, few enough to leave soon."""


@dataclass(frozen=True, slots=True)
class LocalClassification:
    """Sorts texts into classes; implements `chat_core.codec.classification.Classification`."""

    provider: Local
    most_inputs: int | None = MOST_INPUTS

    def encode(self, request: ClassificationRequest) -> WireRequest:
        """Spell the request; `options` can be in its `extra`, as for embeddings."""
        body: JSONObject = {"model": request.model, "inputs": [*request.inputs]}
        if request.labels:
            body["labels"] = [*request.labels]
        if request.multi_label:
            body["multi_label"] = True
        for name, value in (("hypothesis", request.hypothesis), ("top_n", request.top_n)):
            if value is not None:
                body[name] = value
        return WireRequest(url="local://service/classify", body={**body, **request.extra})

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:
        """Read the classes.

        Raises:
            DecodeError: the reply is malformed, or has not one result for each text.
        """
        data = parse_object(reply.body)
        results = tuple(_classified(item) for item in results_of(data, len(request.inputs)))
        said = said_in(data, self.provider.origin(request.model), {"results"})
        return ClassificationResponse(
            results=results, model=said.model, usage=said.usage, notices=said.notices, meta=said.meta, raw=data
        )


def _classified(item: JSON) -> Classified:
    match item:
        case {"labels": list(labels), "scores": list(scores)} if len(labels) == len(scores):
            pass
        case _:
            raise DecodeError(f"malformed classes: {excerpt(repr(item))}")
    found = classified([_label(name, score) for name, score in zip(labels, scores, strict=True)], {})
    if found is None:
        raise DecodeError("a text has no class")
    return found


def _label(name: JSON, score: JSON) -> Label:
    number = number_of(score)
    if not isinstance(name, str) or number is None:
        raise DecodeError(f"malformed class: {excerpt(repr((name, score)))}")
    return Label(name=name, score=number)
