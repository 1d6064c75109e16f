"""A whole reply told as a stream: what folds from it has to equal what is decoded from the whole.

Law: the streams made here are the plainest the wire knows: one block after the other, texts in two pieces, unknown
keys where the whole reply has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import Frame, dump

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_core.jsonvalue import JSON, JSONObject

DONE = Frame(b"[DONE]")


def frames(family: str, document: JSON) -> list[Frame]:
    """Tell a document as a stream; empty when it is no answer."""
    return list(_FAMILIES[family](document)) if isinstance(document, dict) and family in _FAMILIES else []


def halves(text: str) -> list[str]:
    """Cut a text in two, or leave it when it is short."""
    middle = len(text) // 2
    return [text[:middle], text[middle:]] if middle else [text]


def _but(data: JSONObject, *keys: str) -> JSONObject:
    return {key: value for key, value in data.items() if key not in keys}


def _openai_chat(document: JSONObject) -> Iterator[Frame]:
    choices = document.get("choices")
    if (
        not isinstance(choices, list)
        or not choices
        or any("delta" in item for item in choices if isinstance(item, dict))
    ):
        return  # a whole reply that has deltas as well cannot be told as one that has nothing else
    envelope: JSONObject = {**_but(document, "choices", "usage"), "object": "chat.completion.chunk"}
    for choice in choices:
        if isinstance(choice, dict):
            for piece in _choice_pieces(choice):
                yield Frame(dump({**envelope, "choices": [{"index": choice.get("index", 0), **piece}]}))
    if "usage" in document:
        yield Frame(dump({**envelope, "choices": [], "usage": document["usage"]}))
    yield DONE


_WHOLE_WITH_DETAILS = ("reasoning", "reasoning_content", "reasoning_details")
_IN_ORDER = (*_WHOLE_WITH_DETAILS, "content", "refusal", "audio", "images", "annotations", "tool_calls")


def _choice_pieces(choice: JSONObject) -> Iterator[JSONObject]:
    message = choice.get("message")
    logprobs = choice.get("logprobs")
    if isinstance(message, dict):
        yield {"delta": _but(message, *_IN_ORDER), "finish_reason": None}
        for delta in _deltas(message, split=not logprobs):
            piece: JSONObject = {"delta": delta, "finish_reason": None}
            if logprobs and (delta.get("content") or delta.get("refusal")):
                piece["logprobs"], logprobs = logprobs, None
            yield piece
    late: JSONObject = {"logprobs": logprobs} if logprobs else {}
    yield {**_but(choice, "message", "logprobs", "index"), **late, "delta": {}}


def _deltas(message: JSONObject, *, split: bool) -> Iterator[JSONObject]:
    if message.get("reasoning_details"):
        yield {key: message[key] for key in _WHOLE_WITH_DETAILS if key in message}
    for key in _IN_ORDER:
        match key, message.get(key):
            case _, None:
                pass
            case "reasoning" | "reasoning_content" | "reasoning_details", _ if message.get("reasoning_details"):
                pass
            case "tool_calls", list(calls):
                for index, call in enumerate(calls):
                    for piece in _call_pieces(index, call) if isinstance(call, dict) else ():
                        yield {"tool_calls": [piece]}
            case _, str(text) if split:
                for half in halves(text):
                    yield {key: half}
            case _, value:
                yield {key: value}


def _call_pieces(index: int, call: JSONObject) -> Iterator[JSONObject]:
    match call:
        case {"function": {"arguments": str(arguments)}}:
            function = call["function"] if isinstance(call["function"], dict) else {}
            first, *more = halves(arguments)
            yield {"index": index, **call, "function": {**function, "arguments": first}}
            for piece in more:
                yield {"index": index, "function": {"arguments": piece}}
        case _:
            yield {"index": index, **call}


def _openai_completions(document: JSONObject) -> Iterator[Frame]:
    choices = document.get("choices")
    if not isinstance(choices, list) or not all(isinstance(item, dict) and "text" in item for item in choices):
        return
    envelope = _but(document, "choices", "usage")
    for choice in choices:
        if isinstance(choice, dict) and isinstance(text := choice.get("text"), str):
            *some, last = halves(text)
            for piece in some:
                begun: JSONObject = {"index": choice.get("index"), "text": piece, "finish_reason": None}
                yield Frame(dump({**envelope, "choices": [begun]}))
            yield Frame(dump({**envelope, "choices": [{**choice, "text": last}]}))
    if "usage" in document:
        yield Frame(dump({**envelope, "choices": [], "usage": document["usage"]}))
    yield DONE


def _anthropic_messages(document: JSONObject) -> Iterator[Frame]:
    content = document.get("content")
    if not isinstance(content, list):
        return
    ending = ("stop_reason", "stop_sequence", "usage", "context_management")
    begun: JSONObject = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": document.get("usage")}
    yield _event({"type": "message_start", "message": {**_but(document, "content", *ending), **begun}})
    for index, block in enumerate(content):
        if isinstance(block, dict):
            start, deltas = _block(block)
            yield _event({"type": "content_block_start", "index": index, "content_block": start})
            for delta in deltas:
                yield _event({"type": "content_block_delta", "index": index, "delta": delta})
            yield _event({"type": "content_block_stop", "index": index})
    end: JSONObject = {key: document[key] for key in ("stop_reason", "stop_sequence") if key in document}
    managed: JSONObject = {key: document[key] for key in ("context_management",) if key in document}
    yield _event({"type": "message_delta", "delta": end, "usage": document.get("usage"), **managed})
    yield _event({"type": "message_stop"})


def _block(block: JSONObject) -> tuple[JSONObject, list[JSONObject]]:
    """Split a block into how it starts and its deltas; most blocks come whole."""
    match block:
        case {"type": "text", "text": str(text)}:
            deltas: list[JSONObject] = [{"type": "text_delta", "text": piece} for piece in halves(text) if piece]
            cited = block.get("citations")
            found = cited if isinstance(cited, list) else []
            deltas += [{"type": "citations_delta", "citation": citation} for citation in found]
            return {**_but(block, "citations"), "text": ""}, deltas
        case {"type": "thinking", "thinking": str(text)}:
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in halves(text) if piece]
            if signature := block.get("signature"):
                deltas.append({"type": "signature_delta", "signature": signature})
            return {**block, "thinking": "", "signature": ""}, deltas
        case {"type": "tool_use" | "server_tool_use" | "mcp_tool_use", "input": dict(given)}:
            pieces = halves(dump(given).decode()) if given else []
            return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        case _:
            return dict(block), []


_ENDS = {"incomplete": "response.incomplete", "failed": "response.failed"}


def _openai_responses(document: JSONObject) -> Iterator[Frame]:
    items = document.get("output")
    if not isinstance(items, list):
        return
    begun: JSONObject = {key: document[key] for key in ("id", "object", "model") if key in document}
    yield _event({"type": "response.created", "response": {**begun, "status": "in_progress", "output": []}})
    for at, item in enumerate(items):
        if isinstance(item, dict):
            place: JSONObject = {"output_index": at}
            empty: JSONObject = {key: [] for key in ("content", "summary") if isinstance(item.get(key), list)}
            blank: JSONObject = {key: "" for key in ("arguments", "input") if isinstance(item.get(key), str)}
            yield _event({"type": "response.output_item.added", **place, "item": {**item, **empty, **blank}})
            for event in _item_deltas(item):
                yield _event({**event, **place})
            yield _event({"type": "response.output_item.done", **place, "item": item})
    status = document.get("status")
    end = _ENDS.get(status, "response.completed") if isinstance(status, str) else "response.completed"
    yield _event({"type": end, "response": document})


_INPUTS = {"function_call": "function_call_arguments", "custom_tool_call": "custom_tool_call_input"}


def _item_deltas(item: JSONObject) -> Iterator[JSONObject]:
    """Tell the texts of an item, or the input of a call, in two pieces each."""
    for name, index in (("summary", "summary_index"), ("content", "content_index")):
        pieces = item.get(name)
        for place, piece in enumerate(pieces if isinstance(pieces, list) else []):
            match piece:
                case {"type": "output_text" | "reasoning_text" as kind, "text": str(text)}:
                    said = text
                case {"type": "summary_text", "text": str(text)}:
                    kind, said = "reasoning_summary_text", text
                case _:
                    continue
            for half in halves(said):
                yield {"type": f"response.{kind}.delta", index: place, "delta": half}
    kind = _INPUTS.get(str(item.get("type")), "")
    match item:
        case {"type": "function_call", "arguments": str(text)} | {"type": "custom_tool_call", "input": str(text)}:
            for half in halves(text):
                yield {"type": f"response.{kind}.delta", "delta": half}
        case _:
            pass


def _ollama_chat(document: JSONObject) -> Iterator[Frame]:
    message = document.get("message")
    if not isinstance(message, dict):
        return
    yield from _lines(document, [{"message": piece} for piece in _ollama_pieces(message)], {"message": {"content": ""}})


def _ollama_pieces(message: JSONObject) -> Iterator[JSONObject]:
    yield {"content": "", **_but(message, "thinking", "content", "tool_calls")}
    for key in ("thinking", "content"):
        if isinstance(text := message.get(key), str):
            for half in halves(text):
                yield {"role": "assistant", "content": "", key: half}
    for call in calls if isinstance(calls := message.get("tool_calls"), list) else ():
        yield {"role": "assistant", "content": "", "tool_calls": [call]}


def _ollama_generate(document: JSONObject) -> Iterator[Frame]:
    if isinstance(text := document.get("response"), str):
        yield from _lines(document, [{"response": half} for half in halves(text)], {"response": ""})


def _lines(document: JSONObject, pieces: list[JSONObject], last: JSONObject) -> Iterator[Frame]:
    """Tell a document in lines: what is known at once is in each of them, what is counted in the last."""
    known: JSONObject = {key: document[key] for key in ("model", "created_at") if key in document}
    for piece in pieces:
        yield Frame(dump({**known, **piece, "done": False}))
    yield Frame(dump({**_but(document, "message", "response"), **last}))


def _gemini_generate(document: JSONObject) -> Iterator[Frame]:
    """Tell candidates one after the other; the second half of a text comes with what follows it."""
    candidates = document.get("candidates")
    envelope = _but(document, "candidates", "usageMetadata")
    for at, candidate in enumerate(candidates if isinstance(candidates, list) else ()):
        if not isinstance(candidate, dict) or "finishReason" not in candidate:
            return
        index: JSONObject = {"index": candidate.get("index", at)}
        content = candidate.get("content")
        said: JSONObject = content if isinstance(content, dict) else {}
        events = _gemini_events(said)
        late: JSONObject = {} if "logprobsResult" not in candidate else {"logprobsResult": candidate["logprobsResult"]}
        for number, parts in enumerate(events):
            piece: JSONObject = {**index, "content": {**said, "parts": parts}, **(late if number == 0 else {})}
            yield Frame(dump({**envelope, "candidates": [piece]}))
        beside = _but(candidate, "content", "index", *(late if events else ()))
        yield Frame(dump({**envelope, "candidates": [{**index, **beside}]}))
    yield Frame(dump(_but(document, "candidates", *(("promptFeedback",) if candidates else ()))))


def _gemini_events(content: JSONObject) -> list[list[JSON]]:
    """Put parts into events: a text without a mark of its own is cut in two, where an event ends and another begins."""
    parts = content.get("parts")
    events: list[list[JSON]] = [[]]
    for part in parts if isinstance(parts, list) else ():
        text = part.get("text") if isinstance(part, dict) and part.keys() <= {"text", "thought"} else None
        if isinstance(part, dict) and isinstance(text, str) and len(text) > 1:
            first, second = halves(text)
            events[-1].append({**part, "text": first})
            events.append([{**part, "text": second}])
        else:
            events[-1].append(part)
    return [event for event in events if event]


def _event(data: JSONObject) -> Frame:
    return Frame(dump(data), event=str(data["type"]))


_FAMILIES: Mapping[str, Callable[[JSONObject], Iterator[Frame]]] = {
    "openai_chat": _openai_chat,
    "openai_completions": _openai_completions,
    "anthropic_messages": _anthropic_messages,
    "openai_responses": _openai_responses,
    "ollama_chat": _ollama_chat,
    "gemini_generate": _gemini_generate,
    "ollama_generate": _ollama_generate,
}
