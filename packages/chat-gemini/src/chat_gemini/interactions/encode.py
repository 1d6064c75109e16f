"""`Request` → the body of an interaction.

Law: an option is sent or there is a `Notice`; `input` comes last and earlier steps never change when later ones are
appended; private data goes to the origin it came from only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.framers import SSE
from chat_core.codec.members import plain, portable, put
from chat_core.codec.wire import WireRequest
from chat_core.response import Notice
from chat_gemini.interactions.chain import linked
from chat_gemini.interactions.options import CONFIG, CONFIGURED, NAMES, PLAIN, InteractionsOptions
from chat_gemini.interactions.output import encode_output, unsaid
from chat_gemini.interactions.overlay import overlay
from chat_gemini.interactions.tools import encode_choice, encode_tools, told
from chat_gemini.interactions.turns import TurnEncoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.request import OutputFormat, Request
    from chat_core.tools import ToolChoice
    from chat_gemini.interactions.provider import Interactions

PATH = "interactions"
"""The endpoint, below the place's version."""

REVISION = "2026-05-20"
"""The revision of the wire that is spoken here: answers are steps."""

REASONS: Mapping[str, str] = {
    "reasoning_tokens": "the wire has no field for it: say how hard to think by reasoning_effort",
}
"""Why an option is not sent, where there is more to say than that the wire has no field for it."""


def encode(provider: Interactions, request: Request, *, stream: bool) -> WireRequest:
    """Spell a request.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    notices: list[Notice] = []
    body = encode_body(provider, request, notices)
    if stream:
        body = {"stream": True, **body}
    return wire_of(provider, body=body, stream=stream, notices=tuple(notices))


def wire_of(
    provider: Interactions,
    *path: str,
    method: str = "POST",
    query: str = "",
    body: JSONObject | None = None,
    stream: bool = False,
    notices: tuple[Notice, ...] = (),
) -> WireRequest:
    """Make a request of the endpoint, or of what lies below it."""
    headers = {"api-revision": REVISION, **({} if body is None else {"content-type": "application/json"})}
    url = "/".join((provider.place.url(PATH), *path))
    return WireRequest(
        url=f"{url}?{query}" if query else url,
        method=method,
        headers={**headers, **provider.headers},
        body=body,
        framer=SSE if stream else None,
        notices=notices,
    )


def encode_body(provider: Interactions, request: Request, notices: list[Notice]) -> JSONObject:
    """Spell what is asked, without how the answer travels; `notices` takes what is not sent as asked.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    native, origin = request.options.native_of(InteractionsOptions), provider.origin(request.model)
    body: JSONObject = {"model": request.model} if request.model and native.agent is None else {}
    _put_options(body, request.options, notices)
    _put_native(body, native)
    _put_tools(body, request, native, origin, notices)
    _put_output(body, request.output, native, notices)
    instructions, turns = TurnEncoder(provider, request, notices).encode()
    if instructions is not None:
        body["system_instruction"] = instructions
    link = linked(request, origin)
    if link is not None:
        turns = turns[link.after : link.until]
        going = {"previous_interaction_id": link.id, "continuation_token": link.token}
        body |= {key: value for key, value in going.items() if value is not None}
    body |= native.extra
    steps: list[JSON] = [step for turn in turns for step in turn]
    given = body.pop("input", steps)
    return {**body, "input": given} if given or (link is None and request.messages) else body


def _put_options(body: JSONObject, options: Options, notices: list[Notice]) -> None:
    for option, value in portable(options).items():
        if option in NAMES:
            put(body, NAMES[option], value)
        elif option != "n" or value != 1:
            reason = REASONS.get(option, "the wire has no field for it")
            notices.append(Notice(feature=option, requested=value, reason=reason))


def _put_native(body: JSONObject, native: InteractionsOptions) -> None:
    for name in PLAIN:
        value: JSON = plain(getattr(native, name))
        if value is not None:
            body[name] = value
    for name in CONFIGURED:
        value = plain(getattr(native, name))
        if value is not None:
            put(body, f"{CONFIG}.{name}", value)
    match body.get(CONFIG), native.generation_config:
        case _, None:
            pass
        case dict(held), more:
            body[CONFIG] = overlay(held, more)
        case _, more:
            body[CONFIG] = more


def _put_tools(
    body: JSONObject, request: Request, native: InteractionsOptions, origin: str, notices: list[Notice]
) -> None:
    declared = encode_tools(request.tools, origin, notices)
    if declared:
        body["tools"] = declared
    if request.tool_choice is None:
        return
    if (reason := _overruled(request.tool_choice, native, nothing=bool(request.tools) and not declared)) is not None:
        applied = native.tool_choice
        notices.append(
            Notice(feature="tool_choice", requested=told(request.tool_choice), applied=applied, reason=reason)
        )
    else:
        put(body, f"{CONFIG}.tool_choice", encode_choice(request.tool_choice))


def _overruled(choice: ToolChoice, native: InteractionsOptions, *, nothing: bool) -> str | None:
    """Say why a choice of tools is not sent."""
    if native.tool_choice is not None:
        return "InteractionsOptions.tool_choice is set"
    if nothing:
        return "no tool is left to choose"
    if choice.mode == "none" and choice.names:
        return "no call is allowed, so none by name"
    return None


def _put_output(
    body: JSONObject, output: OutputFormat | None, native: InteractionsOptions, notices: list[Notice]
) -> None:
    if output is None:
        return
    if native.response_format is not None:
        asked = output.kind if output.schema is None else output.schema
        reason = "InteractionsOptions has a response_format"
        notices.append(Notice(feature="output", requested=asked, applied=native.response_format, reason=reason))
    else:
        body["response_format"] = encode_output(output)
        notices += unsaid(output)
