"""Natural language inference: a classification of pairs by a model that is trained for it.

Law: the classes of the model are known by their names, or by `classes` of the provider; others are an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.entailment import Entailment, EntailmentResponse
from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_huggingface.classes import labels_of, relations_of
from chat_huggingface.classification import OWN
from chat_huggingface.predictions import PATH, rows_of
from chat_huggingface.sending import post, read, usage_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.entailment import EntailmentRequest
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.provider import HuggingFace

IGNORED: Mapping[str, str] = {}

ALL = 3
"""How many classes such a model has at most: services return the best one alone unless they are asked for more."""


@dataclass(frozen=True, slots=True)
class HuggingFaceEntailments:
    """Compares sentences; implements `chat_core.codec.entailment.Entailments`."""

    provider: HuggingFace

    @property
    def _native(self) -> bool:
        return self.provider.server == "tei"

    @property
    def most_inputs(self) -> int:
        """One, or what the server takes at once."""
        return self.provider.batch if self._native else 1

    def encode(self, request: EntailmentRequest) -> WireRequest:
        """Spell the request.

        Raises:
            UnsupportedContent: there is not exactly one pair, where the task takes no more; or the model is not named.
        """
        if self._native:
            inputs: list[JSON] = [[premise, hypothesis] for premise, hypothesis in request.pairs]
            return post(self.provider, self.provider.url(PATH), {"inputs": inputs}, request.extra)
        if len(request.pairs) != 1:
            raise UnsupportedContent(f"the task takes one pair at a time, and not {len(request.pairs)}")
        ((premise, hypothesis),) = request.pairs
        body: JSONObject = {"inputs": {"text": premise, "text_pair": hypothesis}, "parameters": {"top_k": ALL}}
        return post(self.provider, self.provider.task_url(OWN, request.model), body, request.extra)

    def decode(self, request: EntailmentRequest, reply: WireResponse) -> EntailmentResponse:
        """Read how the pairs stand.

        Raises:
            DecodeError: the reply is malformed, has not one result for each pair, or its classes are not those of
                natural language inference.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        rows = rows_of(data, len(request.pairs)) if self._native else [data]
        if len(rows) != len(request.pairs):
            raise DecodeError(f"one result for {len(request.pairs)} pairs")
        results = tuple(self._result(request.model, row) for row in rows)
        return EntailmentResponse(results=results, usage=usage_of(reply), raw=data)

    def _result(self, model: str, row: JSON) -> Entailment:
        labels, more = labels_of(row)
        known = relations_of(labels, self.provider.classes)
        return Entailment(
            entailment=known["entailment"],
            contradiction=known["contradiction"],
            neutral=known.get("neutral"),
            meta=meta_of(self.provider.origin(model), more),
        )
