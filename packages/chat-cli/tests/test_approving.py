"""Approvals on a real pseudo-terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from terminals import CHAT, DEMO, Session

from chat_cli.approving import LINES, Approving, text_of, value_of
from chat_core.functions import FunctionTool, tool
from chat_core.parts import ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOLS = str(Path(__file__).with_name("tools_here.py"))
ASKED = (*DEMO, "-T", TOOLS, "--approve")
QUESTION = "How is the weather?"
CHOICES = "[y]es, [n]o, [e]dit, [a]ll of get_weather, [q]uit? "


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "ran"
    monkeypatch.setenv("CHAT_TEST_RAN", str(file))
    return file


@pytest.fixture
def asked(ran: Path) -> Iterator[Session]:
    """Give a question that waits for an answer about its call."""
    session = Session(*ASKED, QUESTION)
    shown = session.see(CHOICES)
    assert 'The model wants to call get_weather:\n  {\n    "city": "Oslo"\n  }\n' in shown
    assert not ran.exists()
    yield session
    session.close()


def test_yes_runs_the_call(asked: Session, ran: Path) -> None:
    asked.type("y\r")
    asked.see("21 degrees in Oslo")
    code, shown = asked.end()
    assert code == 0
    assert "umbrella" in shown
    assert ran.read_text() == "Oslo\n"


def test_no_tells_the_model_why(asked: Session, ran: Path) -> None:
    asked.type("no\r")
    asked.see("Why?")
    asked.type("it is secret\r")
    asked.see("error: it is secret")
    assert asked.end()[0] == 0
    assert not ran.exists()


def test_what_is_no_answer_is_asked_again(asked: Session, ran: Path) -> None:
    asked.type("maybe\r")
    asked.see(CHOICES)
    asked.type("\r")
    asked.see(CHOICES)
    assert not ran.exists()


@pytest.mark.parametrize("key", ["q\r", "\x04", "\x03"])
def test_who_leaves_has_decided_nothing(asked: Session, ran: Path, key: str) -> None:
    asked.type(key)
    code, shown = asked.end()
    assert code == 7
    assert "chat resume --cid" in shown
    assert not ran.exists()


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    """Make an editor that writes one text after the other."""
    for number, text in enumerate(texts):
        (folder / f"text{number}").write_text(text)
    script = folder / "editor"
    script.write_text(f'#!/bin/sh\nnext=$(ls {folder}/text* | head -1)\ncat "$next" > "$1"\nrm "$next"\n')
    script.chmod(0o700)
    monkeypatch.setenv("EDITOR", str(script))


def test_edited_arguments_run_when_they_fit(tmp_path: Path, ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(tmp_path, monkeypatch, "{", '{"town": "Rome"}', '{"city": "Rome"}')
    session = Session(*ASKED, QUESTION)
    for words in ("this is no JSON object", "do not fit its schema"):
        session.see(CHOICES)
        session.type("e\r")
        session.see(words)
    session.see(CHOICES)
    session.type("e\r")
    session.see("21 degrees in Rome")
    assert session.end()[0] == 0
    assert ran.read_text() == "Rome\n"


def test_all_allows_a_tool_for_the_rest_of_the_run(ran: Path) -> None:
    session = Session(*ASKED)
    session.prompt()
    session.type(f"{QUESTION}\r")
    session.see(CHOICES)
    session.type("a\r")
    session.see("umbrella")
    session.prompt()
    session.type(f"{QUESTION}\r")
    assert "wants to call" not in session.see("umbrella")
    assert ran.read_text() == "Oslo\nOslo\n"
    session.close()


def test_what_was_typed_before_a_call_was_shown_is_no_answer(ran: Path) -> None:
    session = Session(*ASKED, QUESTION)
    session.type("y\ry\ry\r")
    session.see(CHOICES)
    session.type("n\r")
    session.see("Why?")
    session.type("\r")
    session.see("does not allow")
    session.end()
    assert not ran.exists()


def test_leaving_in_a_conversation_keeps_the_turn_for_the_next_question(ran: Path) -> None:
    session = Session(*ASKED)
    session.prompt()
    session.type(f"{QUESTION}\r")
    session.see(CHOICES)
    session.type("q\r")
    session.see("calls wait")
    session.prompt()
    session.type("Hello\r")
    session.see(CHOICES)
    session.type("y\r")
    session.see("umbrella")
    session.see("This answer comes from a recording")
    assert ran.read_text() == "Oslo\n"
    session.close()


def test_a_call_that_was_cancelled_in_the_middle_does_not_run_again(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_TEST_SLOW", "1")
    session = Session(*DEMO, "-T", TOOLS)
    session.prompt()
    session.type(f"{QUESTION}\r")
    session.see("get_weather: ")
    session.interrupt()
    session.see("cancelled")
    session.prompt()
    session.type("Hello\r")
    session.see(CHOICES)
    session.type("y\r")
    session.see("error: interrupted: ")
    session.see("This answer comes from a recording")
    assert ran.read_text() == "Oslo\n"
    session.close()


def test_a_paused_turn_is_asked_about_when_it_is_taken_up_on_a_terminal(ran: Path) -> None:
    first = Session(*ASKED, QUESTION)
    first.see(CHOICES)
    first.type("q\r")
    assert first.end()[0] == 7
    again = Session(*CHAT, "resume", "-T", TOOLS)
    again.see(CHOICES)
    again.type("y\r")
    again.see("umbrella")
    assert again.end()[0] == 0
    assert ran.read_text() == "Oslo\n"


TWO = """
from chat_cli.approving import Approving
from chat_core.approval import Pending
from chat_core.parts import ToolCall

calls = (ToolCall(id=str(number), name=name, arguments={}) for number, name in enumerate("fg"))
approving = Approving({}, {"old"})
print(approving.decisions(tuple(Pending(call=call, why="approval") for call in calls)), approving.allowed)
"""


def test_who_leaves_at_the_second_call_has_decided_nothing_about_the_first() -> None:
    session = Session(sys.executable, "-c", TWO)
    session.see("ll of f, [q]uit? ")
    session.type("a\r")
    session.see("ll of g, [q]uit? ")
    session.type("q\r")
    session.see("None {'old'}")
    session.end()


def test_arguments_are_shown_as_they_are() -> None:
    assert text_of(ToolCall(id="1", name="f", arguments={"a": "ü"})) == '{\n  "a": "ü"\n}'
    assert text_of(ToolCall(id="1", name="f", raw="{a")) == "{a"
    assert (value_of("[1]"), value_of("one")) == ([1], "one")


LONG = f"""
from chat_cli.approving import Approving
from chat_core.approval import Pending
from chat_core.parts import ToolCall

call = ToolCall(id="1", name="f", arguments={{"a": ["\\u202e"] * {LINES}, "last": 1}})
print(Approving({{}}, set()).decisions((Pending(call=call, why="deferred", reason="later\\x1b[2J"),)))
"""


def test_a_long_call_is_cut_and_can_be_viewed_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "cat")
    session = Session(sys.executable, "-c", LONG)
    shown = session.see("[r]esult, [n]o, [v]iew all, [q]uit? ")
    assert "f (later\\u001b[2J):" in shown
    assert '"last"' not in shown
    assert shown.count("\\u202e") == LINES - 2
    session.type("v\r")
    session.see('"last": 1')
    session.see("[q]uit? ")
    session.type("r\r")
    session.see("JSON: ")
    session.type('{"sky": "blue"}\r')
    session.see("Result(value={'sky': 'blue'}")
    session.end()


HIDDEN = """
from chat_cli.approving import Approving
from chat_core.approval import Pending
from chat_core.parts import ToolCall

call = ToolCall(id="1", name="f", arguments={"a": "ls" + "\\u2028\\x85" * 40 + "; rm -rf ~"})
print(Approving({}, set()).decisions((Pending(call=call, why="approval"),)))
"""


def test_no_kind_of_line_end_hides_what_comes_behind_it() -> None:
    session = Session(sys.executable, "-c", HIDDEN)
    shown = session.see("[q]uit? ")
    assert "; rm -rf ~" in shown
    assert shown.count("\\u2028") == 40
    session.type("q\r")
    session.end()


def test_arguments_that_do_not_fit_are_said() -> None:
    def look(at: int) -> int:
        return at

    made: FunctionTool[..., object] = tool(look)
    approving = Approving({"look": made}, set())
    call = ToolCall(id="1", name="look", arguments={})
    assert approving.misfit(call, {"at": 1}) is None
    assert "at: Input should be a valid integer" in (approving.misfit(call, {"at": "x"}) or "")
    assert approving.misfit(ToolCall(id="2", name="other", arguments={}), {}) is None
