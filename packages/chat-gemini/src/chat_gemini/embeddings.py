"""Embeddings: texts to vectors, by the method that a model's host has for them.

Law: vectors come in the order of the inputs, as floats of 32 bits. What else a reply holds is in `meta`.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse
from chat_core.codec.unsent import only_texts, unsent
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_core.response import Notice, Usage
from chat_gemini.sending import count_of, meta_of, object_of, wire_of
from chat_gemini.spelling import camel, camel_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.sending import Sender

Method: TypeAlias = Literal["batchEmbedContents", "embedContent", "predict"]

VERTEX: tuple[tuple[str, bool, Method], ...] = (
    ("gemini", False, "embedContent"),
    ("gemini", True, "batchEmbedContents"),
    ("maas", False, "embedContent"),
    ("", False, "predict"),
    ("", True, "predict"),
)
"""Vertex AI: what a model's name holds, whether there are several texts, and the method; the first fit counts.

The developer API has `batchEmbedContents` for all models.
"""

IGNORED: Mapping[str, str] = {}

UNSUPPORTED: Mapping[str, str] = {
    "encoding": "numbers travel as JSON on this wire",
    "user": "the wire knows no users",
}
"""What of a request cannot be sent."""

INSTANCES: Mapping[str, str] = {"taskType": "task_type", "title": "title", "mimeType": "mimeType"}
"""Settings that `predict` takes beside each text, and its names for them; it takes others as parameters."""

PURPOSES: Mapping[str, str] = {"query": "RETRIEVAL_QUERY", "document": "RETRIEVAL_DOCUMENT"}
"""The field's words for what vectors are for."""

PREFIXES: Mapping[str, Mapping[str, str]] = {
    "gemini-embedding-2": {"query": "task: search result | query: ", "document": "title: none | text: "},
}
"""Models that have no such field, by what their names hold: they are told in the text, in front of it."""

_SIZE = "outputDimensionality"
_TASK = "taskType"
_CONFIG = "embedContentConfig"


@dataclass(frozen=True, slots=True)
class GeminiEmbeddings:
    """Turns texts into vectors; implements `chat_core.codec.capabilities.Embeddings`."""

    provider: Sender

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        """Spell the request; `taskType`, `title` and `autoTruncate` can be in its `extra`, and hold for each text.

        Raises:
            UnsupportedContent: an input is no text, or the model takes one text at a time.
        """
        texts = tuple(only_texts(request.inputs, "Gemini embeds"))
        settings: JSONObject = {} if request.dimensions is None else {_SIZE: request.dimensions}
        prefix = _prefixes(request.model).get(request.purpose) if request.purpose is not None else None
        if request.purpose is not None and prefix is None:
            settings[_TASK] = PURPOSES.get(request.purpose, request.purpose)
        settings |= {camel(name): value for name, value in request.extra.items()}
        method = self._method(request.model, several=len(texts) != 1)
        notices = tuple(unsent(request, UNSUPPORTED))
        if prefix is not None:
            texts = tuple(f"{prefix}{text}" for text in texts)
            reason = "the model has no field for it and reads it in the text"
            notices += (Notice(feature="purpose", requested=request.purpose, applied=prefix, reason=reason),)
        body = self._body(method, request.model, texts, settings)
        return wire_of(self.provider, self.provider.place.model_url(request.model, method), body, notices=notices)

    def parse(self, body: JSONObject, *, model: str | None = None) -> EmbeddingRequest:
        """Read a request body of any of the methods: the inverse of `encode`.

        Args:
            body: the request's JSON.
            model: the model, for bodies that have none.

        Raises:
            DecodeError: the body is no embeddings request, or its texts have different settings.
        """
        match body:
            case {"requests": list(items)}:
                told = [_content(item) for item in items]
            case {"instances": list(items)}:
                told = [_instance(item, body.get("parameters")) for item in items]
            case _:
                told = [_content(body)]
        settings = told[0][1] if told else {}
        if any(other != settings for _, other in told):
            raise DecodeError("texts with different settings: read them one by one")
        named, size = settings.get("model"), settings.get(_SIZE)
        whole = size if isinstance(size, int) and not isinstance(size, bool) else None
        asked = model if model is not None else named.removeprefix("models/") if isinstance(named, str) else ""
        purpose = _purpose(settings.get(_TASK), asked)
        known = {"model"} | (set[str]() if whole is None else {_SIZE}) | (set[str]() if purpose is None else {_TASK})
        return EmbeddingRequest(
            model=asked,
            inputs=tuple(text for text, _ in told),
            dimensions=whole,
            purpose=purpose,
            extra=rest(settings, known),
        )

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        """Read the vectors.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = object_of(self.provider, reply)
        key, rows = _rows(data)
        told = [_row(row) for row in rows]
        left = [more for _, more in told]
        meta = rest(data, {key, "usageMetadata"})
        if any(left):
            meta[key] = [*left]
        return EmbeddingResponse(
            vectors=tuple(vector for vector, _ in told),
            usage=_usage(data, left),
            meta=meta_of(self.provider, meta, request.model),
            raw=data,
        )

    def _method(self, model: str, *, several: bool) -> Method:
        """Choose the method, by the table."""
        if not self.provider.place.vertex:
            return "batchEmbedContents"
        name = model.rpartition("/")[2]
        for part, many, method in VERTEX:
            if part in name and many is several:
                return method
            if part == "maas" and part in name:
                break
        raise UnsupportedContent(f"{model} takes one text at a time: embed the texts one by one")

    def _body(self, method: Method, model: str, texts: tuple[str, ...], settings: JSONObject) -> JSONObject:
        contents: list[JSONObject] = [{"content": {"parts": [{"text": text}]}} for text in texts]
        match method:
            case "predict":
                return _predict(texts, settings)
            case "embedContent":
                return {**contents[0], **_config(settings)}
            case "batchEmbedContents" if self.provider.place.vertex:
                return {"requests": [{**content, **_config(settings)} for content in contents]}
            case "batchEmbedContents":
                named: JSONObject = {"model": self.provider.place.model_name(model)}
                return {"requests": [{**named, **content, **settings} for content in contents]}


def _prefixes(model: str) -> Mapping[str, str]:
    """Return what says in the text what vectors are for; empty for models that have a field for it."""
    return next((prefixes for part, prefixes in PREFIXES.items() if part in model), dict[str, str]())


def _purpose(task: JSON, model: str) -> str | None:
    """Read what vectors are for; `None` where it is not said, or stays in the service's own words."""
    found = next((purpose for purpose, word in PURPOSES.items() if word == task), None)
    return None if found in _prefixes(model) else found


def _config(settings: JSONObject) -> JSONObject:
    return {_CONFIG: settings} if settings else {}


def _predict(texts: tuple[str, ...], settings: JSONObject) -> JSONObject:
    beside: JSONObject = {INSTANCES[name]: value for name, value in settings.items() if name in INSTANCES}
    parameters = rest(settings, INSTANCES)
    instances: list[JSON] = [{"content": text, **beside} for text in texts]
    return {"instances": instances, **({"parameters": parameters} if parameters else {})}


def _content(data: JSON) -> tuple[str, JSONObject]:
    """Read one content and its settings."""
    said = camel_object(data) if isinstance(data, dict) else {}
    match said.get("content"):
        case {"parts": [dict(part)]} if isinstance(text := part.get("text"), str) and len(part) == 1:
            inner = said.get(_CONFIG)
            return text, {**rest(said, {"content", _CONFIG}), **(inner if isinstance(inner, dict) else {})}
        case _:
            raise DecodeError(f"no content of one text: {excerpt(repr(data))}")


def _instance(data: JSON, parameters: JSON) -> tuple[str, JSONObject]:
    """Read one instance of `predict`, with the parameters of all."""
    text = data.get("content") if isinstance(data, dict) else None
    if not (isinstance(data, dict) and isinstance(text, str)):
        raise DecodeError(f"no instance of one text: {excerpt(repr(data))}")
    beside = {camel(name): value for name, value in rest(data, {"content"}).items()}
    return text, {**(parameters if isinstance(parameters, dict) else {}), **beside}


def _rows(data: JSONObject) -> tuple[str, list[JSON]]:
    """Find the vectors of a reply."""
    match data:
        case {"embeddings": list(rows)}:
            return "embeddings", rows
        case {"predictions": list(rows)}:
            return "predictions", rows
        case {"embedding": dict(row)}:
            return "embedding", [row]
        case _:
            raise DecodeError(f"an embeddings reply without vectors: {excerpt(repr(sorted(data)))}")


def _row(row: JSON) -> tuple[array[float], JSONObject]:
    """Read a vector, and what is said beside it."""
    said = row if isinstance(row, dict) else {}
    match said:
        case {"embeddings": dict(inner)}:
            beside = rest(said, {"embeddings"})
        case _:
            inner, beside = said, {}
    match inner.get("values"):
        case list(values):
            return _vector(values), {**beside, **rest(inner, {"values"})}
        case _:
            raise DecodeError(f"no vector: {excerpt(repr(row), 100)}")


def _vector(values: list[JSON]) -> array[float]:
    if not set(map(type, values)) <= {int, float}:
        raise DecodeError(f"a vector is no list of numbers: {excerpt(repr(values), 100)}")
    try:
        vector = array("f", cast("list[float]", values))  # the types were checked above, at once
    except OverflowError:
        raise DecodeError("a vector holds a number that is too large") from None
    if any(map(math.isinf, vector)):
        raise DecodeError("a vector holds a number that is too large for 32 bits")
    return vector


def _usage(data: JSONObject, rows: list[JSONObject]) -> Usage | None:
    """Read what it cost: said of all texts, or of each."""
    match data.get("usageMetadata"):
        case dict(usage):
            return Usage(input_tokens=count_of(usage, "promptTokenCount"), raw=usage)
        case None:
            pass
        case other:
            raise DecodeError(f"malformed usageMetadata: {excerpt(repr(other), 100)}")
    counts = [_tokens(row.get("statistics")) for row in rows]
    known = [count for count in counts if count is not None]
    return Usage(input_tokens=sum(known)) if known and len(known) == len(counts) else None


def _tokens(statistics: JSON) -> int | None:
    if not isinstance(statistics, dict):
        return None
    found = statistics.get("token_count", statistics.get("tokenCount"))
    if isinstance(found, float) and found.is_integer():
        return int(found)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
