"""What a client sends, read and sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conversing import CONFIG, LIVE, MODEL, begin, sent

from chat_core.errors import DecodeError
from chat_core.live import (
    AudioInput,
    FrameInput,
    LiveConfig,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    TurnDetection,
    TurnEnd,
    TurnStart,
)
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.parts import Inline, Media, Text, ToolResult
from chat_core.tools import Tool
from chat_gemini.live.options import PROVIDER, GeminiLiveOptions

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

MANUAL = LiveConfig(model=f"models/{MODEL}", turns=TurnDetection(kind="manual"))
WHOLE = LiveConfig(
    model=f"models/{MODEL}",
    messages=(system("Be brief."),),
    tools=(Tool(name="f", parameters={"type": "object"}),),
    options=Options(
        max_tokens=9, native=(GeminiLiveOptions(proactivity={"proactiveAudio": True}, extra={"novel": 1}),)
    ),
    modality="audio",
    voice="Kore",
    language="de-DE",
    input_transcription=True,
    output_transcription=True,
    turns=TurnDetection(silence=500, eagerness="low", interrupts=True),
    resume="handle",
    resumable=True,
)


def test_a_setup_is_read_as_it_was_configured() -> None:
    (message,) = sent(LIVE.codec(WHOLE))
    setup = message["setup"]
    assert isinstance(setup, dict)
    assert LIVE.parse_config(setup) == WHOLE


@pytest.mark.parametrize(
    "more",
    [
        {
            "generationConfig": {
                "responseModalities": ["AUDIO", "TEXT"],
                "speechConfig": {"multiSpeakerVoiceConfig": {}},
            }
        },
        {"realtimeInputConfig": {"automaticActivityDetection": {"disabled": True}, "turnCoverage": "X"}},
        {
            "realtimeInputConfig": {
                "automaticActivityDetection": {"startOfSpeechSensitivity": "X", "silenceDurationMs": 5}
            }
        },
        {"sessionResumption": {}},
        {"sessionResumption": {"transparent": True}},
        {"historyConfig": {"initialHistoryInClientContent": True}, "explicitVadSignal": True, "safetySettings": []},
    ],
)
def test_what_has_no_portable_name_is_sent_again_as_it_was(more: JSONObject) -> None:
    setup: JSONObject = {"model": f"models/{MODEL}", **more}
    (message,) = sent(LIVE.codec(LIVE.parse_config(setup)))
    assert message["setup"] == {key: value for key, value in setup.items() if value != []}


SAID: list[tuple[LiveConfig, JSONObject, object]] = [
    (CONFIG, {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAE="}}}, AudioInput(b"\0\1")),
    (
        CONFIG,
        {"realtimeInput": {"video": {"mimeType": "image/png", "data": "AAE="}}},
        FrameInput(Media(kind="image", source=Inline(b"\0\1"), mime="image/png")),
    ),
    (MANUAL, {"realtimeInput": {"activityStart": {}}}, TurnStart()),
    (MANUAL, {"realtimeInput": {"activityEnd": {}}}, TurnEnd()),
    (CONFIG, {"realtimeInput": {"audioStreamEnd": True}}, TurnEnd()),
    (CONFIG, {"clientContent": {"turnComplete": True}}, ResponseRequest()),
    (
        CONFIG,
        {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "a"}]}], "turnComplete": True}},
        MessageInput(user("a")),
    ),
    (
        CONFIG,
        {"toolResponse": {"functionResponses": [{"id": "c", "name": "f", "response": {"output": "x"}}]}},
        ResultsInput((ToolResult(call_id="c", name="f", content=(Text("x"),)),)),
    ),
]


@pytest.mark.parametrize(("config", "data", "said"), SAID)
def test_a_message_is_an_input_and_the_input_that_message(config: LiveConfig, data: JSONObject, said: object) -> None:
    found = LIVE.parse_input(data, config)
    assert found == said
    codec = begin(config)
    codec.send(found)
    assert sent(codec) == [data]


def test_names_in_snake_case_are_read() -> None:
    data: JSONObject = {
        "client_content": {"turns": [{"role": "user", "parts": [{"text": "a"}]}], "turn_complete": False}
    }
    assert LIVE.parse_input(data, CONFIG) == MessageInput(user("a"), respond=False)


@pytest.mark.parametrize(
    "data",
    [
        {"realtimeInput": {"text": "a"}},
        {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=8000", "data": "AAE="}}},
        {"realtimeInput": {"activityStart": {}}},
        {"contextUpdate": {"tools": {"tools": []}}},
        {"clientContent": {"turns": [{"parts": [{"text": "a"}]}, {"parts": [{"text": "b"}]}], "turnComplete": False}},
    ],
)
def test_a_message_without_a_portable_name_is_kept_as_it_is(data: JSONObject) -> None:
    said = LIVE.parse_input(data, CONFIG)
    assert said == NativeInput(PROVIDER, data)
    codec = begin()
    codec.send(said)
    assert sent(codec) == [data]


@pytest.mark.parametrize("setup", [{}, {"model": 3}])
def test_a_setup_without_a_model_is_refused(setup: JSONObject) -> None:
    with pytest.raises(DecodeError, match="model"):
        LIVE.parse_config(setup)


@pytest.mark.parametrize("data", [{}, {"a": 1, "b": 2}, {"toolResponse": {"functionResponses": [3]}}])
def test_what_is_no_message_is_refused(data: JSONObject) -> None:
    with pytest.raises(DecodeError):
        LIVE.parse_input(data, CONFIG)
