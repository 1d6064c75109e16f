from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from running import install

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

TWO = """
from chat_core.demo import Demo
from chat_core.errors import ConfigurationError
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderSpec

class Near(Demo):
    base_url = "http://localhost:9"

def here(config):
    if config.base_url is None:
        raise ConfigurationError("give an address: pass base_url=")
    return Demo()

@hookimpl
def chat_providers():
    yield ProviderSpec(name="far", load=lambda config: Demo(), env=("FAR_KEY",), api=1)
    yield ProviderSpec(name="near", load=lambda config: Near(), api=1)
    yield ProviderSpec(name="here", load=here, api=1)
"""


def test_it_says_what_is_set_up_and_where_it_comes_from(chat: Chat, home: Path) -> None:
    done = chat("doctor", env={"CHAT_MODEL": "replay:demo", "https_proxy": "http://me:secret@proxy.example:1"})
    assert done.returncode == 0
    assert "replay:demo  from CHAT_MODEL" in done.stdout
    assert str(home / "config.toml") in done.stdout
    assert "ready: needs no key" in done.stdout
    assert "chat-core built in" in done.stdout
    assert "secret" not in done.stdout


def test_it_says_which_tasks_have_a_model_of_their_own(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("[models]\nembed = 'local:small'\n")
    assert f"  embed      local:small  from {home / 'config.toml'}\n" in chat("doctor").stdout
    assert json.loads(chat("doctor", "--json").stdout)["models"] == {"embed": "local:small"}


def test_what_nobody_set_up_is_no_problem(chat: Chat, tmp_path: Path) -> None:
    env = install(
        tmp_path, "chat-two", {"far": "two_plugin", "near": "two_plugin", "here": "two_plugin"}, two_plugin=TWO
    )
    done = chat("doctor", env=env)
    assert done.returncode == 0, done.stdout
    assert "far   " in done.stdout
    assert "not set up: set FAR_KEY, or run `chat keys set far`" in done.stdout
    assert "not set up: give an address: pass --base-url" in done.stdout
    assert "not asked: needs no key, http://localhost:9 (default)" in done.stdout
    states = {row["name"]: row["state"] for row in json.loads(chat("doctor", "--json", env=env).stdout)["providers"]}
    assert states == {**states, "far": "not set up", "near": "not asked", "here": "not set up", "replay": "ready"}


def test_a_provider_that_is_broken_is_a_problem_and_a_code(chat: Chat, tmp_path: Path) -> None:
    source = TWO.replace('raise ConfigurationError("give an address: pass base_url=")', "1 / 0")
    env = install(
        tmp_path, "chat-two", {"far": "two_plugin", "near": "two_plugin", "here": "two_plugin"}, two_plugin=source
    )
    done = chat("doctor", env=env)
    assert done.returncode == 3
    assert "raised ZeroDivisionError" in done.stdout


def test_a_broken_file_is_a_problem_and_a_code(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("model = [\n")
    done = chat("doctor", "--json")
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert "is no TOML" in found["problems"][0]
    assert found["plugins"]


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("config.toml", "model = [\n", "is no TOML"),
        ("keys.json", "{", "is no JSON object"),
        ("keys.json", '{"claude": 3}', "the key of 'claude' is no text"),
        ("keys.json", '{"far": 3}', "the key of 'far' is no text"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_once(chat: Chat, home: Path, file: str, text: str, words: str) -> None:
    home.mkdir()
    (home / file).write_text(text)
    (home / file).chmod(0o600)
    done = chat("doctor")
    assert done.returncode == 3
    assert done.stdout.count(words) == 1
    assert f"problem      {home / file}" in done.stdout


def test_plugins_are_listed_as_text_and_as_json(chat: Chat) -> None:
    assert "replay" in chat("plugins").stdout
    found = json.loads(chat("plugins", "--json").stdout)["plugins"]
    assert "chat-core" in [plugin["distribution"] for plugin in found]
