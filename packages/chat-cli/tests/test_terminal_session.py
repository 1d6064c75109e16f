"""`chat` on a real pseudo-terminal: keys, signals, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from terminals import CHAT, DEMO, Session

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_an_interrupted_prompt_for_a_key_is_an_interrupted_program() -> None:
    session = Session(*CHAT, "keys", "set", "replay")
    session.see("Key for replay")
    session.interrupt()
    code, shown = session.end()
    assert code == 130
    assert "Aborted" not in shown


@pytest.fixture
def talk() -> Iterator[Session]:
    """Give a conversation that waits at its prompt."""
    session = Session(*DEMO)
    session.prompt()
    yield session
    session.close()


def test_a_conversation_answers_and_ends_with_ctrl_d(talk: Session) -> None:
    talk.type("Hello\r")
    talk.see("weather.")
    talk.prompt()
    talk.leave()
    assert talk.end()[0] == 0


def test_ctrl_c_cancels_the_answer_and_keeps_what_was_said(talk: Session) -> None:
    talk.type("Tell me a story\r")
    talk.see("asked")
    talk.interrupt()
    talk.see("cancelled")
    talk.prompt()
    talk.type("/usage\r")
    talk.see("1 answer,")
    talk.prompt()
    talk.type("/save /dev/stderr\r")
    talk.see('"A bridge')
    talk.see("saved 2 messages")


def test_ctrl_c_at_the_prompt_throws_the_line_away(talk: Session) -> None:
    talk.type("are you busy")
    talk.interrupt()
    talk.prompt()
    talk.type("Hello\r")
    talk.see("weather.")


def test_alt_enter_and_a_backslash_begin_a_new_line(talk: Session) -> None:
    talk.type("one")
    talk.type("\x1b\r")
    talk.type("two\\\r")
    talk.type("a story\r")
    talk.see("A bridge")
    talk.prompt()
    talk.type("/save /dev/stderr\r")
    talk.see('"one\\ntwo\\na story"')


def test_pasted_lines_stay_lines(talk: Session) -> None:
    talk.type("\x1b[200~one\ntwo\x1b[201~")
    talk.type(" a story\r")
    talk.see("A bridge")
    talk.prompt()
    talk.type("/save /dev/stderr\r")
    talk.see('"one\\ntwo a story"')


def test_what_is_typed_during_an_answer_is_the_next_input(talk: Session) -> None:
    talk.type("Tell me a story\r")
    talk.see("A bridge")
    talk.type("/usage\r")
    assert "/usage" not in talk.see("there.”")
    talk.see("1 answer,")


def test_a_resize_breaks_new_lines_where_they_end_and_repeats_nothing(talk: Session) -> None:
    talk.type("Tell me a story\r")
    talk.see("A bridge")
    talk.resize(30)
    shown = talk.prompt()
    assert shown.count("asked") == 1
    assert shown.count("everybody") == 1
    last = shown[shown.index("“but") :].split("\n")
    assert all(len(line) <= 30 for line in last)


def test_one_answer_on_a_terminal_is_coloured_and_leaves_no_trace_of_waiting() -> None:
    code, shown = Session(*DEMO, "a story").end()
    assert code == 0
    assert "\x1b[2mThe \x1b[0m" in shown
    assert shown.count("waiting") == 1
    assert "waiting …\x1b[0m\r\x1b[K" in shown


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_without_colours_there_is_no_escape_at_all(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    _, shown = Session(*DEMO, "a story").end()
    assert "\x1b" not in shown
    assert "The reader" in shown


def test_ctrl_c_ends_a_single_question() -> None:
    session = Session(*DEMO, "a story")
    session.see("asked")
    session.interrupt()
    code, shown = session.end()
    assert code == 130
    assert "Traceback" not in shown


def test_the_terminal_shows_what_is_typed_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PS1", "sh# ")
    session = Session("/bin/sh")
    session.type(f"{' '.join(DEMO)}\r")
    session.prompt()
    session.type("a story\r")
    session.see("asked")
    session.interrupt()
    session.see("cancelled")
    session.prompt()
    session.leave()
    session.see("sh# ")
    session.type("stty -a\r")
    session.see("echoctl")
    session.type("stty -a | grep -c -w -e -echo\r")
    assert session.see("\r\n0\r\n") is not None
    session.close()


def test_a_key_is_asked_for_without_showing_it() -> None:
    session = Session(*CHAT, "keys", "set", "replay")
    session.see("Key for replay")
    session.type("sk-secret\r")
    code, shown = session.end()
    assert code == 0
    assert "sk-secret" not in shown
