"""What a live session decides, without a socket: every interleaving keeps the same few laws."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.approval import Approve, Pending, Reject
from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame, dump
from chat_core.demo_live import DemoLiveCodec
from chat_core.errors import DecisionRefused, DecodeError, UnsupportedContent
from chat_core.events import ApprovalRequest, ResponseEnd, ResponseStart, ToolEnd, ToolProgress, UnknownEvent
from chat_core.flow.rules import Rules
from chat_core.functions import FunctionTool, tool
from chat_core.jsonvalue import parse_object
from chat_core.live import (
    AudioInput,
    Interruption,
    LiveConfig,
    MessageInput,
    Reconnected,
    ResponseRequest,
    ResultsInput,
    SessionStart,
)
from chat_core.livesessions.dialogue import LiveDialogue
from chat_core.livesessions.inbox import MAX_REPORTS
from chat_core.livesessions.outbox import MAX_WAITING
from chat_core.livesessions.work import Outcome
from chat_core.media import from_bytes
from chat_core.messages import user
from chat_core.parts import Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.wire import WireJSON
    from chat_core.jsonvalue import JSONObject
    from chat_core.live import LiveEvent, LiveInput


@tool
def look(n: int) -> int:
    return n


CONFIG = LiveConfig(model="demo", tools=(look.declaration,))


@dataclass
class Play:
    """A dialogue whose other side and tools are the test's."""

    dialogue: LiveDialogue
    running: dict[int, ToolCall] = field(default_factory=dict[int, ToolCall])
    stopped: set[int] = field(default_factory=set[int])
    decided: set[str] = field(default_factory=set[str])
    events: list[LiveEvent] = field(default_factory=list["LiveEvent"])
    said: list[JSONObject] = field(default_factory=list["JSONObject"])

    @classmethod
    def begun(cls, concurrency: int = 8) -> Play:
        functions: dict[str, FunctionTool] = {"look": look}
        play = cls(
            LiveDialogue(CONFIG, Rules(functions=functions, concurrency=concurrency), DemoLiveCodec(CONFIG, "demo"))
        )
        play.settle()
        play.hear({"ready": "s"})
        return play

    def hear(self, *said: WireJSON) -> None:
        self.dialogue.feed([Frame(dump(value).decode()) for value in said])
        self.settle()

    def call(self, *ids: str) -> None:
        calls = [{"call": {"id": name, "name": "look"}} for name in ids]
        self.hear(*(piece for call in calls for piece in (call, {"arguments": '{"n": 1}'})), {"finish": "tool_calls"})

    def ends(self, number: int) -> None:
        """Let a tool end, stopped or not: a driver that is late is late."""
        call = self.running.pop(number)
        self.dialogue.done(number, Outcome(call=call, result=ToolResult(call_id=call.id, content=(Text("ok"),))))
        self.settle()

    def asks(self, number: int) -> None:
        """Let a call find that it needs a human."""
        call = self.running.pop(number)
        self.decided.discard(call.id)
        self.dialogue.done(number, Outcome(call=call, pending=Pending(call=call, why="approval")))
        self.settle()

    def decide(self, call_id: str) -> None:
        self.decided.add(call_id)
        self.dialogue.decide(call_id, Approve(), 0.0)
        self.settle()

    @property
    def waiting(self) -> set[str]:
        """The calls that wait for a human."""
        found: set[str] = set()
        for event in self.events:
            match event:
                case ApprovalRequest(pending):
                    found.add(pending.call.id)
                case ToolEnd(call):
                    found.discard(call.id)
                case _:
                    pass
        return found - self.decided

    def settle(self) -> None:
        for number in self.dialogue.stops():
            assert number in self.running
            self.stopped.add(number)
        for task in self.dialogue.tasks():
            assert task.number not in self.running
            self.running[task.number] = task.call
        while (message := self.dialogue.outbox.take()) is not None:
            self.said.append(parse_object(message[0]))
        while (event := self.dialogue.inbox.take()) is not None:
            self.events.append(event)

    @property
    def results(self) -> list[tuple[str, bool, bool]]:
        """The ids of the results that were said, whether each is an error, and whether it asks for an answer."""
        found: list[tuple[str, bool, bool]] = []
        for message in self.said:
            match message:
                case {"results": [{"id": str(name), "error": bool(failed)}], "respond": bool(respond)}:
                    found.append((name, failed, respond))
                case _:
                    pass
        return found


def test_calls_begin_when_their_answer_has_ended_and_no_more_than_allowed_at_once() -> None:
    play = Play.begun(concurrency=2)
    play.hear({"call": {"id": "a", "name": "look"}}, {"arguments": "{}"})
    assert play.running == {}
    play.hear({"call": {"id": "b", "name": "look"}}, {"call": {"id": "c", "name": "look"}}, {"finish": "tool_calls"})
    assert [call.id for call in play.running.values()] == ["a", "b"]
    play.ends(2)
    assert [call.id for call in play.running.values()] == ["a", "c"]
    play.ends(3)
    play.ends(1)
    assert play.results == [("b", False, False), ("c", False, False), ("a", False, True)]


def test_calls_of_an_answer_that_was_cut_short_do_not_run() -> None:
    play = Play.begun()
    play.hear({"call": {"id": "a", "name": "look"}}, {"arguments": "{}"}, {"call": {"id": "b", "name": "look"}})
    play.hear({"arguments": '{"n'}, {"interrupted": True})
    assert play.running == {}
    assert play.results == [("a", True, False)]  # the other one was never made


def test_an_interruption_stops_what_runs_and_leaves_what_waits_for_a_human() -> None:
    play = Play.begun()
    play.call("a", "b")
    call = play.running.pop(2)
    play.dialogue.done(2, Outcome(call=call, pending=Pending(call=call, why="approval")))
    play.settle()
    assert isinstance(play.events[-1], ApprovalRequest)
    play.dialogue.say(Interruption())
    play.settle()
    assert play.stopped == {1}
    assert play.results == [("a", True, False)]
    play.ends(1)  # late: nobody is told again
    assert len(play.results) == 1
    play.dialogue.decide("b", Reject("no"), 0.0)
    play.settle()
    assert list(play.running) == [2]


def test_a_decision_about_nothing_is_refused() -> None:
    play = Play.begun()
    with pytest.raises(DecisionRefused, match="waiting: none"):
        play.dialogue.decide("a", Reject("no"), 0.0)


def test_a_result_that_the_program_says_itself_ends_the_call() -> None:
    play = Play.begun()
    play.call("a")
    play.dialogue.say(ResultsInput((ToolResult(call_id="a", content=(Text("mine"),)),)))
    play.settle()
    assert play.stopped == {1}
    play.ends(1)
    assert play.results == [("a", False, True)]


def test_a_result_that_the_wire_cannot_spell_is_told_as_an_error() -> None:
    play = Play.begun()
    play.call("a")
    call = play.running.pop(1)
    media = from_bytes(b"\x89PNG\r\n\x1a\n")
    play.dialogue.done(1, Outcome(call=call, result=ToolResult(call_id="a", content=(media,))))
    play.settle()
    assert play.results == [("a", True, True)]


def test_a_tool_that_reports_more_than_anybody_takes_is_stopped() -> None:
    play = Play.begun()
    play.call("a")
    for number in range(MAX_REPORTS + 1):
        play.dialogue.reported(1, ToolProgress("a", number))
    play.settle()
    assert play.stopped == {1}
    assert play.results == [("a", True, True)]


def test_edited_arguments_are_those_of_the_history() -> None:
    play = Play.begun()
    play.call("a")
    call = play.running.pop(1)
    edited = replace(call, arguments={"n": 2})
    play.dialogue.done(1, Outcome(call=edited, result=ToolResult(call_id="a")))
    assert play.dialogue.history.messages[0].tool_calls == (edited,)


def test_what_cannot_be_spelled_is_not_said() -> None:
    play = Play.begun()
    with pytest.raises(UnsupportedContent):
        play.dialogue.say(MessageInput(user(from_bytes(b"\x89PNG\r\n\x1a\n"))))
    assert play.dialogue.history.messages == ()
    assert play.dialogue.outbox.take() is None


def test_events_before_a_malformed_one_are_kept() -> None:
    play = Play.begun()
    with pytest.raises(DecodeError):
        play.dialogue.feed([Frame('{"text": "a"}'), Frame('{"usage": 1}'), Frame('{"text": "b"}')])
    play.settle()
    assert isinstance(play.events[1], ResponseStart)


def test_what_was_not_sent_is_said_on_the_next_connection() -> None:
    play = Play.begun()
    play.dialogue.say(MessageInput(user("one"), respond=False))
    play.dialogue.say(Interruption())
    play.dialogue.move(DemoLiveCodec(CONFIG, "demo"), None)
    play.said.clear()
    play.settle()
    assert [next(iter(message)) for message in play.said] == ["begin", "stop", "say"]
    assert play.events[-1] == Reconnected()


def test_the_token_that_led_to_a_connection_holds_until_the_service_says_more() -> None:
    play = Play.begun()
    assert play.dialogue.resume_token is None
    play.hear({"token": "t0"})
    play.dialogue.move(DemoLiveCodec(CONFIG, "demo"), None)
    play.hear({"ready": "s2"})
    assert play.dialogue.resume_token == "t0"
    play.hear({"token": None})
    assert play.dialogue.resume_token is None
    play.hear({"token": "t1"})
    assert play.dialogue.resume_token == "t1"


def test_a_result_names_its_tool() -> None:
    heard: list[LiveInput] = []

    class Hearing(DemoLiveCodec):
        def send(self, said: LiveInput) -> None:
            heard.append(said)

    play = Play.begun()
    play.call("a")
    play.dialogue.move(Hearing(CONFIG, "demo"), None)
    play.ends(1)
    assert [result.name for said in heard if isinstance(said, ResultsInput) for result in said.results] == ["look"]


class Patient(DemoLiveCodec):
    """Keeps back what is said before the service listens."""

    def __init__(self, config: LiveConfig, origin: str) -> None:
        super().__init__(config, origin)
        self.kept: list[LiveInput] = []

    def send(self, said: LiveInput) -> None:
        if self.ready:
            super().send(said)
        else:
            self.kept.append(said)

    def feed(self, frame: Frame) -> Iterator[LiveEvent]:
        for event in super().feed(frame):
            if isinstance(event, SessionStart):
                for said in self.kept:
                    super().send(said)
            yield event


def test_what_the_codec_keeps_back_counts_until_the_service_listens() -> None:
    dialogue = LiveDialogue(CONFIG, Rules(), Patient(CONFIG, "demo"))
    dialogue.outbox.take()
    for _ in range(MAX_WAITING // 65536):
        assert not dialogue.outbox.full
        dialogue.say(AudioInput(bytes(65536)))
    assert dialogue.outbox.full
    assert dialogue.outbox.size == 0
    dialogue.feed([Frame('{"ready": "s"}')])
    assert dialogue.outbox.size == MAX_WAITING
    while dialogue.outbox.take() is not None:
        pass
    assert not dialogue.outbox.full


def test_what_the_codec_had_kept_back_is_said_on_the_next_connection_too() -> None:
    dialogue = LiveDialogue(CONFIG, Rules(), Patient(CONFIG, "demo"))
    dialogue.outbox.take()
    dialogue.say(MessageInput(user("one")))
    dialogue.say(MessageInput(user("two")))
    dialogue.feed([Frame('{"ready": "s"}')])
    dialogue.move(DemoLiveCodec(CONFIG, "demo"), None)
    said: list[JSONObject] = []
    while (message := dialogue.outbox.take()) is not None:
        said.append(parse_object(message[0]))
    assert [message.get("say") for message in said] == [None, "one", "two"]


def test_the_program_is_told_of_an_answers_end_before_what_becomes_of_its_calls() -> None:
    play = Play.begun()
    play.hear({"call": {"id": "a", "name": "look"}}, {"arguments": "{}"}, {"interrupted": True})
    assert [type(event) for event in play.events[-2:]] == [ResponseEnd, ToolEnd]


def test_an_interruption_of_what_is_still_to_be_asked_for_goes_behind_that() -> None:
    play = Play.begun()
    play.said.clear()
    play.dialogue.say(AudioInput(b"{}"))
    play.dialogue.say(ResponseRequest())
    play.dialogue.say(Interruption())
    play.dialogue.say(AudioInput(b"{}"))
    play.settle()
    assert [next(iter(message), "sound") for message in play.said] == ["sound", "answer", "stop", "sound"]


def test_an_interruption_of_an_answer_overtakes_the_next_question() -> None:
    play = Play.begun()
    play.hear({"text": "Well"})
    play.said.clear()
    play.dialogue.say(ResponseRequest())
    play.dialogue.say(Interruption())
    play.settle()
    assert [next(iter(message)) for message in play.said] == ["stop", "answer"]


class Failing(DemoLiveCodec):
    """Has a fault in its end."""

    def finish(self) -> Iterator[LiveEvent]:
        raise ValueError("at the end")
        yield


def test_a_session_ends_even_if_its_codec_fails_to() -> None:
    dialogue = LiveDialogue(CONFIG, Rules(), Failing(CONFIG, "demo"))
    dialogue.finish()
    with pytest.raises(ValueError, match="at the end"):
        dialogue.inbox.take()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(1, 3)),
        st.tuples(st.sampled_from(["end", "ask", "decide"]), st.integers(0, 5)),
        st.tuples(st.just("cancel"), st.integers(0, 8)),
        st.tuples(
            st.sampled_from(["interrupt", "text", "cut", "finish", "sound", "strange", "say", "wait", "move"]),
            st.just(0),
        ),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.integers(1, 3))
def test_every_interleaving_keeps_the_laws(steps: list[tuple[str, int]], concurrency: int) -> None:
    play = Play.begun(concurrency=concurrency)
    made: list[str] = []
    withdrawn: set[str] = set()
    for name, number in steps:
        step(play, name, number, made, withdrawn)
        assert len(play.running.keys() - play.stopped) <= concurrency
    while play.waiting or any(number not in play.stopped for number in play.running):
        for call_id in sorted(play.waiting):
            play.decide(call_id)
        play.ends(next(number for number in play.running if number not in play.stopped))
    play.dialogue.finish()
    play.settle()
    told = [name for name, _, _ in play.results]
    assert sorted(told) == sorted(set(told))  # no call is answered twice
    assert set(made) - withdrawn == set(told)  # and each is, but for those that the model has cancelled
    ended = [event.call.id for event in play.events if isinstance(event, ToolEnd)]
    assert sorted(ended) == sorted(made)
    check_grammar(play.events)
    check_history(play)


def step(play: Play, name: str, number: int, made: list[str], withdrawn: set[str]) -> None:
    match name:
        case "call":
            ids = [f"c{len(made) + n}" for n in range(number)]
            made += ids
            play.call(*ids)
        case "end" if play.running:
            play.ends(sorted(play.running)[number % len(play.running)])
        case "ask" if play.running:
            play.asks(sorted(play.running)[number % len(play.running)])
        case "decide" if play.waiting:
            play.decide(sorted(play.waiting)[number % len(play.waiting)])
        case "move":
            play.dialogue.hang_up()
            play.dialogue.move(DemoLiveCodec(CONFIG, "demo"), None)
            play.hear({"ready": "s"})
        case "cancel" if number < len(made):
            answered = {told for told, _, _ in play.results}
            withdrawn |= {made[number]} - answered
            play.hear({"cancelled": [made[number]]})
        case "interrupt":
            play.dialogue.say(Interruption())
            play.settle()
        case "say":
            play.dialogue.say(MessageInput(user("Hi")))
            play.settle()
        case _ if name in PIECES:
            play.hear(PIECES[name])
        case _:
            pass


PIECES: dict[str, WireJSON] = {
    "text": {"text": "a"},
    "cut": {"interrupted": True},
    "finish": {"finish": "stop"},
    "sound": {"words": "b"},
    "strange": {"what": 1},
}


def check_grammar(events: list[LiveEvent]) -> None:
    """Require that answers do not overlap, and that each keeps the grammar."""
    answer: list[LiveEvent] | None = None
    for event in events:
        if isinstance(event, ResponseStart):
            assert answer is None
            answer = []
        if answer is not None and (type(event).__module__ == "chat_core.events") and not isinstance(event, OWN):
            answer.append(event)
        if isinstance(event, ResponseEnd):
            assert answer is not None
            assert fold(answer) == event.response  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - those of one answer
            answer = None
    assert answer is None


OWN = (ToolEnd, ApprovalRequest, UnknownEvent)


def check_history(play: Play) -> None:
    """Require a history that can be sent: each call has its result right behind it."""
    messages = play.dialogue.history.messages
    for number, message in enumerate(messages):
        if calls := [call.id for call in message.tool_calls]:
            results = [part.call_id for part in messages[number + 1].parts if isinstance(part, ToolResult)]
            assert results == calls
