from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from test_terminal import Terminal

from chat_cli.retries import REASONS, tell
from chat_cli.terminal import ERASE_LINE, WAITING, waiting
from chat_core import errors

if TYPE_CHECKING:
    from running import Chat

    from chat_core.jsonvalue import JSONObject


def test_further_attempts_are_told_while_they_are_waited_for(chat: Chat) -> None:
    done = chat("-m", "replay:demo", "--retries", "1", "Are you busy?")
    assert done.returncode == 4
    assert done.stderr.splitlines()[0] == "trying again: the service is overloaded"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"type": "call.retry", "delay": 4.2, "error": "RateLimited"}, "waiting 4 s: rate limited\n"),
        ({"type": "call.retry", "delay": 0.25, "error": "TimedOut"}, "waiting 0.2 s: no reply came in time\n"),
        ({"type": "call.retry", "delay": 0.0, "error": "ChainLost"}, "trying again: the service has lost"),
        ({"type": "call.retry", "delay": 1.0, "error": "Odd"}, "waiting 1 s: Odd\n"),
        ({"type": "call.end", "error": "RateLimited"}, ""),
    ],
)
def test_the_class_of_the_error_decides_about_the_words(
    capsys: pytest.CaptureFixture[str], event: JSONObject, words: str
) -> None:
    tell(event)
    assert capsys.readouterr().err.startswith(words)
    assert all(hasattr(errors, name) for name in REASONS)


def test_it_stands_above_the_word_that_a_terminal_shows_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    event: JSONObject = {"type": "call.retry", "delay": 4.0, "error": "RateLimited"}
    with waiting():
        tell(event)
    tell(event)
    shown = stream.getvalue().replace("\x1b[2m", "").replace("\x1b[0m", "")
    line = "waiting 4 s: rate limited\n"
    assert shown == f"{WAITING}{ERASE_LINE}{line}{WAITING}{ERASE_LINE}{line}"
