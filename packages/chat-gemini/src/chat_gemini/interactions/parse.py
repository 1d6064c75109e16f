"""The body of an interaction → `Request`: the inverse of `encode`.

Law: what a body says is in the request that comes out: in a field, in a native option, in `extra`, in `meta`, or in
`Opaque`. A member of the wrong kind is not guessed at: it stays where it was, and the service may judge it.
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
from chat_gemini.interactions.options import CONFIG, NAMES, InteractionsOptions
from chat_gemini.interactions.output import parse_output
from chat_gemini.interactions.said import parse_input
from chat_gemini.interactions.tools import parse_choice, parse_tool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_gemini.interactions.provider import Interactions

T = TypeVar("T")


def parse(provider: Interactions, body: JSONObject, *, model: str | None = None) -> Request:
    """Read a request body.

    Raises:
        DecodeError: it is no request of this wire.
    """
    name = model_of(body, model if model is not None else "")
    left = Left(rest(body, {"model", "stream"}))
    origin = provider.origin(name)
    tools = tuple(parse_tool(item, origin) for item in left.items("tools"))
    messages = parse_input(left.data.pop("input", None), origin)
    instructions = left.text("system_instruction")
    if instructions is not None:
        messages = (Message(role="system", parts=(Text(instructions),)), *messages)
    return Request(
        model=name,
        messages=messages,
        tools=tools,
        tool_choice=left.take(parse_choice, f"{CONFIG}.tool_choice"),
        output=left.take(parse_output, "response_format"),
        options=_options(left),
    )


def _options(left: Left) -> Options:
    """Take the options out of a body; what is left is `extra`."""
    portable = Options(
        max_tokens=left.integer(NAMES["max_tokens"]),
        temperature=left.number(NAMES["temperature"]),
        top_p=left.number(NAMES["top_p"]),
        seed=left.integer(NAMES["seed"]),
        stop=left.texts(NAMES["stop"]),
        reasoning_effort=left.text(NAMES["reasoning_effort"]),
        service_tier=left.text(NAMES["service_tier"]),
    )
    native = _native(left)
    return portable if native == InteractionsOptions() else replace(portable, native=(native,))


def _native(left: Left) -> InteractionsOptions:
    config = Left(dict(found) if (found := left.mapping(CONFIG)) is not None else {})
    return InteractionsOptions(
        agent=left.text("agent"),
        agent_config=left.mapping("agent_config"),
        background=left.flag("background"),
        cached_content=left.text("cached_content"),
        continuation_token=left.text("continuation_token"),
        environment=left.text("environment") or left.mapping("environment"),
        image_config=config.mapping("image_config"),
        labels=left.mapping("labels"),
        previous_interaction_id=left.text("previous_interaction_id"),
        response_format=left.take(members.anything, "response_format"),
        response_mime_type=left.text("response_mime_type"),
        response_modalities=left.texts("response_modalities"),
        safety_settings=left.mappings("safety_settings"),
        speech_config=config.take(members.anything, "speech_config"),
        store=left.flag("store"),
        thinking_summaries=config.text("thinking_summaries"),
        tool_choice=config.take(members.anything, "tool_choice"),
        transcription_config=config.mapping("transcription_config"),
        video_config=config.mapping("video_config"),
        webhook_config=left.mapping("webhook_config"),
        generation_config=config.data or None,
        extra=left.data,
    )
