"""The codecs of what Google's APIs offer beside chat: vectors, counts, models, caches, files, batches.

Law: a recorded request is read back through our own values, and spelled again by the code that users run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.wire.codecs import NOTHING, Capability
from tests.wire.outcome import Told

from chat_core.codec.capabilities import EmbeddingRequest
from chat_core.jsonvalue import rest
from chat_gemini import batches, caches, count_tokens, embeddings, files, models, search_stores, sending
from chat_gemini.places import developer, vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wire.corpus import Exchange

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request

FAMILY = "gemini_side"

_MODEL = re.compile(r"/models/([^/:]+):")
_OTHER = "model"
"""A model for requests whose address is not known."""


def side_codec(exchange: Exchange) -> Capability:
    """Return the codec of an exchange beside chat."""
    return _CODECS[exchange.wire](exchange, _provider(exchange))


def _provider(exchange: Exchange) -> Gemini:
    on_vertex = exchange.api.startswith("vertex")
    return Gemini(place=vertex("example-project", "us-central1") if on_vertex else developer(version="v1beta"))


def _model(exchange: Exchange) -> str:
    named = _MODEL.search(exchange.path)
    return named[1] if named is not None else _OTHER


def _embeddings(exchange: Exchange, provider: Gemini) -> Capability:
    offered = embeddings.GeminiEmbeddings(provider)
    asked, model = exchange.asked, _model(exchange)
    request = offered.parse(asked, model=model) if asked is not None else EmbeddingRequest(model=model, inputs=())
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        FAMILY,
        embeddings.IGNORED,
    )


def _models(_: Exchange, provider: Gemini) -> Capability:
    return Capability(provider, models.GeminiModels(provider).decode, None, FAMILY, models.IGNORED)


def _count(exchange: Exchange, provider: Gemini) -> Capability:
    offered = count_tokens.GeminiTokenCounter(provider)
    asked = exchange.asked
    request = offered.parse(asked, model=_model(exchange)) if asked is not None else NOTHING
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if asked is not None else None,
        FAMILY,
        count_tokens.IGNORED,
    )


def _caches(exchange: Exchange, provider: Gemini) -> Capability:
    def read(reply: WireResponse) -> Told:
        match method:
            case "DELETE":
                return Told((), sending.gone(provider, reply))
            case "GET" if exchange.path.endswith("/cachedContents"):
                return Told((), caches.decode_page(provider, reply))
            case _:
                return Told((), caches.decode(provider, reply))

    method = (exchange.request or {}).get("method")
    return Capability(provider, read, _cache_wire(exchange, provider, method), FAMILY, caches.IGNORED)


def _cache_wire(exchange: Exchange, provider: Gemini, method: JSON) -> Callable[[], WireRequest] | None:
    asked = exchange.asked
    if asked is None or method not in ("POST", "PATCH"):
        return None
    if method == "PATCH":
        return lambda: caches.encode_update(provider, exchange.path.rpartition("/")[2], asked)
    about = {key: value for key, value in asked.items() if key in ("ttl", "expireTime", "displayName")}
    request = _request(provider, rest(asked, {"model", *about}), str(asked.get("model")))
    return lambda: caches.encode_create(provider, request, about)


def _files(exchange: Exchange, provider: Gemini) -> Capability:
    def read(reply: WireResponse) -> Told:
        match exchange.path.rpartition("/")[2], (exchange.request or {}).get("method"):
            case _, "DELETE":
                return Told((), sending.gone(provider, reply))
            case _ if not exchange.body:  # the reply to the start of an upload says all in its headers
                return Told((), None)
            case "files", "GET":
                return Told((), files.decode_page(provider, reply))
            case "fileSearchStores", _:
                return Told((), search_stores.decode(provider, reply))
            case name, _ if name.endswith(":uploadToFileSearchStore"):
                return Told((), search_stores.decode_task(provider, reply))
            case _:
                return Told((), files.decode(provider, reply))

    return Capability(provider, read, None, FAMILY, files.IGNORED)


def _batches(exchange: Exchange, provider: Gemini) -> Capability:
    def read(reply: WireResponse) -> Told:
        return Told((), batches.decode(provider, reply))

    requests = [_request(provider, body, _model(exchange)) for body in _inlined(exchange.asked)]
    wire = batches.encode_create(provider, requests) if requests else None
    return Capability(provider, read, (lambda: wire) if wire is not None else None, FAMILY, batches.IGNORED)


def _inlined(asked: JSONObject | None) -> list[JSONObject]:
    match asked:
        case {"batch": {"inputConfig": {"requests": {"requests": list(items)}}}}:
            inner = [item.get("request") for item in items if isinstance(item, dict)]
            return [body for body in inner if isinstance(body, dict)]
        case _:
            return []


def _request(provider: Gemini, body: JSONObject, model: str) -> Request:
    return provider.parse(body, model=model)


_CODECS: dict[str, Callable[[Exchange, Gemini], Capability]] = {
    "gemini-embeddings": _embeddings,
    "vertex-predict": _embeddings,
    "gemini-models": _models,
    "gemini-count-tokens": _count,
    "gemini-caches": _caches,
    "gemini-files": _files,
    "gemini-batches": _batches,
}
