"""The body of a Responses request → `Request`: the inverse of `encode`.

Law: what a body says is in the request that comes out: in a field, in a native option, in `extra`, in `meta`, or in
`Opaque`. A member of the wrong kind is not guessed at: it goes into `extra`, and the service may judge it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from chat_core.codec import members
from chat_core.codec.members import Left, model_of
from chat_core.jsonvalue import rest
from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import Text
from chat_core.request import Request
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
    name = model_of(body, model if model is not None else "")
    left = Left(rest(body, {"model", "stream"}))
    origin, preset = provider.origin(name), provider.preset
    instructions = left.text("instructions")
    tools = tuple(parse_tool(item, origin, preset) for item in left.items("tools"))
    messages = _messages(left.data.pop("input", None), origin, preset, tools)
    if instructions is not None:
        messages = (Message(role="system", parts=(Text(instructions),)), *messages)
    elif messages and messages[0].role == "system":
        messages = (_placed(messages[0], origin), *messages[1:])
    return Request(
        model=name,
        messages=messages,
        tools=tools,
        tool_choice=left.take(lambda data: parse_choice(data, tools, preset), "tool_choice"),
        output=left.take(lambda data: parse_output(data, preset), "text.format"),
        options=_options(left, preset),
    )


def _messages(data: JSON, origin: str, preset: Preset, tools: tuple[AnyTool, ...]) -> tuple[Message, ...]:
    if isinstance(data, str):
        return (Message(role="user", parts=(Text(data),)),)
    return TurnParser(origin, preset, tools).parse(members.items(data, "input"))


def _placed(message: Message, origin: str) -> Message:
    """Mark instructions that stand among the items, so that they stand there again."""
    meta = message.meta.get(origin, {})
    return replace(message, meta={origin: {**meta, PLACE: "input"}})


def _options(left: Left, preset: Preset) -> Options:
    """Take the options out of a body; what is left is `extra`."""
    names = option_names(preset)

    def take(read: Callable[[JSON], T | None], option: str) -> T | None:
        return left.take(read, names[option]) if option in names else None

    portable = Options(
        max_tokens=take(members.integer, "max_tokens"),
        temperature=take(members.number, "temperature"),
        top_p=take(members.number, "top_p"),
        top_k=take(members.integer, "top_k"),
        min_p=take(members.number, "min_p"),
        frequency_penalty=take(members.number, "frequency_penalty"),
        presence_penalty=take(members.number, "presence_penalty"),
        seed=take(members.integer, "seed"),
        top_logprobs=take(members.integer, "top_logprobs"),
        reasoning_effort=take(members.text, "reasoning_effort"),
        reasoning_tokens=take(members.integer, "reasoning_tokens"),
        parallel_tool_calls=take(members.flag, "parallel_tool_calls"),
        user=take(members.text, "user"),
        service_tier=take(members.text, "service_tier"),
    )
    native = _native(left)
    return portable if native == ResponsesOptions() else replace(portable, native=(native,))


def _native(left: Left) -> ResponsesOptions:
    return ResponsesOptions(
        access_programs=left.mapping("access_programs"),
        background=left.flag("background"),
        context_management=left.mappings("context_management"),
        conversation=left.text("conversation") or left.mapping("conversation"),
        image=left.mapping("image"),
        include=left.texts("include"),
        max_tool_calls=left.integer("max_tool_calls"),
        metadata=left.mapping("metadata"),
        moderation=left.mapping("moderation"),
        personality=left.take(members.anything, "personality"),
        previous_response_id=left.text("previous_response_id"),
        prompt=left.mapping("prompt"),
        prompt_cache_key=left.text("prompt_cache_key"),
        prompt_cache_options=left.mapping("prompt_cache_options"),
        prompt_cache_retention=left.text("prompt_cache_retention"),
        reasoning=left.mapping("reasoning"),
        safety_identifier=left.text("safety_identifier"),
        store=left.flag("store"),
        stream_options=left.mapping("stream_options"),
        text=left.mapping("text"),
        tool_choice=left.take(members.anything, "tool_choice"),
        truncation=left.text("truncation"),
        extra=left.data,
    )
