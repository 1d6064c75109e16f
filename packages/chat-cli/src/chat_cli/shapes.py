"""`--request-file`: a whole request, in this library's own words or in a service's, as it is.

Law: who reads a body is found through the registry; nothing here knows how a wire spells anything, only by which
members a body is recognised.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from chat_cli.defaults import model_of
from chat_core.errors import ChatError, ConfigurationError
from chat_core.frozen import dataclass
from chat_core.history import load
from chat_core.jsonvalue import parse_object
from chat_core.messages import Message
from chat_core.plugins.definitions import located
from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.provider import Provider
    from chat_core.jsonvalue import JSON, JSONObject

MAX_BYTES = 256 * 1024 * 1024
"""Longest request file."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a body is recognised.

    Attributes:
        name: whose bodies look like this.
        provider: the provider that reads them, when no other one of its kind is named.
        members: what such a body has; any of them tells.
    """

    name: str
    provider: str
    members: frozenset[str]


SHAPES = (
    Shape("Gemini", "gemini", frozenset({"contents"})),
    Shape("OpenAI Responses", "openai", frozenset({"input", "previous_response_id"})),
    Shape("Anthropic", "claude", frozenset({"system", "stop_sequences", "thinking", "output_config", "mcp_servers"})),
    Shape("OpenAI", "openai-chat", frozenset({"messages"})),
)
"""In the order in which they are tried."""

BLOCKS = frozenset({"tool_use", "tool_result", "thinking", "redacted_thinking", "image", "document"})
"""Kinds of content that only bodies of Anthropic's shape have."""


def read(path: str) -> JSONObject:
    """Read a file that holds a JSON object, or standard input for `-`.

    Raises:
        click.UsageError: it cannot be read, or holds something else.
    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        return parse_object(data, limit=MAX_BYTES)
    except OSError as error:
        raise click.UsageError(f"--request-file {path}: {error.strerror or error}") from None
    except ChatError as error:
        raise click.UsageError(f"--request-file {path}: {error.message}") from None


def request_of(body: JSONObject, model: str | None, base_url: str | None) -> tuple[str, Request]:
    """Return the `provider:model` to ask, and the request that a body is.

    Args:
        body: what the file holds.
        model: the model that the command line names; `None` = the one that the body names.
        base_url: where the service is.

    Raises:
        click.UsageError: the body is no request.
        ConfigurationError: no provider is named, or nobody installed reads such a body.
    """
    asked = None if model is None else _full(model)
    try:
        name, request = _own(body, asked) if "version" in body else _foreign(body, asked, base_url)
    except ConfigurationError:
        raise
    except ChatError as error:
        raise click.UsageError(f"--request-file: {error.message}") from None
    return name, replace(request, model=name.partition(":")[2])


def _full(model: str) -> str:
    return model if ":" in model else registry().resolve_model(model)


def _own(body: JSONObject, model: str | None) -> tuple[str, Request]:
    """Read what `chat_core.dump` made: a request, a history or a message."""
    match load(body):
        case Request() as request:
            return model or _provided(request.model), request
        case tuple() as messages:
            return model or _full(model_of(None)), Request(model="", messages=messages)
        case Message() as message:
            return model or _full(model_of(None)), Request(model="", messages=(message,))
        case other:
            raise click.UsageError(f"--request-file: a saved {type(other).__name__} is no request")


def _provided(model: str) -> str:
    name, colon, _ = model.partition(":")
    if colon and name in registry().names("provider"):
        return model
    raise ConfigurationError(f"the request names the model {model!r} and no provider: pass -m PROVIDER:{model}")


def _foreign(body: JSONObject, model: str | None, base_url: str | None) -> tuple[str, Request]:
    """Let the provider read a body whose wire it is: the one that is asked, if it is its own."""
    shape = shape_of(body)
    reader = _loaded(shape.provider, None if model else base_url)
    if model is None:
        request = _parsed(reader, body)
        return f"{shape.provider}:{request.model}", request
    asked = _loaded(model.partition(":")[0], base_url)
    return model, _parsed(asked if type(asked) is type(reader) else reader, body)


def shape_of(body: JSONObject) -> Shape:
    """Recognise whose request a body is.

    Raises:
        click.UsageError: it is nobody's.
    """
    if _has_blocks(body):
        return next(shape for shape in SHAPES if shape.name == "Anthropic")
    for shape in SHAPES:
        if shape.members & body.keys():
            return shape
    names = ", ".join(shape.name for shape in SHAPES)
    raise click.UsageError(
        f"--request-file holds no request: it takes what chat_core.dump(request) gives, and bodies for {names}"
    )


def _has_blocks(body: JSONObject) -> bool:
    match body:
        case {"messages": list(messages)}:
            return any(map(_holds_block, messages))
        case _:
            return False


def _holds_block(message: JSON) -> bool:
    match message:
        case {"content": list(blocks)}:
            return any(isinstance(block, dict) and block.get("type") in BLOCKS for block in blocks)
        case _:
            return False


def _loaded(name: str, base_url: str | None) -> Provider:
    spec = registry().provider(name)
    return spec.load(ProviderConfig(base_url=located(spec, base_url).url))


def _parsed(provider: Provider, body: JSONObject) -> Request:
    parse = cast("Callable[[JSONObject], Request] | None", getattr(provider, "parse", None))
    if parse is None:
        raise ConfigurationError(f"{provider.name} reads no requests of its own wire: use chat_core.dump(request)")
    return parse(body)
