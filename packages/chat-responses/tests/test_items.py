"""Items of an answer become parts, and nothing an item says is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_responses.items import decode_item, emptied, kind_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta

ORIGIN = "openai@api.openai.com/responses"


def test_the_first_part_of_a_message_keeps_what_the_item_says() -> None:
    first, second = decode_item(
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "phase": "commentary",
            "content": [{"type": "output_text", "text": "a", "annotations": []}, {"type": "refusal", "refusal": "b"}],
        },
        ORIGIN,
    )
    item: JSONObject = {"id": "msg_1", "status": "completed", "phase": "commentary"}
    assert first == Text("a", meta={ORIGIN: {"_item": item}})
    assert second == Refusal("b", meta={ORIGIN: {"_same": True}})


def test_reasoning_is_a_part_for_each_piece_of_its_lists() -> None:
    parts = decode_item(
        {
            "type": "reasoning",
            "id": "rs_1",
            "encrypted_content": "sealed",
            "summary": [{"type": "summary_text", "text": "in short"}],
            "content": [{"type": "reasoning_text", "text": "at length"}],
        },
        ORIGIN,
    )
    assert parts == (
        Reasoning("in short", meta={ORIGIN: {"_item": {"id": "rs_1", "encrypted_content": "sealed"}}}),
        Reasoning("at length", meta={ORIGIN: {"_list": "content", "_same": True}}),
    )


def test_withheld_reasoning_is_an_empty_part_that_keeps_its_seal() -> None:
    (part,) = decode_item({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}, ORIGIN)
    assert part == Reasoning("", meta={ORIGIN: {"_item": {"id": "rs_1", "encrypted_content": "x"}}})


def test_a_made_image_is_media() -> None:
    (part,) = decode_item(
        {
            "type": "image_generation_call",
            "id": "ig_1",
            "status": "completed",
            "result": "AAA=",
            "output_format": "png",
        },
        ORIGIN,
    )
    assert isinstance(part, Media)
    assert (part.kind, part.mime, part.source) == ("image", "image/png", Inline(b"\x00\x00"))
    assert part.meta[ORIGIN]["type"] == "image_generation_call"


def test_base64_that_is_not_ours_stays_as_it_is() -> None:
    item: JSONObject = {"type": "image_generation_call", "id": "ig_1", "result": "AAB="}
    assert decode_item(item, ORIGIN) == (Opaque(origin=ORIGIN, kind="image_generation_call", data=item),)


def test_what_a_hosted_shell_gave_is_a_result() -> None:
    output: JSON = [{"stdout": "1\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}]
    (part,) = decode_item({"type": "shell_call_output", "call_id": "c", "output": output}, ORIGIN)
    meta: Meta = {ORIGIN: {"type": "shell_call_output"}}
    assert part == ToolResult(call_id="c", content=(Json(output),), executed=True, meta=meta)


@pytest.mark.parametrize(
    "item",
    [
        {"type": "compaction", "id": "cmp_1", "encrypted_content": "x"},
        {"type": "hologram", "light": 1},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}]},
        {"type": "message", "role": "assistant", "content": []},
    ],
)
def test_an_item_without_a_name_here_stays_as_it_is(item: JSONObject) -> None:
    (part,) = decode_item(item, ORIGIN)
    assert part == Opaque(origin=ORIGIN, kind=str(item["type"]), data=item)


@pytest.mark.parametrize(
    "item",
    [
        7,
        {"no": "type"},
        {"type": "message", "role": "assistant"},
        {"type": "reasoning", "summary": "words"},
        {"type": "reasoning", "summary": [{"no": "text"}]},
        {"type": "function_call", "name": "f", "arguments": "{}"},
        {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": {}},
    ],
)
def test_a_malformed_item_is_an_error(item: JSON) -> None:
    with pytest.raises(DecodeError):
        decode_item(item, ORIGIN)


def test_a_part_starts_without_what_comes_as_deltas() -> None:
    call = ToolCall(id="c", name="f", arguments={"a": 1})
    assert emptied(call) == ToolCall(id="c", name="f")
    assert emptied(Text("a", meta={"o": {"k": 1}})) == Text("", meta={"o": {"k": 1}})
    assert emptied(Reasoning("a")) == Reasoning("")


def test_the_type_of_an_item_is_required() -> None:
    assert kind_of({"type": "message"}) == ("message", {"type": "message"})
    with pytest.raises(DecodeError, match="malformed item"):
        kind_of({"type": 1})
