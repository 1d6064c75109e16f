"""`Request` → the body of a chat completions request.

Law: an option is sent or there is a `Notice`; `messages` come last and earlier ones never change when later ones are
appended; private data goes to the origin it came from only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_completions.messages import MessageEncoder
from chat_completions.options import PLAIN, CompletionsOptions
from chat_completions.tools import ToolEncoder
from chat_core.codec.framers import SSE
from chat_core.codec.leftovers import overlay
from chat_core.codec.members import plain, portable, put
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.preset import Preset
    from chat_completions.provider import Completions
    from chat_core.codec.wire import Channel
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.request import Request

NAMES: Mapping[str, str] = {
    "max_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "stop": "stop",
    "seed": "seed",
    "logit_bias": "logit_bias",
    "logprobs": "logprobs",
    "top_logprobs": "top_logprobs",
    "n": "n",
    "reasoning_effort": "reasoning_effort",
    "parallel_tool_calls": "parallel_tool_calls",
    "user": "user",
    "service_tier": "service_tier",
}
"""The body fields of the portable options; presets add to them and change them."""


def encode(provider: Completions, request: Request, *, channel: Channel, stream: bool) -> WireRequest:
    """Spell a request as this service has it.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
        UnsupportedTransport: the channel is not `http`.
    """
    if channel not in provider.channels:
        raise UnsupportedTransport(f"{provider.name} has no channel {channel}: use one of {sorted(provider.channels)}")
    notices: list[Notice] = []
    preset, native = provider.preset, request.options.native_of(CompletionsOptions)
    body: JSONObject = {"model": request.model} if request.model else {}
    _put_options(body, request.options, native, preset, notices)
    _put_native(body, native)
    encoder = ToolEncoder(provider, request, native, notices)
    _put_tools(body, request, encoder)
    if (form := encoder.output(request.output)) is not None:
        body["response_format"] = form
    _put_stream(body, native, preset, stream=stream)
    body |= native.extra
    body["messages"] = body.pop("messages", MessageEncoder(provider, request, notices).encode())
    return WireRequest(
        url=provider.url(preset.path),
        body=body,
        headers={"content-type": "application/json", **provider.headers},
        framer=SSE if stream else None,
        notices=tuple(notices),
    )


def option_names(preset: Preset) -> dict[str, str]:
    """Return the body field of every option that a service takes."""
    names = {**NAMES, **preset.names}
    return {option: path for option, path in names.items() if option not in preset.unsupported}


def _put_options(
    body: JSONObject, options: Options, native: CompletionsOptions, preset: Preset, notices: list[Notice]
) -> None:
    names = option_names(preset)
    if native.max_tokens_field is not None:
        names["max_tokens"] = native.max_tokens_field
    for option, value in portable(options).items():
        if option in names:
            put(body, names[option], value)
        else:
            reason = preset.unsupported.get(option, f"{preset.name} has no field for it")
            notices.append(Notice(feature=option, requested=value, reason=reason))


def _put_native(body: JSONObject, native: CompletionsOptions) -> None:
    for name in PLAIN:
        value: JSON = plain(getattr(native, name))
        match body.get(name), value:
            case _, None:
                pass
            case dict(held), dict(more):
                body[name] = overlay(held, more)
            case _:
                body[name] = value


def _put_tools(body: JSONObject, request: Request, encoder: ToolEncoder) -> None:
    declared = encoder.declarations(request.tools)
    if declared:
        body["tools"] = declared
    elif request.tools and request.tool_choice is not None:
        encoder.nothing_to_choose(request.tool_choice)
        return
    if (choice := encoder.choice(request.tool_choice)) is not None:
        body["tool_choice"] = choice


def _put_stream(body: JSONObject, native: CompletionsOptions, preset: Preset, *, stream: bool) -> None:
    if not stream:
        return
    body["stream"] = True
    asked: JSONObject = {"include_usage": True} if preset.stream_usage else {}
    more = native.stream_options if native.stream_options is not None else {}
    if asked or more:
        body["stream_options"] = {**asked, **more}
