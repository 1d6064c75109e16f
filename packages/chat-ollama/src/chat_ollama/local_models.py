"""What a server can be asked and told about its models: show, running, copy, delete; and its version.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs: `chat.drive(show()).finish()`.

Law: one exchange each. What a reply says beyond the typed fields is in `meta`.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from chat_core.errors import DecodeError, UnsupportedCapability
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.parts import no_meta
from chat_ollama.errors import error_from
from chat_ollama.models import seconds
from chat_ollama.provider import Ollama

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta

SHOW = "/api/show"
PS = "/api/ps"
COPY = "/api/copy"
DELETE = "/api/delete"
VERSION = "/api/version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a server knows about a model.

    Attributes:
        model: the model that was asked about.
        capabilities: what it can do, in the server's words: `completion`, `tools`, `vision`, `thinking`, …
        context_tokens: the length of context that it was made for.
        details: format, family, size and quantisation.
        info: the facts in its file, by their keys there.
        meta: template, licence, parameters and what else is said, by origin.
    """

    model: str
    capabilities: tuple[str, ...] = ()
    context_tokens: int | None = None
    details: JSONObject = field(default_factory=dict[str, "JSON"], hash=False)
    info: JSONObject = field(default_factory=dict[str, "JSON"], hash=False)
    meta: Meta = field(default_factory=no_meta, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A model that is loaded.

    Attributes:
        model: its name.
        size: bytes of memory that it takes.
        size_vram: bytes of these that are on the GPU.
        context_tokens: the length of context that it was loaded with.
        expires: when it will be unloaded, in seconds since 1970.
        meta: what else is said, by origin.
    """

    model: str
    size: int | None = None
    size_vram: int | None = None
    context_tokens: int | None = None
    expires: float | None = None
    meta: Meta = field(default_factory=no_meta, hash=False)


def show(model: str | None = None, *, verbose: bool = False) -> Operation[Shown]:
    """Ask what a server knows about a model; without a name the client's own.

    Args:
        model: the model.
        verbose: whether the facts in its file are told whole, vocabularies included.
    """

    def operation(service: Service) -> Flow[Shown]:
        ollama, name = ollama_of(service), named(service, model)
        body: JSONObject = {"model": name, **({"verbose": True} if verbose else {})}
        return service.exchange(ollama.wire(SHOW, body), lambda reply: decode_show(ollama, name, reply))

    return operation


def running() -> Operation[tuple[Running, ...]]:
    """Ask which models are loaded."""

    def operation(service: Service) -> Flow[tuple[Running, ...]]:
        ollama = ollama_of(service)
        return service.exchange(ollama.wire(PS, method="GET"), lambda reply: decode_running(ollama, reply))

    return operation


def copy(source: str, destination: str) -> Operation[None]:
    """Give a model a second name."""

    def operation(service: Service) -> Flow[None]:
        body: JSONObject = {"source": source, "destination": destination}
        return service.exchange(ollama_of(service).wire(COPY, body), _nothing)

    return operation


def delete(model: str) -> Operation[None]:
    """Delete a model from the server."""

    def operation(service: Service) -> Flow[None]:
        wire = ollama_of(service).wire(DELETE, {"model": model}, method="DELETE")
        return service.exchange(wire, _nothing)

    return operation


def version() -> Operation[str]:
    """Ask for the server's version."""

    def operation(service: Service) -> Flow[str]:
        return service.exchange(ollama_of(service).wire(VERSION, method="GET"), _version)

    return operation


def ollama_of(service: Service) -> Ollama:
    """Return the server of a client.

    Raises:
        UnsupportedCapability: the client's provider is another one.
    """
    if isinstance(service.provider, Ollama):
        return service.provider
    raise UnsupportedCapability(f"{service.provider.name} is no Ollama server: use a client of ollama:MODEL")


def named(service: Service, model: str | None) -> str:
    """Return the model that is meant: without a name the client's own."""
    return service.model if model is None else model


def decode_show(ollama: Ollama, model: str, reply: WireResponse) -> Shown:
    """Read what is known about a model.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    data = _object(reply)
    match data.get("details"), data.get("model_info"), data.get("capabilities"):
        case (None | dict()) as details, (None | dict()) as info, (None | list()) as capabilities:
            words = tuple(word for word in capabilities or () if isinstance(word, str))
        case _:
            raise DecodeError(f"malformed facts about a model: {excerpt(reply.body)}")
    if len(words) < len(capabilities or ()):
        raise DecodeError(f"malformed capabilities: {excerpt(repr(capabilities))}")
    meta = rest(data, {"details", "model_info", "capabilities"})
    return Shown(
        model=model,
        capabilities=words,
        context_tokens=_context(info or {}),
        details=details or {},
        info=info or {},
        meta={ollama.origin(model): meta} if meta else {},
    )


def decode_running(ollama: Ollama, reply: WireResponse) -> tuple[Running, ...]:
    """Read which models are loaded.

    Raises:
        DecodeError: the reply is malformed.
        ProviderError: the reply is an error in the guise of a success.
    """
    match _object(reply).get("models", 0):
        case (list() | None) as items:
            return tuple(_running(ollama, item) for item in items or ())
        case _:
            raise DecodeError(f"a list of models without `models`: {excerpt(reply.body)}")


def _running(ollama: Ollama, data: JSON) -> Running:
    if not isinstance(data, dict):
        raise DecodeError(f"a model is no object but {type(data).__name__}")
    match data:
        case {"model": str(model)} | {"name": str(model)}:
            pass
        case _:
            raise DecodeError(f"a model without a name: {sorted(data)}")
    meta = rest(data, {"model", "size", "size_vram", "context_length"})
    return Running(
        model=model,
        size=_count(data, "size"),
        size_vram=_count(data, "size_vram"),
        context_tokens=_count(data, "context_length"),
        expires=seconds(data.get("expires_at")),
        meta={ollama.origin(model): meta} if meta else {},
    )


def _context(info: Mapping[str, JSON]) -> int | None:
    """Find the length of context, whose key begins with the model's architecture."""
    return _count(info, f"{info.get('general.architecture')}.context_length")


def _count(data: Mapping[str, JSON], key: str) -> int | None:
    match data.get(key):
        case None:
            return None
        case int(number) if not isinstance(number, bool):
            return number
        case other:
            raise DecodeError(f"malformed {key}: expected a whole number, got {excerpt(repr(other), 100)}")


def _object(reply: WireResponse) -> JSONObject:
    data = parse_object(reply.body)
    if data.get("error") is not None:
        raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
    return data


def _nothing(_: WireResponse) -> None:
    """Read a reply that says nothing but its status."""


def _version(reply: WireResponse) -> str:
    match _object(reply):
        case {"version": str(text)}:
            return text
        case data:
            raise DecodeError(f"no version: {excerpt(repr(data))}")
