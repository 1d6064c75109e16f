"""The body of a Responses request → `Request`: the inverse of `encode`.

Law: what a body says is in the request that comes out: in a field, in a native option, in `extra`, in `meta`, or in
`Opaque`. A member of the wrong kind is not guessed at: it goes into `extra`, and the service may judge it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import Text
from chat_core.request import OutputFormat, Request
from chat_responses.encode import option_names
from chat_responses.options import ResponsesOptions
from chat_responses.overlay import PLACE
from chat_responses.said import TurnParser
from chat_responses.tools import parse_choice, parse_output, parse_tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.tools import AnyTool
    from chat_responses.preset import Preset
    from chat_responses.provider import Responses

T = TypeVar("T")


def parse(provider: Responses, body: JSONObject, *, model: str | None = None) -> Request:
    """Read a request body.

    Raises:
        DecodeError: it is no Responses request.
    """
    taken = rest(body, {"stream"})
    name = _model(taken.pop("model", None), model)
    origin, preset = provider.origin(name), provider.preset
    instructions = taken.get("instructions")
    if isinstance(instructions, str):
        del taken["instructions"]
    tools = tuple(parse_tool(item, origin, preset) for item in _list(taken.pop("tools", None), "tools"))
    messages = _messages(taken.pop("input", None), origin, preset, tools)
    if isinstance(instructions, str):
        messages = (Message(role="system", parts=(Text(instructions),)), *messages)
    elif messages and messages[0].role == "system":
        messages = (_placed(messages[0], origin), *messages[1:])
    choice = parse_choice(taken.get("tool_choice"), tools, preset)
    if choice is not None:
        del taken["tool_choice"]
    output = _output(taken, preset)
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


def _messages(data: JSON, origin: str, preset: Preset, tools: tuple[AnyTool, ...]) -> tuple[Message, ...]:
    if isinstance(data, str):
        return (Message(role="user", parts=(Text(data),)),)
    return TurnParser(origin, preset, tools).parse(_list(data, "input"))


def _placed(message: Message, origin: str) -> Message:
    """Mark instructions that stand among the items, so that they stand there again."""
    meta = message.meta.get(origin, {})
    return replace(message, meta={origin: {**meta, PLACE: "input"}})


def _output(body: JSONObject, preset: Preset) -> OutputFormat | None:
    """Take the form of the answer out of `text`, where it has a portable one."""
    match body.get("text"):
        case dict(held):
            output = parse_output(held.get("format"), preset)
        case _:
            return None
    if output is not None:
        left = rest(held, {"format"})
        body["text"] = left
        if not left:
            del body["text"]
    return output


def _options(body: JSONObject, preset: Preset) -> Options:
    """Take the options out of a body; what is left is `extra`."""
    take = _Taking(body, option_names(preset))
    portable = Options(
        max_tokens=take(_integer, "max_tokens"),
        temperature=take(_number, "temperature"),
        top_p=take(_number, "top_p"),
        top_k=take(_integer, "top_k"),
        min_p=take(_number, "min_p"),
        frequency_penalty=take(_number, "frequency_penalty"),
        presence_penalty=take(_number, "presence_penalty"),
        seed=take(_integer, "seed"),
        top_logprobs=take(_integer, "top_logprobs"),
        reasoning_effort=take(_text, "reasoning_effort"),
        reasoning_tokens=take(_integer, "reasoning_tokens"),
        parallel_tool_calls=take(_flag, "parallel_tool_calls"),
        user=take(_text, "user"),
        service_tier=take(_text, "service_tier"),
    )
    native = _native(body)
    return portable if native == ResponsesOptions() else replace(portable, native=(native,))


def _native(body: JSONObject) -> ResponsesOptions:
    take = _Taking(body, {})
    return ResponsesOptions(
        access_programs=take(_object, "access_programs"),
        background=take(_flag, "background"),
        context_management=take(_objects, "context_management"),
        conversation=take(_text, "conversation") or take(_object, "conversation"),
        image=take(_object, "image"),
        include=take(_texts, "include"),
        max_tool_calls=take(_integer, "max_tool_calls"),
        metadata=take(_object, "metadata"),
        moderation=take(_object, "moderation"),
        personality=take(_anything, "personality"),
        previous_response_id=take(_text, "previous_response_id"),
        prompt=take(_object, "prompt"),
        prompt_cache_key=take(_text, "prompt_cache_key"),
        prompt_cache_options=take(_object, "prompt_cache_options"),
        prompt_cache_retention=take(_text, "prompt_cache_retention"),
        reasoning=take(_object, "reasoning"),
        safety_identifier=take(_text, "safety_identifier"),
        store=take(_flag, "store"),
        stream_options=take(_object, "stream_options"),
        text=take(_object, "text"),
        tool_choice=take(_anything, "tool_choice"),
        truncation=take(_text, "truncation"),
        extra=body,
    )


class _Taking:
    """Takes typed members out of a body, by the name of an option."""

    def __init__(self, body: JSONObject, names: dict[str, str]) -> None:
        self._body = body
        self._names = names

    def __call__(self, read: Callable[[JSON], T | None], option: str) -> T | None:
        """Take a member; `None`, and it stays where it is, when it is absent or of another kind."""
        path = self._names.get(option) if self._names else option
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


def _objects(data: JSON) -> tuple[JSONObject, ...] | None:
    match data:
        case list():
            objects = tuple(item for item in data if isinstance(item, dict))
            return objects if len(objects) == len(data) else None
        case _:
            return None
