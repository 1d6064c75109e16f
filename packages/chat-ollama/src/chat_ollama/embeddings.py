"""Embeddings: `POST /api/embed`.

Law: vectors come in the order of the inputs, as floats of 32 bits. What else a reply holds is in `meta`.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, cast

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse
from chat_core.codec.members import model_of
from chat_core.codec.unsent import only_texts, unsent
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_ollama.decode import decode_usage
from chat_ollama.errors import error_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_ollama.provider import Ollama

PATH = "/api/embed"

IGNORED: Mapping[str, str] = {}

UNSUPPORTED: Mapping[str, str] = {
    "encoding": "numbers travel as JSON on this wire",
    "purpose": "the wire has no field for it: put the model's own words for it in front of the text",
    "user": "the wire knows no users",
}
"""What of a request cannot be sent."""


@dataclass(frozen=True, slots=True)
class OllamaEmbeddings:
    """Turns texts into vectors; implements `chat_core.codec.capabilities.Embeddings`."""

    provider: Ollama

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        """Spell the request; `truncate`, `options` and `keep_alive` can be in its `extra`.

        Raises:
            UnsupportedContent: an input is no text.
        """
        texts = only_texts(request.inputs, "Ollama embeds")
        body: JSONObject = {"model": request.model, "input": [*texts]}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        return self.provider.wire(PATH, {**body, **request.extra}, notices=tuple(unsent(request, UNSUPPORTED)))

    def parse(self, body: JSONObject) -> EmbeddingRequest:
        """Read a request body: the inverse of `encode`; inputs other than texts stay in `extra`.

        Raises:
            DecodeError: the body is no embeddings request.
        """
        inputs, dimensions = _inputs(body.get("input")), body.get("dimensions")
        known = {"model"} | (set[str]() if inputs is None else {"input"})
        whole = dimensions if isinstance(dimensions, int) and not isinstance(dimensions, bool) else None
        return EmbeddingRequest(
            model=model_of(body),
            inputs=inputs if inputs is not None else (),
            dimensions=whole,
            extra=rest(body, known if whole is None else known | {"dimensions"}),
        )

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        """Read the vectors.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data:
            case {"embeddings": list(rows)}:
                vectors = tuple(_vector(row) for row in rows)
            case {"error": error} if error is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"an embeddings reply without `embeddings`: {excerpt(reply.body)}")
        model = data.get("model")
        if not isinstance(model, str | None):
            raise DecodeError(f"a name is no text but {type(model).__name__}")
        meta = rest(data, {"embeddings", "model", "prompt_eval_count"})
        return EmbeddingResponse(
            vectors=vectors,
            model=model,
            usage=decode_usage(data),
            meta={self.provider.origin(request.model): meta} if meta else {},
            raw=data,
        )


def _inputs(value: JSON) -> tuple[str, ...] | None:
    match value:
        case str():
            return (value,)
        case list(items) if len(texts := tuple(item for item in items if isinstance(item, str))) == len(items):
            return texts
        case _:
            return None


def _vector(row: JSON) -> array[float]:
    if not isinstance(row, list) or not set(map(type, row)) <= {int, float}:
        raise DecodeError(f"a vector is no list of numbers: {excerpt(repr(row), 100)}")
    try:
        vector = array("f", cast("list[float]", row))  # the types were checked above, at once
    except OverflowError:
        raise DecodeError("a vector holds a number that is too large") from None
    if any(map(math.isinf, vector)):
        raise DecodeError("a vector holds a number that is too large for 32 bits")
    return vector
