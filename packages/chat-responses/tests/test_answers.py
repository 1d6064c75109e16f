"""Results of tools: each type of call has its type of answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.parts import FileID, Inline, Json, Media, Opaque, Text, ToolResult
from chat_responses.answers import ANSWERS, decode_answer, encode_answer
from chat_responses.presets import OPENAI

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import ResultPart

ORIGIN = "openai@api.openai.com/responses"
PNG = Media(kind="image", source=Inline(b"\x89PNG\r\n\x1a\n"))
URL = "data:image/png;base64,iVBORw0KGgo="


def answer(call: str, *content: ResultPart, is_error: bool = False) -> JSONObject:
    return encode_answer(ToolResult(call_id="c", content=content, is_error=is_error), call, ORIGIN, OPENAI)


@pytest.mark.parametrize(
    ("content", "output"),
    [
        ((), ""),
        ((Text("rain"),), "rain"),
        ((Json({"a": 1}),), '{"a":1}'),
        ((Text("a"), Text("b")), [{"type": "input_text", "text": "a"}, {"type": "input_text", "text": "b"}]),
        ((PNG,), [{"type": "input_image", "image_url": URL, "detail": "auto"}]),
    ],
)
def test_a_function_is_answered_by_text_or_parts(content: tuple[ResultPart, ...], output: object) -> None:
    assert answer("function_call", *content) == {"type": "function_call_output", "call_id": "c", "output": output}


def test_a_failure_is_said_in_the_text_and_read_again() -> None:
    item = answer("function_call", Text("no such city"), is_error=True)
    assert item["output"] == "Error: no such city"
    again = decode_answer(item, "function_call_output", ORIGIN, executed=False)
    assert again == ToolResult(call_id="c", content=(Text("no such city"),), is_error=True)
    assert answer("function_call", PNG, is_error=True)["output"] == [
        {"type": "input_text", "text": "Error: "},
        {"type": "input_image", "image_url": URL, "detail": "auto"},
    ]


def test_a_shell_is_answered_by_what_it_printed() -> None:
    exited: JSONObject = {"type": "exit", "exit_code": 1}
    assert answer("shell_call", Text("no"), is_error=True)["output"] == [
        {"stdout": "no", "stderr": "", "outcome": exited}
    ]
    assert answer("shell_call", Json([{"stdout": "a"}]))["output"] == [{"stdout": "a"}]


def test_a_local_shell_is_answered_by_text() -> None:
    assert answer("local_shell_call", Text("a")) == {
        "type": "local_shell_call_output",
        "call_id": "c",
        "id": "c",
        "output": "a",
    }


def test_a_patch_is_answered_by_its_status() -> None:
    assert answer("apply_patch_call") == {"type": "apply_patch_call_output", "call_id": "c", "status": "completed"}
    failed = answer("apply_patch_call", Text("no such file"), is_error=True)
    assert (failed["status"], failed["output"]) == ("failed", "no such file")


def test_a_computer_is_answered_by_a_screenshot() -> None:
    assert answer("computer_call", PNG)["output"] == {"type": "computer_screenshot", "image_url": URL}
    by_id = answer("computer_call", Media(kind="image", source=FileID("file_1")))
    assert by_id["output"] == {"type": "computer_screenshot", "file_id": "file_1"}
    with pytest.raises(UnsupportedContent, match="screenshot"):
        answer("computer_call", Text("done"))


def test_a_search_for_tools_is_answered_by_tools() -> None:
    assert answer("tool_search_call", Json({"tools": [{"type": "function"}]}))["tools"] == [{"type": "function"}]
    with pytest.raises(UnsupportedContent, match="list of tools"):
        answer("tool_search_call", Text("none"))


def test_media_cannot_go_where_text_belongs() -> None:
    with pytest.raises(UnsupportedContent, match="Media"):
        answer("local_shell_call", PNG)
    with pytest.raises(UnsupportedContent, match="send its text"):
        answer("function_call", Opaque(origin="x@y/z", kind="k", data={}))


@pytest.mark.parametrize(
    "item",
    [
        {"type": "function_call_output", "call_id": "c", "output": 7},
        {"type": "function_call_output", "call_id": "c", "output": [{"type": "refusal", "refusal": "a"}]},
        {"type": "custom_tool_call_output", "output": "a"},
    ],
)
def test_a_malformed_answer_is_an_error(item: JSONObject) -> None:
    with pytest.raises(DecodeError):
        decode_answer(item, str(item["type"]), ORIGIN, executed=False)


@pytest.mark.parametrize(
    "item",
    [
        {"type": "shell_call_output", "call_id": "c", "output": "words"},
        {"type": "apply_patch_call_output", "call_id": "c", "status": "pending"},
        {"type": "computer_call_output", "call_id": "c", "output": {"file_id": "f"}},
        {"type": "local_shell_call_output", "id": "c", "output": "a"},
    ],
)
def test_an_answer_of_another_form_stays_as_it_is(item: JSONObject) -> None:
    assert decode_answer(item, str(item["type"]), ORIGIN, executed=False) is None


def test_every_answer_has_a_call() -> None:
    assert ANSWERS["function_call"] == "function_call_output"
    assert len(set(ANSWERS.values())) == len(ANSWERS)
