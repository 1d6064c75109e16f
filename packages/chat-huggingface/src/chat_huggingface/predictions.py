"""Classes of texts by `/predict` of Text Embeddings Inference, which knows a model's own classes and nothing else.

Law: given labels are chosen from as the task does it. Each text is paired with a sentence for each label, a model of
natural language inference judges the pairs, and its scores without bounds become shares. A lone label has none to share
with, and is judged by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.classification import ClassificationResponse, Label, classified
from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt
from chat_huggingface.classes import labels_of, relations_of, shares
from chat_huggingface.classification import unasked
from chat_huggingface.sending import best_kept, post, read, usage_of

if TYPE_CHECKING:
    from chat_core.codec.classification import ClassificationRequest, Classified
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.presets import Relation
    from chat_huggingface.provider import HuggingFace

PATH = "/predict"

HYPOTHESIS = "This example is {}."
"""The sentence that a text is paired with, where the request has no other."""

JUDGED = "judged"
"""Where `meta` has what the model said of a text's pairs, in the order of the labels."""


@dataclass(frozen=True, slots=True)
class ServerClassification:
    """Sorts texts into classes; implements `chat_core.codec.classification.Classification`."""

    provider: HuggingFace

    @property
    def most_inputs(self) -> int:
        """What the server takes at once."""
        return self.provider.batch

    @property
    def most_pairs(self) -> int:
        """As many: one text is a pair for each label."""
        return self.provider.batch

    def encode(self, request: ClassificationRequest) -> WireRequest:
        """Spell the request; `truncate` and `truncation_direction` can be in its `extra`.

        Raises:
            UnsupportedContent: texts and labels make more pairs than the server takes.
        """
        pairs = len(request.inputs) * len(request.labels)
        if pairs > self.provider.batch:
            raise UnsupportedContent(
                f"{len(request.inputs)} texts and {len(request.labels)} labels are {pairs} pairs, and the server takes "
                f"{self.provider.batch}: send fewer at once, or say what it was started with: batch={pairs}"
            )
        body: JSONObject = {"inputs": _inputs(request), **({"raw_scores": True} if request.labels else {})}
        notices = () if request.labels else unasked(request)
        return post(self.provider, self.provider.url(PATH), body, request.extra, best_kept(request.top_n), *notices)

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:
        """Read the classes.

        Raises:
            DecodeError: the reply is malformed, has not one result for each text, or given labels were to be chosen
                from and the model is not trained for natural language inference.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        rows = rows_of(data, len(request.inputs) * max(1, len(request.labels)))
        results = self._chosen(request, rows) if request.labels else self._own(request, rows)
        return ClassificationResponse(results=tuple(results), usage=usage_of(reply), raw=data)

    def _own(self, request: ClassificationRequest, rows: list[JSON]) -> list[Classified]:
        read_rows = (labels_of(row) for row in rows)
        return [self._classified(request, labels, more) for labels, more in read_rows]

    def _chosen(self, request: ClassificationRequest, rows: list[JSON]) -> list[Classified]:
        read_rows = [labels_of(row) for row in rows]
        judged = [relations_of(labels, self.provider.classes) for labels, _ in read_rows]
        said: list[JSON] = [_said(scores, more) for scores, (_, more) in zip(judged, read_rows, strict=True)]
        size = len(request.labels)
        return [
            self._classified(request, _labels(request, judged[at : at + size]), {JUDGED: said[at : at + size]})
            for at in range(0, len(rows), size)
        ]

    def _classified(self, request: ClassificationRequest, labels: list[Label], more: JSONObject) -> Classified:
        found = classified(labels, meta_of(self.provider.origin(request.model), more), request.top_n)
        if found is None:
            raise DecodeError("a text without classes")
        return found


def rows_of(data: JSON, count: int) -> list[JSON]:
    """Return what was predicted for each input.

    Raises:
        DecodeError: it is no list of as many lists.
    """
    if not isinstance(data, list) or len(data) != count:
        raise DecodeError(f"no predictions for {count} inputs: {excerpt(repr(data))}")
    return data


def _inputs(request: ClassificationRequest) -> list[JSON]:
    """Spell the texts: each alone in a list, or with a sentence for each label."""
    if not request.labels:
        return [[text] for text in request.inputs]
    form = HYPOTHESIS if request.hypothesis is None else request.hypothesis
    sentences = [form.replace("{}", label) for label in request.labels]
    return [[text, sentence] for text in request.inputs for sentence in sentences]


def _said(scores: dict[Relation, float], more: JSONObject) -> JSONObject:
    return {**{str(relation): score for relation, score in scores.items()}, **more}


def _labels(request: ClassificationRequest, scores: list[dict[Relation, float]]) -> list[Label]:
    """Turn what was judged of a text's pairs into the scores of the labels."""
    if request.multi_label or len(request.labels) == 1:
        found = [shares((each["entailment"], each["contradiction"]))[0] for each in scores]
    else:
        found = shares(each["entailment"] for each in scores)
    return [Label(name=name, score=score) for name, score in zip(request.labels, found, strict=True)]
