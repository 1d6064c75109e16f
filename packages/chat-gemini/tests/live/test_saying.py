"""What the program says: messages of the wire, once the service listens."""

from __future__ import annotations

import pytest
from conversing import COMPLETE, CONFIG, LIVE, MODEL, READY, begin, fed, parts, sent, tool_call

from chat_core.errors import UnsupportedContent
from chat_core.live import (
    AudioInput,
    ConfigUpdate,
    FrameInput,
    Interruption,
    LiveConfig,
    LiveInput,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    TurnDetection,
    TurnEnd,
    TurnStart,
)
from chat_core.messages import Message, assistant, system, user
from chat_core.options import Options
from chat_core.parts import Inline, Json, Media, Text, ToolCall, ToolResult
from chat_core.tools import Tool
from chat_gemini.live.options import GeminiLiveOptions, client_message

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
MANUAL = LiveConfig(model=MODEL, turns=TurnDetection(kind="manual"))


def test_everything_waits_for_the_service_but_the_setup() -> None:
    codec = LIVE.codec(LiveConfig(model=MODEL, messages=(system("a"), user("b"), assistant("c"))))
    codec.send(MessageInput(user("d")))
    assert [[*data] for data in sent(codec)] == [["setup"]]
    fed(codec, READY)
    assert sent(codec) == [
        {
            "clientContent": {
                "turns": [{"role": "user", "parts": [{"text": "b"}]}, {"role": "model", "parts": [{"text": "c"}]}],
                "turnComplete": False,
            }
        },
        {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "d"}]}], "turnComplete": True}},
    ]


def test_newer_models_are_told_the_conversation_first_and_then_read_texts_in_real_time() -> None:
    codec = LIVE.codec(LiveConfig(model="gemini-3.1-flash-live", messages=(user("b"), assistant("c"))))
    codec.send(MessageInput(user("d")))
    fed(codec, READY)
    _, history, said = sent(codec)
    content = history["clientContent"]
    assert isinstance(content, dict)
    assert content["turnComplete"] is True
    assert said == {"realtimeInput": {"text": "d"}}


def test_a_session_that_goes_on_is_not_told_what_was_said() -> None:
    called = (user("b"), assistant(ToolCall(id="c", name="f", arguments={})))
    history = (*called, Message(role="tool", parts=(ToolResult(call_id="c", content=(Text("x"),)),)))
    codec = LIVE.codec(LiveConfig(model=MODEL, messages=history, resume="h"))
    codec.send(ResultsInput((ToolResult(call_id="c", content=(Text("x"),)),)))
    fed(codec, READY)
    assert [[*data] for data in sent(codec)] == [["setup"], ["toolResponse"]]


@pytest.mark.parametrize(
    ("config", "said", "message"),
    [
        (
            CONFIG,
            AudioInput(b"\0\1"),
            {"realtimeInput": {"audio": {"mimeType": "audio/pcm;rate=16000", "data": "AAE="}}},
        ),
        (
            CONFIG,
            FrameInput(Media(kind="image", source=Inline(PNG))),
            {"realtimeInput": {"video": {"mimeType": "image/png", "data": "iVBORw0KGgoAAAAAAAAAAA=="}}},
        ),
        (CONFIG, TurnEnd(), {"realtimeInput": {"audioStreamEnd": True}}),
        (MANUAL, TurnStart(), {"realtimeInput": {"activityStart": {}}}),
        (MANUAL, TurnEnd(), {"realtimeInput": {"activityEnd": {}}}),
        (CONFIG, ResponseRequest(), {"clientContent": {"turnComplete": True}}),
        (CONFIG, client_message("realtimeInput", text="Hi."), {"realtimeInput": {"text": "Hi."}}),
        (
            CONFIG,
            MessageInput(user("Hi."), respond=False),
            {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Hi."}]}], "turnComplete": False}},
        ),
        (
            CONFIG,
            MessageInput(system("Be nice."), respond=False),
            {"clientContent": {"turns": [{"role": "user", "parts": [{"text": "Be nice."}]}], "turnComplete": False}},
        ),
    ],
)
def test_an_input_is_one_message(config: LiveConfig, said: LiveInput, message: object) -> None:
    codec = begin(config)
    codec.send(said)
    assert sent(codec) == [message]


def test_results_name_their_tools_and_say_what_failed() -> None:
    codec = begin()
    fed(codec, tool_call("f", "g"))
    codec.send(ResultsInput((ToolResult(call_id="c_0", content=(Json({"x": 1}),)),), respond=False))
    codec.send(ResultsInput((ToolResult(call_id="c_1", content=(Text("no"),), is_error=True),)))
    assert sent(codec) == [
        {"toolResponse": {"functionResponses": [{"id": "c_0", "name": "f", "response": {"x": 1}}]}},
        {"toolResponse": {"functionResponses": [{"id": "c_1", "name": "g", "response": {"error": "no"}}]}},
    ]


def test_when_the_model_looks_at_a_result_is_an_option_or_a_mark() -> None:
    config = LiveConfig(model=MODEL, options=Options(native=(GeminiLiveOptions(scheduling="WHEN_IDLE"),)))
    codec = begin(config)
    fed(codec, tool_call("f"))
    plain = ToolResult(call_id="c_0", content=(Text("x"),))
    marked = LIVE.provider.marked(plain, MODEL, functionResponse={"scheduling": "SILENT"})
    codec.send(ResultsInput((plain, marked)))
    (message,) = sent(codec)
    assert message["toolResponse"] == {
        "functionResponses": [
            {"scheduling": "WHEN_IDLE", "id": "c_0", "name": "f", "response": {"output": "x"}},
            {"scheduling": "SILENT", "id": "c_0", "name": "f", "response": {"output": "x"}},
        ]
    }


def test_an_interruption_needs_an_answer_to_cut_short() -> None:
    codec = begin()
    codec.send(Interruption())
    assert sent(codec) == []
    fed(codec, parts({"text": "a"}))
    codec.send(Interruption(heard=5))
    assert sent(codec) == [{"clientContent": {"turnComplete": False}}]


def test_an_answer_that_was_asked_for_and_has_not_begun_can_be_cut_short() -> None:
    codec = begin()
    codec.send(MessageInput(user("Hi")))
    codec.send(AudioInput(b"\0"))
    sent(codec)
    codec.send(Interruption())
    codec.send(Interruption())
    assert sent(codec) == [{"clientContent": {"turnComplete": False}}]
    codec.send(MessageInput(user("Hi"), respond=False))
    fed(codec, parts({"text": "a"}), COMPLETE)
    sent(codec)
    codec.send(Interruption())
    assert sent(codec) == []


def test_instructions_and_tools_can_change_and_nothing_else() -> None:
    tool = Tool(name="f")
    codec = begin(LiveConfig(model=MODEL, messages=(system("a"), user("x")), tools=(tool,)))
    codec.send(ConfigUpdate(LiveConfig(model=MODEL, messages=(system("b"),), tools=(tool,))))
    codec.send(ConfigUpdate(LiveConfig(model=MODEL, messages=(system("b"),))))
    assert sent(codec) == [
        {"contextUpdate": {"systemInstruction": {"parts": [{"text": "b"}]}}},
        {"contextUpdate": {"tools": {"tools": []}}},
    ]
    with pytest.raises(UnsupportedContent, match="nothing else"):
        codec.send(ConfigUpdate(LiveConfig(model=MODEL, messages=(system("b"),), voice="Puck")))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (CONFIG, TurnStart()),
        (MANUAL, TurnEnd(respond=False)),
        (CONFIG, ResponseRequest("In French.")),
        (CONFIG, NativeInput("realtime", {})),
        (CONFIG, ResultsInput((ToolResult(call_id="unknown"),))),
        (CONFIG, FrameInput(Media(kind="image", source=Inline(b"what")))),
    ],
)
def test_what_cannot_be_spelled_is_refused_and_nothing_is_sent(config: LiveConfig, said: LiveInput) -> None:
    codec = begin(config)
    with pytest.raises(UnsupportedContent):
        codec.send(said)
    assert sent(codec) == []
