"""Parts of the wire, each as what it is here and what it goes back as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import DecodeError
from chat_core.messages import Message, user
from chat_core.parts import Json, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_gemini.provider import Gemini
from chat_gemini.wire_parts import PartReader

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part

GEMINI = Gemini()
MODEL = "gemini-3.8-flash"
ORIGIN = GEMINI.origin(MODEL)

ROWS: list[tuple[JSONObject, Part]] = [
    ({"text": "Hi"}, Text("Hi")),
    ({"text": "Hi", "thoughtSignature": "s"}, Text("Hi", meta={ORIGIN: {"thoughtSignature": "s"}})),
    ({"text": "", "thoughtSignature": "s"}, Text("", meta={ORIGIN: {"thoughtSignature": "s"}})),
    ({"text": "Hm", "thought": True}, Reasoning("Hm", meta={ORIGIN: {}})),
    ({"text": "Hm", "thought": True, "thoughtSignature": "s"}, Reasoning("Hm", signature="s", meta={ORIGIN: {}})),
    (
        {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "s"},
        ToolCall(id="c1", name="f", arguments={"a": 1}, meta={ORIGIN: {"thoughtSignature": "s"}}),
    ),
    ({"functionCall": {"name": "f"}}, ToolCall(id="local_0", name="f", arguments={}, raw="", meta={ORIGIN: {}})),
    (
        {"functionCall": {"id": "c1", "name": "f", "args": {}, "mood": "low"}},
        ToolCall(id="c1", name="f", arguments={}, meta={ORIGIN: {"functionCall": {"mood": "low"}}}),
    ),
    (
        {"executableCode": {"id": "x", "language": "PYTHON", "code": "1"}, "thoughtSignature": "s"},
        ToolCall(
            id="x",
            name="code_execution",
            arguments={"language": "PYTHON", "code": "1"},
            executed=True,
            meta={ORIGIN: {"thoughtSignature": "s"}},
        ),
    ),
    (
        {"codeExecutionResult": {"id": "x", "outcome": "OUTCOME_FAILED", "output": "no"}},
        ToolResult(
            call_id="x",
            name="code_execution",
            content=(Text("no"),),
            is_error=True,
            executed=True,
            meta={ORIGIN: {"codeExecutionResult": {"outcome": "OUTCOME_FAILED"}}},
        ),
    ),
    (
        {"toolCall": {"id": "t", "toolType": "URL_CONTEXT", "args": {"urls": ["u"]}}},
        ToolCall(id="t", name="URL_CONTEXT", arguments={"urls": ["u"]}, executed=True, meta={ORIGIN: {}}),
    ),
    (
        {"toolResponse": {"id": "t", "toolType": "URL_CONTEXT", "response": {"a": 1}}, "thoughtSignature": "s"},
        ToolResult(
            call_id="t",
            name="URL_CONTEXT",
            content=(Json({"a": 1}),),
            executed=True,
            meta={ORIGIN: {"thoughtSignature": "s"}},
        ),
    ),
    (
        {"hologram": {"shape": "cube"}, "thoughtSignature": "s"},
        Opaque(origin=ORIGIN, kind="hologram", data={"hologram": {"shape": "cube"}, "thoughtSignature": "s"}),
    ),
    ({"thoughtSignature": "s"}, Opaque(origin=ORIGIN, kind="part", data={"thoughtSignature": "s"})),
]


@pytest.mark.parametrize(("wire", "part"), ROWS)
def test_a_part_is_read_and_goes_back_exactly_as_it_came(wire: JSONObject, part: Part) -> None:
    assert PartReader(ORIGIN).part(wire) == part
    request = Request(model=MODEL, messages=(user("Hi"), Message(role="assistant", parts=(part,)), user("On.")))
    answered = [*request.messages[:2], *_results(part), request.messages[2]]
    body = GEMINI.encode(Request(model=MODEL, messages=tuple(answered))).body
    assert isinstance(body, dict)
    contents = body["contents"]
    assert isinstance(contents, list)
    assert contents[1] == {"role": "model", "parts": [wire]}


def _results(part: Part) -> list[Message]:
    if isinstance(part, ToolCall) and not part.executed:
        return [Message(role="tool", parts=(ToolResult(call_id=part.id, name=part.name),))]
    return []


def test_results_without_an_id_answer_the_last_call_that_the_service_ran() -> None:
    reader = PartReader(ORIGIN, 3)
    call = reader.part({"executableCode": {"language": "PYTHON", "code": "1"}})
    result = reader.part({"codeExecutionResult": {"outcome": "OUTCOME_OK"}})
    assert isinstance(call, ToolCall)
    assert isinstance(result, ToolResult)
    assert call.id == result.call_id == "local_3"
    assert result.content == ()


@pytest.mark.parametrize(
    "wire",
    [
        7,
        {"text": 7},
        {"functionCall": 7},
        {"functionCall": {"id": "c1"}},
        {"functionCall": {"id": 7, "name": "f"}},
        {"functionCall": {"name": "f", "args": [1]}},
        {"executableCode": "print(1)"},
    ],
)
def test_a_malformed_part_is_refused(wire: JSON) -> None:
    with pytest.raises(DecodeError):
        PartReader(ORIGIN).part(wire)
