from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from running import HELLO, STORY, held, hold

from chat_cli.flags import Flags
from chat_cli.slash import COMMANDS
from chat_core.messages import system

if TYPE_CHECKING:
    from chat_cli.conversation import Conversation

FULL = Path("/dev/full")


@pytest.fixture
def conversation() -> Conversation:
    return held(Flags(system="Be brief", retries=0))


def test_help_lists_every_command(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, ["/help"])
    said = capsys.readouterr().err
    assert [name for name in COMMANDS if f"/{name}" not in said] == []
    assert "Alt-Enter" in said


def test_an_unknown_command_is_guessed_at(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, ["/modle x"])
    assert "there is no command /modle. Did you mean /model?" in capsys.readouterr().err
    assert conversation.history == ()


def test_exit_leaves(conversation: Conversation) -> None:
    hold(conversation, ["/exit", HELLO])
    assert conversation.history == ()


def test_a_bare_name_that_is_a_providers_says_how_to_write_a_model(
    conversation: Conversation, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text('[providers.mine]\nlike = "replay"\n')
    hold(conversation, ["/model mine", "/model"])
    said = capsys.readouterr().err
    assert "'mine' is a provider and no model: write mine:MODEL" in said
    assert said.rstrip().endswith("replay:demo")


def test_another_model_is_asked_from_now_on(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, ["/model other", HELLO, "/model replay:demo", HELLO, "/model nobody:x", "/model"])
    assert conversation.talk.name == "replay:demo"
    said = capsys.readouterr().err
    assert "nothing was recorded for the model 'other'" in said
    assert "'nobody'" in said
    assert len(conversation.history) == 2


def test_instructions_can_be_changed(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, ["/system", "/system Be long"])
    assert conversation.head == (system("Be long"),)
    assert "Be brief" in capsys.readouterr().err


def test_usage_is_the_sum(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, [HELLO, STORY, "/usage"])
    assert "2 answers, tokens: 21 input, 85 output" in capsys.readouterr().err


def test_undo_and_clear_forget(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, [HELLO, STORY, "/undo"])
    assert [message.text for message in conversation.history[::2]] == [HELLO]
    hold(conversation, ["/clear", "/undo"])
    assert conversation.messages == conversation.head
    assert "nothing to undo" in capsys.readouterr().err


def test_retry_takes_the_place_of_the_last_answer(conversation: Conversation) -> None:
    hold(conversation, ["/retry", HELLO, "/retry"])
    assert len(conversation.history) == 2
    assert len(conversation.usages) == 2


def test_retry_asks_a_question_that_failed(conversation: Conversation, capsys: pytest.CaptureFixture[str]) -> None:
    hold(conversation, [HELLO, "are you busy?", "/retry"])
    assert len(conversation.history) == 2
    assert capsys.readouterr().err.count("Error: ") == 2


def test_retry_asks_again_what_was_taken_back(conversation: Conversation) -> None:
    hold(conversation, [HELLO, STORY, "/undo", "/retry"])
    assert [message.text for message in conversation.history[::2]] == [HELLO, STORY]
    hold(conversation, ["/undo", "/undo", "/retry"])
    assert [message.text for message in conversation.history[::2]] == [HELLO]


def test_retry_leaves_an_earlier_answer_to_the_same_question(conversation: Conversation) -> None:
    hold(conversation, [HELLO, HELLO, "/undo"])
    before = conversation.history
    hold(conversation, ["/retry"])
    assert conversation.history[:2] == before
    assert len(conversation.history) == 4


def test_retry_of_a_failure_leaves_an_earlier_answer_to_the_same_question(conversation: Conversation) -> None:
    hold(conversation, [HELLO, "/model other", HELLO, "/model replay:demo", "/retry"])
    assert [message.text for message in conversation.history[::2]] == [HELLO, HELLO]


def test_a_conversation_is_saved_and_goes_on_elsewhere(conversation: Conversation, tmp_path: Path) -> None:
    file = tmp_path / "talk.json"
    hold(conversation, [HELLO, f"/save {file}", STORY, f"/save {file}"])
    other = held(Flags())
    hold(other, [f"/load {file}", "/retry"])
    assert other.head == conversation.head
    assert len(other.history) == 4


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_saved_conversation_is_its_owners_alone(conversation: Conversation, tmp_path: Path) -> None:
    file = tmp_path / "talk.json"
    before = os.umask(0o022)
    try:
        hold(conversation, [f"/save {file}"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_of_something_else_is_not_overwritten(
    conversation: Conversation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "thesis.txt"
    file.write_text("precious")
    hold(conversation, [f"/save {file}", f"/load {file}", "/save", "/load", f"/load {tmp_path / 'nowhere'}"])
    assert file.read_text() == "precious"
    assert capsys.readouterr().err.count("Error: ") == 5


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_is_said_and_the_conversation_goes_on(
    conversation: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    hold(conversation, [f"/save {FULL}", HELLO])
    assert "No space left on device" in capsys.readouterr().err
    assert len(conversation.history) == 2
