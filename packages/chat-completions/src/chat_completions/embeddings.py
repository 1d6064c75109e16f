"""Embeddings of the services that speak this wire: `/embeddings`, in five dialects.

Law: vectors come in the order of the inputs, numbers as the service sends them: floats of 32 bits, of 64 where a
service sends those, or integers of 8. What else a reply holds is in `meta`.
"""

from __future__ import annotations

import binascii
import math
import sys
from array import array
from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from chat_completions.errors import error_from
from chat_completions.usage import decode_usage
from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

Vector: TypeAlias = "array[float] | array[int]"
Number: TypeAlias = Literal["f", "d", "b", "B"]
"""What a vector's bytes are, as `array` calls it."""

IGNORED: Mapping[str, str] = {
    "object": "always `list`",
    "data[].object": "always `embedding`",
    "data[].index": "the order of the vectors says it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a service calls things.

    Attributes:
        path: the endpoint below the base URL.
        dimensions: the field for the length of the vectors.
        user: the field for the end user; `None` = it takes none.
        purpose: the field for what the vectors are for; `None` = it is not told.
        purposes: its words for `query` and `document`.
        packed: what base64 holds where nothing was asked for.
    """

    path: str = "/embeddings"
    dimensions: str = "dimensions"
    user: str | None = "user"
    purpose: str | None = None
    purposes: Mapping[str, str] = field(default_factory=dict[str, str])
    packed: Number = "f"


DIALECTS: Mapping[str, Dialect] = {
    "openai": Dialect(),
    "mistral": Dialect(dimensions="output_dimension", user=None),
    "openrouter": Dialect(purpose="input_type", purposes={"query": "search_query", "document": "search_document"}),
    "voyage": Dialect(dimensions="output_dimension", user=None, purpose="input_type"),
    "perplexity": Dialect(path="/v1/embeddings", user=None, packed="b"),
}

PACKED: Mapping[str, Number] = {"base64": "f", "base64_int8": "b", "base64_binary": "B"}
"""What base64 holds, by the encoding asked for."""

WIDTHS: Mapping[float, Number] = {0.125: "B", 1: "b", 4: "f", 8: "d"}
"""What base64 holds, by the number of bytes a dimension takes: some services do not send what was asked for."""


@dataclass(frozen=True, slots=True)
class CompletionsEmbeddings:
    """Turns texts into vectors; implements `chat_core.codec.capabilities.Embeddings`."""

    provider: Completions

    @property
    def dialect(self) -> Dialect:
        """What the service calls things."""
        return DIALECTS[self.provider.preset.embeddings]

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        """Spell the request; an empty `model` is not sent, for addresses that name it."""
        dialect = self.dialect
        body: dict[str, JSON] = {"model": request.model} if request.model else {}
        body["input"] = [item if isinstance(item, str) else list(item) for item in request.inputs]
        if request.dimensions is not None:
            body[dialect.dimensions] = request.dimensions
        if request.encoding is not None:
            body["encoding_format"] = request.encoding
        if request.user is not None and dialect.user is not None:
            body[dialect.user] = request.user
        if request.purpose is not None and dialect.purpose is not None:
            body[dialect.purpose] = dialect.purposes.get(request.purpose, request.purpose)
        return WireRequest(
            url=self.provider.url(dialect.path),
            body={**body, **request.extra},
            headers={"content-type": "application/json", **self.provider.headers},
            notices=tuple(self._unsent(request)),
        )

    def _unsent(self, request: EmbeddingRequest) -> Iterator[Notice]:
        if request.user is not None and self.dialect.user is None:
            yield Notice(feature="user", requested=request.user, reason="the service takes no user id")
        if request.purpose is not None and self.dialect.purpose is None:
            yield Notice(feature="purpose", requested=request.purpose, reason="the service is not told what it is for")

    def parse(self, body: JSONObject, *, model: str | None = None) -> EmbeddingRequest:
        """Read a request body: the inverse of `encode`.

        Args:
            body: what was or would be sent. Inputs other than texts and token ids stay in `extra`.
            model: the model, where the address names it and the body does not; empty when nobody does.

        Raises:
            DecodeError: the body is no embeddings request.
        """
        dialect, inputs = self.dialect, _inputs(body.get("input"))
        known = {"model", "encoding_format", dialect.dimensions}
        known |= {"input"} if inputs is not None else set()
        known |= {name for name in (dialect.user, dialect.purpose) if name is not None}
        ours = {word: purpose for purpose, word in dialect.purposes.items()}
        purpose = _name(body.get(dialect.purpose)) if dialect.purpose is not None else None
        named = (_name(body.get("model")), model)
        return EmbeddingRequest(
            model=next((name for name in named if name is not None), ""),
            inputs=inputs if inputs is not None else (),
            dimensions=_whole(body.get(dialect.dimensions)),
            purpose=ours.get(purpose, purpose) if purpose is not None else None,
            encoding=_name(body.get("encoding_format")),
            user=_name(body.get(dialect.user)) if dialect.user is not None else None,
            extra=rest(body, known),
        )

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        """Read the vectors.

        Raises:
            DecodeError: the reply is malformed, or has two vectors in one place.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data:
            case {"data": list(items)}:
                rows = _rows(items)
            case {"error": error} if error is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"an embeddings reply without `data`: {excerpt(reply.body)}")
        packed = PACKED.get(request.encoding, "f") if request.encoding is not None else self.dialect.packed
        meta = rest(data, {"object", "data", "model", "id", "usage"})
        leftovers: list[JSON] = [left for _, _, left in rows]
        if any(leftovers):
            meta["data"] = leftovers
        return EmbeddingResponse(
            vectors=tuple(_vector(value, request.dimensions, packed) for _, value, _ in rows),
            model=_name(data.get("model")),
            id=_name(data.get("id")),
            usage=decode_usage(data.get("usage")),
            meta={self.provider.origin(request.model): meta} if meta else {},
            raw=data,
        )


def _name(value: JSON) -> str | None:
    if isinstance(value, str) or value is None:
        return value
    raise DecodeError(f"a name is no text but {type(value).__name__}")


def _whole(value: JSON) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise DecodeError(f"a number of dimensions is no whole number but {type(value).__name__}")


def _inputs(value: JSON) -> tuple[str | tuple[int, ...], ...] | None:
    """Read `input`: one text, several, token ids of one, or of several; `None` for something else."""
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list):
        return None
    if (ids := _token_ids(value)) is not None and ids:
        return (ids,)
    inputs = [item if isinstance(item, str) else _token_ids(item) for item in value]
    known = tuple(item for item in inputs if item is not None)
    return known if len(known) == len(value) else None


def _token_ids(value: JSON) -> tuple[int, ...] | None:
    if not isinstance(value, list):
        return None
    ids = tuple(item for item in value if isinstance(item, int) and not isinstance(item, bool))
    return ids if len(ids) == len(value) else None


Row: TypeAlias = "tuple[int, JSON, JSONObject]"


def _rows(items: list[JSON]) -> list[Row]:
    """Read the vectors in their order; where a server says of all that they are in one place, in that of the reply."""
    rows = [_row(item, place) for place, item in enumerate(items)]
    if 1 < len(set(map(_place, rows))) < len(rows):
        raise DecodeError("two vectors are in one place")
    return sorted(rows, key=_place)


def _row(item: JSON, place: int) -> Row:
    """Return a vector's place, its numbers, and what else is said about it."""
    if not isinstance(item, dict):
        raise DecodeError(f"an item of `data` is no object but {type(item).__name__}")
    leftovers = rest(item, {"object", "embedding", "index"})
    match item.get("embedding"), item.get("index"):
        case (str() | list()) as embedding, int(index) if not isinstance(index, bool):
            return index, embedding, leftovers
        case (str() | list()) as embedding, None:
            return place, embedding, leftovers
        case _:
            raise DecodeError(f"an item of `data` is no embedding: {sorted(item)}")


def _place(row: Row) -> int:
    return row[0]


def _vector(value: JSON, dimensions: int | None, packed: Number) -> Vector:
    match value:
        case str():
            return _unpacked(value, dimensions, packed)
        case list():
            return _numbers(value)
        case _:
            raise DecodeError(f"a vector is neither a list nor base64 but {type(value).__name__}")


def _unpacked(text: str, dimensions: int | None, packed: Number) -> Vector:
    """Read base64: little-endian numbers without a head."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise DecodeError(f"a vector is no base64: {error}") from None
    kind = WIDTHS.get(len(data) / dimensions, packed) if dimensions else packed
    vector: Vector = _empty(kind)
    if len(data) % vector.itemsize:
        raise DecodeError(f"a vector of {len(data)} bytes does not hold numbers of {vector.itemsize} bytes")
    vector.frombytes(data)
    if sys.byteorder == "big":
        vector.byteswap()
    return vector


def _empty(kind: Number) -> Vector:
    match kind:
        case "f" | "d":
            return array(kind)
        case "b" | "B":
            return array(kind)


def _numbers(values: list[JSON]) -> Vector:
    """Read a list of numbers: small integers stay integers, everything else is a float of 32 bits."""
    kinds = set(map(type, values))
    if not kinds <= {int, float}:
        raise DecodeError("a vector holds something that is no number")
    if kinds == {int}:
        for kind in ("b", "B"):
            try:
                return array(kind, cast("list[int]", values))  # the types were checked above, at once
            except OverflowError:
                continue
    try:
        vector = array("f", cast("list[float]", values))  # as above
    except OverflowError:
        raise DecodeError("a vector holds a number that is too large") from None
    if any(map(math.isinf, vector)):
        raise DecodeError("a vector holds a number that is too large for 32 bits")
    return vector
