from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from terminals import CHAT, Session

if TYPE_CHECKING:
    from running import Chat

DEMO = ("-m", "replay:demo")
FULL = Path("/dev/full")


def begun(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_an_answer_is_all_of_standard_output(chat: Chat) -> None:
    done = chat(*DEMO, "Hello")
    assert done.returncode == 0
    assert done.stdout.endswith("weather.\n")
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_a_reader_that_goes_away_ends_it_quietly(chat: Chat) -> None:
    with begun(*chat.command, *DEMO, "a story") as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.read(1)
        asked.stdout.close()
        assert asked.stderr.read() == b""
    assert asked.returncode == 141


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_is_one_line_and_a_code(chat: Chat) -> None:
    with FULL.open("w") as full:
        done = chat(*DEMO, "Hello", stdout=full)
    assert done.returncode == 1
    assert done.stderr == "Error: No space left on device\n"


@pytest.mark.parametrize(
    ("closed", "code", "out", "err"),
    [
        ("0<&-", 0, "weather.\n", ""),
        ("1>&-", 1, "", "Error: Bad file descriptor\n"),
        ("2>&-", 0, "weather.\n", ""),
    ],
)
def test_a_stream_that_was_closed_from_outside_is_no_traceback(
    chat: Chat, closed: str, code: int, out: str, err: str
) -> None:
    command = f"{shlex.join([*chat.command, *DEMO, 'Hello'])} {closed}"
    done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, err)
    assert done.stdout.endswith(out)


def test_an_interrupt_ends_it_with_its_code(chat: Chat) -> None:
    with begun(*chat.command, *DEMO, "a story") as asked:
        assert asked.stdout is not None
        asked.stdout.read(1)
        asked.send_signal(signal.SIGINT)
        _, said = asked.communicate(timeout=20)
    assert asked.returncode == 130
    assert b"Traceback" not in said


def test_a_text_that_the_terminal_cannot_spell_is_escaped(chat: Chat) -> None:
    done = chat(*DEMO, "a story", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert "\\u201c" in done.stdout


def test_a_mistake_is_a_usage_error(chat: Chat) -> None:
    done = chat("--no-such-option")
    assert done.returncode == 2
    assert "No such option" in done.stderr


def test_a_usage_error_cannot_steer_the_terminal() -> None:
    code, shown = Session(*CHAT, "-m", "replay:demo", "-a", "\x1b]0;pwned\x07", "Hello").end()
    assert code == 2
    assert "]0;pwned" in shown
    assert "\x1b]0" not in shown


def test_a_plugin_warning_is_one_line() -> None:
    program = "import warnings; from chat_cli import main; main._prepare(); warnings.warn('first\\nsecond')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stderr == "warning: first second\n"
