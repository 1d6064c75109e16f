from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import HELLO, STORY, held, hold

from chat_cli.flags import Flags
from chat_cli.log import FILE
from chat_cli.talk import taken_up
from chat_core.errors import StoreMissing, UnansweredToolCall
from chat_core.messages import assistant, user
from chat_core.parts import ToolCall
from chat_core.stores.records import Entry
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from running import Chat

TOOLS = str(Path(__file__).with_name("tools_here.py"))
DEMO = ("-m", "replay:demo")
WEATHER = (*DEMO, "-T", TOOLS, "How is the weather?")
ANSWER = "Take an umbrella: that is what I make of it.\n"


def test_calls_are_shown_beside_the_answer(chat: Chat) -> None:
    done = chat(*WEATHER)
    assert done.returncode == 0
    assert done.stdout == ANSWER
    assert done.stderr.splitlines()[:3] == [
        '→ get_weather({"city":"Oslo"})',
        '  get_weather: {"asking":"Oslo"}',
        "← 21 degrees in Oslo",
    ]
    assert "notice" not in done.stderr


@pytest.mark.parametrize("arguments", [("--no-stream",), ("--json",), ("--json", "--stream")])
def test_a_turn_is_one_answer_however_it_is_printed(chat: Chat, arguments: tuple[str, ...]) -> None:
    done = chat(*WEATHER, *arguments)
    assert done.stdout.count("\n") == 1
    if "--json" in arguments:
        found = json.loads(done.stdout)
        assert (found["text"], found["status"], found["pending"]) == (ANSWER.strip(), "complete", [])
        assert found["usage"]["input_tokens"] == 61 + 88
        assert "state" not in found


def test_steps_and_seconds_are_bounded(chat: Chat) -> None:
    assert chat(*WEATHER, "--max-steps", "1").returncode == 6
    assert "--max-steps" in chat(*WEATHER, "--max-steps", "1").stderr
    assert "← error: 1e-06 s were not enough" in chat(*WEATHER, "--tool-timeout", "0.000001").stderr


def test_where_nobody_can_be_asked_the_turn_waits(chat: Chat) -> None:
    done = chat(*WEATHER, "--approve")
    assert done.returncode == 7
    assert done.stdout == ""
    assert 'call_demo_1: get_weather({"city":"Oslo"})' in done.stderr
    assert f"-T {TOOLS} --approve call_demo_1 (or --reject" in done.stderr


def test_what_waits_is_asked_about_before_the_next_question(chat: Chat) -> None:
    chat(*WEATHER, "--approve")
    done = chat("-c", "-T", TOOLS, "Hello")  # it was asked for by who began it
    assert (done.returncode, done.stdout) == (7, "")
    assert chat("-c", "Hello").returncode == 2
    assert "calls of get_weather wait: name the tools again" in chat("-c", "Hello").stderr


def test_an_answer_is_kept_and_goes_on(chat: Chat, home: Path) -> None:
    first = json.loads(chat(*DEMO, "--json", "Tell me a story").stdout)["conversation"]
    chat("-c", "Hello")
    chat(*DEMO, "Hello")
    second = json.loads(chat("--cid", first[:6], "--json", "busy?", "--retries", "0").stdout)
    assert second["exit_code"] == 4
    store = SqliteStore(home / FILE)
    other, there = store.conversations()
    assert (there.id, there.title, there.model, there.length) == (first, "Tell me a story", "replay:demo", 4)
    assert other.title == "Hello"


def test_nothing_is_kept_where_nobody_wants_that(chat: Chat, home: Path) -> None:
    chat(*DEMO, "-n", "Hello")
    assert not (home / FILE).exists()
    chat(*DEMO, "Hello")
    assert chat("-n", "-c", "Hello").returncode == 0
    assert SqliteStore(home / FILE).conversations()[0].length == 2
    chat(*WEATHER, "--approve")
    assert "so that none runs twice" in chat("-n", "-c", "-T", TOOLS, "Hello").stderr


def test_a_conversation_without_its_words_does_not_go_on(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('log = "no-content"\n')
    assert chat(*DEMO, "a secret story").returncode == 0
    assert b"secret" not in (home / FILE).read_bytes()
    assert "without its words" in chat("-c", "Hello").stderr


def test_a_conversation_that_goes_on_without_its_words_stays_as_it_was(chat: Chat, home: Path) -> None:
    chat(*DEMO, "Hello")
    (home / "config.toml").write_text('log = "no-content"\n')
    assert chat("-c", "a secret story").returncode == 0
    store = SqliteStore(home / FILE)
    bare, first = store.conversations()
    assert [node.message.text for node in store.history(first.head)][:1] == ["Hello"]
    assert (first.length, bare.length, bare.title) == (2, 4, "")
    assert {node.message.text for node in store.history(bare.head)} == {""}


def test_an_earlier_conversation_that_is_not_there_is_a_mistake(chat: Chat) -> None:
    done = chat(*DEMO, "-c", "Hello")
    assert done.returncode == 2
    assert "no conversation is kept yet" in done.stderr


@pytest.mark.parametrize("spoilt", ["newer", "foreign", "folder", "locked"])
def test_a_log_that_cannot_be_used_is_a_warning_and_the_answer_comes(chat: Chat, home: Path, spoilt: str) -> None:
    chat(*DEMO, "Hello")
    file = home / FILE
    connection = sqlite3.connect(file, isolation_level=None)
    if spoilt == "newer":
        connection.execute("PRAGMA user_version = 99")
    if spoilt == "locked":
        connection.execute("BEGIN IMMEDIATE")
    else:
        connection.close()
    if spoilt in {"foreign", "folder"}:
        file.unlink()
        file.write_bytes(b"no database" * 99) if spoilt == "foreign" else file.mkdir()
    done = chat(*WEATHER)
    assert (done.returncode, done.stdout) == (0, ANSWER)
    assert "warning: " in done.stderr
    connection.close()
    assert spoilt == "locked" or chat("-c", "Hello").returncode == 1


def test_secrets_are_not_in_the_log(chat: Chat, home: Path) -> None:
    chat(*DEMO, "--key", "sk-very-secret", "Hello")
    assert b"sk-very-secret" not in (home / FILE).read_bytes()


def test_a_conversation_is_one_in_the_log_whatever_happens_in_it(home: Path) -> None:
    conversation = held(Flags(retries=0))
    hold(conversation, ["are you busy?", HELLO, "/undo", HELLO, STORY, "/undo", STORY, "/model replay:demo"])
    store = SqliteStore(home / FILE)
    (there,) = store.conversations()
    assert (there.title, there.length) == (HELLO, 4)
    again = held(Flags(continues=True))
    assert again.history == conversation.history
    hold(again, ["/retry", "/clear", STORY])
    assert sorted((one.title, one.length) for one in store.conversations()) == [(HELLO, 4), (STORY, 2)]


def test_tools_are_listed_and_run_in_a_conversation(capsys: pytest.CaptureFixture[str]) -> None:
    conversation = held(Flags(tools=(TOOLS,)))
    hold(conversation, ["/tools", "How is the weather?"])
    said = capsys.readouterr()
    assert "get_weather      Tell the weather of a city." in said.err
    assert "← 21 degrees in Oslo" in said.err
    assert [message.role for message in conversation.history] == ["user", "assistant", "tool", "assistant"]
    assert len(conversation.usages) == 2
    hold(held(Flags()), ["/tools"])
    assert "no tools: chat -T TOOLS" in capsys.readouterr().err


def test_a_turn_that_waits_is_decided_before_the_next_or_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    conversation = held(Flags(tools=(TOOLS,), approve=True))
    hold(conversation, [HELLO, "How is the weather?", HELLO])
    assert capsys.readouterr().err.count("calls wait: ") == 2
    assert len(conversation.history) == 4
    hold(conversation, ["/undo", HELLO])
    assert [message.text for message in conversation.history[::2]] == [HELLO, HELLO]


def test_a_call_that_a_killed_program_had_begun_is_not_run_by_the_next(chat: Chat, home: Path) -> None:
    home.mkdir()
    call = assistant(ToolCall(id="c", name="get_weather", arguments={"city": "Oslo"}))
    store = SqliteStore(home / FILE)
    made = store.create(now=1, model="replay:demo")
    store.append(made.id, [Entry(message=user("weather")), Entry(message=call)], head=None, now=2)
    done = chat("-c", "-T", TOOLS, "Hello")
    assert done.returncode == 7
    assert "c: get_weather" in done.stderr
    with pytest.raises(UnansweredToolCall):
        taken_up(Flags(continues=True)).require_tools()
    with pytest.raises(StoreMissing):
        taken_up(Flags(cid="nothing"))
