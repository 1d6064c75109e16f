from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import platformdirs
import pytest

from chat_core.errors import ConfigurationError
from chat_core.plugins.settings import SettingsFile, UserSettings, config_home, user_settings

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
model = "mine:small"

[providers.mine]
like = "vllm"
base_url = "http://gpu.example:8000/v1"
env = ["MY_KEY"]
temperature = 0.5
"""


def test_the_folder_is_the_one_that_the_variable_names(tmp_path: Path) -> None:
    assert config_home({"CHAT_HOME": str(tmp_path)}) == tmp_path


def test_a_tilde_in_the_variable_is_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_home({"CHAT_HOME": "~/settings"}) == tmp_path / "settings"


def test_without_the_variable_the_folder_is_the_platforms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = config_home({})
    assert folder.name == "chat"
    assert folder.is_absolute()
    assert config_home({"CHAT_HOME": ""}) == folder


def test_an_absent_file_is_an_empty_one(tmp_path: Path) -> None:
    environ = {"CHAT_HOME": str(tmp_path / "nowhere")}
    assert user_settings(environ) == UserSettings(path=tmp_path / "nowhere" / "config.toml")


def test_the_file_names_a_model_and_providers(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(GOOD)
    settings = user_settings({"CHAT_HOME": str(tmp_path)})
    assert settings.path == tmp_path / "config.toml"
    assert settings.model == "mine:small"
    assert settings.providers == {
        "mine": {
            "like": "vllm",
            "base_url": "http://gpu.example:8000/v1",
            "env": ["MY_KEY"],
            "temperature": 0.5,
        }
    }
    assert "gpu.example" not in repr(settings)  # a header among the settings may hold a secret


def test_the_file_says_what_is_kept_and_where(tmp_path: Path) -> None:
    environ = {"CHAT_HOME": str(tmp_path)}
    assert (user_settings(environ).log, user_settings(environ).store) == (True, None)
    (tmp_path / "config.toml").write_text("log = 'no-content'\nstore = 'postgres://me:secret@db.example/x'")
    settings = user_settings(environ)
    assert (settings.log, settings.store) == ("no-content", "postgres://me:secret@db.example/x")
    assert "secret" not in repr(settings)


def test_the_file_names_models_for_some_tasks(tmp_path: Path) -> None:
    environ = {"CHAT_HOME": str(tmp_path)}
    assert user_settings(environ).models == {}
    (tmp_path / "config.toml").write_text("[models]\nembed = 'local:small'\nimage = 'openai:x'")
    assert user_settings(environ).models == {"embed": "local:small", "image": "openai:x"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models = 3", r"models is a table: write \[models\] and below it embed = "),
        (
            "[models]\nembd = 'a:b'",
            r"holds 'embd' in \[models\], which is nothing. Did you mean 'embed'\? Known: embed, ",
        ),
        ("[models]\nembed = ''", "embed takes a text of the kind \"provider:model\", not ''"),
        ("modle = 'a:b'", r"holds 'modle', which is nothing. Did you mean 'model'\? Known: model, models, "),
        ("model = 3", 'model takes a text of the kind "provider:model", not 3'),
        ("model = ' '", "model takes a text"),
        ("log = 'some'", "log takes true, false or \"no-content\", not 'some'"),
        ("log = 1", "log takes true"),
        ("store = 'chats'", 'store takes a text of the kind "NAME:ADDRESS"'),
        ("store = 3", "store takes a text"),
        ("model = 'a:b'\n[providers\nx = 1", "is no TOML: .*line 2"),
        ("providers = 'x'", r"providers are tables: write \[providers.NAME\]"),
        ("[providers]\nmine = 'x'", r"providers.mine is no table: write \[providers.mine\]"),
        ("[providers.mine]\nsince = 2026-01-01", "providers.mine.since is a date"),
        ("[providers.mine]\nlimit = inf", "providers.mine.limit is a float"),
        (f"a = {'[' * 5000}{']' * 5000}", "is no TOML"),
    ],
)
def test_what_the_file_gets_wrong_is_said_with_its_place_and_the_fix(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=words) as error:
        user_settings({"CHAT_HOME": str(tmp_path)})
    assert str(tmp_path / "config.toml") in str(error.value)


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"# fine\nmodel = '\xff'")
    with pytest.raises(ConfigurationError, match=r"is not UTF-8 \(at line 2\)"):
        user_settings({"CHAT_HOME": str(tmp_path)})


def test_a_folder_in_the_place_of_the_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(ConfigurationError, match=r"config.toml cannot be read \(Is a directory\)"):
        user_settings({"CHAT_HOME": str(tmp_path)})


def test_a_file_is_parsed_again_only_when_it_changed(tmp_path: Path) -> None:
    read = SettingsFile({"CHAT_HOME": str(tmp_path)})
    assert read().model is None
    file = tmp_path / "config.toml"
    file.write_text("model = 'a:b'")
    first = read()
    assert first.model == "a:b"
    assert read() is first
    file.write_text("model = 'c:d'")
    os.utime(file, ns=(1, 1))
    assert read().model == "c:d"
    file.unlink()
    assert read().model is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked itself")
@pytest.mark.parametrize("config", [None, "", "relative/place", "/absolute/place", "/with/slash/"])
@pytest.mark.parametrize("home", [None, "", "relative", "/home/somebody"])
def test_the_folder_is_that_of_platformdirs(
    monkeypatch: pytest.MonkeyPatch, config: str | None, home: str | None
) -> None:
    for name, value in (("XDG_CONFIG_HOME", config), ("HOME", home)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    assert config_home({}) == platformdirs.user_config_path("chat", appauthor=False)
