"""Documents in the order of a query: `/rerank`, as Cohere's older version has it and most others do, in two dialects.

Law: the best first, whatever order a service sends. What a reply says beyond places and scores is in `meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_completions.errors import error_from
from chat_completions.usage import decode_usage
from chat_core.codec.leftovers import meta_of
from chat_core.codec.members import integer, texts
from chat_core.codec.rerank import Ranked, RerankRequest, RerankResponse, ranked
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

IGNORED: Mapping[str, str] = {
    "object": "always `list` or `rerank`",
    "results[].document.text": "the document that was sent",
    "results[].document": "as `results[].document.text`",
    "data[].document": "as `results[].document.text`",
}

SCORES = ("relevance_score", "score")
"""What a score is called; the first one that is there counts."""

_LARGEST = 1e300


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a service calls things.

    Attributes:
        path: the endpoint below the base URL.
        top_n: the field for how many of the best to return.
        rows: the member of the reply that holds them.
    """

    path: str = "/rerank"
    top_n: str = "top_n"
    rows: str = "results"


DIALECTS: Mapping[str, Dialect] = {
    "cohere": Dialect(),
    "voyage": Dialect(top_n="top_k", rows="data"),
}


@dataclass(frozen=True, slots=True)
class CompletionsRerank:
    """Orders documents by a query; implements `chat_core.codec.rerank.Rerank`."""

    provider: Completions

    @property
    def dialect(self) -> Dialect:
        """What the service calls things."""
        return DIALECTS[self.provider.preset.rerank]

    def encode(self, request: RerankRequest) -> WireRequest:
        """Spell the request; an empty `model` is not sent, for servers that have one."""
        dialect = self.dialect
        body: dict[str, JSON] = {"model": request.model} if request.model else {}
        body |= {"query": request.query, "documents": [*request.documents]}
        if request.top_n is not None:
            body[dialect.top_n] = request.top_n
        return WireRequest(
            url=self.provider.url(dialect.path),
            body={**body, **request.extra},
            headers={"content-type": "application/json", **self.provider.headers},
        )

    def parse(self, body: JSONObject) -> RerankRequest:
        """Read a request body: the inverse of `encode`; documents that are no texts stay in `extra`.

        Raises:
            DecodeError: the body has no query.
        """
        query, model, top_n = body.get("query"), body.get("model"), body.get(self.dialect.top_n)
        if not isinstance(query, str):
            raise DecodeError("no rerank request: it has no `query`")
        documents, count = texts(body.get("documents")), integer(top_n)
        known = {"query"} | ({"documents"} if documents is not None else set[str]())
        known |= {"model"} if isinstance(model, str) else set[str]()
        known |= {self.dialect.top_n} if count is not None else set[str]()
        return RerankRequest(
            model=model if isinstance(model, str) else "",
            query=query,
            documents=documents if documents is not None else (),
            top_n=count,
            extra=rest(body, known),
        )

    def decode(self, request: RerankRequest, reply: WireResponse) -> RerankResponse:
        """Read the order.

        Raises:
            DecodeError: the reply is malformed, or names a document that was not sent, or one twice.
            ProviderError: the reply is an error in the guise of a success.
        """
        data, rows = parse_object(reply.body), self.dialect.rows
        if data.get("error") is not None:
            raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
        items = data.get(rows)
        if not isinstance(items, list):
            raise DecodeError(f"a rerank reply without `{rows}`: {excerpt(reply.body)}")
        found = [self._ranked(request, item) for item in items]
        if len({one.index for one in found}) != len(found):
            raise DecodeError("a document is in two places")
        meta = rest(data, {"object", "model", "id", "usage", rows})
        return RerankResponse(
            results=tuple(sorted(found, key=lambda one: one.score, reverse=True)[: request.top_n]),
            model=_name(data.get("model")),
            id=_name(data.get("id")),
            usage=decode_usage(data.get("usage")),
            meta=meta_of(self.provider.origin(request.model), meta),
            raw=data,
        )

    def _ranked(self, request: RerankRequest, item: JSON) -> Ranked:
        said = item if isinstance(item, dict) else {}
        name = next((name for name in SCORES if name in said), SCORES[0])
        match said.get("index"), said.get(name):
            case int(index), (int() | float()) as score if not isinstance(index, bool) and _is_score(score):
                more = rest(said, {"index", name, "document"})
                found = ranked(request, index, float(score), {})
            case _:
                raise DecodeError(f"no document in its place: {excerpt(repr(item), 100)}")
        if found is None:
            raise DecodeError(f"there is no document {index} among the {len(request.documents)} that were sent")
        if said.get("document") not in (None, {}, found.document, {"text": found.document}):
            more["document"] = said["document"]
        meta = meta_of(self.provider.origin(request.model), more)
        return Ranked(index=index, score=found.score, document=found.document, meta=meta)


def _is_score(value: float) -> bool:
    return not isinstance(value, bool) and abs(value) < _LARGEST


def _name(value: JSON) -> str | None:
    if isinstance(value, str) or value is None:
        return value
    raise DecodeError(f"a name is no text but {type(value).__name__}")
