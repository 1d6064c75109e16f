"""Embeddings: the task `feature-extraction`, or `/embed` of Text Embeddings Inference.

Law: vectors come in the order of the inputs, as floats of 32 bits. `EmbeddingRequest.purpose` is the name of one of the
model's own prompts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse
from chat_core.codec.members import integer, text
from chat_core.codec.unsent import only_texts, unsent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import rest
from chat_core.response import Notice
from chat_huggingface.pooling import vectors_of
from chat_huggingface.sending import post, read, usage_of

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_huggingface.provider import HuggingFace

TASK = "feature-extraction"
PATH = "/embed"

IGNORED: Mapping[str, str] = {}

UNSUPPORTED: Mapping[str, str] = {
    "encoding": "numbers travel as JSON here",
    "user": "the service knows no users",
}
"""What of a request cannot be sent; of a task, its length as well."""

NO_LENGTH = "the task takes no length: shorten the vectors, or ask a server of Text Embeddings Inference"


@dataclass(frozen=True, slots=True)
class HuggingFaceEmbeddings:
    """Turns texts into vectors; implements `chat_core.codec.capabilities.Embeddings`."""

    provider: HuggingFace

    @property
    def most_inputs(self) -> int | None:
        """How many texts one request to a `tei` server holds; a task says nothing of it."""
        return self.provider.batch if self._native else None

    @property
    def _native(self) -> bool:
        return self.provider.server == "tei"

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        """Spell the request; `normalize`, `truncate` and `truncation_direction` can be in its `extra`.

        Raises:
            UnsupportedContent: an input is no text, where the task takes nothing else; or the model is not named.
        """
        url = self.provider.url(PATH) if self._native else self.provider.task_url(TASK, request.model)
        if not self._native:
            only_texts(request.inputs, "the task embeds")
        body: JSONObject = {"inputs": [item if isinstance(item, str) else [*item] for item in request.inputs]}
        if request.purpose is not None:
            body["prompt_name"] = request.purpose
        unsupported = UNSUPPORTED if self._native else {"dimensions": NO_LENGTH, **UNSUPPORTED}
        if self._native and request.dimensions is not None:
            body["dimensions"] = request.dimensions
        return post(self.provider, url, body, request.extra, *unsent(request, unsupported))

    def parse(self, body: JSONObject, *, model: str = "") -> EmbeddingRequest:
        """Read a request body: the inverse of `encode`; inputs of another kind stay in `extra`.

        Args:
            body: what was or would be sent.
            model: the model, which the address names.
        """
        inputs, known = _inputs(body.get("inputs")), {"inputs"}
        purpose = text(body.get("prompt_name"))
        whole = integer(body.get("dimensions")) if self._native else None
        known |= set[str]() if whole is None else {"dimensions"}
        known |= set[str]() if purpose is None else {"prompt_name"}
        return EmbeddingRequest(
            model=model,
            inputs=inputs if inputs is not None else (),
            dimensions=whole,
            purpose=purpose,
            extra=rest(body, known if inputs is not None else known - {"inputs"}),
        )

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        """Read the vectors.

        Raises:
            DecodeError: the reply is malformed, or has a vector for each token and `pooling` is not set.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        vectors = vectors_of(data, len(request.inputs), self.provider.pooling)
        sized = request.dimensions if self._native else None
        return EmbeddingResponse(
            vectors=vectors, usage=usage_of(reply), notices=_of_another_length(vectors, sized), raw=data
        )


def _inputs(value: JSON) -> tuple[str | tuple[int, ...], ...] | None:
    """Read `inputs`: one text, or several texts and lists of token ids; `None` for something else."""
    match value:
        case str():
            return (value,)
        case list(items):
            known = [item if isinstance(item, str) else _ids(item) for item in items]
            told = tuple(item for item in known if item is not None)
            return told if len(told) == len(items) else None
        case _:
            return None


def _ids(value: JSON) -> tuple[int, ...] | None:
    found = [integer(item) for item in value] if isinstance(value, list) else [None]
    ids = tuple(item for item in found if item is not None)
    return ids if len(ids) == len(found) else None


def _of_another_length(vectors: tuple[array[float], ...], asked: int | None) -> tuple[Notice, ...]:
    """Say that a server did not shorten: older ones know no lengths, and take no notice of what they do not know."""
    if asked is None or not vectors or len(vectors[0]) == asked:
        return ()
    reason = "the server does not shorten vectors: its version is older than that"
    return (Notice(feature="dimensions", requested=asked, applied=len(vectors[0]), reason=reason),)
