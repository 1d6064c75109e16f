from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat


def test_it_says_what_is_set_up_and_where_it_comes_from(chat: Chat, home: Path) -> None:
    done = chat("doctor", env={"CHAT_MODEL": "replay:demo", "https_proxy": "http://me:secret@proxy.example:1"})
    assert done.returncode == 0
    assert "replay:demo  from CHAT_MODEL" in done.stdout
    assert str(home / "config.toml") in done.stdout
    assert "ready: needs no key" in done.stdout
    assert "chat-core built in" in done.stdout
    assert "secret" not in done.stdout


def test_a_broken_file_is_a_problem_and_a_code(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("model = [\n")
    done = chat("doctor", "--json")
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert "is no TOML" in found["problems"][0]
    assert found["plugins"]


def test_plugins_are_listed_as_text_and_as_json(chat: Chat) -> None:
    assert "replay" in chat("plugins").stdout
    found = json.loads(chat("plugins", "--json").stdout)["plugins"]
    assert "chat-core" in [plugin["distribution"] for plugin in found]
