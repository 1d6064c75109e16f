"""Hypothesis strategies for every type of the vocabulary."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, get_args

from hypothesis import strategies as st

from chat_core.messages import Message, Role
from chat_core.options import ForeignReasoning, Options, StoredOptions
from chat_core.parts import (
    URL,
    Citation,
    FileID,
    Inline,
    Json,
    Media,
    MediaKind,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    ResultPart,
    Source,
    SourceSpan,
    SpanUnit,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from chat_core.request import OutputFormat, OutputKind, Request
from chat_core.response import Attempt, FinishReason, Notice, Response, Usage
from chat_core.tools import AnyTool, NativeTool, Tool, ToolChoice, ToolMode

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

words = st.text(max_size=12)
names = st.text("abcdef_", min_size=1, max_size=6)
counts = st.integers(min_value=0, max_value=2**53)
numbers = st.floats(allow_nan=False, allow_infinity=False)
maybe_words = st.none() | words
maybe_counts = st.none() | counts
maybe_numbers = st.none() | numbers
flags = st.none() | st.booleans()

scalars: st.SearchStrategy[JSON] = st.none() | st.booleans() | st.integers() | numbers | words


def json_objects() -> st.SearchStrategy[JSONObject]:
    return st.dictionaries(words, json_values(), max_size=3)


def json_values() -> st.SearchStrategy[JSON]:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=6,
    )


metas = st.dictionaries(st.sampled_from(["a@host/x", "b@host/y"]), json_objects(), max_size=2)
maybe_objects = st.none() | json_objects()

spans = st.builds(SourceSpan, unit=st.sampled_from(get_args(SpanUnit)), start=counts, end=counts)
citations = st.builds(
    Citation,
    url=maybe_words,
    title=maybe_words,
    quote=maybe_words,
    document=maybe_counts,
    source=st.none() | spans,
    start=maybe_counts,
    end=maybe_counts,
    meta=metas,
)


def logprobs_of(
    top: st.SearchStrategy[tuple[TokenLogprob, ...]],
) -> st.SearchStrategy[TokenLogprob]:
    return st.builds(
        TokenLogprob,
        token=words,
        logprob=numbers,
        data=st.none() | st.binary(max_size=4),
        top=top,
        meta=metas,
    )


T = TypeVar("T")


def _tuple(items: list[T]) -> tuple[T, ...]:
    return tuple(items)


def tuples_of(items: st.SearchStrategy[T], size: int = 2) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(items, max_size=size).map(_tuple)


logprobs = logprobs_of(tuples_of(logprobs_of(st.just(()))))
texts = st.builds(Text, words, citations=tuples_of(citations), logprobs=tuples_of(logprobs), meta=metas)
reasonings = st.builds(Reasoning, words, signature=maybe_words, meta=metas)
refusals = st.builds(Refusal, words, meta=metas)
jsons = st.builds(Json, json_values(), meta=metas)
opaques = st.builds(
    Opaque,
    origin=words | st.just("history"),
    kind=words | st.sampled_from(["text", "message"]),
    data=json_objects(),
)
sources: st.SearchStrategy[Source] = (
    st.builds(Inline, st.binary(max_size=8)) | st.builds(URL, words) | st.builds(FileID, words)
)
media = st.builds(
    Media,
    kind=st.sampled_from(get_args(MediaKind)),
    source=sources,
    mime=maybe_words,
    name=maybe_words,
    transcript=maybe_words,
    meta=metas,
)
tool_calls = st.builds(
    ToolCall,
    id=words,
    name=words,
    arguments=maybe_objects,
    raw=maybe_words,
    executed=st.booleans(),
    meta=metas,
)
result_parts: st.SearchStrategy[ResultPart] = texts | media | jsons | opaques
tool_results = st.builds(
    ToolResult,
    call_id=words,
    content=tuples_of(result_parts),
    name=maybe_words,
    is_error=st.booleans(),
    executed=st.booleans(),
    meta=metas,
)
parts: st.SearchStrategy[Part] = texts | reasonings | media | tool_calls | tool_results | refusals | jsons | opaques
messages = st.builds(Message, role=st.sampled_from(get_args(Role)), parts=tuples_of(parts), meta=metas)

stored_options = st.builds(
    StoredOptions,
    name=names,
    values=st.dictionaries(names.filter(lambda name: name != "provider"), json_values(), max_size=2),
)
options = st.builds(
    Options,
    max_tokens=maybe_counts,
    temperature=maybe_numbers,
    top_p=maybe_numbers,
    top_k=maybe_counts,
    min_p=maybe_numbers,
    frequency_penalty=maybe_numbers,
    presence_penalty=maybe_numbers,
    stop=st.none() | tuples_of(words),
    seed=st.none() | st.integers(),
    logit_bias=st.none() | st.dictionaries(words, numbers, max_size=2),
    logprobs=flags,
    top_logprobs=maybe_counts,
    n=maybe_counts,
    reasoning_effort=maybe_words,
    reasoning_tokens=maybe_counts,
    parallel_tool_calls=flags,
    user=maybe_words,
    service_tier=maybe_words,
    foreign_reasoning=st.none() | st.sampled_from(get_args(ForeignReasoning)),
    native=tuples_of(stored_options),
)
plain_tools = st.builds(Tool, name=words, parameters=maybe_objects, description=maybe_words, strict=flags, meta=metas)
native_tools = st.builds(NativeTool, provider=words, data=json_objects())
tools: st.SearchStrategy[AnyTool] = plain_tools | native_tools
tool_choices = st.builds(ToolChoice, mode=st.sampled_from(get_args(ToolMode)), names=tuples_of(words))
output_formats = st.builds(
    OutputFormat,
    kind=st.sampled_from(get_args(OutputKind)),
    schema=maybe_objects,
    name=maybe_words,
    description=maybe_words,
    strict=flags,
)
requests = st.builds(
    Request,
    model=words,
    messages=tuples_of(messages),
    tools=tuples_of(tools),
    tool_choice=st.none() | tool_choices,
    output=st.none() | output_formats,
    options=options,
)
usages = st.builds(
    Usage,
    input_tokens=maybe_counts,
    output_tokens=maybe_counts,
    cache_read_tokens=maybe_counts,
    cache_write_tokens=maybe_counts,
    reasoning_tokens=maybe_counts,
    audio_input_tokens=maybe_counts,
    audio_output_tokens=maybe_counts,
    raw=json_objects(),
)
notices = st.builds(Notice, feature=words, requested=json_values(), applied=json_values(), reason=words)
attempts = st.builds(
    Attempt,
    number=counts,
    delay=numbers,
    cause=maybe_words,
    request_id=maybe_words,
    usage=st.none() | usages,
)


def responses_of(alternatives: st.SearchStrategy[tuple[Response, ...]]) -> st.SearchStrategy[Response]:
    return st.builds(
        Response,
        message=messages,
        finish_reason=st.none() | st.sampled_from(FinishReason),
        raw_finish_reason=maybe_words,
        usage=st.none() | usages,
        id=maybe_words,
        model=maybe_words,
        alternatives=alternatives,
        notices=tuples_of(notices),
        attempts=tuples_of(attempts),
        headers=st.dictionaries(words, words, max_size=2),
        meta=metas,
        raw=json_values(),
    )


responses = responses_of(tuples_of(responses_of(st.just(()))))

VALUES: tuple[st.SearchStrategy[object], ...] = (
    spans, citations, logprobs, texts, reasonings, refusals, jsons, opaques, sources, media, tool_calls, tool_results,
    messages, stored_options, options, tools, tool_choices, output_formats, requests, usages, notices, attempts,
    responses,
)  # fmt: skip
"""One strategy for each kind of public value."""
