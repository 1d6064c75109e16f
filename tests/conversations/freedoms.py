"""How a recorded request may differ from ours although both carry on the same conversation.

Law: a freedom is about what another client chose to send; nothing that a service needs back is free. Seals (signatures
and encrypted reasoning) that were recorded have to be in ours.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.wire.roundtrip import normalised

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from chat_core.jsonvalue import JSON, JSONObject

UNSENT: Mapping[str, str] = {
    "reasoning_content": "not every client sends reasoning back",
    "reasoning_details": "as above",
    "provider_metadata": "what a gateway says about its work; no client sends it back, ours does",
    "extra_content": "a signature outside of calls, which Google asks to be sent back",
    "thought_signature": "as above",
    "padding": "what hides the length of an answer; no client sends it back, ours does",
    "caller": "who made a call: the model itself",
    "name": "a tool's result may name its tool",
    "annotations": "an empty list says nothing",
}
"""Members that ours may have beyond the recorded message, block or call."""

UNSAID: Mapping[str, str] = {"index": "the place of a call, which belongs to a stream", "annotations": "as above"}
"""Members that a recorded message or call may have beyond ours."""

UNSENT_ON: Mapping[str, Mapping[str, str]] = {
    "openai_responses": {
        "id": "of an item; results name the `call_id`",
        "status": "of an item that goes back: it is complete",
    },
    "ollama_chat": {
        "id": "of a call; clients of older servers know none",
        "tool_call_id": "as above",
        "index": "the place of a call, which its server says in whole answers too",
    },
    "gemini_generate": {
        "id": "of a call; clients of older models know none",
        "parametersJsonSchema": "of a tool that takes nothing; functions of ours always declare it",
    },
}
"""Members that ours may have beyond the recorded ones on one wire."""

UNSAID_ON: Mapping[str, Mapping[str, str]] = {
    "ollama_chat": {"type": "of a call; its server knows functions only"},
    "gemini_generate": {"id": "of a call that came without one; clients make one up"},
}
"""Members that a recorded request may have beyond ours on one wire."""

RENAMED = (
    "openai-responses/chatlas.",
    "openai-responses/ellmer.",
    "bedrock-mantle-responses/pydantic-ai.test_bedrock_mantle.test_reused_tool_call_ids",
)
"""Cases whose client names calls its own way, in the call and in its result; they are compared by their order."""

_RETURNS = "vertex-generate/pydantic-ai.test_multimodal_tool_returns.test_multimodal_tool_return_matrix"

EXCEPTIONS: Mapping[str, str] = {
    "anthropic-messages/crewAI.anthropic.test_anthropic_agent_kickoff_structured_output_with_tools": (
        "the client leaves out the text before a call"
    ),
    "anthropic-messages/fantasy.TestAnthropicComputerUse": "as above",
    "avian-chat/fantasy.TestOpenAICompatibleThinking": "the client loses spaces of a stream",
    "openai-chat/langchaingo.agents.TestExecutorWithOpenAIFunctionAgent": "the client rewrites the arguments",
    "gemini-openai-chat/pydantic-ai.test_openai.test_compatible_api_with_tool_calls_without_id": (
        "the client makes up an id; ours is local_0"
    ),
    "gemini-generate/rig.gemini.agent_run_streamed.streamed_repair": "the client repairs the name of a tool",
    "gemini-generate/pydantic-ai.test_google.test_google_model_structured_output": (
        "the client puts a word for a signature where an older model has none"
    ),
    f"{_RETURNS}_direct-uploaded_file-video": "the client has other words for a tool that there is none of",
    f"{_RETURNS}_tool_return_content-uplo_b": "as above",
    "ollama-chat/rig.ollama.tools.two_tools_nonstreaming": "the client sends a text as thinking",
    "openai-responses/mirascope.test_structured_output_with_tools.json.openai_gpt_4o_responses.async": (
        "the recording goes on with the answer of another run"
    ),
    "openai-responses/mirascope.test_structured_output_with_tools.json.openai_gpt_4o_responses.stream": "as above",
    "openai-responses/pydantic-ai.test_openai_responses.test_openai_responses_phase_streamed_on_part_start": (
        "the client writes other quotation marks"
    ),
    "openai-responses/pydantic-ai.test_tool_search.test_openai_native_tool_search_gpt_5_6": (
        "the client renames what the service searched for, and leaves out what it found"
    ),
    "openai-responses/pydantic-ai.test_tool_search.test_openai_native_tool_search_round_trip": "as above",
    "openai-responses/pydantic-ai.test_tool_search.test_openai_native_tool_search_streaming": "as above",
    "openai-responses/pydantic-ai.test_tool_search.test_openai_native_tool_search_with_deferred_capability": (
        "as above; and it declares a tool among the items, which no function of ours answers"
    ),
}
"""Cases whose client sent another answer than it got."""

NOTHING: tuple[tuple[str, JSON], ...] = (("content", ""), ("content", []), ("prefix", False))
"""Members of an answer that say what their absence says."""

SILENT: tuple[JSON, ...] = ({"role": "assistant", "content": [{"type": "output_text", "text": ""}]},)
"""Items of an answer that say nothing."""

SEALS = ("signature", "data")


def aligned(theirs: JSONObject, ours: JSONObject, family: str, *, renamed: bool = False) -> tuple[JSON, JSON]:
    """Return both bodies without what is free; with `renamed`, calls are named by their order."""
    first, second = _canonical(normalised(theirs, family)), _canonical(normalised(ours, family))
    second = _as_silent(first, second)
    if renamed:
        first, second = _numbered(first), _numbered(second)
    unsaid, unsent = UNSAID.keys() | UNSAID_ON.get(family, {}), UNSENT.keys() | UNSENT_ON.get(family, {})
    return _aligned(first, second, unsaid, unsent)


def _aligned(theirs: JSON, ours: JSON, unsaid: AbstractSet[str], unsent: AbstractSet[str]) -> tuple[JSON, JSON]:
    match theirs, ours:
        case dict(), dict():
            theirs = {key: value for key, value in theirs.items() if key in ours or key not in unsaid}
            ours = {key: value for key, value in ours.items() if key in theirs or key not in unsent}
            pairs = {key: _aligned(theirs[key], ours[key], unsaid, unsent) for key in theirs if key in ours}
            return (
                {key: pairs[key][0] if key in pairs else value for key, value in theirs.items()},
                {key: pairs[key][1] if key in pairs else value for key, value in ours.items()},
            )
        case list(), list() if len(theirs) == len(ours):
            both = [_aligned(*pair, unsaid, unsent) for pair in zip(theirs, ours, strict=True)]
            return [one for one, _ in both], [two for _, two in both]
        case _:
            return theirs, ours


def _items(body: JSONObject) -> list[JSON]:
    match body.get("input"):
        case list(items):
            return items
        case _:
            return []


def _as_silent(theirs: JSONObject, ours: JSONObject) -> JSONObject:
    """Leave out our items of reasoning where the recorded request has none: not every client sends them back."""
    if "contents" in ours and '"thought": true' not in json.dumps(theirs):
        return {**ours, "contents": _without_thoughts(ours["contents"])}
    if "input" not in ours or any(_is_thought(item) for item in _items(theirs)):
        return ours
    return {**ours, "input": [item for item in _items(ours) if not _is_thought(item)]}


def _without_thoughts(value: JSON) -> JSON:
    match value:
        case dict():
            return {key: _without_thoughts(item) for key, item in value.items()}
        case list():
            kept = [item for item in value if not (isinstance(item, dict) and item.get("thought") is True)]
            return [_without_thoughts(item) for item in kept]
        case _:
            return value


def _is_thought(item: JSON) -> bool:
    return isinstance(item, dict) and item.get("type") == "reasoning"


def _numbered(body: JSONObject) -> JSONObject:
    """Name calls by their order; a result that names no call before it keeps its name."""
    numbers: dict[JSON, JSON] = {}
    items: list[JSON] = []
    for item in _items(body):
        if isinstance(item, dict) and "call_id" in item:
            name = item["call_id"]
            if item.get("type") == "function_call":
                numbers[name] = f"call {len(numbers)}"
            items.append({**item, "call_id": numbers.get(name, name)})
        else:
            items.append(item)
    return {**body, "input": items}


def _canonical(body: JSONObject) -> JSONObject:
    match body.get("messages"):
        case list(messages):
            return {**body, "messages": [_message(each) if isinstance(each, dict) else each for each in messages]}
        case _ if "input" in body:
            return {**body, "input": [item for item in _items(body) if item not in SILENT]}
        case _:
            return body


def _message(message: JSONObject) -> JSONObject:
    """Write reasoning under one name, its details as their seals, and leave out content that is an empty text."""
    if message.get("role") != "assistant":
        return message
    message = {key: value for key, value in message.items() if (key, value) not in NOTHING}
    text = message.pop("reasoning", None)
    if isinstance(text, str) and text:
        message.setdefault("reasoning_content", text)
    match message.pop("reasoning_details", None):
        case list(details) if seals := _seals(details):
            message["reasoning_details"] = seals
        case _:
            pass
    return message


def _seals(details: list[JSON]) -> list[JSON]:
    return [
        seal for item in details if isinstance(item, dict) for key in SEALS if isinstance(seal := item.get(key), str)
        and seal
    ]  # fmt: skip
