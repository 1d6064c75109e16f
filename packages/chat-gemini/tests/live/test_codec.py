"""Messages of the service → events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conversing import (
    COMPLETE,
    LIVE,
    MODEL,
    ORIGIN,
    PCM,
    READY,
    answers,
    begin,
    content,
    fed,
    parts,
    sound,
    tool_call,
    words,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.codec.wire import Frame, dump
from chat_core.errors import AuthenticationFailed, DecodeError, ProviderError
from chat_core.events import ResponseEnd, ResponseStart, UnknownEvent
from chat_core.live import (
    CallsCancelled,
    InputTranscript,
    InputTranscriptDelta,
    Interrupted,
    LiveConfig,
    ResumeToken,
    SessionEnding,
    SessionStart,
    SessionUsage,
    SpeechEnd,
    SpeechStart,
)
from chat_core.options import Options
from chat_core.parts import Inline, Reasoning
from chat_core.response import FinishReason, Usage
from chat_core.testing.damage import OTHERS, damaged, nodes

if TYPE_CHECKING:
    from random import Random

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveEvent

SPENT: JSONObject = {
    "promptTokenCount": 10, "responseTokenCount": 5, "thoughtsTokenCount": 2, "totalTokenCount": 15,
    "responseTokensDetails": [{"modality": "AUDIO", "tokenCount": 4}],
}  # fmt: skip
USAGE = Usage(input_tokens=10, output_tokens=7, reasoning_tokens=2, audio_output_tokens=4, raw=SPENT)


def test_the_session_starts_when_the_setup_is_complete() -> None:
    codec = LIVE.codec(LiveConfig(model=MODEL, options=Options(user="u")))
    assert not codec.ready
    (started,) = fed(codec, READY)
    assert isinstance(started, SessionStart)
    assert (started.id, [notice.feature for notice in started.notices]) == ("s_1", ["user"])
    assert codec.ready


def test_sound_and_its_words_are_one_part_beside_the_thoughts() -> None:
    events = fed(
        begin(),
        parts({"text": "Hm.", "thought": True}),
        words("Hi"),
        sound(b"\0\1"),
        words(" there."),
        sound(b"\2\3"),
        {**COMPLETE, "usageMetadata": SPENT},
    )
    (answer,) = answers(events)
    assert answer.parts[0] == Reasoning("Hm.", meta={ORIGIN: {}})
    (spoken,) = answer.media
    assert (spoken.source, spoken.transcript, spoken.mime) == (Inline(b"\0\1\2\3"), "Hi there.", PCM)
    assert (answer.finish_reason, answer.usage) == (FinishReason.STOP, USAGE)


def test_sound_of_another_kind_is_another_part() -> None:
    (answer,) = answers(fed(begin(), sound(b"a"), sound(b"b", "audio/pcm;rate=16000"), COMPLETE))
    assert [part.mime for part in answer.media] == [PCM, "audio/pcm;rate=16000"]


def test_one_message_says_several_things() -> None:
    both = content(modelTurn={"parts": [{"text": "Yes."}]}, turnComplete=True)
    (answer,) = answers(fed(begin(), {**both, "usageMetadata": SPENT}))
    assert (answer.text, answer.usage) == ("Yes.", USAGE)


def test_calls_end_an_answer_and_what_follows_is_the_next_one() -> None:
    events = fed(begin(), parts({"text": "Let me see."}), tool_call("f", "g"), sound(b"x"), COMPLETE)
    first, second = answers(events)
    assert first.finish_reason is FinishReason.TOOL_CALLS
    assert [(call.id, call.name, call.arguments) for call in first.tool_calls] == [
        ("c_0", "f", {"a": 0}), ("c_1", "g", {"a": 1})
    ]  # fmt: skip
    assert (second.finish_reason, len(second.media)) == (FinishReason.STOP, 1)


def test_a_call_without_an_id_has_one_of_ours_and_none_twice() -> None:
    call: JSONObject = {"toolCall": {"functionCalls": [{"name": "f"}]}}
    first, second = answers(fed(begin(), call, call))
    assert first.tool_calls[0].arguments == {}
    assert first.tool_calls[0].id != second.tool_calls[0].id


def test_usage_outside_of_an_answer_is_the_sessions() -> None:
    events = fed(begin(), tool_call("f"), {**COMPLETE, "usageMetadata": SPENT})
    assert SessionUsage(USAGE) in events
    assert len(answers(events)) == 1
    assert UnknownEvent("serverContent", {"turnComplete": True}) in events


def test_an_interruption_ends_the_answer_as_cancelled() -> None:
    events = fed(begin(), sound(b"x"), content(interrupted=True), COMPLETE)
    (answer,) = answers(events)
    assert answer.finish_reason is FinishReason.CANCELLED
    order = [type(told).__name__ for told in events]
    assert order.index("Interrupted") < order.index("ResponseEnd")
    assert fed(begin(), content(interrupted=True)) == [Interrupted()]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("MALFORMED_FUNCTION_CALL", FinishReason.ERROR),
        ("RESPONSE_REJECTED", FinishReason.CONTENT_FILTER),
        ("NOVELTY", FinishReason.OTHER),
    ],
)
def test_a_turn_says_why_it_is_complete(word: str, reason: FinishReason) -> None:
    (answer,) = answers(fed(begin(), parts({"text": "a"}), content(turnComplete=True, turnCompleteReason=word)))
    assert (answer.finish_reason, answer.raw_finish_reason) == (reason, word)


def test_the_users_words_are_told_as_they_come_and_as_a_whole() -> None:
    events = fed(
        begin(),
        content(interimInputTranscription={"text": "Hell"}),
        content(inputTranscription={"text": "Hello"}),
        content(inputTranscription={"text": " there."}),
        parts({"text": "Hi."}),
        COMPLETE,
        content(inputTranscription={"text": "Bye.", "finished": True, "languageCode": "en"}),
    )
    assert [told for told in events if isinstance(told, InputTranscript | InputTranscriptDelta)] == [
        InputTranscript(text="Hell", final=False),
        InputTranscriptDelta(text="Hello"),
        InputTranscriptDelta(text=" there."),
        InputTranscript(text="Hello there."),
        InputTranscriptDelta(text="Bye."),
        InputTranscript(text="Bye."),
    ]
    assert UnknownEvent("inputTranscription", {"languageCode": "en"}) in events


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"toolCallCancellation": {"ids": ["c_1"]}}, CallsCancelled(("c_1",))),
        ({"goAway": {"timeLeft": "1.5s"}}, SessionEnding(1.5)),
        ({"goAway": {}}, SessionEnding(None)),
        ({"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}}, ResumeToken("h")),
        ({"sessionResumptionUpdate": {}}, ResumeToken(None)),
        ({"voiceActivity": {"voiceActivityType": "ACTIVITY_START", "audioOffset": "2.25s"}}, SpeechStart(at=2250)),
        ({"voiceActivity": {"voiceActivityType": "ACTIVITY_END"}}, SpeechEnd()),
        ({"voiceActivityDetectionSignal": {"vadSignalType": "VAD_SIGNAL_TYPE_SOS"}}, SpeechStart()),
        ({"novelty": {"x": 1}}, UnknownEvent("novelty", {"x": 1})),
        (content(generationComplete=True), UnknownEvent("serverContent", {"generationComplete": True})),
        ({"usageMetadata": SPENT}, SessionUsage(USAGE)),
    ],
)
def test_what_is_about_the_session_is_one_event(data: JSONObject, told: object) -> None:
    assert fed(begin(), data) == [told]


def test_the_last_token_counts() -> None:
    codec = begin()
    fed(codec, {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}})
    assert codec.resume_token == "h"
    fed(codec, {"sessionResumptionUpdate": {"resumable": False}})
    assert codec.resume_token is None


def test_events_of_the_session_stand_where_they_came() -> None:
    events = fed(begin(), {**parts({"text": "a"}), "goAway": {"timeLeft": "1s"}}, parts({"text": "b"}), COMPLETE)
    assert answers(events)[0].text == "ab"


def test_grounding_goes_with_the_answer() -> None:
    grounding: JSONObject = {
        "groundingChunks": [{"web": {"uri": "https://a.test", "title": "A"}}],
        "groundingSupports": [{"segment": {"endIndex": 3, "text": "Yes"}, "groundingChunkIndices": [0]}],
    }
    (answer,) = answers(fed(begin(), parts({"text": "Yes."}), content(groundingMetadata=grounding), COMPLETE))
    assert [citation.url for citation in answer.citations] == ["https://a.test"]
    assert answer.meta == {ORIGIN: {"groundingMetadata": grounding}}


def test_the_end_of_the_connection_cancels_the_answer_that_is_on() -> None:
    codec = begin()
    events = [*fed(codec, content(inputTranscription={"text": "a"}), parts({"text": "b"})), *codec.finish()]
    assert answers(events)[0].finish_reason is FinishReason.CANCELLED
    assert InputTranscript(text="a") in events
    assert list(codec.finish()) == []


def test_an_error_is_raised_with_what_had_come() -> None:
    codec = begin()
    fed(codec, parts({"text": "a"}))
    error: JSONObject = {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "No."}}
    with pytest.raises(AuthenticationFailed) as raised:
        fed(codec, error)
    assert raised.value.partial is not None
    assert raised.value.partial.text == "a"


@pytest.mark.parametrize(
    "data",
    [
        {"serverContent": 3},
        content(modelTurn=3),
        content(modelTurn={"parts": 3}),
        content(modelTurn={"parts": [3]}),
        content(modelTurn={"parts": [{"inlineData": {"mimeType": PCM, "data": "?"}}]}),
        content(outputTranscription={"text": 3}),
        content(inputTranscription={"text": 3}),
        {"toolCall": {}},
        {"toolCall": {"functionCalls": [3]}},
        {"toolCallCancellation": {"ids": [3]}},
        {"sessionResumptionUpdate": {"newHandle": 3}},
        {"usageMetadata": {"promptTokenCount": "x"}},
    ],
)
def test_a_malformed_message_is_an_error(data: JSONObject) -> None:
    with pytest.raises(DecodeError):
        fed(begin(), data)


SESSION: list[JSONObject] = [
    READY,
    content(inputTranscription={"text": "Hi"}),
    parts({"text": "Hm.", "thought": True}),
    words("Hello"),
    sound(b"\0\1"),
    tool_call("f"),
    {"toolCallCancellation": {"ids": ["c_0"]}},
    sound(b"\0\1"),
    content(interrupted=True),
    parts({"text": "a"}),
    {**COMPLETE, "usageMetadata": SPENT},
    {"sessionResumptionUpdate": {"newHandle": "h", "resumable": True}},
    {"goAway": {"timeLeft": "1s"}},
    {"voiceActivity": {"voiceActivityType": "ACTIVITY_START", "audioOffset": "1s"}},
]


@given(st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_only_the_promised_errors_come_out(random: Random) -> None:
    frames: list[JSON] = [*SESSION]
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(frames))
        frames[at] = damaged(frames[at], random.choice(list(nodes(frames[at]))), random.choice(OTHERS))
        if random.random() < 0.3:
            frames.insert(random.randrange(len(frames)), frames.pop(at))
    codec = LIVE.codec(LiveConfig(model=MODEL))
    events: list[LiveEvent] = []
    for data in frames:
        try:
            events += codec.feed(Frame(dump(data)))
        except (DecodeError, ProviderError):
            continue  # a shell would end the session; the codec has to stand it all the same
    events += codec.finish()
    begun = sum(isinstance(told, ResponseStart) for told in events)
    assert begun == sum(isinstance(told, ResponseEnd) for told in events)
