"""The body of a chat completions request → `Request`: the inverse of `encode`.

Law: what a body says is in the request that comes out: in a field, in a native option, in `extra`, in `meta`, or in
`Opaque`. A member of the wrong kind is not guessed at: it goes into `extra`, and the service may judge it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from chat_completions.encode import option_names
from chat_completions.options import CompletionsOptions
from chat_completions.tools import parse_choice, parse_output, parse_tool
from chat_completions.turns import TurnParser
from chat_core.errors import DecodeError
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
CAPS: tuple[Cap, ...] = ("max_tokens", "max_completion_tokens")


def parse(provider: Completions, body: JSONObject, *, model: str | None = None) -> Request:
    """Read a request body.

    Raises:
        DecodeError: it is no chat completions request.
    """
    taken = dict(body)
    name = _model(taken.pop("model", None), model)
    origin, preset = provider.origin(name), provider.preset
    taken.pop("stream", None)
    messages = TurnParser(origin, preset).parse(_list(taken.pop("messages", None), "messages"))
    tools = tuple(parse_tool(item, origin, preset) for item in _list(taken.pop("tools", None), "tools"))
    wanted, form = taken.get("tool_choice"), taken.get("response_format")
    choice, output = parse_choice(wanted, tools, preset), parse_output(form, preset)
    if choice is not None or wanted is None:
        taken.pop("tool_choice", None)
    if output is not None or form is None:
        taken.pop("response_format", None)
    return Request(
        model=name, messages=messages, tools=tools, tool_choice=choice, output=output, options=_options(taken, preset)
    )


def _model(named: JSON, given: str | None) -> str:
    match named:
        case str():
            return named
        case None:
            return given if given is not None else ""
        case _:
            raise DecodeError(f"model is no text but {type(named).__name__}")


def _list(data: JSON, name: str) -> list[JSON]:
    match data:
        case None:
            return []
        case list():
            return data
        case _:
            raise DecodeError(f"{name} is no list but {type(data).__name__}")


def _options(body: JSONObject, preset: Preset) -> Options:
    """Take the options out of a body; what is left is `extra`."""
    names = option_names(preset)
    take = _Taking(body, names)
    max_tokens = take(_integer, "max_tokens")
    cap = None if max_tokens is not None else _cap(body)
    if cap is not None:
        max_tokens = _integer(body.pop(cap))
    portable = Options(
        max_tokens=max_tokens,
        temperature=take(_number, "temperature"),
        top_p=take(_number, "top_p"),
        top_k=take(_integer, "top_k"),
        min_p=take(_number, "min_p"),
        frequency_penalty=take(_number, "frequency_penalty"),
        presence_penalty=take(_number, "presence_penalty"),
        stop=take(_texts_or_one, "stop"),
        seed=take(_integer, "seed"),
        logit_bias=take(_bias, "logit_bias"),
        logprobs=take(_flag, "logprobs"),
        top_logprobs=take(_integer, "top_logprobs"),
        n=take(_integer, "n"),
        reasoning_effort=take(_text, "reasoning_effort"),
        reasoning_tokens=take(_integer, "reasoning_tokens"),
        parallel_tool_calls=take(_flag, "parallel_tool_calls"),
        user=take(_text, "user"),
        service_tier=take(_text, "service_tier"),
    )
    native = _native(body, cap)
    return portable if native == CompletionsOptions() else replace(portable, native=(native,))


def _cap(body: JSONObject) -> Cap | None:
    """Find the other spelling of the token limit."""
    for name in CAPS:
        if _integer(body.get(name)) is not None:
            return name
    return None


def _native(body: JSONObject, cap: Cap | None) -> CompletionsOptions:
    take = _Taking(body, {item.name: item.name for item in fields(CompletionsOptions)})
    match body.get("stream_options"):
        case dict(asked):
            body.pop("stream_options")
            more = rest(asked, {"include_usage"})
        case _:
            more = {}
    return CompletionsOptions(
        max_tokens_field=cap,
        audio=take(_object, "audio"),
        function_call=take(_anything, "function_call"),
        functions=take(_objects, "functions"),
        metadata=take(_object, "metadata"),
        modalities=take(_texts, "modalities"),
        moderation=take(_object, "moderation"),
        prediction=take(_object, "prediction"),
        prompt_cache_key=take(_text, "prompt_cache_key"),
        prompt_cache_options=take(_object, "prompt_cache_options"),
        prompt_cache_retention=take(_text, "prompt_cache_retention"),
        reasoning=take(_object, "reasoning"),
        response_format=take(_object, "response_format"),
        safety_identifier=take(_text, "safety_identifier"),
        store=take(_flag, "store"),
        stream_options=more or None,
        tool_choice=take(_anything, "tool_choice"),
        verbosity=take(_text, "verbosity"),
        web_search_options=take(_object, "web_search_options"),
        extra=body,
    )


class _Taking:
    """Takes typed members out of a body, by the name of an option."""

    def __init__(self, body: JSONObject, names: dict[str, str]) -> None:
        self._body = body
        self._names = names

    def __call__(self, read: Callable[[JSON], T | None], option: str) -> T | None:
        """Take a member; `None`, and it stays where it is, when it is absent or of another kind."""
        path = self._names.get(option)
        if path is None:
            return None
        outer, dot, inner = path.partition(".")
        if not dot:
            value = read(self._body.get(outer))
            if value is not None:
                del self._body[outer]
            return value
        match self._body.get(outer):
            case dict(held):
                value = read(held.get(inner))
            case _:
                return None
        if value is not None:
            left = {key: item for key, item in held.items() if key != inner}
            self._body[outer] = left
            if not left:
                del self._body[outer]
        return value


def _integer(data: JSON) -> int | None:
    return data if isinstance(data, int) and not isinstance(data, bool) else None


def _number(data: JSON) -> float | None:
    return data if isinstance(data, int | float) and not isinstance(data, bool) else None


def _text(data: JSON) -> str | None:
    return data if isinstance(data, str) else None


def _flag(data: JSON) -> bool | None:
    return data if isinstance(data, bool) else None


def _object(data: JSON) -> JSONObject | None:
    return data if isinstance(data, dict) else None


def _anything(data: JSON) -> JSON:
    return data


def _texts(data: JSON) -> tuple[str, ...] | None:
    match data:
        case list():
            texts = tuple(item for item in data if isinstance(item, str))
            return texts if len(texts) == len(data) else None
        case _:
            return None


def _texts_or_one(data: JSON) -> tuple[str, ...] | None:
    return (data,) if isinstance(data, str) else _texts(data)


def _objects(data: JSON) -> tuple[JSONObject, ...] | None:
    match data:
        case list():
            objects = tuple(item for item in data if isinstance(item, dict))
            return objects if len(objects) == len(data) else None
        case _:
            return None


def _bias(data: JSON) -> dict[str, float] | None:
    match data:
        case dict():
            bias = {key: number for key, value in data.items() if (number := _number(value)) is not None}
            return bias if len(bias) == len(data) else None
        case _:
            return None
