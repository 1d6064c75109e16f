"""What a corpus says a decoder has to deliver, field by field, against what was delivered.

Law: a field that is absent says nothing; a field that this table does not know is a difference, never a silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.blocks import block_names, executed_name
from tests.wire.expect_errors import error_differences
from tests.wire.gemini import (
    block_reason,
    citations,
    grounding_chunks,
    is_service_tools,
    partial_args,
    service_tools,
)
from tests.wire.items import is_items, service_names, thoughts
from tests.wire.outcome import Told
from tests.wire.seals import opaque_payloads, reasoning_details, seals, values_of
from tests.wire.steps import is_unread
from tests.wire.usage import usage_differences

from chat_core.codec.capabilities import EmbeddingResponse, ModelPage, TokenCount
from chat_core.codec.images import ImageResponse
from chat_core.codec.rerank import RerankResponse
from chat_core.codec.speech import SpeechResponse
from chat_core.codec.transcription import TranscriptionResponse
from chat_core.errors import ProviderError, StreamTruncated
from chat_core.parts import Inline, Json, Media, Opaque, Text, ToolCall, is_local
from chat_core.response import FinishReason, Response

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterator, Mapping

    from tests.wire.outcome import Outcome

    from chat_core.jsonvalue import JSON, JSONObject

REASONS: Mapping[str, frozenset[FinishReason]] = {
    **dict.fromkeys(
        ("stop", "eos", "end_turn", "stop_sequence"), frozenset({FinishReason.STOP, FinishReason.TOOL_CALLS})
    ),
    **dict.fromkeys(("length", "max_tokens"), frozenset({FinishReason.LENGTH})),
    **dict.fromkeys(("tool_calls", "tool_call", "function_call", "tool_use"), frozenset({FinishReason.TOOL_CALLS})),
    "content_filter": frozenset({FinishReason.CONTENT_FILTER}),
    **dict.fromkeys(
        ("completed", "complete"), frozenset({FinishReason.STOP, FinishReason.TOOL_CALLS, FinishReason.REFUSAL})
    ),
    "refusal": frozenset({FinishReason.REFUSAL}),
    "pause_turn": frozenset({FinishReason.PAUSE}),
    "STOP": frozenset({FinishReason.STOP, FinishReason.TOOL_CALLS}),
    "1": frozenset({FinishReason.STOP, FinishReason.TOOL_CALLS}),
    "MAX_TOKENS": frozenset({FinishReason.LENGTH}),
    "SAFETY": frozenset({FinishReason.CONTENT_FILTER}),
    "UNEXPECTED_TOOL_CALL": frozenset({FinishReason.ERROR}),
}
"""What a service's word may mean; words that are not here may mean anything."""


def differences(expect: JSONObject, outcome: Outcome) -> Iterator[str]:
    """Yield how an outcome differs from what is expected."""
    match expect.get("kind"):
        case "error":
            yield from error_differences(expect, outcome.error)
        case "message":
            yield from _message(expect, outcome)
        case "embeddings" | "models" | "token-count" | "images" | "transcription" | "bytes" | "rerank":
            yield from _beside_chat(expect, outcome)
        case _ if outcome.error is not None:
            yield f"raised {outcome.error!r}"
        case _:
            pass


def _message(expect: JSONObject, outcome: Outcome) -> Iterator[str]:
    if expect.keys() & {"error", "sse_error_field"}:
        yield from error_differences(expect, outcome.error)
    elif expect.get("terminated") is False:
        if not isinstance(outcome.error, (StreamTruncated, ProviderError)):
            yield f"the stream has no end, and decoding says {outcome.error or 'nothing'}"
    elif outcome.error is not None:
        yield f"raised {outcome.error!r}"
    response = outcome.response
    if response is None:
        yield "no response, not even a partial one"
        return
    for field, wanted in expect.items():
        if field == "text" and is_unread(expect):
            continue
        if field in DERIVED:
            got = DERIVED[field](response, wanted)
            if got != wanted:
                yield f"{field}: expected {wanted!r}, got {got!r}"
        elif field == "usage":
            yield from usage_differences(wanted, response.usage)
        elif field == "finish_reason":
            yield from _reason(wanted, response)
        elif field not in READ_ELSEWHERE:
            yield f"{field}: the corpus expects it and this session does not know it"


READ_ELSEWHERE = {"final_output_empty", "kind", "error", "sse_error_field", "terminated", "event_types"}
"""Fields with a check of their own; `event_types` is a fact about the recording, not about the answer."""


def _reason(wanted: JSON, response: Response) -> Iterator[str]:
    wanted = str(wanted) if isinstance(wanted, int) else wanted  # Gemini writes numbers where it is asked to
    if response.raw_finish_reason != wanted:
        yield f"finish_reason: expected {wanted!r}, got {response.raw_finish_reason!r}"
    meanings = REASONS.get(wanted) if isinstance(wanted, str) else None
    if meanings is not None and response.finish_reason not in meanings:
        yield f"finish_reason {wanted!r} was read as {response.finish_reason}"


def _tool_calls(response: Response, wanted: JSON) -> JSON:
    """Spell out the calls with the keys that are expected of each."""
    expected = wanted if isinstance(wanted, list) else []
    ids = [call.get("id") for call in expected if isinstance(call, dict)]  # a service may have run one of its own
    found = (part for part in response.parts if isinstance(part, ToolCall))
    calls = [call for call in found if not call.executed or call.id in ids]
    spelled: list[JSON] = []
    for at, call in enumerate(calls):
        keys = expected[at] if at < len(expected) else None
        facts: JSONObject = {
            "id": "" if is_local(call.id) else call.id,
            "name": call.name,
            "arguments": call.arguments,
            "arguments_raw": call.raw,
            "input": call.raw,
        }
        spelled.append({key: facts.get(key) for key in (keys if isinstance(keys, dict) else ("id", "name"))})
    return spelled


def _text_parts(response: Response, wanted: JSON) -> JSON:
    texts = [part.text for part in response.parts if isinstance(part, Text)]
    full = isinstance(wanted, list) and "" in wanted
    return [text for text in texts if text or full]


def _content_object(response: Response, _: JSON) -> JSON:
    return next((part.value for part in response.parts if isinstance(part, Json)), None)


def _server_tools(response: Response, wanted: JSON) -> JSON:
    if is_items(wanted):
        return service_names(response)
    if is_service_tools(wanted):
        return service_tools(response)
    names = [name for part in response.parts if (name := executed_name(part)) is not None]
    expected = wanted if isinstance(wanted, list) else []
    spelled = zip(names, expected, strict=False) if len(names) == len(expected) else ()
    prefixed: list[JSON] = [f"mcp:{name}" if str(other).startswith("mcp:") else name for name, other in spelled]
    return prefixed or [*names]


def _media(kind: str) -> Callable[[Response, JSON], JSON]:
    return lambda response, _: sum(part.kind == kind for part in response.media)


def _transcript(response: Response, _: JSON) -> JSON:
    return "".join(part.transcript or "" for part in response.parts if isinstance(part, Media))


def _logprobs(response: Response, _: JSON) -> JSON:
    return sum(len(part.logprobs) for part in response.parts if isinstance(part, Text))


def _approvals(response: Response, _: JSON) -> JSON:
    return sum(isinstance(part, Opaque) and part.kind == "mcp_approval_request" for part in response.parts)


def _incomplete_reason(response: Response, _: JSON) -> JSON:
    details = [data.get("incomplete_details") for data in response.meta.values()]
    return next((detail.get("reason") for detail in details if isinstance(detail, dict)), None)


def _choice_texts(response: Response, _: JSON) -> JSON:
    return [answer.text for answer in (response, *response.alternatives)]


def _stop_sequence(response: Response, wanted: JSON) -> JSON:
    found = values_of(response, "stop_sequence")
    return wanted if wanted in found else found[0] if found else None


DERIVED: Mapping[str, Callable[[Response, JSON], JSON]] = {
    "text": lambda response, _: response.text,
    "text_parts": _text_parts,
    "content_object": _content_object,
    "reasoning": lambda response, _: response.reasoning,
    "reasoning_summaries": lambda response, _: thoughts(response, "summary"),
    "reasoning_content": lambda response, _: thoughts(response, "content"),
    "approval_requests": _approvals,
    "block_reason": block_reason,
    "grounding_chunks": grounding_chunks,
    "partial_args_stream": partial_args,
    "incomplete_reason": _incomplete_reason,
    "reasoning_signatures": lambda response, _: len(seals(response)),
    "redacted_reasoning": lambda response, _: len(opaque_payloads(response)),
    "reasoning_details": reasoning_details,
    "tool_calls": _tool_calls,
    "server_tools": _server_tools,
    "blocks": block_names,
    "stop_sequence": _stop_sequence,
    "images": _media("image"),
    "audio": _media("audio"),
    "files": _media("document"),
    "transcript": _transcript,
    "citations": citations,
    "logprobs": _logprobs,
    "refusal": lambda response, _: response.refusal,
    "choices": lambda response, _: 1 + len(response.alternatives),
    "choice_texts": _choice_texts,
    "model": lambda response, _: response.model,
    "response_id": lambda response, _: response.id,
}
"""How each field is read from a response; the second argument is what is expected, for its form only."""


def _beside_chat(expect: JSONObject, outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None:
        yield f"raised {outcome.error!r}"
        return
    told = outcome.value.result if isinstance(outcome.value, Told) else outcome.value
    match told, expect:
        case EmbeddingResponse() as value, {"embeddings": dict(wanted)}:
            yield from _embeddings(wanted, value)
            if "model" in expect and value.model != expect["model"]:
                yield f"model: expected {expect['model']!r}, got {value.model!r}"
            if "usage" in expect:
                yield from usage_differences(expect["usage"], value.usage)
        case RerankResponse(results=results), {"results": int(count)}:
            if len(results) != count:
                yield f"results: expected {count}, got {len(results)}"
        case ModelPage(models=models), {"models": int(count)}:
            if len(models) != count:
                yield f"models: expected {count}, got {len(models)}"
        case TokenCount(input_tokens=tokens), {"token_count": int(count)}:
            if tokens != count:
                yield f"token_count: expected {count}, got {tokens}"
        case (ImageResponse() | TranscriptionResponse() | SpeechResponse()) as value, _:
            yield from _media_made(expect, value)
        case value, _:
            yield f"expected {expect.get('kind')}, got {type(value).__name__}"


def _media_made(expect: JSONObject, value: ImageResponse | TranscriptionResponse | SpeechResponse) -> Iterator[str]:
    match value, expect:
        case ImageResponse(images=images, usage=usage), {"images": int(count)}:
            if len(images) != count:
                yield f"images: expected {count}, got {len(images)}"
            if "usage" in expect:
                yield from usage_differences(expect["usage"], usage)
        case TranscriptionResponse(text=text), {"text": str(words)}:
            if text != words:
                yield f"text: expected {words!r}, got {text!r}"
        case SpeechResponse(audio=Media(source=Inline(data))), {"byte_count": int(count)}:
            if len(data) != count:
                yield f"byte_count: expected {count}, got {len(data)}"
        case _:
            yield f"expected {expect.get('kind')}, got {type(value).__name__}"


def _embeddings(wanted: JSONObject, value: EmbeddingResponse) -> Iterator[str]:
    if (count := wanted.get("count")) is not None and len(value.vectors) != count:
        yield f"embeddings: expected {count}, got {len(value.vectors)}"
    sizes = {_dimensions(vector, wanted.get("encoding")) for vector in value.vectors}
    if isinstance(dims := wanted.get("dims"), int) and sizes != {dims}:
        yield f"embeddings: expected {dims} dimensions, got {sorted(sizes)}"


def _dimensions(vector: array[float] | array[int], encoding: JSON) -> int:
    """Count as the corpus does, which reads every base64 vector as floats of four bytes."""
    return len(vector) * vector.itemsize // 4 if encoding == "base64" else len(vector)
