from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running import DEMO

from chat_cli.speak import speak
from chat_core import media

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat


def test_a_sound_is_written_to_a_file_of_its_kind(chat: Chat, tmp_path: Path) -> None:
    done = chat("speak", "Hello", "-o", str(tmp_path / "a.wav"), "-m", DEMO, "--voice", "v", "--speed", "2")
    assert (done.returncode, done.stdout) == (0, "")
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == ["voice", "format", "speed"]
    assert media.sniff((tmp_path / "a.wav").read_bytes()) == "audio/wav"


def test_a_sound_goes_into_a_program(chat: Chat) -> None:
    done = chat("speak", "-m", DEMO, stdin="Hello")
    assert done.stdout.startswith("RIFF")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_keeps_what_it_was_when_no_sound_comes(chat: Chat, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("before")
    done = chat("speak", "Hello", "-o", str(tmp_path / "a.wav"), "-m", "replay:other")
    assert done.returncode == 3
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir() if path.is_file()] == [("a.wav", "before")]


def test_no_words_are_an_error(chat: Chat) -> None:
    done = chat("speak", "-m", DEMO)
    assert done.returncode == 2
    assert "there are no words: chat speak 'Hello' -o hello.mp3" in done.stderr
    assert "standard input is no UTF-8 text" in chat("speak", "-m", DEMO, stdin=b"\xff").stderr


def test_a_sound_is_not_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(Exception, match="sound is no text: name a file with -o FILE, or pipe it into a program"):
        speak.main(["Hello", "-m", DEMO], standalone_mode=False)
