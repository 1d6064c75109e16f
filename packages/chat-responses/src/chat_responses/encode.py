"""`Request` → the body of a Responses request.

Law: an option is sent or there is a `Notice`; `input` comes last and earlier items never change when later ones are
appended; private data goes to the origin it came from only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.framers import SSE
from chat_core.codec.members import plain, portable, put
from chat_core.codec.wire import WireRequest
from chat_core.errors import UnsupportedTransport
from chat_core.response import Notice
from chat_responses.chain import linked, seal_of
from chat_responses.options import PLAIN, ResponsesOptions
from chat_responses.overlay import overlay
from chat_responses.sockets import LANES, event_of, socket_url
from chat_responses.tools import ToolEncoder
from chat_responses.turns import TurnEncoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import Channel
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.request import Request
    from chat_responses.preset import Preset
    from chat_responses.provider import Responses

NAMES: Mapping[str, str] = {
    "max_tokens": "max_output_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_logprobs": "top_logprobs",
    "reasoning_effort": "reasoning.effort",
    "parallel_tool_calls": "parallel_tool_calls",
    "user": "user",
    "service_tier": "service_tier",
}
"""The body fields of the portable options; presets add to them and change them."""

PROBABILITIES = "message.output_text.logprobs"
"""What an answer is asked to include when `Options.logprobs` is set: the wire has no field for it."""


def encode(provider: Responses, request: Request, *, channel: Channel, stream: bool) -> WireRequest:
    """Spell a request as this service has it.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
        UnsupportedTransport: the channel is none of the provider's.
    """
    if channel not in provider.channels:
        raise UnsupportedTransport(f"{provider.name} has no channel {channel}: use one of {sorted(provider.channels)}")
    notices: list[Notice] = []
    body, first = encode_body(provider, request, notices, kept=channel == "websocket")
    url = provider.url(provider.preset.path)
    if channel == "websocket":
        return WireRequest(
            url=socket_url(url),
            body=event_of(body, notices),
            headers=provider.headers,
            notices=tuple(notices),
            lane=LANES if provider.preset.websocket == "lanes" else None,
            affinity=first,
        )
    native = request.options.native_of(ResponsesOptions)
    if stream:
        sent: JSONObject = {} if native.stream_options is None else {"stream_options": native.stream_options}
        body = {"stream": True, **sent, **body}
    return WireRequest(
        url=url,
        body=body,
        headers={"content-type": "application/json", **provider.headers},
        framer=SSE if stream else None,
        notices=tuple(notices),
    )


def encode_body(
    provider: Responses, request: Request, notices: list[Notice], *, kept: bool
) -> tuple[JSONObject, str | None]:
    """Spell what is asked, without how the answer travels; return also what requests of one conversation share.

    Args:
        provider: the service.
        request: what is asked.
        notices: what is not sent as asked is written into it.
        kept: whether the connection keeps answers that the service does not store.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    preset, native = provider.preset, request.options.native_of(ResponsesOptions)
    body: JSONObject = {"model": request.model} if request.model else {}
    _put_options(body, request.options, preset, notices)
    _put_native(body, native)
    tools = ToolEncoder(provider, request, native, notices)
    _put_tools(body, request, tools)
    if (form := tools.output(request.output)) is not None:
        put(body, "text.format", form)
    instructions, turns = TurnEncoder(provider, request, native, tools.custom, notices).encode()
    first = seal_of([turn for turn in turns if turn][:1]) if kept else None
    if instructions is not None:
        body["instructions"] = instructions
    if native.chain and native.previous_response_id is None and native.conversation is None:
        link = linked(request, turns, provider.origin(request.model), kept=kept)
        if link is not None:
            body["previous_response_id"], turns = link.id, turns[link.after :]
    body |= native.extra
    items: list[JSON] = [item for turn in turns for item in turn]
    given = body.pop("input", items)
    return {**body, "input": given} if given or request.messages else body, first


def option_names(preset: Preset) -> dict[str, str]:
    """Return the body field of every option that a service takes."""
    names = {**NAMES, **preset.names}
    return {option: path for option, path in names.items() if option not in preset.unsupported}


def _put_options(body: JSONObject, options: Options, preset: Preset, notices: list[Notice]) -> None:
    names = option_names(preset)
    for option, value in portable(options).items():
        if option in names:
            put(body, names[option], value)
        elif option == "logprobs" and option not in preset.unsupported:
            if value is True:
                body["include"] = [PROBABILITIES]
        elif option == "n" and value == 1:
            pass
        else:
            reason = preset.unsupported.get(option, "the wire has no field for it")
            notices.append(Notice(feature=option, requested=value, reason=reason))


def _put_native(body: JSONObject, native: ResponsesOptions) -> None:
    for name in PLAIN:
        value: JSON = plain(getattr(native, name))
        match body.get(name), value:
            case _, None:
                pass
            case dict(held), dict(more):
                body[name] = overlay(held, more)
            case list(held), list(more):
                body[name] = [*held, *(item for item in more if item not in held)]
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
