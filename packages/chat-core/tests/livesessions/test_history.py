"""The history of a live session: in words, in order, and fit for a chat with any model."""

from __future__ import annotations

from chat_core.livesessions.history import LiveHistory
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.parts import Inline, Media, Part, Reasoning, Text, ToolCall, ToolResult
from chat_core.response import FinishReason, Response

CALL = ToolCall(id="c1", name="look", arguments={})
OTHER = ToolCall(id="c2", name="look", arguments={})
CUT = ToolCall(id="c3", name="look", raw='{"a')


def answer(*parts: Part, reason: FinishReason = FinishReason.STOP) -> Response:
    return Response(message=assistant(*parts), finish_reason=reason)


def sound(transcript: str | None) -> Media:
    return Media(kind="audio", source=Inline(b"123"), transcript=transcript)


def test_sound_becomes_its_words_and_what_nobody_wrote_down_is_left_out() -> None:
    history = LiveHistory([system("Be kind.")])
    for words in ("Hello", None):
        history.begin()
        history.end(answer(sound(words)))
    assert history.messages == (system("Be kind."), assistant("Hello"))


def test_words_that_come_late_go_to_their_place() -> None:
    history = LiveHistory()
    history.speech("i1")
    history.begin()
    history.speech("i2")
    history.words("two", "i2", {})
    history.end(answer(Text("one!")))
    history.words("one", "i1", {})
    assert history.messages == (user("one"), assistant("one!"), user("two"))


def test_words_of_a_turn_that_was_not_announced_stand_before_the_answer_under_way() -> None:
    history = LiveHistory()
    history.begin()
    history.words("hello", None, {})
    history.end(answer(Text("hi")))
    history.words("bye", None, {})
    assert history.messages == (user("hello"), assistant("hi"), user("bye"))


def test_later_words_of_one_turn_replace_the_earlier_ones() -> None:
    history = LiveHistory()
    history.words("hel", "i", {})
    history.words("hello", "i", {})
    history.words("", "j", {})
    assert history.messages == (user("hello"),)


def test_results_stand_behind_their_calls_in_the_order_of_the_calls() -> None:
    history = LiveHistory()
    history.begin()
    history.end(answer(CALL, OTHER))
    history.begin()
    history.end(answer(Text("one moment")))
    two, one = ToolResult(call_id="c2"), ToolResult(call_id="c1")
    history.answer(two)
    assert history.messages == (assistant(OTHER), tool_results(two), assistant("one moment"))
    history.answer(one)
    assert history.messages == (assistant(CALL, OTHER), tool_results(one, two), assistant("one moment"))


def test_calls_that_are_open_stand_at_the_end_only() -> None:
    history = LiveHistory()
    history.begin()
    history.end(answer(CALL))
    assert history.messages == (assistant(CALL),)
    history.say(user("and?"))
    assert history.messages == (user("and?"),)


def test_an_answer_that_was_cut_short_is_kept_as_far_as_it_came() -> None:
    history = LiveHistory()
    history.begin()
    history.end(answer(Text("Well"), CUT, Reasoning("hm"), reason=FinishReason.CANCELLED))
    history.begin()
    history.end(answer(Reasoning("hm"), reason=FinishReason.CANCELLED))
    assert history.messages == (assistant("Well"),)


def test_other_instructions_replace_the_old_ones() -> None:
    history = LiveHistory([system("a"), user("x")])
    history.instruct([system("b")])
    assert history.messages == (system("b"), user("x"))


def test_ids_may_repeat() -> None:
    history = LiveHistory()
    for number in range(2):
        history.begin()
        history.end(answer(CALL))
        history.answer(ToolResult(call_id="c1", content=(Text(str(number)),)))
    told = [message for message in history.messages if message.role == "tool"]
    assert [part.content for message in told for part in message.parts if isinstance(part, ToolResult)] == [
        (Text("0"),),
        (Text("1"),),
    ]
    assert isinstance(history.messages[0], Message)
