"""Plugins and the log are told what calls do, when the environment asks for it and not before."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from installed import install

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = """
from chat_core.plugins.hooks import hookimpl

@hookimpl
def chat_observe(event):
    print(event["type"], event["provider"])
"""
BROKEN = """
from chat_core.plugins.hooks import hookimpl

@hookimpl
def chat_observe(event):
    raise RuntimeError("no eyes")
"""
PROGRAM = "from chat_core import Chat; print(Chat('replay:demo').complete('Hello').text[:5])"


def run(folder: Path, **asked: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(folder), **asked}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True, timeout=60)


def test_observers_are_told_only_when_asked_for(tmp_path: Path) -> None:
    install(tmp_path, "eyes", {"command.eyes": "eyes_plugin"}, eyes_plugin=PLUGIN)
    assert run(tmp_path).stdout.split() == ["Hello"]
    told = run(tmp_path, CHAT_OBSERVE="1").stdout.splitlines()
    assert told == ["call.start replay", "call.end replay", "Hello"]


def test_an_observer_that_fails_harms_no_call(tmp_path: Path) -> None:
    install(tmp_path, "blind", {"command.blind": "blind_plugin"}, blind_plugin=BROKEN)
    assert run(tmp_path, CHAT_OBSERVE="1").stdout.split() == ["Hello"]


def test_the_log_says_what_calls_do_and_not_what_is_said(tmp_path: Path) -> None:
    assert run(tmp_path).stderr == ""
    log = run(tmp_path, CHAT_LOG="debug").stderr
    assert "type=call.start provider=replay" in log
    assert "type=call.end provider=replay" in log
    assert "Hello" not in log
