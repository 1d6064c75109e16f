"""The body of a chat completions request → `Request`: the inverse of `encode`.

Law: what a body says is in the request that comes out: in a field, in a native option, in `extra`, in `meta`, or in
`Opaque`. A member of the wrong kind is not guessed at: it goes into `extra`, and the service may judge it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from chat_completions.encode import option_names
from chat_completions.options import CompletionsOptions
from chat_completions.tools import parse_choice, parse_output, parse_tool
from chat_completions.turns import TurnParser
from chat_core.codec import members
from chat_core.codec.members import Left, model_of
from chat_core.jsonvalue import rest
from chat_core.options import Options
from chat_core.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_completions.preset import Preset
    from chat_completions.provider import Completions
    from chat_core.jsonvalue import JSON, JSONObject

T = TypeVar("T")

Cap: TypeAlias = Literal["max_tokens", "max_completion_tokens"]
TAKEN = frozenset({"model", "stream"})
"""Members that are read for themselves."""
EMPTY = TAKEN | {"tool_choice", "response_format"}
"""Members that say nothing where they are null; a null elsewhere is kept."""
CAPS: tuple[Cap, ...] = ("max_tokens", "max_completion_tokens")


def parse(provider: Completions, body: JSONObject, *, model: str | None = None) -> Request:
    """Read a request body.

    Raises:
        DecodeError: it is no chat completions request.
    """
    name = model_of(body, model if model is not None else "")
    left = Left({key: value for key, value in body.items() if key not in (EMPTY if value is None else TAKEN)})
    origin, preset = provider.origin(name), provider.preset
    messages = TurnParser(origin, preset).parse(left.items("messages"))
    tools = tuple(parse_tool(item, origin, preset) for item in left.items("tools"))
    choice = left.take(lambda data: parse_choice(data, tools, preset), "tool_choice")
    output = left.take(lambda data: parse_output(data, preset), "response_format")
    return Request(
        model=name, messages=messages, tools=tools, tool_choice=choice, output=output, options=_options(left, preset)
    )


def _options(left: Left, preset: Preset) -> Options:
    """Take the options out of a body; what is left is `extra`."""
    names = option_names(preset)

    def take(read: Callable[[JSON], T | None], option: str) -> T | None:
        return left.take(read, names[option]) if option in names else None

    max_tokens = take(members.integer, "max_tokens")
    cap = None if max_tokens is not None else _cap(left.data)
    if cap is not None:
        max_tokens = left.integer(cap)
    portable = Options(
        max_tokens=max_tokens,
        temperature=take(members.number, "temperature"),
        top_p=take(members.number, "top_p"),
        top_k=take(members.integer, "top_k"),
        min_p=take(members.number, "min_p"),
        frequency_penalty=take(members.number, "frequency_penalty"),
        presence_penalty=take(members.number, "presence_penalty"),
        stop=take(members.texts_or_one, "stop"),
        seed=take(members.integer, "seed"),
        logit_bias=take(members.numbers, "logit_bias"),
        logprobs=take(members.flag, "logprobs"),
        top_logprobs=take(members.integer, "top_logprobs"),
        n=take(members.integer, "n"),
        reasoning_effort=take(members.text, "reasoning_effort"),
        reasoning_tokens=take(members.integer, "reasoning_tokens"),
        parallel_tool_calls=take(members.flag, "parallel_tool_calls"),
        user=take(members.text, "user"),
        service_tier=take(members.text, "service_tier"),
    )
    native = _native(left, cap)
    return portable if native == CompletionsOptions() else replace(portable, native=(native,))


def _cap(body: JSONObject) -> Cap | None:
    """Find the other spelling of the token limit."""
    for name in CAPS:
        if members.integer(body.get(name)) is not None:
            return name
    return None


def _native(left: Left, cap: Cap | None) -> CompletionsOptions:
    asked = left.mapping("stream_options")
    more = rest(asked if asked is not None else {}, {"include_usage"})
    return CompletionsOptions(
        max_tokens_field=cap,
        audio=left.mapping("audio"),
        function_call=left.take(members.anything, "function_call"),
        functions=left.mappings("functions"),
        metadata=left.mapping("metadata"),
        modalities=left.texts("modalities"),
        moderation=left.mapping("moderation"),
        prediction=left.mapping("prediction"),
        prompt_cache_key=left.text("prompt_cache_key"),
        prompt_cache_options=left.mapping("prompt_cache_options"),
        prompt_cache_retention=left.text("prompt_cache_retention"),
        reasoning=left.mapping("reasoning"),
        response_format=left.mapping("response_format"),
        safety_identifier=left.text("safety_identifier"),
        store=left.flag("store"),
        stream_options=more or None,
        tool_choice=left.take(members.anything, "tool_choice"),
        verbosity=left.text("verbosity"),
        web_search_options=left.mapping("web_search_options"),
        extra=left.data,
    )
