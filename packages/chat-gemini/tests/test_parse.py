"""Requests that come from elsewhere, read and written again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from chat_core.errors import DecodeError
from chat_core.messages import user
from chat_core.options import Options
from chat_core.parts import Json, Media, Text, ToolCall, ToolResult
from chat_core.request import OutputFormat, Request
from chat_gemini.options import GeminiOptions
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

GEMINI = Gemini()
MODEL = "gemini-3.8-flash"
ORIGIN = GEMINI.origin(MODEL)
HI: JSONObject = {"role": "user", "parts": [{"text": "Hi"}]}


def parse(**body: JSON) -> Request:
    return GEMINI.parse({"contents": [HI], **body}, model=MODEL)


def again(**body: JSON) -> JSONObject:
    wire = GEMINI.encode(parse(**body))
    assert isinstance(wire.body, dict)
    return {key: value for key, value in cast("JSONObject", wire.body).items() if key != "contents"}


def test_the_model_is_in_the_address_or_in_the_body() -> None:
    assert parse() == Request(model=MODEL, messages=(user("Hi"),))
    assert GEMINI.parse({"model": "models/m", "contents": [HI]}).model == "models/m"
    with pytest.raises(DecodeError, match="names no model"):
        GEMINI.parse({"contents": [HI]})


def test_settings_with_portable_names_are_portable() -> None:
    config: JSONObject = {
        "maxOutputTokens": 9, "temperature": 0.5, "topP": 0.5, "topK": 3, "frequencyPenalty": 0.1,
        "presencePenalty": 0.2, "stopSequences": ["a"], "seed": 1, "responseLogprobs": True,
        "logprobs": 2, "candidateCount": 2, "thinkingConfig": {"thinkingLevel": "LOW"},
    }  # fmt: skip
    assert parse(generationConfig=config, serviceTier="flex").options == Options(
        max_tokens=9, temperature=0.5, top_p=0.5, top_k=3, frequency_penalty=0.1, presence_penalty=0.2, stop=("a",),
        seed=1, logprobs=True, top_logprobs=2, n=2, reasoning_effort="low", service_tier="flex",
    )  # fmt: skip


def test_snake_case_nulls_and_empty_settings_are_read() -> None:
    request = GEMINI.parse(
        {
            "system_instruction": {"parts": {"text": "Be brief."}},
            "contents": {"parts": [{"inline_data": {"mime_type": "image/png", "data": "iVBORw0KGgo="}}]},
            "generation_config": {"max_output_tokens": 9, "stop_sequences": [], "top_k": None},
            "safety_settings": [],
            "tools": None,
        },
        model=MODEL,
    )
    assert request.messages[0].text == "Be brief."
    assert isinstance(request.messages[1].parts[0], Media)
    assert request.options == Options(max_tokens=9)


def test_what_has_no_portable_name_is_kept() -> None:
    body: JSONObject = {
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": {"languageCode": "de-DE"},
            "newKnob": 1,
            "thinkingConfig": {"thinkingLevel": "HIGH", "thinkingBudget": 9, "includeThoughts": True},
        },
        "safetySettings": [{"category": 10, "threshold": 3}],
        "cachedContent": "cachedContents/c",
        "newField": [2],
    }
    assert again(**body) == body
    (native,) = parse(**body).options.native
    assert native == GeminiOptions(
        response_modalities=("AUDIO",),
        speech_config={"languageCode": "de-DE"},
        include_thoughts=True,
        thinking={"thinkingLevel": "HIGH", "thinkingBudget": 9},
        generation_config={"newKnob": 1},
        safety_settings=({"category": 10, "threshold": 3},),
        cached_content="cachedContents/c",
        extra={"newField": [2]},
    )


@pytest.mark.parametrize(
    ("config", "output"),
    [
        ({"responseMimeType": "application/json"}, OutputFormat(kind="json")),
        (
            {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
            OutputFormat(schema={"type": "object"}),
        ),
        ({"responseMimeType": "application/json", "responseSchema": {"type": "OBJECT"}}, OutputFormat(kind="json")),
        ({"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING"}}, None),
    ],
)
def test_the_form_of_the_answer_is_read_and_goes_back(config: JSONObject, output: OutputFormat | None) -> None:
    assert parse(generationConfig=config).output == output
    assert again(generationConfig=config) == {"generationConfig": config}


def test_results_are_messages_of_their_own_and_go_back_to_their_place() -> None:
    contents: list[JSON] = [
        HI,
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}, {"functionCall": {"name": "g"}}]},
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "f", "response": {"output": "1"}}},
                {"functionResponse": {"name": "g", "response": {"b": 2}}},
                {"text": "And now?"},
            ],
        },
    ]
    request = GEMINI.parse({"contents": contents}, model=MODEL)
    _, calls, results, words = request.messages
    assert [part.id for part in calls.parts if isinstance(part, ToolCall)] == ["local_0", "local_1"]
    assert results.role == "tool"
    assert results.parts == (
        ToolResult(call_id="local_0", name="f", content=(Text("1"),)),
        ToolResult(call_id="local_1", name="g", content=(Json({"b": 2}),)),
    )
    assert words.text == "And now?"
    assert GEMINI.encode(request).body == {"contents": contents}


@pytest.mark.parametrize(
    "response",
    [
        {}, {"output": "a"}, {"output": [1]}, {"output": {"a": 1}}, {"output": None}, {"error": "no"},
        {"error": {"a": 1}}, {"error": "no", "output": "a"}, {"result": "a"},
    ],
)  # fmt: skip
def test_a_result_goes_back_as_it_came(response: JSONObject) -> None:
    contents: list[JSON] = [
        HI,
        {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "f", "args": {}}}]},
        {"role": "user", "parts": [{"functionResponse": {"id": "c1", "name": "f", "response": response}}]},
    ]
    assert GEMINI.encode(GEMINI.parse({"contents": contents}, model=MODEL)).body == {"contents": contents}


@pytest.mark.parametrize(
    "contents",
    [7, [7], [{"role": "critic", "parts": []}], [{"role": [], "parts": []}], [{"parts": 7}], [{"parts": [7]}]],
)
def test_a_malformed_request_is_refused(contents: JSON) -> None:
    with pytest.raises(DecodeError):
        GEMINI.parse({"contents": contents}, model=MODEL)
