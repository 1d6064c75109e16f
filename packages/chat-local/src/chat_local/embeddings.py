"""Embeddings: texts to vectors, by a model of this machine that makes them.

Law: vectors come in the order of the inputs, as floats of 32 bits. They stand behind the reply's head as they are.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.capabilities import EmbeddingResponse
from chat_core.codec.unsent import only_texts, unsent
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object
from chat_local.reply import Said, said_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.capabilities import EmbeddingRequest
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSONObject
    from chat_local.provider import Local

FLOAT = 4
"""Bytes of a number."""

UNSUPPORTED: Mapping[str, str] = {
    "encoding": "vectors stay in this process, as floats of 32 bits",
    "user": "there is one user, who owns the machine",
}
"""What of a request cannot be sent."""


@dataclass(frozen=True, slots=True)
class LocalEmbeddings:
    """Turns texts into vectors; implements `chat_core.codec.capabilities.Embeddings`."""

    provider: Local

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        """Spell the request; `options` can be in its `extra`: those of `LocalOptions`, `batch_tokens`, `pooling`.

        Raises:
            UnsupportedContent: an input is no text.
        """
        texts = only_texts(request.inputs, "local models embed")
        body: JSONObject = {"model": request.model, "inputs": [*texts]}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.purpose is not None:
            body["purpose"] = request.purpose
        notices = tuple(unsent(request, UNSUPPORTED))
        return WireRequest(url="local://service/embed", body={**body, **request.extra}, notices=notices)

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        """Read the vectors.

        Raises:
            DecodeError: the reply is malformed.
        """
        end = reply.body.find(b"\n")
        data = parse_object(reply.body[:end] if end >= 0 else reply.body)
        match data.get("count"), data.get("dimensions"):
            case int(count), int(width) if end >= 0 and len(reply.body) - end - 1 == count * width * FLOAT:
                pass
            case _:
                raise DecodeError(f"the reply's vectors are none: {excerpt(reply.body[:end])}")
        if count != len(request.inputs):
            raise DecodeError(f"the reply has {count} vectors for {len(request.inputs)} texts")
        said: Said = said_in(data, self.provider.origin(request.model), {"count", "dimensions"})
        return EmbeddingResponse(
            vectors=tuple(_vectors(memoryview(reply.body)[end + 1 :], width)),
            model=said.model,
            usage=said.usage,
            notices=said.notices,
            meta=said.meta,
            raw=data,
        )


def _vectors(numbers: memoryview, width: int) -> list[array[float]]:
    found: list[array[float]] = []
    for start in range(0, len(numbers), max(width, 1) * FLOAT):
        vector = array("f")
        vector.frombytes(numbers[start : start + width * FLOAT])
        if sys.byteorder == "big":
            vector.byteswap()
        found.append(vector)
    return found
