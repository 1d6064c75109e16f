"""Which model is asked when none is named: what the user says, or one that comes along where nothing is set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from running import install

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

ALONG = """
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderConfig, ProviderSpec

def load(config):
    from chat_core.plugins.registry import registry
    return registry().provider("replay").load(ProviderConfig())

@hookimpl
def chat_providers():
    yield ProviderSpec(name="along", load=load, transport="demo", ready_model="demo")
"""
BLOCK = {"CHAT_PLUGINS_BLOCK": "local"}


@pytest.fixture
def along(tmp_path: Path) -> dict[str, str]:
    return {**install(tmp_path / "site", "acme-along", {"along": "acme_along"}, acme_along=ALONG), **BLOCK}


def test_where_nothing_is_set_up_a_model_that_comes_along_answers(chat: Chat, along: dict[str, str]) -> None:
    done = chat("Tell me a story", env=along)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("A bridge")
    assert "nothing is set up: along:demo is asked" in done.stderr


@pytest.mark.parametrize(
    ("kept", "mode", "said"), [('{"along": "k"}', 0o644, "chmod 600"), ('{"x": 5}', 0o600, "no text")]
)
def test_a_key_file_that_is_refused_is_an_error_and_not_the_same_as_none(
    chat: Chat, along: dict[str, str], home: Path, kept: str, mode: int, said: str
) -> None:
    home.mkdir()
    (home / "keys.json").write_text(kept)
    (home / "keys.json").chmod(mode)
    done = chat("Hello", env=along)
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr


def test_a_model_that_is_not_known_is_told_with_who_names_it(chat: Chat, home: Path) -> None:
    assert "is from CHAT_MODEL" in chat("Hello", env={"CHAT_MODEL": "nowhere:m"}).stderr
    assert "is from" not in chat("Hello", "-m", "nowhere:m", env={"CHAT_MODEL": "nowhere:m"}).stderr
    home.mkdir()
    (home / "config.toml").write_text("model = 'nowhere:m'\n")
    done = chat("Hello")
    assert done.returncode == 3
    assert f"is from {home / 'config.toml'}" in done.stderr


def test_a_model_that_is_named_goes_before_it(chat: Chat, along: dict[str, str]) -> None:
    done = chat("Hello", env={**along, "CHAT_MODEL": "replay:demo"})
    assert done.returncode == 0, done.stderr
    assert "nothing is set up" not in done.stderr


def test_a_task_may_have_a_model_of_its_own(chat: Chat, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("model = 'far:away'\n[models]\nembed = 'replay:demo'\n")
    assert chat("embed", "a", env={"CHAT_MODEL": "far:away"}).returncode == 0
    for asked in (("embed", "a", "-m", "far:away"), ("classify", "a", "--labels", "b")):
        done = chat(*asked)
        assert done.returncode == 3
        assert "far" in done.stderr


def test_a_key_means_that_something_is_set_up(chat: Chat, along: dict[str, str]) -> None:
    keyed = ALONG + '    yield ProviderSpec(name="keyed", load=load, env=("KEYED_API_KEY",))\n'
    path = next(part for part in along["PYTHONPATH"].split(":") if part.endswith("site"))
    with open(f"{path}/acme_along.py", "w", encoding="utf-8") as file:  # noqa: PTH123 - the plugin is written anew
        file.write(keyed)
    info = f"{path}/acme_along-1.0.dist-info/entry_points.txt"
    with open(info, "a", encoding="utf-8") as file:  # noqa: PTH123 - as above
        file.write("keyed = acme_along\n")
    done = chat("Hello", env={**along, "KEYED_API_KEY": "k"})
    assert done.returncode == 3
    assert "pass -m keyed:MODEL, or set CHAT_MODEL" in done.stderr
    assert "There are keys for: keyed" in done.stderr
    assert "none: pass -m keyed:MODEL, or set CHAT_MODEL" in chat("doctor", env={**along, "KEYED_API_KEY": "k"}).stdout
    assert "none: along:demo answers questions" in chat("doctor", env=along).stdout


def test_without_either_the_error_says_what_could_be_done(chat: Chat) -> None:
    done = chat("Hello", env=BLOCK)
    assert done.returncode == 3
    assert "no model is named" in done.stderr


@pytest.mark.parametrize("task", ["image", "speak"])
def test_a_task_that_no_model_which_comes_along_can_do_names_who_has_one(chat: Chat, home: Path, task: str) -> None:
    done = chat(task, "a cat", "-o", str(home.with_name("out.png")))
    assert done.returncode == 3
    assert "no model is named" in done.stderr
    assert f"`{task}` under [models]" in done.stderr
    assert "Models for it are offered by: " in done.stderr
    assert "replay" in done.stderr.partition("offered by: ")[2]
    assert "answers" not in done.stderr


def test_a_key_of_a_provider_without_pictures_is_no_example_of_one_with_them(chat: Chat, tmp_path: Path) -> None:
    text_only = """
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderSpec
from chat_core.demo import Demo

class Words(Demo):
    capabilities = {}

@hookimpl
def chat_providers():
    yield ProviderSpec(name="aaa", load=lambda config: Words(), env=("AAA_KEY",), api=1)
"""
    env = {**install(tmp_path / "words", "acme-words", {"aaa": "acme_words"}, acme_words=text_only), "AAA_KEY": "k"}
    done = chat("image", "a cat", "-o", str(tmp_path / "out.png"), env=env)
    assert done.returncode == 3
    assert "pass -m provider:model" in done.stderr
    assert "pass -m aaa:MODEL" in chat("Hello", env=env).stderr
