"""Configurations → sessions, in the form of each service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from speaking import FLAT_LIVE, MODEL, OPENAI_LIVE, XAI_LIVE

from chat_core.live import AudioFormat, LiveConfig, TurnDetection
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.tools import NativeTool, Tool, ToolChoice
from chat_responses.options import mcp_server
from chat_responses.realtime.options import RealtimeOptions
from chat_responses.realtime.session import encode_session, spoken

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice
    from chat_responses.realtime.live import RealtimeLive

WEATHER = Tool(name="get_weather", description="Tell the weather.", parameters={"type": "object"}, strict=True)


def encoded(config: LiveConfig, live: RealtimeLive = OPENAI_LIVE) -> tuple[JSONObject, list[Notice]]:
    notices: list[Notice] = []
    return encode_session(live.provider, config, notices), notices


WHOLE = LiveConfig(
    model=MODEL,
    messages=(system("Be brief."),),
    modality="audio",
    voice="cedar",
    language="en",
    input_audio=AudioFormat(encoding="mulaw", rate=8_000),
    output_audio=AudioFormat(),
    input_transcription=True,
    turns=TurnDetection(threshold=0.5, padding=300, silence=200, interrupts=True, responds=False),
    options=Options(max_tokens=100),
)


def test_openai_has_sound_in_an_object_of_its_own() -> None:
    session, notices = encoded(WHOLE)
    assert session == {
        "type": "realtime",
        "instructions": "Be brief.",
        "output_modalities": ["audio"],
        "max_output_tokens": 100,
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": {"model": "gpt-realtime-whisper", "language": "en"},
                "turn_detection": {
                    "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
                    "create_response": False, "interrupt_response": True,
                },
            },
            "output": {"format": {"type": "audio/pcm", "rate": 24_000}, "voice": "cedar"},
        },
    }  # fmt: skip
    assert notices == []


def test_the_earlier_form_is_flat() -> None:
    session, notices = encoded(
        replace(WHOLE, input_audio=AudioFormat(rate=16_000), options=Options(temperature=0.8)), FLAT_LIVE
    )
    assert session == {
        "instructions": "Be brief.",
        "modalities": ["text", "audio"],
        "voice": "cedar",
        "input_audio_format": "pcm16",
        "input_audio_sampling_rate": 16_000,
        "output_audio_format": "pcm16",
        "input_audio_transcription": {"model": "gpt-realtime-whisper", "language": "en"},
        "turn_detection": {
            "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
            "create_response": False, "interrupt_response": True,
        },
        "temperature": 0.8,
    }  # fmt: skip
    assert notices == []


def test_xai_has_a_form_between_and_answers_in_sound() -> None:
    session, notices = encoded(replace(WHOLE, modality="text", language=None, resumable=True), XAI_LIVE)
    assert session["voice"] == "cedar"
    assert session["resumption"] == {"enabled": True}
    assert "output_modalities" not in session
    assert session["turn_detection"] == {
        "type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 200,
        "create_response": False, "interrupt_response": True,
    }  # fmt: skip
    assert [(notice.feature, notice.applied) for notice in notices] == [("modality", "audio")]


@pytest.mark.parametrize(
    ("live", "path", "manual"),
    [(OPENAI_LIVE, ("audio", "input", "turn_detection"), None), (XAI_LIVE, ("turn_detection",), {"type": None})],
    ids=["openai", "xai"],
)
def test_turns_that_the_program_ends_are_said_so(live: RealtimeLive, path: tuple[str, ...], manual: JSON) -> None:
    found: JSON = encoded(LiveConfig(model=MODEL, turns=TurnDetection(kind="manual")), live)[0]
    for step in path:
        assert isinstance(found, dict)
        assert step in found
        found = found[step]
    assert found == manual


def test_what_a_kind_of_turns_does_not_know_is_noticed() -> None:
    turns = TurnDetection(kind="meaning", eagerness="low", silence=200)
    session, notices = encoded(LiveConfig(model=MODEL, turns=turns))
    assert session["audio"] == {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}}}
    assert [notice.feature for notice in notices] == ["turns.silence"]


def test_a_transcription_is_switched_off_and_a_language_needs_one() -> None:
    off, _ = encoded(LiveConfig(model=MODEL, input_transcription=False))
    assert off["audio"] == {"input": {"transcription": None}}
    named, _ = encoded(LiveConfig(model=MODEL, input_transcription="gpt-4o-transcribe"))
    assert named["audio"] == {"input": {"transcription": {"model": "gpt-4o-transcribe"}}}
    _, notices = encoded(LiveConfig(model=MODEL, input_transcription=False, language="de"))
    assert [notice.feature for notice in notices] == ["language"]


def test_every_option_is_sent_or_noticed() -> None:
    options = Options(
        max_tokens=5, temperature=0.8, top_p=0.5, stop=("x",), seed=3, n=1, reasoning_effort="low",
        parallel_tool_calls=False,
    )  # fmt: skip
    session, notices = encoded(LiveConfig(model=MODEL, options=options))
    assert session == {
        "type": "realtime", "max_output_tokens": 5, "reasoning": {"effort": "low"}, "parallel_tool_calls": False
    }  # fmt: skip
    assert {notice.feature: notice.requested for notice in notices} == {
        "temperature": 0.8, "top_p": 0.5, "stop": ["x"], "seed": 3
    }  # fmt: skip


def test_own_options_are_members_of_the_session() -> None:
    native = RealtimeOptions(
        include=("item.input_audio_transcription.logprobs",),
        noise_reduction={"type": "near_field"},
        reasoning={"summary": "auto"},
        speed=1.5,
        transcription={"prompt": "Names: Ada."},
        turn_detection={"idle_timeout_ms": 5000},
        truncation="disabled",
        extra={"audio": {"output": {"voice": {"id": "voice_1"}}}, "novel": 1},
    )
    config = LiveConfig(
        model=MODEL,
        turns=TurnDetection(),
        options=Options(reasoning_effort="low", native=(native,)),
    )
    session, notices = encoded(config)
    assert session == {
        "type": "realtime",
        "include": ["item.input_audio_transcription.logprobs"],
        "reasoning": {"effort": "low", "summary": "auto"},
        "truncation": "disabled",
        "novel": 1,
        "audio": {
            "input": {
                "noise_reduction": {"type": "near_field"},
                "transcription": {"model": "gpt-realtime-whisper", "prompt": "Names: Ada."},
                "turn_detection": {"type": "server_vad", "idle_timeout_ms": 5000},
            },
            "output": {"speed": 1.5, "voice": {"id": "voice_1"}},
        },
    }
    assert notices == []


def test_tools_are_declared_without_strict_and_the_choice_is_said() -> None:
    foreign = NativeTool(provider="gemini", data={"googleSearch": {}})
    config = LiveConfig(
        model=MODEL,
        tools=(WEATHER, mcp_server("docs", "https://mcp.test"), foreign),
        tool_choice=ToolChoice(mode="required", names=("get_weather",)),
    )
    session, notices = encoded(config)
    assert session["tools"] == [
        {
            "type": "function",
            "name": "get_weather",
            "description": "Tell the weather.",
            "parameters": {"type": "object"},
        },
        {"type": "mcp", "server_label": "docs", "server_url": "https://mcp.test"},
    ]
    assert session["tool_choice"] == {"type": "function", "name": "get_weather"}
    assert {notice.feature for notice in notices} == {"strict", "tools"}


def test_a_service_that_keeps_no_session_says_so() -> None:
    _, notices = encoded(LiveConfig(model=MODEL, resume="t"))
    assert [(notice.feature, notice.requested) for notice in notices] == [("resume", None)]
    _, notices = encoded(LiveConfig(model=MODEL, resumable=False))
    assert notices == []


def test_instructions_are_the_first_message_of_the_system_if_it_is_text() -> None:
    assert spoken((system("a"), user("b"))) == ("a", (user("b"),))
    assert spoken((user("b"), system("a"))) == (None, (user("b"), system("a")))
