"""`Request` → the body of a Messages request.

Law: what is set is sent, or there is a notice. `messages` comes last, and appending a turn never changes the bytes of
the turns before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_claude.content import Speller
from chat_claude.options import PLAIN_FIELDS, PROVIDER, ClaudeOptions
from chat_claude.output import SUBSET, taken
from chat_core.codec.schema import obstacles, weakened
from chat_core.codec.unsent import unsent
from chat_core.jsonvalue import same
from chat_core.tools import NativeTool, Tool, label_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_claude.provider import Claude
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.request import Request
    from chat_core.response import Notice
    from chat_core.tools import AnyTool, ToolChoice

DEFAULT_MAX_TOKENS = 8192
"""What is sent as `max_tokens`, which the wire requires, when nothing was asked; a thinking budget comes on top."""

SAMPLING_REMOVED = "2026-10-21"
"""The first `anthropic-version` that refuses the sampling parameters."""
SAMPLING = ("temperature", "top_p", "top_k")

UNSUPPORTED: Mapping[str, str] = {
    "min_p": "the wire has no such parameter",
    "frequency_penalty": "the wire has no penalties",
    "presence_penalty": "the wire has no penalties",
    "seed": "the wire has no seed",
    "logit_bias": "the wire has no token biases",
    "logprobs": "the wire reports no probabilities",
    "top_logprobs": "the wire reports no probabilities",
}
"""Portable options that cannot be sent."""

EFFORTS: Mapping[str, str] = {"minimal": "low"}
"""Efforts by other names on this wire; `none` switches thinking off, other words are sent as they are."""

NO_PARAMETERS: JSONObject = {"type": "object", "properties": {}}
"""The schema, which the wire requires, of a tool that declares none."""


def encode_body(provider: Claude, request: Request, *, stream: bool) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Spell a request.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    options = request.options
    native = options.native_of(ClaudeOptions)
    spell = Speller(provider.accepts, options.foreign_reasoning or "drop")
    system, messages = spell.conversation(request.messages)
    thinking, effort = _thinking(options, native, spell)
    thinking = _affordable(thinking, messages, spell)
    body: JSONObject = {}
    body_version = native.body_version or provider.surface.body_version
    if body_version is None:
        body["model"] = request.model
    else:  # such hosts take the model in the address
        body["anthropic_version"] = body_version
    body["max_tokens"] = _max_tokens(options, thinking, spell)
    if stream:
        body["stream"] = True
    if system:
        body["system"] = system
    body |= _tools(request, thinking, spell)
    if thinking is not None:
        body["thinking"] = thinking
    body |= _output(request, native, effort, spell)
    body |= _settings(options, native, provider.version if body_version is None else "", spell)
    for name in PLAIN_FIELDS:
        if (value := _plain(native, name)) is not None:
            body[name] = value
    return {**body, **native.extra, "messages": native.extra.get("messages", messages)}, tuple(spell.notices)


def _plain(native: ClaudeOptions, name: str) -> JSON:
    value: JSON | tuple[JSON, ...] = getattr(native, name)
    return list(value) if isinstance(value, tuple) else value


def _thinking(options: Options, native: ClaudeOptions, spell: Speller) -> tuple[JSONObject | None, str | None]:
    """Return the thinking configuration and the effort."""
    thinking: JSONObject | None = native.thinking
    tokens, effort = options.reasoning_tokens, options.reasoning_effort
    if tokens is not None and thinking is not None:
        spell.notice("reasoning_tokens", "ClaudeOptions.thinking is set", requested=tokens)
    elif tokens is not None:
        thinking = {"type": "enabled", "budget_tokens": tokens} if tokens else {"type": "disabled"}
    if effort == "none":
        if thinking is None:
            return {"type": "disabled"}, None
        if thinking.get("type") != "disabled":
            spell.notice("reasoning_effort", "thinking is configured beside it", requested=effort)
        return thinking, None
    if effort is not None and effort in EFFORTS:
        spell.notice("reasoning_effort", "the wire has no such level", requested=effort, applied=EFFORTS[effort])
        effort = EFFORTS[effort]
    return thinking, effort


def _affordable(thinking: JSONObject | None, messages: list[JSON], spell: Speller) -> JSONObject | None:
    """Switch a thinking budget off where the wire refuses it."""
    if thinking is None or thinking.get("type") != "enabled" or _can_think(messages):
        return thinking
    spell.notice("thinking", "a turn that uses tools has to begin with its thinking, which it has lost")
    return {"type": "disabled"}


def _can_think(messages: list[JSON]) -> bool:
    """Tell whether a thinking budget may be sent: not in the middle of a turn that did not begin with thinking."""
    first: JSON = None
    for message in reversed(messages):
        match message:
            case {"role": "assistant"}:
                first = message
            case {"role": "user", "content": [{"type": "tool_result"}, *_]}:
                pass
            case _:
                break
    match first, messages[-1:]:
        case {"content": [{"type": "thinking" | "redacted_thinking"}, *_]}, _:
            return True
        case dict(), [{"role": "user"}]:
            return False
        case _:
            return True


def _max_tokens(options: Options, thinking: JSONObject | None, spell: Speller) -> int:
    if options.max_tokens is not None:
        return options.max_tokens
    match thinking:
        case {"budget_tokens": int(tokens)}:
            default = DEFAULT_MAX_TOKENS + tokens
        case _:
            default = DEFAULT_MAX_TOKENS
    spell.notice("max_tokens", "the wire requires a limit", applied=default)
    return default


def _settings(options: Options, native: ClaudeOptions, version: str, spell: Speller) -> JSONObject:
    body: JSONObject = {}
    for name in SAMPLING:
        value: float | None = getattr(options, name)
        if value is None:
            continue
        if version >= SAMPLING_REMOVED:
            spell.notice(name, f"anthropic-version {version} has no sampling parameters", requested=value)
        else:
            body[name] = value
    spell.notices.extend(notice for notice in unsent(options, UNSUPPORTED) if notice.requested is not False)
    if options.n is not None and options.n != 1:
        spell.notice("n", "the wire gives one answer", requested=options.n, applied=1)
    if options.stop is not None:
        body["stop_sequences"] = list(options.stop)
    if options.service_tier is not None:
        body["service_tier"] = options.service_tier
    metadata = None if native.metadata is None else dict(native.metadata)
    if options.user is not None:
        metadata = {**(metadata or {}), "user_id": options.user}
    if metadata is not None:
        body["metadata"] = metadata
    return body


def _output(request: Request, native: ClaudeOptions, effort: str | None, spell: Speller) -> JSONObject:
    config: JSONObject | None = native.output_config
    if effort is not None:
        config = {"effort": effort, **_taken(config, "effort", "reasoning_effort", effort, spell)}
    output = request.output
    if output is not None:
        if output.schema is None:
            spell.notice("output", "the wire knows JSON after a schema only", requested=output.kind)
        else:
            schema, notices = taken(output.schema, feature="output.schema")
            spell.notices.extend(notices)
            form: JSONObject = {"type": "json_schema", "schema": schema}
            config = {"format": form, **_taken(config, "format", "output", form, spell)}
            for name in ("name", "description"):
                asked: str | None = getattr(output, name)
                if asked is not None:
                    spell.notice(f"output.{name}", "a schema has none on this wire", requested=asked)
            if output.strict is False:
                spell.notice("output.strict", "the wire always holds the model to the schema", requested=False)
    return {} if config is None else {"output_config": config}


def _taken(config: JSONObject | None, key: str, feature: str, asked: JSON, spell: Speller) -> JSONObject:
    """Return the native configuration, which goes before what was asked in portable words."""
    config = {} if config is None else config
    if key in config and not same(config[key], asked):
        spell.notice(feature, "ClaudeOptions.output_config has another", requested=asked, applied=config[key])
    return config


def _tools(request: Request, thinking: JSONObject | None, spell: Speller) -> JSONObject:
    body: JSONObject = {}
    tools = [spelled for tool in request.tools if (spelled := _tool(tool, spell)) is not None]
    if tools:
        body["tools"] = [*tools]
    wanted = request.tool_choice
    if wanted is not None and request.tools and not tools:
        spell.notice("tool_choice", "no tool is left to choose", requested=wanted.mode)
        wanted = None
    choice: JSONObject | None = _unforced(_choice(wanted, spell), thinking, spell)
    parallel = request.options.parallel_tool_calls
    if parallel is not None:
        if choice is None and tools:
            choice = {"type": "auto"}
        if choice is None or choice["type"] == "none":
            spell.notice("parallel_tool_calls", "no tool can be called", requested=parallel)
        else:
            choice["disable_parallel_tool_use"] = not parallel
    if choice is not None:
        body["tool_choice"] = choice
    return body


def _tool(tool: AnyTool, spell: Speller) -> JSONObject | None:
    match tool:
        case Tool():
            body: JSONObject = {"name": tool.name}
            if tool.description is not None:
                body["description"] = tool.description
            schema = NO_PARAMETERS if tool.parameters is None else tool.parameters
            body |= _strict(tool, schema, spell) if tool.strict else {"input_schema": schema}
            if tool.strict is False:
                body["strict"] = False
            return {**body, **(spell.own(tool.meta) or {})}
        case NativeTool(provider=provider, data=data) if provider == PROVIDER:
            return data
        case NativeTool(provider=provider):
            spell.notice("tool", f"only {provider} has this tool", requested=label_of(tool))
            return None


def _strict(tool: Tool, schema: JSONObject, spell: Speller) -> JSONObject:
    """Spell a schema that the model is held to; the wire cannot hold it to every schema."""
    if found := obstacles(schema, SUBSET):
        spell.notice("strict", f"tool {tool.name}: {'; '.join(found)}", requested=True, applied=False)
        return {"input_schema": schema}
    schema, notices = weakened(schema, SUBSET, feature=f"tools.{tool.name}.parameters")
    spell.notices.extend(notices)
    return {"input_schema": schema, "strict": True}


def _unforced(choice: JSONObject | None, thinking: JSONObject | None, spell: Speller) -> JSONObject | None:
    """Leave the choice to the model where it thinks by a budget: the wire refuses to force a tool then."""
    match choice, thinking:
        case {"type": "any" | "tool" as asked}, {"type": "enabled"}:
            spell.notice("tool_choice", "a thinking budget allows no forced tool", requested=asked, applied="auto")
            return {"type": "auto"}
        case _:
            return choice


def _choice(choice: ToolChoice | None, spell: Speller) -> JSONObject | None:
    if choice is None:
        return None
    match choice.mode, choice.names:
        case "required", (name,):
            return {"type": "tool", "name": name}
        case "required", ():
            return {"type": "any"}
        case "none", _:
            return {"type": "none"}
        case "auto", ():
            return {"type": "auto"}
        case mode, names:
            applied = {"required": "any", "auto": "auto"}[mode]
            spell.notice(
                "tool_choice", "the wire cannot allow some tools of many", requested=list(names), applied=applied
            )
            return {"type": applied}
