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
    assert "nothing is set up: along:demo answers" in done.stderr


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
