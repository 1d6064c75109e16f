"""Which codec reads which wire: the one place of the session that knows the packages.

Law: a wire that is not in `WIRES` is out of scope and is counted; one that is there has to pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from tests.wire.outcome import Outcome, Told, attempt, refused

from chat_core.codec.capabilities import EmbeddingRequest, Embeddings, Models, TokenCounter
from chat_core.codec.provider import Provider, capability
from chat_core.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.wire.corpus import Exchange
    from tests.wire.outcome import Value

    from chat_claude.provider import Claude
    from chat_completions.provider import Completions
    from chat_completions.text_completions import TextCompletions
    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_gemini.provider import Gemini
    from chat_ollama.provider import Ollama
    from chat_responses.provider import Responses

_ANYWHERE = "https://llm.example/v1"
"""Where a vendor without a row is reached: an address has to be given."""

_Offered = TypeVar("_Offered")

NOTHING = Request(model="", messages=())
"""The request of a reply whose request is not known."""

_SURFACES = re.compile(r"-(chat|responses|messages|embeddings|models|completions|count-tokens|realtime-http)$")
_VERTEX_MODEL = re.compile(r"/models/([^/:]+):")
_GEMINI_MODEL = re.compile(r"/([^/:]+):(?:stream)?[gG]enerateContent$")


@dataclass(frozen=True, slots=True)
class Chat:
    """The codec of one chat exchange.

    Attributes:
        provider: translates.
        request: what was asked; `NOTHING` when that is not known.
        parse_body: reads a request body of this service.
        fault: why the recorded request could not be parsed.
        family: the module of stated equivalences.
        ignored: paths of leaves that say nothing, with the reason.
        streamed: whether a request that does not say so is streamed.
    """

    provider: Provider
    request: Request
    parse_body: Callable[[JSONObject], Request]
    fault: Exception | None
    family: str
    ignored: Mapping[str, str]
    streamed: bool = False

    def streams(self, asked: JSONObject) -> bool:
        """Tell whether a recorded request asks for a stream."""
        return asked.get("stream", self.streamed) is True

    def decode(self, reply: WireResponse) -> Outcome:
        """Decode a whole reply."""
        if reply.status >= 400:
            return refused(lambda: self.provider.decode_error(reply))
        return attempt(lambda: self.provider.decode(self.request, reply))


@dataclass(frozen=True, slots=True)
class Capability:
    """The codec of one exchange beside chat.

    Attributes:
        provider: reads the errors.
        read: reads the reply.
        asked: the recorded request as we spell it; `None` when that is not known.
        family: the module of stated equivalences.
        ignored: paths of leaves that say nothing, with the reason.
        begin: begins to read a stream.
    """

    provider: Provider
    read: Callable[[WireResponse], Value]
    asked: Callable[[], WireRequest] | None
    family: str
    ignored: Mapping[str, str]
    begin: Callable[[], Reader[object]] | None = None

    def decode(self, reply: WireResponse) -> Outcome:
        """Decode a whole reply."""
        if reply.status >= 400:
            return refused(lambda: self.provider.decode_error(reply))
        return attempt(lambda: self.read(reply))


Codec: TypeAlias = Chat | Capability


def codec_of(exchange: Exchange) -> Codec | None:
    """Return the codec of an exchange; `None` when its wire is out of scope."""
    make = WIRES.get(exchange.wire)
    return make(exchange) if make is not None else None


def _chat(exchange: Exchange, provider: Provider, parse: Callable[[JSONObject], Request], family: str) -> Chat:
    request: Request = NOTHING
    fault: Exception | None = None
    if exchange.asked is not None:
        try:
            request = parse(exchange.asked)
        except Exception as error:  # noqa: BLE001 - the check of requests says so; the reply is decoded all the same
            fault = error
    return Chat(provider, request, parse, fault, family, _ignored(*_TABLES[family]))


_TABLES = {
    "openai_chat": ("chat_completions", "decode", "stream"),
    "openai_completions": ("chat_completions", "text_completions", "decode", "stream"),
    "openai_responses": ("chat_responses", "decode", "stream"),
    "anthropic_messages": ("chat_claude", "decode", "stream"),
    "gemini_generate": ("chat_gemini", "decode", "stream"),
    "gemini_interactions": ("chat_gemini.interactions", "decode", "stream"),
    "ollama_chat": ("chat_ollama", "decode", "stream"),
    "ollama_generate": ("chat_ollama", "decode", "stream"),
}
"""Where a family's codec lives: the package, and the modules that may hold an `IGNORED` table."""


def _completions_chat(exchange: Exchange) -> Chat:
    provider = _completions(_vendor(exchange))
    return _chat(exchange, provider, provider.parse, "openai_chat")


def _responses_chat(exchange: Exchange) -> Chat:
    provider = _responses(_vendor(exchange))
    return _chat(exchange, provider, provider.parse, "openai_responses")


def _responses_count(exchange: Exchange) -> Capability:
    provider = _responses(_vendor(exchange))
    offered = _offered(provider, TokenCounter)  # type: ignore[type-abstract] # asked for by protocol
    request = provider.parse(exchange.asked) if exchange.asked else NOTHING
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if exchange.asked else None,
        "openai_responses",
        _ignored("chat_responses", "count_tokens"),
    )


def _conversations(exchange: Exchange) -> Capability:
    from chat_responses import kept  # noqa: PLC0415 - as above

    provider = _responses(_vendor(exchange))
    gone = (exchange.request or {}).get("method") == "DELETE"
    read = kept.decode_deleted if gone else kept.decode
    asked = None if gone else exchange.asked
    labels = asked.get("metadata") if asked is not None else None
    wire = kept.encode_create(provider, (), labels if isinstance(labels, dict) else None, model="")
    return Capability(
        provider,
        lambda reply: Told((), read(provider, reply)),
        (lambda: wire) if asked is not None else None,
        "openai_responses",
        _ignored("chat_responses", "kept"),
    )


def _realtime_http(exchange: Exchange) -> Capability:
    from chat_responses.realtime import secrets  # noqa: PLC0415 - as above
    from chat_responses.realtime.live import RealtimeLive  # noqa: PLC0415 - as above

    provider = _responses(_vendor(exchange))
    session = exchange.asked.get("session") if exchange.asked is not None else None
    read: Callable[[WireResponse], object] = secrets.decode_call
    asked: Callable[[], WireRequest] | None = None
    if isinstance(session, dict):
        read = secrets.decode_secret
        config = RealtimeLive(provider).parse_config(session, model=str(session.get("model")))
        asked = partial(secrets.encode_secret, provider, config, seconds=None)
    return Capability(
        provider, lambda reply: Told((), read(reply)), asked, "realtime", _ignored("chat_responses", "realtime.secrets")
    )


def _completions_text(exchange: Exchange) -> Chat:
    provider = _text_completions(_vendor(exchange))
    return _chat(exchange, provider, provider.parse, "openai_completions")


def _claude_chat(exchange: Exchange) -> Chat:
    path = (exchange.request or {}).get("path")
    named = _VERTEX_MODEL.search(path) if isinstance(path, str) else None
    provider = _claude(vertex=named is not None)
    headers = _request_headers(exchange)

    def parse(body: JSONObject) -> Request:
        return provider.parse(body, model=named[1] if named else None, headers=headers)

    return _chat(exchange, provider, parse, "anthropic_messages")


def _embeddings(exchange: Exchange) -> Capability:
    provider = _completions(_vendor(exchange))
    offered = _offered(provider, Embeddings)  # type: ignore[type-abstract] # asked for by protocol
    request = embedding_request(exchange.asked) if exchange.asked else EmbeddingRequest(model="", inputs=())
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if exchange.asked else None,
        "openai_embeddings",
        _ignored("chat_completions", "embeddings"),
    )


def _completions_models(exchange: Exchange) -> Capability:
    provider = _completions(_vendor(exchange))
    read = _offered(provider, Models).decode  # type: ignore[type-abstract] # asked for by protocol
    return Capability(provider, read, None, "openai_models", _ignored("chat_completions", "models"))


def _claude_models(_: Exchange) -> Capability:
    provider = _claude()
    read = _offered(provider, Models).decode  # type: ignore[type-abstract] # asked for by protocol
    return Capability(provider, read, None, "anthropic_models", _ignored("chat_claude", "models"))


def _claude_count(exchange: Exchange) -> Capability:
    provider = _claude()
    offered = _offered(provider, TokenCounter)  # type: ignore[type-abstract] # asked for by protocol
    request = provider.parse(exchange.asked, headers=_request_headers(exchange)) if exchange.asked else NOTHING
    return Capability(
        provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if exchange.asked else None,
        "anthropic_messages",
        _ignored("chat_claude", "count_tokens"),
    )


def _interactions_chat(exchange: Exchange) -> Chat:
    from chat_gemini.interactions.provider import Interactions  # noqa: PLC0415 - as above

    provider = Interactions()
    return _chat(exchange, provider, provider.parse, "gemini_interactions")


def _gemini_chat(exchange: Exchange) -> Chat:
    provider = _gemini(on_vertex=exchange.api.startswith("vertex"))
    named = _GEMINI_MODEL.search(exchange.path)
    model = named[1] if named is not None else "gemini-flash-latest"
    chat = _chat(exchange, provider, lambda body: provider.parse(body, model=model), "gemini_generate")
    return chat if exchange.asked is not None else replace(chat, request=replace(NOTHING, model=model))


def _ollama_chat(exchange: Exchange) -> Chat:
    provider = _ollama()
    return replace(_chat(exchange, provider, provider.parse, "ollama_chat"), streamed=True)


def _ollama_generate(exchange: Exchange) -> Chat:
    from chat_ollama.generate import Generate  # noqa: PLC0415 - as above

    provider = Generate()
    return replace(_chat(exchange, provider, provider.parse, "ollama_generate"), streamed=True)


def _ollama_embeddings(exchange: Exchange) -> Capability:
    from chat_ollama.embeddings import OllamaEmbeddings  # noqa: PLC0415 - as above

    offered = OllamaEmbeddings(_ollama())
    request = offered.parse(exchange.asked) if exchange.asked else EmbeddingRequest(model="", inputs=())
    return Capability(
        offered.provider,
        lambda reply: offered.decode(request, reply),
        (lambda: offered.encode(request)) if exchange.asked else None,
        "openai_embeddings",
        _ignored("chat_ollama", "embeddings"),
    )


def _ollama_models(_: Exchange) -> Capability:
    provider = _ollama()
    read = _offered(provider, Models).decode  # type: ignore[type-abstract] # asked for by protocol
    return Capability(provider, read, None, "ollama_models", _ignored("chat_ollama", "models"))


def _ollama_pull(exchange: Exchange) -> Capability:
    from chat_ollama.transfers import ProgressReader  # noqa: PLC0415 - as above

    def read(reply: WireResponse) -> Told:
        framer, reader = exchange.framer(), ProgressReader("")
        events = tuple(reader.feed([*framer.feed(reply.body), *framer.finish()]))
        return Told(events, reader.finish())

    return Capability(_ollama(), read, None, "ollama_pull", {})


def _media(exchange: Exchange) -> Capability:
    from tests.wire.media_codecs import media_codec  # noqa: PLC0415 - it imports this module

    return media_codec(exchange, _completions(exchange.api.rpartition("-")[0]))


def _texts(exchange: Exchange) -> Capability:
    from tests.wire.text_codecs import text_codec  # noqa: PLC0415 - it imports this module

    return text_codec(exchange)


def _gemini_side(exchange: Exchange) -> Capability:
    from tests.wire.gemini_side import side_codec  # noqa: PLC0415 - it imports this module

    return side_codec(exchange)


WIRES: Mapping[str, Callable[[Exchange], Codec]] = {
    "openai-chat": _completions_chat,
    "openai-completions": _completions_text,
    "openai-embeddings": _embeddings,
    "openai-input-tokens": _responses_count,
    "openai-responses": _responses_chat,
    "openai-responses-ws-handshake": _responses_chat,
    "openai-conversations": _conversations,
    "openai-realtime-http": _realtime_http,
    "openai-models": _completions_models,
    "openai-images": _media,
    "openai-audio": _media,
    "openai-moderations": _media,
    "groq-audio": _media,
    "anthropic-messages": _claude_chat,
    "anthropic-count-tokens": _claude_count,
    "anthropic-models": _claude_models,
    "gemini-generate": _gemini_chat,
    "gemini-embeddings": _gemini_side,
    "vertex-predict": _gemini_side,
    "gemini-models": _gemini_side,
    "gemini-count-tokens": _gemini_side,
    "gemini-caches": _gemini_side,
    "gemini-files": _gemini_side,
    "gemini-batches": _gemini_side,
    "gemini-interactions": _interactions_chat,
    "ollama-chat": _ollama_chat,
    "ollama-generate": _ollama_generate,
    "ollama-embeddings": _ollama_embeddings,
    "ollama-models": _ollama_models,
    "ollama-pull": _ollama_pull,
    "cohere-rerank": _texts,
    "together-rerank": _texts,
    "cohere-tokenize": _texts,
    "huggingface-feature-extraction": _texts,
    "huggingface-tasks": _texts,
}


def embedding_request(body: JSONObject) -> EmbeddingRequest:
    """Read an embeddings body of the OpenAI shape."""
    match body.get("input"):
        case str(text):
            inputs: tuple[str | tuple[int, ...], ...] = (text,)
        case list(items) if all(isinstance(item, int) for item in items):
            inputs = (tuple(item for item in items if isinstance(item, int)),)
        case list(items):
            inputs = tuple(_embedding_input(item) for item in items)
        case _:
            inputs = ()
    known = {"model", "input", "dimensions", "encoding_format", "user"}
    model, dimensions, user = body.get("model"), body.get("dimensions"), body.get("user")
    encoding, extra = _encoding(body.get("encoding_format"))
    return EmbeddingRequest(
        model=model if isinstance(model, str) else "",
        inputs=inputs,
        dimensions=dimensions if isinstance(dimensions, int) else None,
        encoding=encoding,
        user=user if isinstance(user, str) else None,
        extra={**extra, **{key: value for key, value in body.items() if key not in known}},
    )


def _encoding(value: JSON) -> tuple[Literal["float", "base64"] | None, JSONObject]:
    match value:
        case ("float" | "base64") as encoding:
            return encoding, {}
        case None:
            return None, {}
        case other:
            return None, {"encoding_format": other}


def _embedding_input(item: JSON) -> str | tuple[int, ...]:
    return tuple(token for token in item if isinstance(token, int)) if isinstance(item, list) else str(item)


def _vendor(exchange: Exchange) -> str:
    return _SURFACES.sub("", exchange.api)


def _offered(provider: Provider, kind: type[_Offered]) -> _Offered:
    offered = capability(provider, kind)
    if offered is None:
        raise LookupError(f"{provider.name} does not offer {kind.__name__}")
    return offered


def _request_headers(exchange: Exchange) -> dict[str, str]:
    match exchange.request:
        case {"headers": dict(headers)}:
            return {name.lower(): str(value) for name, value in headers.items()}
        case _:
            return {}


@cache
def _completions(vendor: str) -> Completions:
    from chat_completions.presets import COMPATIBLE, PRESETS  # noqa: PLC0415 - a wire costs its package when it occurs
    from chat_completions.provider import Completions  # noqa: PLC0415 - as above

    if vendor == "huggingface":
        from chat_huggingface.provider import HuggingFace  # noqa: PLC0415 - as above

        return HuggingFace()
    preset = PRESETS.get("openai-chat" if vendor == "openai" else vendor, COMPATIBLE)
    return Completions(preset, base_url=_ANYWHERE if preset.base_url is None else None)


@cache
def _responses(vendor: str) -> Responses:
    from chat_responses.presets import COMPATIBLE, OPENAI, PRESETS  # noqa: PLC0415 - as above
    from chat_responses.provider import Responses  # noqa: PLC0415 - as above

    preset = PRESETS.get(f"{vendor}-responses", OPENAI if vendor.startswith("openai") else COMPATIBLE)
    return Responses(preset, base_url=_ANYWHERE if preset.base_url is None else None)


@cache
def _text_completions(vendor: str) -> TextCompletions:
    from chat_completions.text_completions import TextCompletions  # noqa: PLC0415 - as above

    chat = _completions(vendor)
    return TextCompletions(chat.preset, base_url=chat.base_url)


@cache
def _claude(*, vertex: bool = False) -> Claude:
    from chat_claude.provider import ANTHROPIC, VERTEX, Claude  # noqa: PLC0415 - as above

    return Claude(surface=VERTEX if vertex else ANTHROPIC)


@cache
def _gemini(*, on_vertex: bool = False) -> Gemini:
    from chat_gemini.places import developer, vertex  # noqa: PLC0415 - as above
    from chat_gemini.provider import Gemini  # noqa: PLC0415 - as above

    return Gemini(place=vertex("example-project", "global") if on_vertex else developer())


@cache
def _ollama() -> Ollama:
    from chat_ollama.provider import Ollama  # noqa: PLC0415 - as above

    return Ollama()


@cache
def _ignored(package: str, *modules: str) -> Mapping[str, str]:
    """Gather the tables of leaves that a package says to leave out."""
    table: dict[str, str] = {}
    for name in modules:
        table |= getattr(import_module(f"{package}.{name}"), "IGNORED", {})
    return table
