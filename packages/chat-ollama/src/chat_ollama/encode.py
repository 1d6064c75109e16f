"""`Request` → the body of a chat request.

Law: what is set is sent, or there is a notice. `stream` is always said, as its default is true. `messages` comes last,
and appending a turn never changes the bytes of the turns before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.unsent import unsent
from chat_core.jsonvalue import same
from chat_core.tools import NativeTool, Tool, label_of
from chat_ollama.content import Speller
from chat_ollama.options import MODEL_FIELDS, PLAIN_FIELDS, PROVIDER, OllamaOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.request import Request
    from chat_core.response import Notice
    from chat_core.tools import AnyTool
    from chat_ollama.provider import Ollama

NAMES: Mapping[str, str] = {
    "max_tokens": "num_predict",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "stop": "stop",
    "seed": "seed",
}
"""Portable options that are members of `options`, with their names there."""

BESIDE = ("logprobs", "top_logprobs")
"""Portable options that are body fields of the same name."""

UNSUPPORTED: Mapping[str, str] = {
    "logit_bias": "the wire has no token biases",
    "parallel_tool_calls": "the wire leaves the number of calls to the model",
    "user": "the wire knows no users",
    "service_tier": "the wire has no tiers",
}
"""Portable options that cannot be sent."""

EFFORTS: Mapping[str, str] = {"minimal": "low", "xhigh": "max"}
"""Efforts by other names on this wire; `none` switches thinking off, other words are sent as they are."""


def encode_body(provider: Ollama, request: Request, *, stream: bool) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Spell a request.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    policy = request.options.foreign_reasoning
    spell = Speller(provider.accepts, policy if policy is not None else "drop")
    messages = spell.conversation(request.messages)
    body: JSONObject = {"model": request.model, "stream": stream}
    if tools := [spelled for tool in _offered(request, spell) if (spelled := _tool(tool, spell)) is not None]:
        body["tools"] = [*tools]
    body |= encode_settings(request, spell)
    return {**body, "messages": body.get("messages", messages)}, tuple(spell.notices)


def encode_settings(request: Request, spell: Speller) -> JSONObject:
    """Spell what a request says beside its content and its tools; the native `extra` comes last."""
    options = request.options
    native = options.native_of(OllamaOptions)
    body: JSONObject = {}
    if (form := _format(request, native, spell)) is not None:
        body["format"] = form
    if (think := _think(options, native, spell)) is not None:
        body["think"] = think
    if settings := _model_options(options, native):
        body["options"] = settings
    for name in BESIDE:
        if (value := getattr(options, name)) is not None:
            body[name] = value
    for name in PLAIN_FIELDS:
        if (value := getattr(native, name)) is not None:
            body[name] = value
    _unsupported(options, spell)
    return {**body, **native.extra}


def _model_options(options: Options, native: OllamaOptions) -> JSONObject:
    settings: JSONObject = {}
    for name, spelled in NAMES.items():
        value: JSON | tuple[str, ...] = getattr(options, name)
        if value is not None:
            settings[spelled] = list(value) if isinstance(value, tuple) else value
    for name in MODEL_FIELDS:
        if (said := getattr(native, name)) is not None:
            settings[name] = said
    return settings if native.options is None else {**settings, **native.options}


def _format(request: Request, native: OllamaOptions, spell: Speller) -> JSON:
    output = request.output
    if output is None:
        return native.format
    for name in ("name", "description"):
        asked: str | None = getattr(output, name)
        if asked is not None:
            spell.notice(f"output.{name}", "a schema has none on this wire", requested=asked)
    if output.strict is False:
        spell.notice("output.strict", "the wire always holds the model to the schema", requested=False)
    form: JSON = "json" if output.schema is None else output.schema
    return _taken(form, native.format, "output", "OllamaOptions.format has another", spell)


def _think(options: Options, native: OllamaOptions, spell: Speller) -> JSON:
    effort, tokens = options.reasoning_effort, options.reasoning_tokens
    think: JSON = None
    if tokens == 0 and effort is None:
        think = False
    elif tokens is not None:
        spell.notice("reasoning_tokens", "the wire has no budget for thinking", requested=tokens)
    match effort:
        case None:
            pass
        case "none":
            think = False
        case _:
            think = EFFORTS.get(effort, effort)
            if think != effort:
                spell.notice("reasoning_effort", "the wire has no such level", requested=effort, applied=think)
    feature = "reasoning_effort" if effort is not None else "reasoning_tokens"
    return _taken(think, native.think, feature, "OllamaOptions.think has another", spell)


def _taken(asked: JSON, native: JSON, feature: str, reason: str, spell: Speller) -> JSON:
    """Return the native value, which goes before what was asked in portable words."""
    if native is None:
        return asked
    if asked is not None and not same(asked, native):
        spell.notice(feature, reason, requested=asked, applied=native)
    return native


def _unsupported(options: Options, spell: Speller) -> None:
    spell.notices.extend(unsent(options, UNSUPPORTED))
    if options.n is not None and options.n != 1:
        spell.notice("n", "the wire gives one answer", requested=options.n, applied=1)


def _offered(request: Request, spell: Speller) -> Sequence[AnyTool]:
    """Return the tools to send: the wire has no choice of tools, so those that may not be called stay at home."""
    choice, tools = request.tool_choice, request.tools
    if choice is None or not tools:
        return tools
    if choice.mode == "none":
        spell.notice("tool_choice", "the wire has no choice of tools", requested="none", applied="no tools are sent")
        return ()
    if choice.names:
        tools = tuple(tool for tool in tools if isinstance(tool, Tool) and tool.name in choice.names)
        applied = "only these tools are sent"
        spell.notice("tool_choice", "the wire has no choice of tools", requested=list(choice.names), applied=applied)
    if choice.mode == "required":
        spell.notice("tool_choice", "the wire cannot force a call", requested="required", applied="auto")
    return tools


def _tool(tool: AnyTool, spell: Speller) -> JSONObject | None:
    match tool:
        case Tool():
            function: JSONObject = {"name": tool.name}
            if tool.description is not None:
                function["description"] = tool.description
            if tool.parameters is not None:
                function["parameters"] = tool.parameters
            if tool.strict is not None:
                spell.notice("strict", "the wire holds no tool to its schema", requested=tool.strict)
            own = spell.own(tool.meta)
            return _merged({"type": "function", "function": function}, own if own is not None else {})
        case NativeTool(provider=provider, data=data) if provider == PROVIDER:
            return data
        case NativeTool(provider=provider):
            spell.notice("tool", f"only {provider} has this tool", requested=label_of(tool))
            return None


def _merged(tool: JSONObject, own: JSONObject) -> JSONObject:
    """Put back what a tool has beside the known members."""
    match tool["function"], own.get("function"):
        case dict(function), dict(more):
            return {**tool, **own, "function": {**function, **more}}
        case _:
            return {**tool, **own}
