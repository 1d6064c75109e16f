from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

from running import install

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

FAR = """
from chat_core.demo import Demo
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderSpec

@hookimpl
def chat_providers():
    yield ProviderSpec(name="far", load=lambda config: Demo(), env=("FAR_KEY",), api=1)
"""


def test_a_key_is_read_from_standard_input_and_never_shown(chat: Chat, home: Path) -> None:
    done = chat("keys", "set", "replay", stdin="sk-secret\n")
    assert done.returncode == 0
    file = home / "keys.json"
    assert json.loads(file.read_text()) == {"replay": "sk-secret"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = [done, chat("keys", "list"), chat("keys", "list", "--json"), chat("keys", "path"), chat("doctor")]
    assert [each.returncode for each in said] == [0] * 5
    assert "sk-secret" not in "".join(each.stdout + each.stderr for each in said)
    assert said[1].stdout == "replay\n"
    assert json.loads(said[2].stdout) == {"keys": ["replay"]}
    assert said[3].stdout == f"{file}\n"


def test_a_key_is_kept_whole_or_not_at_all(chat: Chat, home: Path) -> None:
    done = chat("keys", "set", "replay", stdin="k" * 70_000)
    assert done.returncode == 2
    assert "longer than 65536 characters" in done.stderr
    assert not (home / "keys.json").exists()


def test_an_empty_standard_input_is_told_in_the_words_of_the_command_line(chat: Chat, home: Path) -> None:
    done = chat("keys", "set", "replay")
    assert done.returncode == 2
    assert "standard input is empty: pipe the key in" in done.stderr
    assert not (home / "keys.json").exists()


def test_a_damaged_key_is_told_and_mended(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "keys.json").write_text('{"far": 3, "replay": "k"}')
    (home / "keys.json").chmod(0o600)
    assert chat("-m", "replay:demo", "Hello").returncode == 0
    listed = chat("keys", "list")
    assert (listed.returncode, listed.stdout) == (3, "replay\n")
    assert "the key of 'far' is no text: run `chat keys set far`" in listed.stderr
    assert chat("keys", "remove", "far").returncode == 0
    assert chat("keys", "list").returncode == 0


def test_a_key_is_no_argument(chat: Chat) -> None:
    assert chat("keys", "set", "replay", "sk-secret").returncode == 2


def test_a_key_of_nobody_is_refused(chat: Chat, home: Path) -> None:
    done = chat("keys", "set", "reply", stdin="k")
    assert done.returncode == 3
    assert "Did you mean 'replay'?" in done.stderr
    assert not (home / "keys.json").exists()


def test_a_file_that_others_can_read_is_refused_with_the_fix(chat: Chat, home: Path) -> None:
    chat("keys", "set", "replay", stdin="k")
    (home / "keys.json").chmod(0o644)
    done = chat("keys", "list")
    assert done.returncode == 3
    assert f"chmod 600 {home / 'keys.json'}" in done.stderr
    assert chat("doctor").returncode == 3


def test_a_key_can_be_forgotten(chat: Chat) -> None:
    chat("keys", "set", "replay", stdin="k")
    assert chat("keys", "remove", "replay").returncode == 0
    assert chat("keys", "list").stdout == ""
    assert "has no key for 'replay'" in chat("keys", "remove", "replay").stderr


def test_a_variable_that_the_file_goes_before_is_told_wherever_keys_are(chat: Chat, tmp_path: Path) -> None:
    env = {**install(tmp_path, "chat-far", {"far": "far_plugin"}, far_plugin=FAR), "FAR_KEY": "sk-secret"}
    said = "The key of far in the file goes before FAR_KEY, which is set too"
    assert said in chat("keys", "set", "far", stdin="k", env=env).stderr
    listed = chat("keys", "list", env=env)
    assert (listed.returncode, listed.stdout) == (0, "far\n")
    assert said in listed.stderr
    assert "key from key file, before FAR_KEY, which is set too" in chat("doctor", env=env).stdout
    (far,) = (
        each for each in json.loads(chat("doctor", "--json", env=env).stdout)["providers"] if each["name"] == "far"
    )
    assert (far["key"], far["key_before"]) == ("key file", "FAR_KEY")
    assert "goes before" not in chat("keys", "list", env={**env, "FAR_KEY": ""}).stderr
