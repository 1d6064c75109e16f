"""Reranking: documents ordered by how well they answer a query, by a cross-encoder that reads each beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.rerank import Ranked, RerankResponse, ranked
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object
from chat_local.reply import number_of, said_in

if TYPE_CHECKING:
    from chat_core.codec.rerank import RerankRequest
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.provider import Local


@dataclass(frozen=True, slots=True)
class LocalRerank:
    """Orders documents by a query; implements `chat_core.codec.rerank.Rerank`."""

    provider: Local

    def encode(self, request: RerankRequest) -> WireRequest:
        """Spell the request; `options` can be in its `extra`, as for embeddings."""
        body: JSONObject = {"model": request.model, "query": request.query, "documents": [*request.documents]}
        if request.top_n is not None:
            body["top_n"] = request.top_n
        return WireRequest(url="local://service/rerank", body={**body, **request.extra})

    def decode(self, request: RerankRequest, reply: WireResponse) -> RerankResponse:
        """Read the order.

        Raises:
            DecodeError: the reply is malformed, or names a document that was not sent.
        """
        data = parse_object(reply.body)
        match data.get("results"):
            case list(items):
                results = tuple(_ranked(request, item) for item in items)
            case other:
                raise DecodeError(f"the reply has no results: {excerpt(repr(other))}")
        said = said_in(data, self.provider.origin(request.model), {"results"})
        return RerankResponse(
            results=results, model=said.model, usage=said.usage, notices=said.notices, meta=said.meta, raw=data
        )


def _ranked(request: RerankRequest, item: JSON) -> Ranked:
    match item:
        case {"index": bool()}:
            found = None
        case {"index": int(index), "score": score} if (number := number_of(score)) is not None:
            found = ranked(request, index, number, {})
        case _:
            found = None
    if found is None:
        raise DecodeError(f"no document that was sent: {excerpt(repr(item))}")
    return found
