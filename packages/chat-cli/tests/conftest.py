"""A user without keys and files, and `chat` as a process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from running import Chat, install
from weighing import SOURCE

KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder for the user's files, and an environment that says nothing else."""
    folder = tmp_path / "home"
    for name in set(os.environ) - set(KEPT):
        monkeypatch.delenv(name)
    monkeypatch.setenv("CHAT_HOME", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm-256color")
    return folder


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def weighing(tmp_path: Path) -> dict[str, str]:
    """Install a provider that knows classes, pairs, orders, tokens and vectors, and one that knows none."""
    entries = {"weighing": "weights", "mute": "weights", "transport.fast": "weights"}
    return install(tmp_path / "site", "weighing", entries, weights=SOURCE)
