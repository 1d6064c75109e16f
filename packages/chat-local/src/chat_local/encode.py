"""`Request` → the body of a request to the service in the process.

Law: what is set is sent, or there is a notice. `messages` come last, and appending a turn never changes those before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.unsent import unsent
from chat_core.tools import NativeTool, Tool, label_of
from chat_local.content import Speller
from chat_local.options import PLAIN_FIELDS, LocalOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.request import OutputFormat, Request
    from chat_core.response import Notice
    from chat_core.tools import AnyTool, ToolChoice
    from chat_local.provider import Local

SENT = (
    "max_tokens", "temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "stop", "seed",
    "logit_bias",
)  # fmt: skip
"""Portable options that are members of `options` of the same name."""

UNSUPPORTED: Mapping[str, str] = {
    "reasoning_tokens": "a local model has no budget for thinking",
    "parallel_tool_calls": "the number of calls is left to the model",
    "user": "there is one user, who owns the machine",
    "service_tier": "there is one tier",
}
"""Portable options that cannot be sent."""


def encode_body(provider: Local, request: Request, *, stream: bool) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Spell a request.

    Raises:
        UnsupportedContent: a part is no text, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    policy = request.options.foreign_reasoning
    spell = Speller(provider.accepts, policy if policy is not None else "drop")
    messages = spell.conversation(request.messages)
    body: JSONObject = {"model": request.model, "stream": stream}
    if tools := [spelled for tool in request.tools if (spelled := _tool(tool, spell)) is not None]:
        body["tools"] = [*tools]
    if request.tool_choice is not None:
        body["tool_choice"] = _choice(request.tool_choice, spell)
        if not tools and request.tool_choice.mode == "required":
            spell.notice("tool_choice", "no tools are offered", requested="required")
    if request.output is not None:
        body["output"] = _output(request.output, spell)
    native = request.options.native_of(LocalOptions)
    if options := _options(request.options, native, spell):
        body["options"] = options
    body |= native.extra
    return {**body, "messages": body.get("messages", messages)}, tuple(spell.notices)


def _options(options: Options, native: LocalOptions, spell: Speller) -> JSONObject:
    found: JSONObject = {}
    for name in SENT:
        value: JSON | tuple[str, ...] = getattr(options, name)
        if value is not None:
            found[name] = list(value) if isinstance(value, tuple) else value
    if options.logprobs or options.top_logprobs is not None:
        found["top_logprobs"] = options.top_logprobs if options.top_logprobs is not None else 0
    for name in PLAIN_FIELDS:
        if (said := getattr(native, name)) is not None:
            found[name] = said
    if template := {**_thinking(options), **(native.template if native.template is not None else {})}:
        found["template"] = template
    spell.notices.extend(unsent(options, UNSUPPORTED))
    if options.n is not None and options.n != 1:
        spell.notice("n", "one answer is made", requested=options.n, applied=1)
    return found


def _thinking(options: Options) -> JSONObject:
    """Return how hard to think, in the words that chat templates have for it."""
    match options.reasoning_effort:
        case None:
            return {}
        case "none":
            return {"enable_thinking": False}
        case effort:
            return {"enable_thinking": True, "reasoning_effort": effort}


def _tool(tool: AnyTool, spell: Speller) -> JSONObject | None:
    match tool:
        case Tool():
            function: JSONObject = {"name": tool.name}
            if tool.description is not None:
                function["description"] = tool.description
            function["parameters"] = tool.parameters if tool.parameters is not None else _NOTHING
            if tool.strict is not None:
                spell.notice("strict", "calls are checked when they are read", requested=tool.strict)
            return {"type": "function", "function": function}
        case NativeTool(provider=provider):
            spell.notice("tool", f"only {provider} has this tool", requested=label_of(tool))
            return None


_NOTHING: JSONObject = {"type": "object", "properties": {}}


def _choice(choice: ToolChoice, spell: Speller) -> JSONObject:
    if choice.mode == "auto" and choice.names:
        spell.notice("tool_choice", "all tools are offered", requested=list(choice.names))
    return {"mode": choice.mode, **({"names": list(choice.names)} if choice.names else {})}


def _output(output: OutputFormat, spell: Speller) -> JSONObject:
    for name in ("name", "description"):
        asked: str | None = getattr(output, name)
        if asked is not None:
            spell.notice(f"output.{name}", "a grammar has none", requested=asked)
    if output.strict is False:
        spell.notice("output.strict", "an answer is always held to its grammar", requested=False)
    return {"kind": output.kind} if output.schema is None else {"kind": output.kind, "schema": output.schema}
