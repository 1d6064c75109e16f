"""Classes of texts, by the tasks `text-classification` and `zero-shot-classification`: one text a request.

Law: the task follows from the request: given labels are chosen from, without any the model's own classes come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.classification import ClassificationResponse, classified
from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.response import Notice
from chat_huggingface.classes import labels_of, paired
from chat_huggingface.sending import best_kept, post, read, usage_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.classification import ClassificationRequest, Label
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.provider import HuggingFace

OWN = "text-classification"
GIVEN = "zero-shot-classification"

IGNORED: Mapping[str, str] = {
    "sequence": "the text that was sent",
    "[].sequence": "as `sequence`",
}

UNASKED = "there are no labels to choose from: the model's own classes come back"
"""Why what is said of labels is not sent."""

ALL = 10_000
"""More classes than a model has: an endpoint runs a pipeline that gives the best one alone unless it is asked for more,
and the service of Hugging Face does not say how many it gives."""


@dataclass(frozen=True, slots=True)
class TaskClassification:
    """Sorts texts into classes; implements `chat_core.codec.classification.Classification`."""

    provider: HuggingFace

    @property
    def most_inputs(self) -> int:
        """One: the replies to several have no shape in common."""
        return 1

    def encode(self, request: ClassificationRequest) -> WireRequest:
        """Spell the request; `parameters` in its `extra` add to those that follow from it.

        Raises:
            UnsupportedContent: there is not exactly one text, or the model is not named.
        """
        if len(request.inputs) != 1:
            raise UnsupportedContent(f"the task takes one text at a time, and not {len(request.inputs)}")
        url = self.provider.task_url(GIVEN if request.labels else OWN, request.model)
        parameters = _chosen(request) if request.labels else _own(request)
        body: JSONObject = {"inputs": request.inputs[0], "parameters": parameters}
        notices = (best_kept(request.top_n),) if request.labels else unasked(request)
        return post(self.provider, url, body, request.extra, *notices)

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:
        """Read the classes.

        Raises:
            DecodeError: the reply is malformed, or has other classes than those that were given.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        labels, more = _read(data)
        if request.labels:
            _require_given(request, labels)
        found = classified(labels, meta_of(self.provider.origin(request.model), more), request.top_n)
        if found is None or len(request.inputs) != 1:
            raise DecodeError(f"no classes of a text: {excerpt(repr(data))}")
        return ClassificationResponse(results=(found,), usage=usage_of(reply), raw=data)


def _require_given(request: ClassificationRequest, labels: list[Label]) -> None:
    """Refuse classes that nobody asked about, as of a model that knows its own only and takes no notice of others."""
    found = sorted(label.name for label in labels)
    if found != sorted(request.labels):
        shown = excerpt(", ".join(found), 100)
        raise DecodeError(f"the classes are not those that were given, but {shown}: is it a zero-shot model?")


def unasked(request: ClassificationRequest) -> tuple[Notice, ...]:
    """Say what cannot be sent where there are no labels to choose from."""
    several = Notice(feature="multi_label", requested=True, reason=UNASKED)
    words = Notice(feature="hypothesis", requested=request.hypothesis, reason=UNASKED)
    return (*([several] if request.multi_label else []), *([words] if request.hypothesis is not None else []))


def _chosen(request: ClassificationRequest) -> JSONObject:
    """Spell a choice among given labels."""
    several: JSONObject = {"multi_label": True} if request.multi_label else {}
    words: JSONObject = {} if request.hypothesis is None else {"hypothesis_template": request.hypothesis}
    return {"candidate_labels": [*request.labels], **several, **words}


def _own(request: ClassificationRequest) -> JSONObject:
    return {"top_k": ALL if request.top_n is None else request.top_n}


def _read(data: JSON) -> tuple[list[Label], JSONObject]:
    """Read the classes in one of their shapes: a list of pairs, or two lists of an older server."""
    match data:
        case [dict(said)] | dict(said) if "labels" in said:
            return paired(said.get("labels"), said.get("scores")), rest(said, {"labels", "scores", "sequence"})
        case _:
            return labels_of(data)
