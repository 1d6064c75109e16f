"""What the program says: events in an order that the service takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from speaking import (
    CONFIG,
    FLAT_LIVE,
    MODEL,
    OPENAI_LIVE,
    SOUND,
    XAI_LIVE,
    begin,
    call,
    called,
    created,
    done,
    event,
    fed,
    of,
    sent,
    spoken_sound,
    spoken_text,
)

from chat_core.errors import UnansweredToolCall, UnsupportedContent
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
from chat_core.parts import Inline, Media, Reasoning, Text, ToolCall, ToolResult
from chat_core.tools import Tool
from chat_responses.realtime.options import RealtimeOptions, client_event

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
ASK: JSONObject = {"type": "response.create"}
MANUAL = LiveConfig(model=MODEL, turns=TurnDetection(kind="manual"))


def item(**members: JSON) -> JSONObject:
    return {"type": "conversation.item.create", "item": members}


def result(call_id: str, text: str = "foggy", *, failed: bool = False) -> ToolResult:
    return ToolResult(call_id=call_id, content=(Text(text),), is_error=failed)


def test_a_session_begins_with_its_settings_and_the_conversation_so_far() -> None:
    history = (
        system("Be brief."),
        user("My name is Alice."),
        assistant("Hi.", ToolCall(id="call_9", name="f", arguments={"a": 1})),
        Message(role="tool", parts=(result("call_9"),)),
        assistant(Media(kind="audio", source=Inline(b"x"), transcript="Nice.")),
    )
    codec = OPENAI_LIVE.codec(LiveConfig(model=MODEL, messages=history))
    assert sent(codec) == [
        {"type": "session.update", "session": {"type": "realtime", "instructions": "Be brief."}},
        item(type="message", role="user", content=[{"type": "input_text", "text": "My name is Alice."}]),
        item(type="message", role="assistant", content=[{"type": "output_text", "text": "Hi."}]),
        item(type="function_call", call_id="call_9", name="f", arguments='{"a":1}'),
        item(type="function_call_output", call_id="call_9", output="foggy"),
        item(type="message", role="assistant", content=[{"type": "output_text", "text": "Nice."}]),
    ]
    assert sent(codec) == []


def test_a_session_that_goes_on_is_not_told_what_was_said() -> None:
    config = LiveConfig(model=MODEL, messages=(user("Hi."),), resume="conv_1")
    assert [data["type"] for data in sent(XAI_LIVE.codec(config))] == ["session.update"]
    assert len(sent(OPENAI_LIVE.codec(config))) == 2  # it knows of no earlier session


def test_a_half_answered_history_is_refused() -> None:
    open_call = assistant(ToolCall(id="c", name="f", arguments={}))
    with pytest.raises(UnansweredToolCall):
        OPENAI_LIVE.codec(LiveConfig(model=MODEL, messages=(user("?"), open_call)))


def test_a_message_is_an_item_and_asks_for_an_answer() -> None:
    codec = begin()
    codec.send(MessageInput(user("Hi.", Media(kind="image", source=Inline(PNG)))))
    codec.send(MessageInput(user("More."), respond=False))
    first, ask, second = sent(codec)
    assert ask == ASK
    assert first["item"] == {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "Hi."},
            {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgoAAAAAAAAAAA=="},
        ],
    }
    assert second["type"] == "conversation.item.create"


def test_an_answer_is_asked_for_once_the_one_before_has_ended() -> None:
    codec = begin()
    codec.send(MessageInput(user("One.")))
    codec.send(MessageInput(user("Two.")))
    assert [data["type"] for data in sent(codec)] == [
        "conversation.item.create", "response.create", "conversation.item.create"
    ]  # fmt: skip
    events = spoken_text()
    fed(codec, *events[:-1])
    assert sent(codec) == []
    fed(codec, events[-1])
    assert sent(codec) == [ASK]


def test_a_refused_wish_does_not_block_the_next_one() -> None:
    codec = begin()
    codec.send(ResponseRequest())
    fed(codec, event("error", error={"type": "invalid_request_error", "code": "x", "message": "No."}))
    codec.send(ResponseRequest("Speak French."))
    assert sent(codec) == [ASK, {"type": "response.create", "response": {"instructions": "Speak French."}}]


def test_results_are_sent_as_they_come_and_one_answer_is_asked_for_after_the_last() -> None:
    codec = begin()
    fed(codec, *called(call("{}"), call("{}", id="item_3", call_id="call_2")))
    codec.send(ResultsInput((result("call_2", "no", failed=True),)))
    assert sent(codec) == [item(type="function_call_output", call_id="call_2", output="Error: no")]
    codec.send(ResultsInput((result("call_1"),)))
    assert sent(codec) == [item(type="function_call_output", call_id="call_1", output="foggy"), ASK]


def test_a_result_before_the_end_of_its_answer_waits_with_the_wish_only() -> None:
    codec = begin()
    events = called(call("{}"))
    fed(codec, *events[:-1])
    codec.send(ResultsInput((result("call_1"),)))
    assert [data["type"] for data in sent(codec)] == ["conversation.item.create"]
    fed(codec, events[-1])
    assert sent(codec) == [ASK]


def test_a_call_that_waits_for_a_human_holds_up_no_later_answer() -> None:
    codec = begin()
    fed(codec, *called(call("{}")))
    codec.send(MessageInput(user("And in Paris?")))
    fed(codec, *called(call("{}", id="item_3", call_id="call_2")))
    sent(codec)
    codec.send(ResultsInput((result("call_2"),)))
    assert sent(codec) == [item(type="function_call_output", call_id="call_2", output="foggy"), ASK]
    fed(codec, *spoken_text())
    codec.send(ResultsInput((result("call_1"),)))
    assert sent(codec) == [item(type="function_call_output", call_id="call_1", output="foggy"), ASK]


def test_a_call_of_an_interrupted_turn_holds_up_no_later_answer() -> None:
    codec = begin()
    fed(codec, *called(call("{}"), call("{}", id="item_3", call_id="call_2")))
    codec.send(ResultsInput((result("call_2"),)))
    codec.send(Interruption())
    sent(codec)
    codec.send(ResultsInput((result("call_1"),), respond=False))
    assert [data["type"] for data in sent(codec)] == ["conversation.item.create"]


def test_a_message_does_not_wait_for_results() -> None:
    codec = begin()
    fed(codec, *called(call("{}")))
    codec.send(MessageInput(user("Never mind.")))
    assert sent(codec)[-1] == ASK


def test_sound_goes_out_as_it_is() -> None:
    codec = begin()
    codec.send(AudioInput(b"\x00\x01"))
    assert sent(codec) == [{"type": "input_audio_buffer.append", "audio": "AAE="}]


def test_the_program_ends_turns_of_its_own() -> None:
    codec = begin(MANUAL)
    for said in (TurnStart(), AudioInput(b"\0"), TurnEnd()):
        codec.send(said)
    assert [data["type"] for data in sent(codec)] == [
        "input_audio_buffer.clear", "input_audio_buffer.append", "input_audio_buffer.commit", "response.create"
    ]  # fmt: skip
    codec.send(TurnEnd(respond=False))
    assert sent(codec) == []  # there is nothing to commit: the service would refuse it


def test_turns_that_the_service_finds_are_ended_only_while_the_user_speaks() -> None:
    codec = begin()
    codec.send(AudioInput(b"\0"))
    codec.send(TurnEnd())
    assert [data["type"] for data in sent(codec)] == ["input_audio_buffer.append"]
    fed(codec, event("input_audio_buffer.speech_started", audio_start_ms=5, item_id="item_0"))
    codec.send(TurnEnd())
    assert [data["type"] for data in sent(codec)] == ["input_audio_buffer.commit", "response.create"]
    with pytest.raises(UnsupportedContent, match="manual"):
        codec.send(TurnStart())


def test_an_image_now_is_an_item_without_a_wish() -> None:
    codec = begin()
    codec.send(FrameInput(Media(kind="image", source=Inline(PNG))))
    assert [data["type"] for data in sent(codec)] == ["conversation.item.create"]


def test_an_interruption_cancels_and_cuts_off_what_was_not_heard() -> None:
    codec = begin()
    fed(codec, *spoken_sound(pieces=20))
    codec.send(Interruption(heard=7))
    assert sent(codec) == [
        {"type": "response.cancel"},
        {"type": "conversation.item.truncate", "item_id": "item_1", "content_index": 0, "audio_end_ms": 7},
    ]


def test_sound_that_was_heard_to_its_end_is_not_cut() -> None:
    codec = begin()
    fed(codec, *spoken_sound(pieces=20), done(status="cancelled"))
    codec.send(Interruption(heard=20))
    assert sent(codec) == []
    codec.send(Interruption(heard=19))
    assert sent(codec) == []  # it was interrupted already


def test_an_interruption_drops_the_wish_that_waits_and_needs_an_answer_to_cancel() -> None:
    codec = begin()
    codec.send(Interruption())
    assert sent(codec) == []
    fed(codec, created())
    codec.send(MessageInput(user("x")))
    codec.send(Interruption())
    assert [data["type"] for data in sent(codec)] == ["conversation.item.create", "response.cancel"]
    fed(codec, done(status="cancelled"))
    assert sent(codec) == []


def test_a_call_that_is_listened_to_has_its_sound_cleared() -> None:
    config = LiveConfig(model=MODEL, options=Options(native=(RealtimeOptions(call_id="rtc_1"),)))
    codec = begin(config)
    codec.send(Interruption())
    assert sent(codec) == [{"type": "output_audio_buffer.clear"}]


def test_a_change_sends_what_is_otherwise() -> None:
    tool = Tool(name="f")
    before = LiveConfig(model=MODEL, messages=(system("a"),), tools=(tool,), voice="cedar")
    codec = begin(before)
    codec.send(ConfigUpdate(LiveConfig(model=MODEL, messages=(system("b"),), voice="cedar")))
    assert sent(codec) == [
        {"type": "session.update", "session": {"type": "realtime", "instructions": "b", "tools": []}}
    ]
    codec.send(ConfigUpdate(LiveConfig(model=MODEL, voice="cedar")))
    assert sent(codec) == [{"type": "session.update", "session": {"type": "realtime", "instructions": ""}}]


def test_a_message_of_the_wire_goes_out_as_it_is() -> None:
    codec = begin()
    codec.send(client_event("conversation.item.delete", item_id="item_1"))
    assert sent(codec) == [{"type": "conversation.item.delete", "item_id": "item_1"}]
    codec.send(client_event("response.create", response={"conversation": "none"}))
    codec.send(client_event("response.create"))
    assert sent(codec) == [{"type": "response.create", "response": {"conversation": "none"}}]


@pytest.mark.parametrize(
    "said",
    [
        NativeInput("gemini-live", {}),
        MessageInput(user(Media(kind="video", source=Inline(b"x"), mime="video/mp4"))),
        MessageInput(assistant(Media(kind="audio", source=Inline(b"x")))),
        ResultsInput((ToolResult(call_id="c", content=(Media(kind="image", source=Inline(PNG)),)),)),
    ],
    ids=["another wire", "video", "sound without words", "an image of a tool"],
)
def test_what_cannot_be_spelled_is_refused_and_nothing_is_sent(said: LiveInput) -> None:
    codec = begin()
    with pytest.raises(UnsupportedContent):
        codec.send(said)
    assert sent(codec) == []


def test_reasoning_of_the_past_follows_the_policy() -> None:
    thought = assistant(Reasoning("Hm."), "Yes.")
    codec = begin()
    codec.send(MessageInput(thought, respond=False))
    assert json.dumps(sent(codec)).count("Hm.") == 0
    with pytest.raises(UnsupportedContent, match="fail"):
        OPENAI_LIVE.codec(LiveConfig(model=MODEL, messages=(thought,), options=Options(foreign_reasoning="fail")))
    as_text = LiveConfig(model=MODEL, messages=(thought,), options=Options(foreign_reasoning="as_text"))
    assert json.dumps(sent(OPENAI_LIVE.codec(as_text))).count("Hm.") == 1


def test_the_earlier_form_says_the_same_items() -> None:
    codec = FLAT_LIVE.codec(CONFIG)
    codec.send(MessageInput(user("Hi.")))
    assert [data["type"] for data in sent(codec)] == ["session.update", "conversation.item.create", "response.create"]


def test_the_length_of_sound_is_counted_in_the_format_that_the_service_names() -> None:
    codec = OPENAI_LIVE.codec(CONFIG)
    form: JSONObject = {"type": "audio/pcmu"}
    begins: JSONObject = {"id": "resp_1", "audio": {"output": {"format": form}}}
    fed(codec, event("response.created", response=begins))
    fed(codec, of("response.output_audio.delta", content_index=0, delta="AAAA" * 20))  # 60 bytes, 8 a millisecond
    codec.to_send()
    codec.send(Interruption(heard=6))
    assert sent(codec)[-1]["audio_end_ms"] == 6
    assert len(SOUND) == 48
