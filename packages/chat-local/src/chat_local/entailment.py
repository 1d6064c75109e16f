"""Natural language inference: whether one sentence follows from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.entailment import Entailment, EntailmentResponse
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object
from chat_local.reply import number_of, results_of, said_in

if TYPE_CHECKING:
    from chat_core.codec.entailment import EntailmentRequest
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.provider import Local

MOST_PAIRS = 2048
"""Pairs of one exchange: as `classification.MOST_INPUTS`."""


@dataclass(frozen=True, slots=True)
class LocalEntailments:
    """Compares sentences; implements `chat_core.codec.entailment.Entailments`."""

    provider: Local
    most_inputs: int | None = MOST_PAIRS

    def encode(self, request: EntailmentRequest) -> WireRequest:
        """Spell the request; `options` can be in its `extra`, as for embeddings."""
        body: JSONObject = {"model": request.model, "pairs": [[*pair] for pair in request.pairs]}
        return WireRequest(url="local://service/entail", body={**body, **request.extra})

    def decode(self, request: EntailmentRequest, reply: WireResponse) -> EntailmentResponse:
        """Read how the pairs stand.

        Raises:
            DecodeError: the reply is malformed, or has not one result for each pair.
        """
        data = parse_object(reply.body)
        results = tuple(_entailment(item) for item in results_of(data, len(request.pairs)))
        said = said_in(data, self.provider.origin(request.model), {"results"})
        return EntailmentResponse(
            results=results, model=said.model, usage=said.usage, notices=said.notices, meta=said.meta, raw=data
        )


def _entailment(item: JSON) -> Entailment:
    scores = {name: number_of(value) for name, value in item.items()} if isinstance(item, dict) else {}
    entailment, contradiction = scores.get("entailment"), scores.get("contradiction")
    if entailment is None or contradiction is None:
        raise DecodeError(f"a pair is not compared: {excerpt(repr(item))}")
    return Entailment(entailment=entailment, contradiction=contradiction, neutral=scores.get("neutral"))
