"""`Request` → the body of a generateContent request.

Law: what is set is sent, or there is a notice. `contents` comes last, and appending a turn never changes the bytes of
the turns before it. The model and whether the answer is streamed are in the address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.unsent import unsent
from chat_core.jsonvalue import same
from chat_gemini.content import Speller
from chat_gemini.options import BODY_FIELDS, GENERATION_FIELDS, GeminiOptions
from chat_gemini.signatures import is_newer
from chat_gemini.tools import encode_choice, encode_tools

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.request import Request
    from chat_core.response import Notice
    from chat_gemini.provider import Gemini

NAMES: Mapping[str, str] = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "stop": "stopSequences",
    "seed": "seed",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
    "n": "candidateCount",
}
"""Portable options that are members of `generationConfig`, with their names there."""

UNSUPPORTED: Mapping[str, str] = {
    "min_p": "the wire has no such parameter",
    "logit_bias": "the wire has no token biases",
    "parallel_tool_calls": "the wire leaves the number of calls to the model",
    "user": "the wire knows no users",
}
"""Portable options that cannot be sent."""

LEVELS: Mapping[str, str] = {"none": "MINIMAL", "max": "XHIGH"}
"""Efforts by other names on this wire, for models that think by levels; other words are sent in capitals."""

BUDGETS: Mapping[str, int] = {
    "none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576
}  # fmt: skip
"""Efforts in tokens, for models before Gemini 3, which know no levels: the figures of Google's own OpenAI surface."""

JSON_TYPE = "application/json"

IN_CACHE = ("systemInstruction", "tools", "toolConfig")
"""Members that a cache holds, and that the service refuses beside one."""

BESIDE_CACHE = (
    "the service takes none beside cached content: put it into the cache, and say so with GeminiOptions.cache_holds"
)


def encode_body(provider: Gemini, request: Request) -> tuple[JSONObject, tuple[Notice, ...]]:
    """Spell a request.

    Raises:
        UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
        UnansweredToolCall: a call in the history has no result.
    """
    options = request.options
    native = options.native_of(GeminiOptions)
    policy = options.foreign_reasoning
    spell = Speller(provider, request.model, policy if policy is not None else "drop")
    conversation = spell.conversation(request.messages)
    body: JSONObject = {}
    if conversation.system:
        body["systemInstruction"] = {"parts": conversation.system}
    if tools := encode_tools(request, native, spell):
        body["tools"] = tools
    if choice := encode_choice(request, native, tools, spell):
        body["toolConfig"] = choice
    if config := _generation(request, native, spell):
        body["generationConfig"] = config
    if options.service_tier is not None:
        body["serviceTier"] = options.service_tier
    if conversation.token is not None:
        body["continuationToken"] = conversation.token
    body |= _plain(native, BODY_FIELDS)
    _unsupported(options, spell)
    body = {**_beside_cache(body, native, spell), **native.extra}
    contents = body.pop("contents", conversation.contents)
    return {**body, "contents": contents}, tuple(spell.notices)


def _beside_cache(body: JSONObject, native: GeminiOptions, spell: Speller) -> JSONObject:
    """Leave out what a cache holds already: a loss, unless the program says that it holds the same."""
    if native.cached_content is None:
        return body
    for name in IN_CACHE:
        if name in body and name not in native.cache_holds:
            spell.notice(name, BESIDE_CACHE)
    return {key: value for key, value in body.items() if key not in IN_CACHE}


def _generation(request: Request, native: GeminiOptions, spell: Speller) -> JSONObject:
    config: JSONObject = {}
    for name, spelled in NAMES.items():
        value: JSON | tuple[str, ...] = getattr(request.options, name)
        if value is not None:
            config[spelled] = list(value) if isinstance(value, tuple) else value
    if thinking := _thinking(request, native, spell):
        config["thinkingConfig"] = thinking
    config |= _output(request, native, spell)
    config |= _plain(native, GENERATION_FIELDS)
    return config if native.generation_config is None else {**config, **native.generation_config}


def _plain(native: GeminiOptions, names: Mapping[str, str]) -> JSONObject:
    body: JSONObject = {}
    for name, spelled in names.items():
        value: JSON | tuple[JSON, ...] = getattr(native, name)
        if value is not None:
            body[spelled] = list(value) if isinstance(value, tuple) else value
    return body


def _thinking(request: Request, native: GeminiOptions, spell: Speller) -> JSONObject:
    """Spell how to think: by a level or by a budget, never by both."""
    effort, tokens = request.options.reasoning_effort, request.options.reasoning_tokens
    config: JSONObject = {}
    by_level = is_newer(request.model)
    if effort is not None and (by_level or tokens is None):
        config = _by_level(effort, spell) if by_level else _by_budget(effort, spell)
        if tokens is not None:
            spell.notice("reasoning_tokens", "the wire takes a level or a budget", requested=tokens)
    elif tokens is not None:
        config = {"thinkingBudget": tokens}
        if effort is not None:
            spell.notice("reasoning_effort", "the wire takes a level or a budget", requested=effort)
    if native.include_thoughts is not None:
        config["includeThoughts"] = native.include_thoughts
    for name, value in (native.thinking if native.thinking is not None else {}).items():
        if name in config and not same(config[name], value):
            spell.notice(
                "reasoning_effort", "GeminiOptions.thinking has another", requested=config[name], applied=value
            )
        config[name] = value
    return config


def _by_level(effort: str, spell: Speller) -> JSONObject:
    level = LEVELS.get(effort, effort.upper())
    if effort in LEVELS:
        spell.notice("reasoning_effort", "the wire has no such level", requested=effort, applied=level)
    return {"thinkingLevel": level}


def _by_budget(effort: str, spell: Speller) -> JSONObject:
    if effort not in BUDGETS:
        spell.notice("reasoning_effort", "models before Gemini 3 think by a budget", requested=effort)
        return {}
    if effort != "none":
        budget = BUDGETS[effort]
        spell.notice("reasoning_effort", "models before Gemini 3 think by a budget", requested=effort, applied=budget)
    return {"thinkingBudget": BUDGETS[effort]}


def _output(request: Request, native: GeminiOptions, spell: Speller) -> JSONObject:
    output = request.output
    config: JSONObject = {}
    if output is not None:
        config["responseMimeType"] = JSON_TYPE
        if output.schema is not None and native.response_schema is None:
            config["responseJsonSchema"] = output.schema
        elif output.schema is not None:
            spell.notice("output", "GeminiOptions.response_schema is another schema", requested=output.schema)
        for name in ("name", "description"):
            asked: str | None = getattr(output, name)
            if asked is not None:
                spell.notice(f"output.{name}", "a schema has none on this wire", requested=asked)
        if output.strict is False:
            spell.notice("output.strict", "the wire always holds the model to the schema", requested=False)
    if native.response_mime_type is not None:
        config["responseMimeType"] = native.response_mime_type
        if output is not None and native.response_mime_type != JSON_TYPE:
            spell.notice("output", "GeminiOptions.response_mime_type is another", applied=native.response_mime_type)
    if native.response_schema is not None:
        config["responseSchema"] = native.response_schema
    return config


def _unsupported(options: Options, spell: Speller) -> None:
    spell.notices.extend(unsent(options, UNSUPPORTED))
