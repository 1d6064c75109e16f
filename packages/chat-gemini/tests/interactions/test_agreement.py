"""A streamed interaction is the one that comes whole, whatever it is made of and however it is cut."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from interacting import decoded, encoded, end, event, said, streamed, text

from chat_core.codec.wire import dump
from chat_core.messages import tool_results, user
from chat_core.parts import ToolResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSON, JSONObject

WORDS = st.text(min_size=1, max_size=12)
SEALS = st.none() | st.sampled_from(["c2ln", "c2VhbA=="])
VALUES: st.SearchStrategy[Any] = st.recursive(  # JSON, of which hypothesis knows the shape and not the name
    st.none() | st.booleans() | st.integers(-9, 9) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.dictionaries(st.text("abc", min_size=1, max_size=3), VALUES, max_size=3)
SOUND = st.binary(min_size=1, max_size=9)


def _sealed(step: JSONObject, seal: str | None) -> JSONObject:
    return step if seal is None else {**step, "signature": seal}


@st.composite
def outputs(draw: st.DrawFn) -> JSONObject:
    """Make an output whose contents differ from their neighbours, as deltas show them."""
    content: list[JSON] = []
    for kind in draw(st.lists(st.sampled_from(["text", "audio", "image"]), min_size=1, max_size=4)):
        before = content[-1] if content else None
        if isinstance(before, dict) and before["type"] == kind != "image":
            continue
        match kind:
            case "text":
                words = draw(WORDS)
                notes: list[JSON] = [
                    {"type": "url_citation", "url": "u", "start_index": draw(st.integers(0, len(words)))}
                    for _ in range(draw(st.integers(0, 2)))
                ]
                content.append(text(words, annotations=notes) if notes else text(words))
            case "audio":
                data = b64encode(draw(SOUND)).decode()
                content.append({"type": "audio", "data": data, "mime_type": "audio/l16"})
            case _:
                content.append({"type": "image", "data": "AAAA", "mime_type": "image/png"})
    return {"type": "model_output", "content": content}


@st.composite
def thoughts(draw: st.DrawFn) -> JSONObject:
    words = draw(st.none() | WORDS)
    step: JSONObject = {"type": "thought"} if words is None else {"type": "thought", "summary": [text(words)]}
    return _sealed(step, draw(SEALS))


@st.composite
def calls(draw: st.DrawFn) -> JSONObject:
    named = draw(st.sampled_from(["function_call", "google_search_call", "mcp_server_tool_call"]))
    step: JSONObject = {"type": named, "id": draw(st.sampled_from("123")), "arguments": draw(OBJECTS)}
    if named != "google_search_call":
        step["name"] = "f"
    return _sealed(step, draw(SEALS)) if named == "google_search_call" else step


@st.composite
def results(draw: st.DrawFn) -> JSONObject:
    kind = draw(st.sampled_from(["google_search_result", "code_execution_result", "dream_result"]))
    return _sealed({"type": kind, "call_id": "1", "result": draw(VALUES), "is_error": draw(st.booleans())}, draw(SEALS))


STEPS = st.lists(st.one_of(outputs(), thoughts(), calls(), results()), min_size=1, max_size=4)


def _cut(words: str, draw: st.DataObject) -> list[str]:
    at = draw.draw(st.integers(0, len(words)))
    return [piece for piece in (words[:at], words[at:]) if piece]


def _deltas(step: JSONObject, draw: st.DataObject) -> Iterator[JSONObject]:
    """Yield the deltas of a step, cut anywhere."""
    match step:
        case {"type": "model_output", "content": list(content)}:
            for piece in content:
                yield from _piece(piece if isinstance(piece, dict) else {}, draw)
        case {"type": "thought"}:
            summary = step.get("summary")
            for piece in summary if isinstance(summary, list) else ():
                yield from _thought(piece, draw)
            if "signature" in step:
                yield {"type": "thought_signature", "signature": step["signature"]}
        case {"type": "function_call", "arguments": arguments}:
            for words in _cut(dump(arguments).decode(), draw):
                yield {"type": "arguments_delta", "arguments": words}
        case _:
            yield {key: value for key, value in step.items() if key not in _BEGUN}


def _thought(piece: JSON, draw: st.DataObject) -> Iterator[JSONObject]:
    match piece:
        case {"text": str(words)}:
            for part in _cut(words, draw):
                yield {"type": "thought_summary", "content": text(part)}
        case _:
            raise AssertionError(piece)


_BEGUN = frozenset({"id", "call_id", "name"})


def _piece(piece: JSONObject, draw: st.DataObject) -> Iterator[JSONObject]:
    match piece:
        case {"type": "text", "text": str(words)}:
            for part in _cut(words, draw):
                yield text(part)
            if "annotations" in piece:
                yield {"type": "text_annotation_delta", "annotations": piece["annotations"]}
        case _:
            yield piece


def _begun(step: JSONObject) -> JSONObject:
    begun = {key: value for key, value in step.items() if key in _BEGUN or key == "type"}
    return {**begun, "arguments": {}} if step["type"] == "function_call" else begun


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, draw=st.data())
def test_both_forms_are_one_answer_and_it_goes_back(steps: list[JSONObject], draw: st.DataObject) -> None:
    events: list[JSONObject] = []
    for at, step in enumerate(steps):
        events.append(event("step.start", index=at, step=_begun(step)))
        events += [event("step.delta", index=at, delta=delta) for delta in _deltas(step, draw)]
        events.append(event("step.stop", index=at))
    whole = decoded(said(*steps))
    assert streamed(*events, end()).message == whole.message
    waiting = [ToolResult(call_id=call.id) for call in whole.tool_calls]
    sent = encoded(user("Hi"), whole.message, tool_results(*waiting) if waiting else user("On."))["input"]
    assert isinstance(sent, list)
    assert sent[1 : 1 + len(steps)] == [_told(step) for step in steps]


def _told(step: JSONObject) -> JSONObject:
    """Return a step without what says nothing: that a tool did not fail, null."""
    if step["type"] == "dream_result":
        return step
    return {key: value for key, value in step.items() if value is not None and (key, value) != ("is_error", False)}
