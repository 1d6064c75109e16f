"""A service of embeddings in memory: a text's vector is made of its hash; some texts, and some batches, it refuses."""

from __future__ import annotations

import threading
from array import array
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from toy import MemoryTransport, Toy

from chat_core.achat import AsyncChat
from chat_core.chat import Chat
from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Embeddings
from chat_core.codec.wire import WireRequest, WireResponse, dump
from chat_core.flow.retry import Retry
from chat_core.jsonvalue import parse_object
from chat_core.response import Notice, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import Outgoing
    from chat_core.jsonvalue import JSON

REFUSED = "refuse me"
DIMENSIONS = 4


def vector_of(text: str, dimensions: int = DIMENSIONS) -> array[float]:
    """Return the vector of a text: numbers from -1 to 1."""
    seed = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=dimensions).digest()
    return array("f", [byte / 127.5 - 1 for byte in seed])


class Vectors:
    """The capability."""

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        notice = Notice(feature="purpose", requested=request.purpose, reason="one fits all")
        texts: list[JSON] = [str(text) for text in request.inputs]
        return WireRequest(
            url="http://toy.example/embed",
            body={"inputs": texts, "dimensions": request.dimensions or DIMENSIONS},
            notices=() if request.purpose is None else (notice,),
        )

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        match parse_object(reply.body):
            case {"vectors": list(vectors), "tokens": int() | None as tokens}:
                rows = tuple(array("f", b64decode(str(row))) for row in vectors)
                usage = None if tokens is None else Usage(input_tokens=tokens)
                return EmbeddingResponse(vectors=rows, model=f"{request.model}-really", usage=usage)
            case _:
                raise AssertionError(reply.body)


@dataclass(frozen=True)
class Vectorising(Toy):
    """A provider that has it."""

    @property
    def capabilities(self) -> Mapping[type, object]:
        return {Embeddings: Vectors()}


class Service(MemoryTransport):
    """Answers by itself.

    Attributes:
        asked: how many texts each request had.
    """

    def __init__(self, most: int = 1000, *, fails_at: int = 0, loses: int = 0, tells_tokens: bool = True) -> None:
        """Say how it answers.

        Args:
            most: texts that it takes at once.
            fails_at: the request, counted from 1, at which it fails, once.
            loses: how many vectors it leaves out of each answer.
            tells_tokens: whether it says what a request cost.
        """
        super().__init__()
        self.asked: list[int] = []
        self._most = most
        self._fails_at = fails_at
        self._loses = loses
        self._tells_tokens = tells_tokens
        self._lock = threading.Lock()

    def send(self, request: Outgoing, until: float | None) -> WireResponse:  # noqa: ARG002 - nothing takes time
        match parse_object(request.body):
            case {"inputs": list(inputs), "dimensions": int(dimensions)}:
                texts = [str(text) for text in inputs]
            case _:
                raise AssertionError(request.body)
        with self._lock:
            self.asked.append(len(texts))
            if len(self.asked) == self._fails_at:
                return WireResponse(status=500, body=b'{"error":{"message":"not now"}}')
        if REFUSED in texts or len(texts) > self._most:
            return WireResponse(status=400, body=b'{"error":{"message":"no"}}')
        length = self.dimensions(dimensions)
        rows = [b64encode(vector_of(text, length).tobytes()).decode() for text in texts[self._loses :]]
        return WireResponse(body=dump({"vectors": [*rows], "tokens": len(texts) if self._tells_tokens else None}))

    def dimensions(self, asked: int) -> int:
        """Return how long the vectors of an answer are."""
        return asked

    async def asend(self, request: Outgoing, until: float | None) -> WireResponse:
        return self.send(request, until)


def client(service: Service | None = None, model: str = "small") -> Chat:
    """Return a client of such a service, which tries once."""
    transport = Service() if service is None else service
    return Chat(model, provider=Vectorising(), transport=transport, retry=Retry(attempts=1))


def async_client(service: Service) -> AsyncChat:
    return AsyncChat("small", provider=Vectorising(), transport=service, retry=Retry(attempts=1))
