"""Documents in the order of a query: `/rerank` of Text Embeddings Inference, or the task `sentence-similarity`.

Law: a cross-encoder's scores on the server, cosines of vectors on the service: both the higher, the better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.codec.rerank import Ranked, RerankResponse, ranked
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_huggingface.sending import best_kept, post, read, usage_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.rerank import RerankRequest
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.provider import HuggingFace

PATH = "/rerank"
TASK = "sentence-similarity"

IGNORED: Mapping[str, str] = {"[].text": "the document that was sent"}


@dataclass(frozen=True, slots=True)
class HuggingFaceRerank:
    """Orders documents by a query; implements `chat_core.codec.rerank.Rerank`."""

    provider: HuggingFace

    @property
    def most_inputs(self) -> int | None:
        """How many documents one request to a `tei` server holds, which judges each by itself; a task says nothing."""
        return self.provider.batch if self._native else None

    @property
    def _native(self) -> bool:
        return self.provider.server == "tei"

    def encode(self, request: RerankRequest) -> WireRequest:
        """Spell the request; on the server `raw_scores` and `truncate` can be in its `extra`.

        Raises:
            UnsupportedContent: the model is not named, where the service has many.
        """
        documents: list[JSON] = [*request.documents]
        if self._native:
            url = self.provider.url(PATH)
            body: JSONObject = {"query": request.query, "texts": documents}
        else:
            url = self.provider.task_url(TASK, request.model)
            body = {"inputs": {"source_sentence": request.query, "sentences": documents}}
        return post(self.provider, url, body, request.extra, best_kept(request.top_n))

    def decode(self, request: RerankRequest, reply: WireResponse) -> RerankResponse:
        """Read the order.

        Raises:
            DecodeError: the reply is malformed, names a document that was not sent, or has not one score for each.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        if not isinstance(data, list):
            raise DecodeError(f"scores are no list but {type(data).__name__}: {excerpt(reply.body)}")
        if self._native:
            found = [self._ranked(request, item) for item in data]
        else:
            found = [self._scored(request, index, item) for index, item in enumerate(data)]
        if sorted(one.index for one in found) != [*range(len(request.documents))]:
            raise DecodeError(f"{len(found)} scores for {len(request.documents)} documents, or one of them twice")
        best = sorted(found, key=lambda one: one.score, reverse=True)[: request.top_n]
        return RerankResponse(results=tuple(best), usage=usage_of(reply), raw=data)

    def _ranked(self, request: RerankRequest, item: JSON) -> Ranked:
        said = item if isinstance(item, dict) else {}
        match said:
            case {"index": int(index), "score": score} if not isinstance(index, bool):
                return self._placed(request, index, score, rest(said, {"index", "score", "text"}))
            case _:
                raise DecodeError(f"no document in its place: {excerpt(repr(item), 100)}")

    def _scored(self, request: RerankRequest, index: int, score: JSON) -> Ranked:
        return self._placed(request, index, score, {})

    def _placed(self, request: RerankRequest, index: int, score: JSON, more: JSONObject) -> Ranked:
        if isinstance(score, bool) or not isinstance(score, int | float) or abs(score) > _LARGEST:
            raise DecodeError(f"a score is no number: {excerpt(repr(score), 100)}")
        found = ranked(request, index, float(score), meta_of(self.provider.origin(request.model), more))
        if found is None:
            raise DecodeError(f"there is no document {index} among the {len(request.documents)} that were sent")
        return found


_LARGEST = 1e300
"""No service's score; longer whole numbers are none that a float could hold."""
