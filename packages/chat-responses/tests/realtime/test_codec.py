"""Events of the wire → events of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from speaking import (
    CONFIG,
    MODEL,
    OPENAI_LIVE,
    ORIGIN,
    SOUND,
    XAI_LIVE,
    answers,
    begin,
    begun,
    call,
    called,
    created,
    done,
    ended,
    event,
    fed,
    message,
    of,
    session,
    spoken_sound,
    spoken_text,
    unknown,
)

from chat_core.codec.wire import Frame, dump
from chat_core.errors import AuthenticationFailed, DecodeError, InvalidRequest, ProviderError, ServerError
from chat_core.events import MediaDelta, ResponseEnd, ResponseStart, UnknownEvent
from chat_core.live import (
    InputTranscript,
    InputTranscriptDelta,
    Interrupted,
    LiveConfig,
    ResumeToken,
    SessionError,
    SessionStart,
    SessionUpdate,
    SpeechEnd,
    SpeechStart,
)
from chat_core.options import Options
from chat_core.parts import Inline, Media, Opaque, Text, ToolCall
from chat_core.response import FinishReason, Notice, Usage
from chat_core.testing.damage import OTHERS, damaged, nodes

if TYPE_CHECKING:
    from random import Random

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveEvent

USAGE: JSONObject = {
    "total_tokens": 30, "input_tokens": 20, "output_tokens": 10,
    "input_token_details": {"cached_tokens": 4, "audio_tokens": 6},
    "output_token_details": {"audio_tokens": 7},
}  # fmt: skip


def test_the_first_word_about_the_session_starts_it_and_later_ones_change_it() -> None:
    codec = OPENAI_LIVE.codec(LiveConfig(model=MODEL, options=Options(seed=1)))
    assert not codec.ready
    notice = Notice(feature="seed", requested=1, reason="openai has no field for it")
    first, second = fed(codec, session(), session("session.updated"))
    assert first == SessionStart(id="sess_1", model=MODEL, notices=(notice,), meta={ORIGIN: {"type": "realtime"}})
    assert second == SessionUpdate(meta={ORIGIN: {"type": "realtime", "id": "sess_1", "model": MODEL}})
    assert codec.ready


def test_a_session_that_was_there_starts_with_its_update() -> None:
    assert isinstance(fed(OPENAI_LIVE.codec(CONFIG), session("session.updated"))[0], SessionStart)


def test_a_text_is_an_answer() -> None:
    events = fed(begin(), *spoken_text())
    (answer,) = answers(events)
    assert answer.text == "Hello there."
    assert (answer.id, answer.model, answer.finish_reason) == ("resp_1", MODEL, FinishReason.STOP)
    assert answer.raw_finish_reason == "completed"
    assert answer.parts == (Text("Hello there.", meta={ORIGIN: {"id": "item_1", "status": "completed"}}),)
    assert unknown(events) == []


def test_an_answer_is_invisible_until_something_is_said() -> None:
    codec = begin()
    assert fed(codec, created()) == []
    assert isinstance(
        fed(codec, of("response.content_part.added", content_index=0, part={"type": "text", "text": ""}))[0],
        ResponseStart,
    )


def test_sound_and_its_words_are_one_part() -> None:
    text = "Hi there."
    whole = message({"type": "output_audio", "transcript": text})
    events = fed(
        begin(),
        *spoken_sound(text),
        of("response.output_audio.done", content_index=0),
        of("response.output_audio_transcript.done", content_index=0, transcript=text),
        ended(whole),
        done(whole, usage=USAGE),
    )
    (answer,) = answers(events)
    (sound,) = answer.media
    assert (sound.source, sound.transcript, sound.mime) == (Inline(SOUND * 2), text, "audio/pcm;rate=24000")
    assert [told.transcript for told in events if isinstance(told, MediaDelta)] == [text, "", ""]
    assert answer.usage == Usage(
        input_tokens=20,
        output_tokens=10,
        cache_read_tokens=4,
        audio_input_tokens=6,
        audio_output_tokens=7,
        raw=USAGE,
    )
    assert unknown(events) == []


def test_earlier_names_of_events_mean_the_same() -> None:
    renamed = {"response.output_text.delta": "response.text.delta", "response.output_text.done": "response.text.done"}
    events = [{**data, "type": renamed.get(str(data["type"]), data["type"])} for data in spoken_text()]
    assert answers(fed(begin(), *events)) == answers(fed(begin(), *spoken_text()))


def test_a_call_ends_its_answer_with_its_arguments() -> None:
    events = fed(
        begin(),
        created(),
        begun(call("", status="in_progress")),
        of("response.function_call_arguments.delta", "item_2", call_id="call_1", delta='{"city":'),
        of("response.function_call_arguments.delta", "item_2", call_id="call_1", delta='"London"}'),
        of("response.function_call_arguments.done", "item_2", call_id="call_1", arguments='{"city":"London"}'),
        ended(call('{"city":"London"}')),
        done(call('{"city":"London"}')),
    )
    (answer,) = answers(events)
    assert answer.finish_reason is FinishReason.TOOL_CALLS
    assert answer.tool_calls == (
        ToolCall(
            id="call_1",
            name="get_weather",
            arguments={"city": "London"},
            meta={ORIGIN: {"id": "item_2", "status": "completed"}},
        ),
    )
    assert unknown(events) == []


def test_a_call_without_arguments_starts_and_ends() -> None:
    (answer,) = answers(fed(begin(), *called(call(""))))
    assert (answer.tool_calls[0].arguments, answer.tool_calls[0].raw) == ({}, "")


def test_calls_without_deltas_and_items_without_events_are_read_from_the_end() -> None:
    (answer,) = answers(fed(begin(), created(), done(message({"type": "text", "text": "a"}), call('{"a":1}'))))
    assert answer.text == "a"
    assert answer.tool_calls[0].arguments == {"a": 1}


def test_an_item_of_another_kind_goes_along_as_it_is() -> None:
    approval: JSONObject = {"type": "mcp_approval_request", "id": "mcpr_1", "name": "f", "arguments": "{}"}
    (answer,) = answers(fed(begin(), created(), begun(approval), ended(approval), done(approval)))
    assert answer.parts == (Opaque(origin=ORIGIN, kind="mcp_approval_request", data=approval),)


def test_what_is_said_again_goes_on_or_is_surfaced() -> None:
    rest = [data for data in spoken_text("Hello there.") if data["type"] != "response.output_text.delta"]
    (answer,) = answers(fed(begin(), *rest))
    assert answer.text == "Hello there."
    other = message({"type": "output_text", "text": "Something else."})
    events = fed(begin(), *spoken_text()[:-2], ended(other), done(other))
    (answer,) = answers(events)
    assert answer.text == "Hello there."
    assert UnknownEvent("response.output_item.done", {"item_id": "item_1", "said": "Something else."}) in events


def test_an_interrupted_answer_is_cancelled_and_says_so_first() -> None:
    codec = begin()
    events = fed(codec, *spoken_sound(), done(status="cancelled", status_details={"reason": "turn_detected"}))
    (answer,) = answers(events)
    assert answer.finish_reason is FinishReason.CANCELLED
    assert answer.meta == {ORIGIN: {"status_details": {"reason": "turn_detected"}}}
    order = [type(told).__name__ for told in events]
    assert order.index("Interrupted") < order.index("ResponseEnd")
    assert answer.media[0].transcript == "Hi there."


@pytest.mark.parametrize(
    ("status", "details", "reason"),
    [
        ("incomplete", {"reason": "max_output_tokens"}, FinishReason.LENGTH),
        ("incomplete", {"reason": "content_filter"}, FinishReason.CONTENT_FILTER),
        ("incomplete", None, FinishReason.OTHER),
        ("failed", {"error": {"type": "server_error", "code": "x", "message": "Sorry."}}, FinishReason.ERROR),
    ],
)
def test_a_status_says_why_an_answer_ended(status: str, details: JSON, reason: FinishReason) -> None:
    events = fed(begin(), *spoken_text()[:5], done(status=status, status_details=details))
    (answer,) = answers(events)
    assert (answer.finish_reason, answer.raw_finish_reason, answer.text) == (reason, status, "Hello there.")
    errors = [told.error for told in events if isinstance(told, SessionError)]
    assert [error.message for error in errors] == (["Sorry."] if status == "failed" else [])
    assert all(isinstance(error, ServerError) for error in errors)


def test_the_end_of_the_connection_cancels_the_answer_that_is_on() -> None:
    codec = begin()
    events = fed(codec, *spoken_text()[:4])
    assert len(answers([*events, *codec.finish()])) == 1
    assert list(codec.finish()) == []
    codec = begin()
    events = [*fed(codec, *spoken_text()[:4]), *codec.finish()]
    assert answers(events)[0].finish_reason is FinishReason.CANCELLED
    assert any(isinstance(told, Interrupted) for told in events)


def test_another_answer_beside_the_one_that_is_on_is_surfaced() -> None:
    codec = begin()
    other = of("response.output_text.delta", "item_9", content_index=0, delta="?")
    other["response_id"] = "resp_2"
    events = fed(codec, *spoken_text()[:5], created("resp_2"), other, done(id="resp_2"), *spoken_text()[5:])
    (answer,) = answers(events)
    assert answer.text == "Hello there."
    assert [told.kind for told in unknown(events)] == [
        "response.created", "response.output_text.delta", "response.done"
    ]  # fmt: skip


def test_answers_follow_one_another() -> None:
    codec = begin()
    second = json.loads(json.dumps(spoken_text("Bye.")).replace("resp_1", "resp_2").replace("item_1", "item_7"))
    assert [answer.text for answer in answers(fed(codec, *spoken_text(), *second))] == ["Hello there.", "Bye."]


def test_the_users_speech_and_its_words_are_told() -> None:
    kind = "conversation.item.input_audio_transcription."
    usage: JSONObject = {"type": "tokens", "input_tokens": 3, "output_tokens": 2}
    events = fed(
        begin(),
        event("input_audio_buffer.speech_started", audio_start_ms=5, item_id="item_0"),
        event("input_audio_buffer.speech_stopped", audio_end_ms=90, item_id="item_0"),
        event(f"{kind}delta", item_id="item_0", content_index=0, delta="Hel", obfuscation="x"),
        event(f"{kind}completed", item_id="item_0", content_index=0, transcript="Hello.", usage=usage),
    )
    assert events == [
        SpeechStart(item="item_0", at=5),
        SpeechEnd(item="item_0", at=90),
        InputTranscriptDelta(text="Hel", item="item_0"),
        InputTranscript(text="Hello.", item="item_0", usage=Usage(input_tokens=3, output_tokens=2, raw=usage)),
    ]


def test_words_that_may_change_are_told_as_such_and_once() -> None:
    kind = "conversation.item.input_audio_transcription."
    events = fed(
        begin(live=XAI_LIVE),
        event(f"{kind}updated", item_id="i", content_index=0, transcript="Hello?"),
        event(f"{kind}completed", item_id="i", content_index=0, transcript="Hello?", status="in_progress"),
        event(f"{kind}completed", item_id="i", content_index=0, transcript="Hello, I am Alex.", status="completed"),
    )
    assert [(told.text, told.final) for told in events if isinstance(told, InputTranscript)] == [
        ("Hello?", False), ("Hello, I am Alex.", True)
    ]  # fmt: skip


def test_a_failed_transcription_is_an_error_that_the_session_survives() -> None:
    (told,) = fed(
        begin(),
        event(
            "conversation.item.input_audio_transcription.failed",
            item_id="item_0",
            error={"type": "server_error", "code": "x", "message": "No."},
        ),
    )
    assert isinstance(told, SessionError)
    assert told.error.message == "No."


def test_an_error_is_told_and_the_session_goes_on() -> None:
    codec = begin()
    (told,) = fed(codec, event("error", error={"type": "invalid_request_error", "code": "bad", "message": "No."}))
    assert isinstance(told, SessionError)
    assert isinstance(told.error, InvalidRequest)
    assert len(answers(fed(codec, *spoken_text()))) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "invalid_request_error", "code": "session_expired", "message": "60 minutes."}, ProviderError),
        ({"type": "invalid_request_error", "code": "invalid_api_key", "message": "No."}, AuthenticationFailed),
    ],
)
def test_an_error_that_ends_the_session_is_raised_with_what_had_come(
    error: JSONObject, kind: type[ProviderError]
) -> None:
    codec = begin()
    fed(codec, *spoken_text()[:5])
    with pytest.raises(kind) as raised:
        fed(codec, event("error", error=error))
    assert raised.value.partial is not None
    assert raised.value.partial.text == "Hello there."


def test_rate_limits_go_with_the_answer_that_is_on_and_are_surfaced_otherwise() -> None:
    limits: list[JSON] = [{"name": "tokens", "limit": 9, "remaining": 8, "reset_seconds": 0.1}]
    data = event("rate_limits.updated", rate_limits=limits)
    codec = begin()
    (answer,) = answers(fed(codec, *spoken_text()[:-1], data, spoken_text()[-1]))
    assert answer.meta == {ORIGIN: {"rate_limits": limits}}
    assert fed(codec, data) == [UnknownEvent("rate_limits.updated", {"rate_limits": limits})]


def test_items_that_come_back_are_told_once() -> None:
    said: JSONObject = {"id": "item_0", "type": "message", "role": "user", "content": []}
    first = event("conversation.item.added", previous_item_id=None, item=said)
    again = event("conversation.item.done", previous_item_id=None, item=said)
    assert fed(begin(), first, again) == [UnknownEvent("conversation.item.added", {"item": said})]
    other = event("conversation.item.done", item={**said, "role": "system"})
    assert len(fed(begin(), first, other)) == 2


def test_items_of_the_answer_are_not_told_again_unless_they_differ() -> None:
    whole = message({"type": "output_text", "text": "Hello there."})
    again = event("conversation.item.done", item=whole)
    events = spoken_text()
    assert unknown(fed(begin(), *events[:-2], again, *events[-2:])) == []
    other = event("conversation.item.done", item={**whole, "role": "tool"})
    assert unknown(fed(begin(), *events[:-2], other, *events[-2:])) == [
        UnknownEvent("conversation.item.done", {"id": "item_1", "role": "tool"})
    ]


def test_xai_names_the_conversation_to_go_on_with_and_gives_signs_of_life() -> None:
    config = LiveConfig(model="grok", resumable=True)
    codec = XAI_LIVE.codec(config)
    token, rest, *others = fed(
        codec,
        event("conversation.created", conversation={"id": "conv_1", "object": "realtime.conversation"}),
        event("ping", timestamp=1),
    )
    assert token == ResumeToken("conv_1")
    assert isinstance(rest, UnknownEvent)
    assert others == []
    assert codec.resume_token == "conv_1"
    assert "conv_1" not in repr(token)


def test_usage_beside_an_answer_is_its_usage() -> None:
    spent: JSONObject = {"input_tokens": 2, "output_tokens": 1}
    data: JSONObject = {**done(message({"type": "text", "text": "a"}), usage={}), "usage": spent}
    (answer,) = answers(fed(begin(live=XAI_LIVE), created(), data))
    assert answer.usage == Usage(input_tokens=2, output_tokens=1, raw=spent)


def test_an_event_without_a_name_here_is_surfaced() -> None:
    assert fed(begin(), event("response.novelty", response_id="resp_1", x=1)) == [
        UnknownEvent("response.novelty", {"response_id": "resp_1", "x": 1})
    ]


@pytest.mark.parametrize(
    "data",
    [
        "no JSON",
        "[]",
        '{"no": "type"}',
        '{"type": "session.created"}',
        '{"type": "response.created", "response": {}}',
        '{"type": "response.created"}',
        '{"type": "input_audio_buffer.speech_started", "item_id": 1}',
        '{"type": "conversation.item.added"}',
        '{"type": "conversation.item.input_audio_transcription.completed"}',
    ],
)
def test_a_malformed_event_is_an_error(data: str) -> None:
    with pytest.raises(DecodeError):
        list(begin().feed(Frame(data)))


@pytest.mark.parametrize(
    "data",
    [
        of("response.output_text.delta", content_index=0),
        of("response.output_audio.delta", content_index=0, delta="no base64!"),
        of("response.content_part.added", content_index=0, part=3),
        begun({"type": "function_call", "id": "x"}),
        ended({"type": "message"}),
        event("response.done", response=3),
    ],
)
def test_a_malformed_event_of_an_answer_is_an_error_with_what_had_come(data: JSONObject) -> None:
    codec = begin()
    fed(codec, *spoken_text()[:5])
    with pytest.raises(DecodeError) as raised:
        fed(codec, data)
    assert raised.value.partial is not None
    assert raised.value.partial.text == "Hello there."


def test_a_binary_frame_is_read_as_well() -> None:
    assert isinstance(next(iter(OPENAI_LIVE.codec(CONFIG).feed(Frame(dump(session()))))), SessionStart)


SESSION = [
    session(),
    *spoken_text(),
    *called(call('{"a":1}', id="item_3")),
    *spoken_sound(),
    done(message({"type": "output_audio", "transcript": "Hi there."})),
    event("error", error={"code": "x", "message": "No."}),
    event("conversation.item.input_audio_transcription.completed", item_id="i", content_index=0, transcript="a"),
]


@given(st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_only_the_promised_errors_come_out(random: Random) -> None:
    frames = [dict(data) for data in SESSION]
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(frames))
        places = list(nodes(frames[at]))
        other = damaged(frames[at], random.choice(places), random.choice(OTHERS))
        frames[at] = other if isinstance(other, dict) else {"": other}
        if random.random() < 0.3:
            frames.insert(random.randrange(len(frames)), frames.pop(at))
    codec = OPENAI_LIVE.codec(CONFIG)
    events: list[LiveEvent] = []
    for data in frames:
        try:
            events += codec.feed(Frame(dump(data)))
        except (DecodeError, ProviderError):
            continue  # a shell would end the session; the codec has to stand it all the same
    events += codec.finish()
    begun_ones = sum(isinstance(told, ResponseStart) for told in events)
    assert begun_ones == sum(isinstance(told, ResponseEnd) for told in events)


def test_sound_of_a_part_is_media_of_a_known_type() -> None:
    (answer,) = answers([*fed(codec := begin(), *spoken_sound()), *codec.finish()])
    assert isinstance(answer.parts[0], Media)
