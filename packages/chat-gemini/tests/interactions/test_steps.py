from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from interacting import ORIGIN, encoded, output, text

from chat_core.errors import DecodeError
from chat_core.messages import assistant, tool_results
from chat_core.parts import Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_gemini.interactions.steps import decode_step, emptied

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

PNG: JSON = {"type": "image", "data": "AAAA", "mime_type": "image/png"}

STEPS: dict[str, tuple[JSON, list[type]]] = {
    "a text": (output(text("a")), [Text]),
    "texts and media": (output(text("a"), PNG, text("b")), [Text, Media, Text]),
    "a fault beside the content": (output(text("a"), text("b"), error={"code": 3, "message": "no"}), [Text, Text]),
    "content of a new type": (output({"type": "hologram", "beam": 1}, text("a")), [Opaque, Text]),
    "new content and a fault": (output({"type": "hologram"}, text("a"), error={"code": 3}), [Opaque, Text]),
    "nothing that is known, and a fault": (output({"type": "hologram"}, error={"code": 3}), [Opaque]),
    "no content": ({"type": "model_output"}, [Opaque]),
    "a thought": ({"type": "thought", "signature": "c2ln"}, [Reasoning]),
    "a thought in words": ({"type": "thought", "signature": "c2ln", "summary": [text("Hm.")]}, [Reasoning]),
    "a thought in pieces": ({"type": "thought", "summary": [text("Hm."), PNG, text("So.", mood="x")]}, [Reasoning]),
    "a thought of no words": ({"type": "thought", "summary": [text("")], "depth": 2}, [Reasoning]),
    "a call": ({"type": "function_call", "id": "1", "name": "f", "arguments": {"x": 1}, "signature": "s"}, [ToolCall]),
    "what a function gave there": ({"type": "function_result", "call_id": "1", "result": "a"}, [ToolResult]),
    "a search": ({"type": "google_search_call", "id": "1", "arguments": {"queries": ["q"]}}, [ToolCall]),
    "a search without arguments": ({"type": "file_search_call", "id": "1", "signature": "s"}, [ToolCall]),
    "what a search gave": ({"type": "google_search_result", "call_id": "1", "result": [{"a": 1}]}, [ToolResult]),
    "nothing that a search gave": ({"type": "file_search_result", "call_id": "1"}, [ToolResult]),
    "a call without an id": ({"type": "url_context_call", "arguments": {}}, [Opaque]),
    "a step of a new type": ({"type": "dream_call", "id": "1", "arguments": {"a": 1}}, [Opaque]),
    "what a user said": ({"type": "user_input", "content": [text("a")]}, [Opaque]),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_read_and_goes_back_as_it_came(name: str) -> None:
    step, kinds = STEPS[name]
    parts = decode_step(step, ORIGIN)
    assert [type(part) for part in parts] == kinds
    answers = [ToolResult(call_id=part.id) for part in parts if isinstance(part, ToolCall) and not part.executed]
    sent = encoded(assistant(*parts), *([tool_results(*answers)] if answers else []))["input"]
    assert isinstance(sent, list)
    assert sent[:1] == [step]


def test_steps_that_stand_together_stay_apart() -> None:
    steps = [output(text("a")), output(text("b"), text("c")), output(text("d"))]
    parts = [part for step in steps for part in decode_step(step, ORIGIN)]
    assert encoded(assistant(*parts))["input"] == steps


def test_a_thought_is_one_part_whatever_it_is_cut_into() -> None:
    (part,) = decode_step({"type": "thought", "signature": "s", "summary": [text("Hm. "), text("So.")]}, ORIGIN)
    assert isinstance(part, Reasoning)
    assert (part.text, part.signature) == ("Hm. So.", "s")


def test_a_thought_whose_words_were_changed_has_one_piece() -> None:
    (part,) = decode_step({"type": "thought", "summary": [text("Hm. "), text("So.")]}, ORIGIN)
    changed = Reasoning("Hm.", meta=part.meta) if isinstance(part, Reasoning) else part
    assert encoded(assistant(changed))["input"] == [{"type": "thought", "summary": [text("Hm.")]}]


@pytest.mark.parametrize(
    "step",
    [
        None,
        "text",
        {"content": []},
        {"type": 7},
        {"type": "model_output", "content": "a"},
        {"type": "model_output", "content": ["a"]},
        {"type": "model_output", "content": [{"type": "text", "text": 7}]},
        {"type": "model_output", "content": [text("a", annotations={})]},
        {"type": "thought", "signature": 7},
        {"type": "thought", "summary": "a"},
        {"type": "thought", "summary": ["a"]},
        {"type": "thought", "summary": [{"type": "text", "text": 7}]},
        {"type": "function_call", "id": "1"},
        {"type": "function_call", "id": "", "name": "f"},
        {"type": "function_call", "id": "1", "name": "f", "arguments": [1]},
        {"type": "function_result", "result": "a"},
    ],
)
def test_a_known_step_that_is_malformed_is_an_error(step: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_step(step, ORIGIN)


def test_an_emptied_part_has_what_does_not_come_as_deltas() -> None:
    (call,) = decode_step({"type": "function_call", "id": "1", "name": "f", "arguments": {"x": 1}}, ORIGIN)
    assert emptied(call) == ToolCall(id="1", name="f")
    assert emptied(Text("a")) == Text("")
    assert emptied(Reasoning("a", signature="s")) == Reasoning("", signature="s")
