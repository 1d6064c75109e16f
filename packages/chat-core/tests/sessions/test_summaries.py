"""Summaries: what is left out is summed up by a model, once for each cut."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from exchanges import CALLS, IMAGE, MEANS, histories, length, result, talk
from hypothesis import given
from hypothesis import strategies as st
from scripted import Model, call, said
from toy import MemoryTransport, Toy, World
from toy import said as replied

from chat_core import AsyncChat, Chat
from chat_core.codec.answers import require_answers
from chat_core.errors import ConfigurationError, OutputInvalid, Overloaded
from chat_core.flow.adrive import arun
from chat_core.flow.drive import run
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.parts import Json, Opaque, Reasoning, Refusal, ToolCall
from chat_core.sessions.summaries import SUMMARY, Summarise, transcript
from chat_core.sessions.trimming import Trimmed
from chat_core.sessions.windows import WHOLE, Window, last_unit


def trimmed(trim: Summarise, messages: tuple[Message, ...], model: Model, window: Window = WHOLE) -> Trimmed:
    return World().run(trim.trimmed(messages, window, replace(MEANS, call=model)))


def test_a_summary_stands_after_the_system_messages_instead_of_what_is_left_out() -> None:
    history = (system("s"), *talk(4), user("now"))
    model = Model(said("they talked"))
    found = trimmed(Summarise(8, counter=length), history, model)
    summary = user(SUMMARY + "they talked")
    assert found.window.of(history) == (system("s"), summary, *talk(1, 3), user("now"))
    (asked,) = model.asked
    assert asked.model == "m"
    assert asked.messages[1].text == "\n\n".join(f"[user]\nq{n}\n\n[assistant]\nr{n}" for n in range(3))
    assert [each.text for each in found.responses] == ["they talked"]
    assert [each.applied for each in found.notices] == [{"messages": 5, "tokens": 5}]


def test_it_is_made_once_and_the_next_one_sums_it_up_too() -> None:
    trim, model = Summarise(8, counter=length), Model(said("one"), said("two"))
    history = (system("s"), *talk(4), user("now"))
    first = trimmed(trim, history, model).window
    longer = (*talk(4)[:0], system("s"), *talk(5), user("now"))
    assert trimmed(trim, longer, model, first).window is first
    longest = (system("s"), *talk(7), user("now"))
    second = trimmed(trim, longest, model, first).window
    assert second.of(longest)[1] == user(SUMMARY + "two")
    assert model.asked[1].messages[1].text.startswith(f"[user]\n{SUMMARY}one\n\n[user]\nq3")
    assert len(model.asked) == 2


def test_of_a_long_exchange_the_question_stays_behind_the_summary() -> None:
    history = (system("s"), user("now"), *CALLS, *CALLS, *CALLS)
    model = Model(said("looked"))
    found = trimmed(Summarise(7, to=0.8, counter=length), history, model)
    assert found.window.of(history) == (system("s"), user(SUMMARY + "looked"), user("now"), *CALLS)
    assert "now" not in model.asked[0].messages[1].text


def test_what_is_short_enough_asks_no_model() -> None:
    assert trimmed(Summarise(100, counter=length), talk(4), Model()) == Trimmed(window=WHOLE)


def test_a_summary_that_fails_is_an_error_with_a_note() -> None:
    with pytest.raises(Overloaded) as caught:
        trimmed(Summarise(2, counter=length), (*talk(4), user("now")), Model(Overloaded("busy")))
    assert caught.value.__notes__ == [
        "while the session's history was summarised: nothing was sent, and nothing has changed"
    ]


def test_an_empty_summary_is_an_error() -> None:
    with pytest.raises(OutputInvalid, match="the summary of the history is empty"):
        trimmed(Summarise(2, counter=length), (*talk(4), user("now")), Model(said(" ")))


def test_limits_are_those_of_dropping() -> None:
    with pytest.raises(ConfigurationError, match="max_tokens= is at least 1"):
        Summarise(0)


def test_another_call_can_write_it() -> None:
    other = Model(said("by another"))
    found = trimmed(Summarise(2, counter=length, with_=other), (*talk(2), user("now")), Model())
    assert found.window.head == (user(SUMMARY + "by another"),)


@pytest.mark.parametrize("writer", [Chat, AsyncChat])
@pytest.mark.parametrize("driver", ["blocking", "asyncio"])
def test_a_client_of_either_colour_can_write_it_over_its_own_transport(
    writer: type[Chat | AsyncChat], driver: str
) -> None:
    client = writer("toy-1", provider=Toy(), transport=MemoryTransport(replied("by a client")))
    trim, history = Summarise(2, counter=length, with_=client), (*talk(2), user("now"))
    flow = trim.trimmed(history, WHOLE, MEANS)
    found = run(flow, MemoryTransport()) if driver == "blocking" else asyncio.run(arun(flow, MemoryTransport()))
    assert found.window.head == (user(SUMMARY + "by a client"),)


def test_a_client_that_fails_is_an_error() -> None:
    client = Chat(
        "toy-1",
        provider=Toy(),
        transport=MemoryTransport(Overloaded("busy")),
        middleware=[lambda _: Model(Overloaded("no"))],
    )
    with pytest.raises(Overloaded):
        trimmed(Summarise(2, counter=length, with_=client), (*talk(2), user("now")), Model())


@given(histories(), st.integers(1, 300))
def test_what_is_sent_of_any_history_can_be_sent(history: tuple[Message, ...], limit: int) -> None:
    window, model = WHOLE, Model(*(said("sum") for _ in history))
    for end in range(1, len(history) + 1):
        now = history[:end]
        if now[-1].role == "user":
            window = trimmed(Summarise(limit), now, model, window).window
            sent = window.of(now)
            require_answers(sent)
            assert [each for each in sent if each.role == "system"] == [each for each in now if each.role == "system"]
            assert next(each.role for each in sent if each.role != "system") == "user"
            assert sent[-1] is now[-1]
            assert window.at <= last_unit(now)


def test_all_that_was_said_is_written_down_but_reasoning() -> None:
    messages = (
        system("s"),
        user("look", IMAGE),
        assistant(Reasoning("hm"), Refusal("no"), call("a", "act", x=1), ToolCall(id="b", name="act", raw="{")),
        tool_results(result("a", "fine"), replace(result("b", "bad"), is_error=True)),
        assistant(Json({"a": 1}), Opaque(origin="o", kind="block", data={})),
    )
    assert transcript(messages).split("\n\n") == [
        "[user]\nlook\n(image)",
        "[assistant]\nno\n(calls act with {'x': 1})\n(calls act with {)",
        "[tool]\n(result: fine)\n(failed: bad)",
        "[assistant]\n{'a': 1}\n(block)",
    ]
