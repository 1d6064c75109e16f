from __future__ import annotations

import stat
from pathlib import Path

import pytest

from chat_cli import prompt
from chat_cli.prompt import Remembered, state_home

FULL = Path("/dev/full")


def test_what_was_typed_is_remembered_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "state" / "history"
    Remembered(file).store_string("one\ntwo")
    Remembered(file).store_string("three")
    assert list(Remembered(file).load_history_strings()) == ["three", "one\ntwo"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_long_history_forgets_its_older_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt, "LIMIT", 500)
    history = Remembered(tmp_path / "history")
    for number in range(30):
        history.store_string(f"question {number}")
    left = list(history.load_history_strings())
    assert left[0] == "question 29"
    assert 3 < len(left) < 15
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_is_a_warning_once(capsys: pytest.CaptureFixture[str]) -> None:
    history = Remembered(FULL)
    history.store_string("one")
    history.store_string("two")
    assert capsys.readouterr().err == "/dev/full: No space left on device; what you type is not remembered\n"


def test_the_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state_home({"CHAT_HOME": str(tmp_path)}) == tmp_path
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_home({}).name == "chat"
