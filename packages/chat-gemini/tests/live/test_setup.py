"""Configurations → setups."""

from __future__ import annotations

import pytest
from conversing import LIVE, MODEL, VERTEX_LIVE

from chat_core.errors import UnsupportedContent
from chat_core.live import AudioFormat, LiveConfig, TurnDetection
from chat_core.messages import assistant, system, user
from chat_core.options import Options
from chat_core.tools import Tool, ToolChoice
from chat_gemini.live.options import GeminiLiveOptions
from chat_gemini.live.setup import encode_setup
from chat_gemini.options import GeminiOptions, google_search

WEATHER = Tool(name="get_weather", parameters={"type": "object"})


def test_a_setup_says_all_that_a_session_is_told() -> None:
    config = LiveConfig(
        model=MODEL,
        messages=(system("Be brief."), user("Hi."), assistant("Hello.")),
        tools=(WEATHER, google_search()),
        options=Options(
            max_tokens=9, temperature=0.5, native=(GeminiOptions(media_resolution="MEDIA_RESOLUTION_LOW"),)
        ),
        modality="audio",
        voice="Kore",
        language="de-DE",
        input_audio=AudioFormat(rate=8_000),
        input_transcription=True,
        output_transcription=True,
        turns=TurnDetection(padding=20, silence=500, eagerness="high", interrupts=False),
        resume="handle",
    )
    found = encode_setup(LIVE.provider, config)
    assert found.setup == {
        "model": f"models/{MODEL}",
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "tools": [
            {"functionDeclarations": [{"name": "get_weather", "parametersJsonSchema": {"type": "object"}}]},
            {"googleSearch": {}},
        ],
        "generationConfig": {
            "maxOutputTokens": 9,
            "temperature": 0.5,
            "mediaResolution": "MEDIA_RESOLUTION_LOW",
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}, "languageCode": "de-DE"},
        },
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
        "realtimeInputConfig": {
            "automaticActivityDetection": {
                "prefixPaddingMs": 20,
                "silenceDurationMs": 500,
                "endOfSpeechSensitivity": "END_SENSITIVITY_HIGH",
            },
            "activityHandling": "NO_INTERRUPTION",
        },
        "sessionResumption": {"handle": "handle"},
    }
    assert found.history == [
        {"role": "user", "parts": [{"text": "Hi."}]}, {"role": "model", "parts": [{"text": "Hello."}]}
    ]  # fmt: skip
    assert found.notices == ()


def test_on_vertex_a_model_has_its_place_in_its_name() -> None:
    setup = encode_setup(VERTEX_LIVE.provider, LiveConfig(model="gemini-live-2.5-flash")).setup
    assert setup == {"model": "projects/p/locations/europe-west4/publishers/google/models/gemini-live-2.5-flash"}


def test_what_a_session_does_not_take_is_noticed() -> None:
    config = LiveConfig(
        model=MODEL,
        tools=(WEATHER,),
        tool_choice=ToolChoice(mode="required"),
        options=Options(user="u", service_tier="flex"),
        output_audio=AudioFormat(rate=8_000),
        input_transcription="whisper-1",
        turns=TurnDetection(kind="meaning", threshold=0.5, eagerness="auto", responds=False),
    )
    notices = encode_setup(LIVE.provider, config).notices
    assert {notice.feature for notice in notices} == {
        "toolConfig", "user", "serviceTier", "output_audio", "input_transcription", "turns.kind", "turns.threshold",
        "turns.eagerness", "turns.responds",
    }  # fmt: skip


def test_turns_that_the_program_ends_are_said_so() -> None:
    setup = encode_setup(LIVE.provider, LiveConfig(model=MODEL, turns=TurnDetection(kind="manual"))).setup
    assert setup["realtimeInputConfig"] == {"automaticActivityDetection": {"disabled": True}}


def test_own_options_are_members_of_the_setup() -> None:
    native = GeminiLiveOptions(
        realtime_input={"turnCoverage": "TURN_INCLUDES_ALL_INPUT"},
        session_resumption={"transparent": True},
        context_window_compression={"slidingWindow": {}},
        input_audio_transcription={"languageCodes": ["de"]},
        proactivity={"proactiveAudio": True},
        explicit_vad_signal=True,
        extra={"novel": 1},
    )
    setup = encode_setup(LIVE.provider, LiveConfig(model=MODEL, options=Options(native=(native,)))).setup
    assert setup == {
        "model": f"models/{MODEL}",
        "inputAudioTranscription": {"languageCodes": ["de"]},
        "realtimeInputConfig": {"turnCoverage": "TURN_INCLUDES_ALL_INPUT"},
        "sessionResumption": {"transparent": True},
        "contextWindowCompression": {"slidingWindow": {}},
        "proactivity": {"proactiveAudio": True},
        "explicitVadSignal": True,
        "novel": 1,
    }


def test_newer_models_wait_for_the_conversation_so_far() -> None:
    newer = LiveConfig(model="gemini-3.1-flash-live", messages=(user("Hi."),))
    found = encode_setup(LIVE.provider, newer)
    assert found.initial
    assert found.setup["historyConfig"] == {"initialHistoryInClientContent": True}
    assert not encode_setup(LIVE.provider, LiveConfig(model=MODEL, messages=(user("Hi."),))).initial
    assert not encode_setup(LIVE.provider, LiveConfig(model="gemini-3.1-flash-live")).initial


def test_sound_that_is_not_of_samples_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match="mulaw"):
        encode_setup(LIVE.provider, LiveConfig(model=MODEL, input_audio=AudioFormat(encoding="mulaw", rate=8_000)))
