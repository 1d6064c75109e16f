"""What a client sends, read and sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from speaking import FLAT_LIVE, MODEL, OPENAI_LIVE, XAI_LIVE, begin, sent

from chat_core.errors import DecodeError
from chat_core.live import (
    AudioFormat,
    AudioInput,
    ConfigUpdate,
    Interruption,
    LiveConfig,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    TurnDetection,
    TurnEnd,
    TurnStart,
)
from chat_core.messages import assistant, system, user
from chat_core.options import Options
from chat_core.parts import Inline, Media, Text, ToolCall, ToolResult
from chat_core.tools import Tool, ToolChoice
from chat_responses.realtime.options import RealtimeOptions

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_responses.realtime.live import RealtimeLive

MANUAL = LiveConfig(model=MODEL, turns=TurnDetection(kind="manual"))


def whole(live: RealtimeLive) -> LiveConfig:
    xai = live is XAI_LIVE
    flat = live is FLAT_LIVE
    return LiveConfig(
        model=MODEL,
        messages=(system("Be brief."),),
        tools=(Tool(name="f", description="F.", parameters={"type": "object"}),),
        tool_choice=ToolChoice(mode="required"),
        options=Options(max_tokens=9) if flat or xai else Options(max_tokens=9, parallel_tool_calls=True),
        modality=None if xai else "text",
        voice="cedar",
        language="en",
        input_audio=AudioFormat(rate=16_000),
        output_audio=AudioFormat(encoding="mulaw", rate=8_000),
        input_transcription="whisper-1",
        turns=TurnDetection(kind="meaning", eagerness="low", interrupts=False, responds=True),
        resumable=True if xai else None,
    )


@pytest.mark.parametrize("live", [OPENAI_LIVE, FLAT_LIVE, XAI_LIVE], ids=["nested", "flat", "mixed"])
def test_a_session_is_read_as_it_was_configured(live: RealtimeLive) -> None:
    (update,) = sent(live.codec(whole(live)))
    session = update["session"]
    assert isinstance(session, dict)
    assert live.parse_config(session, model=MODEL) == whole(live)


@pytest.mark.parametrize(
    "session",
    [
        {"type": "realtime", "audio": {"input": {"transcription": None, "turn_detection": None}}},
        {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "azure_semantic_vad", "x": 1}}}},
        {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 5}}}},
        {"type": "realtime", "audio": {"output": {"voice": {"id": "v"}, "format": {"type": "audio/opus"}}}},
        {"type": "realtime", "output_modalities": ["audio", "text"], "max_output_tokens": "inf", "tracing": "auto"},
        {"type": "realtime", "tool_choice": {"type": "mcp", "server_label": "s"}, "tools": []},
        {"type": "transcription", "novel": {"a": None}},
        {"type": "realtime", "instructions": ""},
    ],
)
def test_what_has_no_portable_name_is_sent_again_as_it_was(session: JSONObject) -> None:
    config = OPENAI_LIVE.parse_config(session, model=MODEL)
    (update,) = sent(OPENAI_LIVE.codec(config))
    assert update["session"] == session


def test_the_model_of_a_session_is_that_of_its_address() -> None:
    assert OPENAI_LIVE.parse_config({"type": "realtime", "model": MODEL}, model=MODEL) == LiveConfig(model=MODEL)


def item(**members: JSON) -> JSONObject:
    return {"type": "conversation.item.create", "item": members}


SAID: list[tuple[JSONObject, object]] = [
    ({"type": "input_audio_buffer.append", "audio": "AAE="}, AudioInput(b"\0\1")),
    ({"type": "input_audio_buffer.commit"}, TurnEnd(respond=False)),
    ({"type": "input_audio_buffer.clear"}, TurnStart()),
    ({"type": "response.cancel"}, Interruption()),
    ({"type": "response.create"}, ResponseRequest()),
    ({"type": "response.create", "response": {"instructions": "x"}}, ResponseRequest("x")),
    (
        item(type="message", role="user", content=[{"type": "input_text", "text": "Hi."}]),
        MessageInput(user("Hi."), respond=False),
    ),
    (
        item(type="message", role="assistant", content=[{"type": "output_text", "text": "Hi."}]),
        MessageInput(assistant("Hi."), respond=False),
    ),
    (
        item(type="message", role="user", content=[{"type": "input_audio", "audio": "AAE="}]),
        MessageInput(user(Media(kind="audio", source=Inline(b"\0\1"))), respond=False),
    ),
    (
        item(type="function_call", call_id="c", name="f", arguments="{ }"),
        MessageInput(assistant(ToolCall(id="c", name="f", arguments={}, raw="{ }")), respond=False),
    ),
    (
        item(type="function_call_output", call_id="c", output="Error: no"),
        ResultsInput((ToolResult(call_id="c", content=(Text("no"),), is_error=True),), respond=False),
    ),
]


@pytest.mark.parametrize(("data", "said"), SAID, ids=[str(data["type"]) + str(at) for at, (data, _) in enumerate(SAID)])
def test_an_event_is_an_input_and_the_input_that_event(data: JSONObject, said: object) -> None:
    found = OPENAI_LIVE.parse_input(data, MANUAL)
    assert found == said
    codec = begin(MANUAL)
    if data["type"] == "input_audio_buffer.commit":
        codec.send(AudioInput(b"\0"))
    if data["type"] == "response.cancel":
        codec.send(ResponseRequest())
    codec.send(found)
    assert sent(codec)[-1] == data


@pytest.mark.parametrize(
    "data",
    [
        {"type": "response.create", "response": {"conversation": "none"}},
        {"type": "conversation.item.delete", "item_id": "x"},
        {"type": "conversation.item.create", "previous_item_id": "root", "item": {"type": "message"}},
        item(type="message", role="user", id="mine", content=[{"type": "input_text", "text": "a"}]),
        item(type="message", role="user", content=[{"type": "input_image", "image_url": "https://a.test/x.png"}]),
        item(type="mcp_approval_response", approve=True),
    ],
)
def test_an_event_without_a_portable_name_is_kept_as_it_is(data: JSONObject) -> None:
    said = OPENAI_LIVE.parse_input(data, MANUAL)
    assert said == NativeInput(RealtimeOptions.provider, data)
    codec = begin(MANUAL)
    codec.send(said)
    assert sent(codec) == [data]


def test_another_update_is_a_change() -> None:
    data: JSONObject = {"type": "session.update", "session": {"type": "realtime", "instructions": "b"}}
    said = OPENAI_LIVE.parse_input(data, LiveConfig(model=MODEL))
    assert said == ConfigUpdate(LiveConfig(model=MODEL, messages=(system("b"),)))


@pytest.mark.parametrize("data", [{}, {"type": 3}, {"type": "input_audio_buffer.append", "audio": "?"}])
def test_what_is_no_event_is_refused(data: JSONObject) -> None:
    with pytest.raises(DecodeError):
        OPENAI_LIVE.parse_input(data, MANUAL)
