"""The body of a generateContent request → `Request`: the inverse of `encode`.

Law: what has no portable name is kept: in `GeminiOptions`, its `extra`, the parts' `meta`, or as `Opaque`. Nulls say
nothing, and neither do empty settings. Names may be in snake case. The model is in the address, or in `model`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_core.codec import members
from chat_core.jsonvalue import rest
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_gemini.encode import JSON_TYPE, LEVELS, NAMES
from chat_gemini.options import BODY_FIELDS, GENERATION_FIELDS, GeminiOptions
from chat_gemini.signatures import is_newer
from chat_gemini.spelling import camel_object
from chat_gemini.tools import parse_choice, parse_tools
from chat_gemini.turns import TurnParser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.jsonvalue import JSONObject
    from chat_core.tools import ToolChoice
    from chat_gemini.provider import Gemini


def parse_body(provider: Gemini, body: JSONObject, *, model: str | None = None) -> Request:
    """Read a request of this wire.

    Raises:
        DecodeError: the body is no request of this wire, or its model is not known.
    """
    data = camel_object(body)
    name = model if model is not None else members.model_of(data)
    origin = provider.origin(name)
    turns = TurnParser(origin)
    messages = (*turns.instructions(data.get("systemInstruction")), *turns.contents(data.get("contents")))
    tools, servers = parse_tools(data.get("tools"), origin)
    left = Left(rest(data, {"model", "systemInstruction", "contents", "tools"}))
    choice, chosen = _tool_config(left)
    output, options = _options(left, name, {**chosen, "mcp_servers": servers})
    return Request(model=name, messages=messages, tools=tools, tool_choice=choice, output=output, options=options)


class Left(members.Left):
    """The members of an object that nobody took yet. What is empty says nothing."""

    def mapping(self, path: str) -> JSONObject | None:
        """Take an object."""
        found = super().mapping(path)
        return None if found is None else rest(found, ()) or None

    def texts(self, path: str) -> tuple[str, ...] | None:
        """Take a list of texts."""
        return super().texts(path) or None

    def mappings(self, path: str) -> tuple[JSONObject, ...] | None:
        """Take a list of objects."""
        return super().mappings(path) or None


KINDS: Mapping[str, Callable[[Left, str], Any]] = {
    "str | None": Left.text,
    "bool | None": Left.flag,
    "JSONObject | None": Left.mapping,
    "tuple[str, ...] | None": Left.texts,
    "tuple[JSONObject, ...] | None": Left.mappings,
}
"""How a field of `GeminiOptions` is taken, by its annotation."""

PORTABLE: Mapping[str, Callable[[Left, str], Any]] = {
    "max_tokens": Left.integer,
    "top_k": Left.integer,
    "seed": Left.integer,
    "top_logprobs": Left.integer,
    "n": Left.integer,
    "stop": Left.texts,
    "logprobs": Left.flag,
}
"""How a portable option is taken; the others are numbers."""


def _taken(left: Left, names: Mapping[str, str]) -> dict[str, Any]:
    """Take the fields of `GeminiOptions` that an object has members for."""
    annotations = GeminiOptions.__annotations__
    return {name: KINDS[annotations[name]](left, spelled) for name, spelled in names.items()}


def _tool_config(left: Left) -> tuple[ToolChoice | None, dict[str, Any]]:
    found = left.mapping("toolConfig")
    config = Left(found if found is not None else {})
    calling = config.mapping("functionCallingConfig")
    choice, beside = parse_choice(calling if calling is not None else {})
    beside_it = Left(beside)
    native: dict[str, Any] = {
        "stream_arguments": beside_it.flag("streamFunctionCallArguments"),
        "retrieval_config": config.mapping("retrievalConfig"),
        "include_server_tools": config.flag("includeServerSideToolInvocations"),
    }
    if beside_it.data:
        config.data["functionCallingConfig"] = beside_it.data
    return choice, {**native, "tool_config": config.data or None}


def _options(left: Left, model: str, native: dict[str, Any]) -> tuple[OutputFormat | None, Options]:
    found = left.mapping("generationConfig")
    config = Left(found if found is not None else {})
    portable: dict[str, Any] = {name: PORTABLE.get(name, Left.number)(config, key) for name, key in NAMES.items()}
    effort, tokens, thoughts = _thinking(config, model)
    output, form = _output(config)
    native |= {**thoughts, **form, **_taken(config, GENERATION_FIELDS), **_taken(left, BODY_FIELDS)}
    tier = left.text("serviceTier")
    own = GeminiOptions(**native, generation_config=config.data or None, extra=left.data)
    return output, Options(
        **portable,
        reasoning_effort=effort,
        reasoning_tokens=tokens,
        service_tier=tier,
        native=() if own == GeminiOptions() else (own,),
    )


def _thinking(config: Left, model: str) -> tuple[str | None, int | None, dict[str, Any]]:
    """Take how to think: in portable words where `encode` would spell them the same way."""
    found = config.mapping("thinkingConfig")
    left = Left(found if found is not None else {})
    thoughts = left.flag("includeThoughts")
    effort, tokens = None, None
    match left.data.get("thinkingLevel"), left.data.get("thinkingBudget"):
        case str(level), None if is_newer(model) and _is_portable(level):
            effort = level.lower()
            del left.data["thinkingLevel"]
        case None, int():
            tokens = left.integer("thinkingBudget")
        case _:
            pass
    return effort, tokens, {"include_thoughts": thoughts, "thinking": left.data or None}


def _is_portable(level: str) -> bool:
    return level.lower().upper() == level and level.lower() not in LEVELS


def _output(config: Left) -> tuple[OutputFormat | None, dict[str, Any]]:
    """Take the form of the answer."""
    schema = config.mapping("responseSchema")
    mime = config.text("responseMimeType")
    if mime != JSON_TYPE:
        return None, {"response_mime_type": mime, "response_schema": schema}
    if schema is not None:
        return OutputFormat(kind="json"), {"response_schema": schema}
    whole = config.mapping("responseJsonSchema")
    return OutputFormat(kind="json") if whole is None else OutputFormat(schema=whole), {}
