from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from running import install

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat


@pytest.fixture(autouse=True)
def _built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no plugin in: a server of the developer's own may run on this machine."""
    monkeypatch.setenv("CHAT_PLUGINS", "")


def test_the_models_of_what_is_ready_are_listed(chat: Chat) -> None:
    done = chat("models")
    assert done.returncode == 0
    assert done.stdout == "replay:demo\n"
    assert done.stderr == ""


def test_a_word_keeps_the_models_that_hold_it(chat: Chat) -> None:
    assert chat("models", "DEM").stdout == "replay:demo\n"
    assert chat("models", "other").stdout == ""


def test_the_list_is_also_json(chat: Chat) -> None:
    found = json.loads(chat("models", "-m", "replay", "--json").stdout)
    assert found["errors"] == []
    assert [(model["model"], model["id"]) for model in found["models"]] == [("replay:demo", "demo")]


def test_a_provider_that_was_asked_for_and_fails_has_a_code(chat: Chat) -> None:
    done = chat("models", "-m", "reply:x", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["errors"][0]["error"] == "UnknownProvider"


ODD = """
from chat_core.codec.capabilities import Models
from chat_core.plugins.hooks import hookimpl
from chat_core.demo import Demo
from chat_core.plugins.spec import ProviderSpec

class Listing:
    def encode(self, *, after=None):
        raise KeyError("mistake")

class Odd(Demo):
    capabilities = {Models: Listing()}

@hookimpl
def chat_providers():
    yield ProviderSpec(name="odd", load=lambda config: Odd(name="odd"), api=1)
"""


def test_a_fault_in_one_provider_hides_no_other(chat: Chat, tmp_path: Path) -> None:
    env = install(tmp_path, "chat-odd", {"odd": "odd_plugin"}, odd_plugin=ODD)
    done = chat("models", env={**env, "CHAT_PLUGINS": "chat-odd"})
    assert (done.returncode, done.stdout) == (0, "replay:demo\n")
    assert done.stderr.startswith("odd: KeyError: 'mistake' (a fault of the program or a plugin")


def test_a_key_file_that_is_refused_is_an_error(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "keys.json").write_text('{"claude": "k"}')
    (home / "keys.json").chmod(0o644)
    done = chat("models")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"chmod 600 {home / 'keys.json'}" in done.stderr


def test_a_key_goes_to_one_provider_only(chat: Chat) -> None:
    assert chat("models", "--key", "k").returncode == 2
