from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from running import install

from chat_cli import sources

if TYPE_CHECKING:
    from running import Chat

FILE = Path(__file__).with_name("tools_here.py")
SOURCE = """
from chat_core import tool

@tool
def first() -> str:
    return "1"

@tool
def second() -> str:
    return "2"

def plain(word: str) -> str:
    return word
"""
PLAIN = """
from os.path import join

def described(word: str, *, loud: bool = False) -> str:
    'Repeat a word.'
    return word

def bare(word: str) -> str:
    return word

def untyped(word):
    'Repeat a word.'
    return word

def _private(word: str) -> str:
    'Repeat a word.'
    return word
"""
HIDDEN = """
@tool
def _hidden() -> str:
    return "3"
"""
PLUGIN = """
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ToolsSpec

def load():
    from kit_tools import first
    return (first,)

@hookimpl
def chat_tools():
    yield ToolsSpec(name="kit", load=load, api=1)
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a module, a package and a file of tools."""
    folder = tmp_path / "work"
    (folder / "pack_of_tools").mkdir(parents=True)
    (folder / "pack_of_tools" / "__init__.py").write_text("")
    (folder / "pack_of_tools" / "inner.py").write_text(SOURCE)
    (folder / "loose_tools.py").write_text(SOURCE)
    (folder / "no_tools_here.py").write_text("x = 1\n")
    (folder / "plain_tools.py").write_text(PLAIN)
    (folder / "listed_tools.py").write_text('__all__ = ["_hidden"]\n' + SOURCE + HIDDEN)
    (folder / "broken_tools.py").write_text("1 / 0\n")
    (folder / "lacking_tools.py").write_text("import not_installed_anywhere\n")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return folder


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("loose_tools", ["first", "second"]),
        ("loose_tools:second", ["second"]),
        ("loose_tools.second", ["second"]),
        ("loose_tools:plain", ["plain"]),
        ("pack_of_tools.inner", ["first", "second"]),
        ("pack_of_tools.inner.first", ["first"]),
        ("./loose_tools.py", ["first", "second"]),
        ("loose_tools.py:first", ["first"]),
        ("plain_tools.py", ["described"]),
        ("plain_tools.py:bare", ["bare"]),
        ("listed_tools.py", ["_hidden"]),
        ("pack_of_tools/inner.py:second", ["second"]),
    ],
)
def test_each_form_names_its_tools(here: Path, source: str, names: list[str]) -> None:
    assert here == Path.cwd()
    assert [getattr(tool, "name", None) for tool in sources.tools([source])] == names


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "it is empty"),
        ("nowhere_at_all", "there is no such module or installed set; sets: none"),
        ("nowhere.at_all", "no module 'nowhere'"),
        ("loose_tools.third", "has no 'third'"),
        ("./third.py", "there is no file third.py"),
        ("./loose_tools.py:third", "it has no 'third'"),
        ("no_tools_here", "defines no tool"),
        ("no_tools_here.py", "-T no_tools_here.py: it defines no tool: write @tool above its functions, or give them"),
        ("plain_tools", "defines no tool"),
        ("broken_tools", "importing it raised ZeroDivisionError"),
        ("./broken_tools.py", "importing it raised ZeroDivisionError"),
        ("lacking_tools", "No module named 'not_installed_anywhere'"),
        ("pack_of_tools/", "there is no file pack_of_tools"),
    ],
)
def test_what_is_no_tool_says_so_and_which_source_it_was(here: Path, source: str, words: str) -> None:
    assert here == Path.cwd()
    with pytest.raises(click.UsageError) as caught:
        sources.tools([source])
    assert f"-T {source}: " in caught.value.message
    assert words in caught.value.message


def test_the_current_folder_is_searched_first_for_tools_and_last_by_them(here: Path) -> None:
    before = [*sys.path]
    sources.tools(["loose_tools"])
    assert sys.path == [*before, str(here)]


def test_a_file_in_the_folder_takes_no_part_in_an_installed_set(tmp_path: Path) -> None:
    env = install(tmp_path, "chat-kit", {"tools.kit": "kit_plugin"}, kit_plugin=PLUGIN, kit_tools=SOURCE)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "kit_tools.py").write_text("print('taken over')\n" + SOURCE)
    command = (sys.executable, "-P", "-m", "chat_cli", "-m", "replay:demo", "-T", "kit", "Hello")
    paths = os.pathsep.join(path for path in env["PYTHONPATH"].split(os.pathsep) if path)
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "taken over" in done.stdout) == (0, False), done.stderr


def test_an_installed_set_goes_by_its_name(chat: Chat, tmp_path: Path) -> None:
    env = install(tmp_path, "chat-kit", {"tools.kit": "kit_plugin"}, kit_plugin=PLUGIN, kit_tools=SOURCE)
    done = chat("-m", "replay:demo", "-T", "kit", "Hello", env=env)
    assert done.returncode == 0, done.stderr
    assert "sets: kit" in chat("-m", "replay:demo", "-T", "kid", "Hello", env=env).stderr
