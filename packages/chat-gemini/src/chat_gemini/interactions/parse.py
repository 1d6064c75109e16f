"""The body of an interaction → `Request`: the inverse of `encode`.

Law: what a body says is in the request that comes out: in a field, in a native option, in `extra`, in `meta`, or in
`Opaque`. A member of the wrong kind is not guessed at: it stays where it was, and the service may judge it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import Text
from chat_core.request import Request
from chat_gemini.interactions.options import CONFIG, NAMES, InteractionsOptions
from chat_gemini.interactions.output import parse_output
from chat_gemini.interactions.said import parse_input
from chat_gemini.interactions.tools import parse_choice, parse_tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import OutputFormat
    from chat_gemini.interactions.provider import Interactions

T = TypeVar("T")


def parse(provider: Interactions, body: JSONObject, *, model: str | None = None) -> Request:
    """Read a request body.

    Raises:
        DecodeError: it is no request of this wire.
    """
    taken = rest(body, {"stream"})
    name = _model(taken.pop("model", None), model)
    origin = provider.origin(name)
    tools = tuple(parse_tool(item, origin) for item in _list(taken.pop("tools", None), "tools"))
    messages = parse_input(taken.pop("input", None), origin)
    instructions = taken.get("system_instruction")
    if isinstance(instructions, str):
        del taken["system_instruction"]
        messages = (Message(role="system", parts=(Text(instructions),)), *messages)
    config = _Taking(taken, CONFIG)
    return Request(
        model=name,
        messages=messages,
        tools=tools,
        tool_choice=config(parse_choice, "tool_choice"),
        output=_output(taken),
        options=_options(taken, config),
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


def _output(body: JSONObject) -> OutputFormat | None:
    output = parse_output(body.get("response_format"))
    if output is not None:
        del body["response_format"]
    return output


def _options(body: JSONObject, config: _Taking) -> Options:
    """Take the options out of a body; what is left is `extra`."""
    take = _Taking(body)

    def named(read: Callable[[JSON], T | None], option: str) -> T | None:
        outer, dot, inner = NAMES[option].partition(".")
        return config(read, inner) if dot else take(read, outer)

    portable = Options(
        max_tokens=named(_integer, "max_tokens"),
        temperature=named(_number, "temperature"),
        top_p=named(_number, "top_p"),
        seed=named(_integer, "seed"),
        stop=named(_texts, "stop"),
        reasoning_effort=named(_text, "reasoning_effort"),
        service_tier=named(_text, "service_tier"),
    )
    native = _native(take, config)
    return portable if native == InteractionsOptions() else replace(portable, native=(native,))


def _native(take: _Taking, config: _Taking) -> InteractionsOptions:
    return InteractionsOptions(
        agent=take(_text, "agent"),
        agent_config=take(_object, "agent_config"),
        background=take(_flag, "background"),
        cached_content=take(_text, "cached_content"),
        continuation_token=take(_text, "continuation_token"),
        environment=take(_text, "environment") or take(_object, "environment"),
        image_config=config(_object, "image_config"),
        labels=take(_object, "labels"),
        previous_interaction_id=take(_text, "previous_interaction_id"),
        response_format=take(_anything, "response_format"),
        response_mime_type=take(_text, "response_mime_type"),
        response_modalities=take(_texts, "response_modalities"),
        safety_settings=take(_objects, "safety_settings"),
        speech_config=config(_anything, "speech_config"),
        store=take(_flag, "store"),
        thinking_summaries=config(_text, "thinking_summaries"),
        tool_choice=config(_anything, "tool_choice"),
        transcription_config=config(_object, "transcription_config"),
        video_config=config(_object, "video_config"),
        webhook_config=take(_object, "webhook_config"),
        generation_config=config.left(),
        extra=take.body,
    )


class _Taking:
    """Takes typed members out of a body, or out of an object in it.

    Attributes:
        body: what is left.
    """

    def __init__(self, body: JSONObject, place: str | None = None) -> None:
        """Take out of a body; `place` is the member that holds the object."""
        self._outer, self._place = body, place
        self.body = body
        if place is not None:
            held = body.get(place)
            self.body = {**held} if isinstance(held, dict) else {}

    def __call__(self, read: Callable[[JSON], T | None], name: str) -> T | None:
        """Take a member; `None`, and it stays where it is, when it is absent or of another kind."""
        value = read(self.body.get(name))
        if value is not None:
            del self.body[name]
        return value

    def left(self) -> JSONObject | None:
        """Return what is left of the object, and take that out of the body too."""
        if self._place is not None and isinstance(self._outer.get(self._place), dict):
            del self._outer[self._place]
        return self.body or None


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
