from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from running import install

from chat_cli.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

COMMAND = """
import click
from chat_core.plugins.hooks import hookimpl

@click.command()
def pull():
    '''Fetch a model.'''
    click.echo("pulled")

@hookimpl
def chat_commands(cli):
    cli.add_command(pull)
    cli.add_command(pull, "ask")
"""
BUDGET = 0.15
"""Most CPU seconds over those of the bare interpreter."""


@pytest.fixture
def plugins(tmp_path: Path) -> dict[str, str]:
    """Install a plugin that works and one that does not."""
    install(tmp_path, "chat-bad", {"command.spoilt": "mod_bad"}, mod_bad="raise RuntimeError('spoilt')")
    return install(tmp_path, "chat-good", {"command.pull": "mod_good"}, mod_good=COMMAND)


def test_what_is_no_command_is_a_question(chat: Chat) -> None:
    assert "recording" in chat("Hello", "there", "-m", "replay:demo").stdout
    assert "recording" in chat("-m", "replay:demo", "models").stdout


@pytest.mark.parametrize("arguments", [("ask", "models"), ("--", "models"), ("-m", "replay:demo", "models")])
def test_a_question_may_be_the_name_of_a_command(chat: Chat, arguments: tuple[str, ...]) -> None:
    assert "recording" in chat(*arguments, env={"CHAT_MODEL": "replay:demo"}).stdout


@pytest.mark.parametrize(("word", "meant"), [("modles", "models"), ("doctr", "doctor"), ("log", "logs")])
def test_a_slip_of_one_word_is_not_asked(chat: Chat, word: str, meant: str) -> None:
    done = chat(word)
    assert done.returncode == 2
    assert f"did you mean `chat {meant}`? To ask it as a question: chat -- {word}" in done.stderr
    for asked in (("--", word), ("ask", word), (word, "please")):
        assert chat(*asked, env={"CHAT_MODEL": "replay:demo"}).stdout.startswith("Hello!")


@pytest.mark.parametrize(
    ("word", "meant"),
    [("help", "--help"), ("version", "--version"), ("login", "keys set PROVIDER"), ("config", "doctor")],
)
def test_a_command_of_other_programs_is_not_asked(chat: Chat, word: str, meant: str) -> None:
    done = chat(word)
    assert done.returncode == 2
    assert f"did you mean `chat {meant}`?" in done.stderr
    assert chat(word, "me", env={"CHAT_MODEL": "replay:demo"}).stdout.startswith("Hello!")


WITHOUT = """
from chat_core.plugins import entries
all_entries = entries.installed
entries.installed = lambda: tuple(entry for entry in all_entries() if not entry.label.startswith("command."))
"""


@pytest.mark.parametrize(("word", "package"), [("local", "chat-local"), ("ollama", "chat-ollama")])
def test_a_command_of_a_package_that_is_not_installed_is_not_asked(tmp_path: Path, word: str, package: str) -> None:
    (tmp_path / "without.py").write_text(f"{WITHOUT}\nfrom chat_cli.main import main\nmain()\n")
    run = [sys.executable, str(tmp_path / "without.py")]
    done = subprocess.run([*run, word, "pull", "x"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"`chat {word}` comes with {package}: install it" in done.stderr
    asked = [*run, "ask", "-m", "replay:demo", word, "pull"]
    assert subprocess.run(asked, capture_output=True, text=True, check=False).stdout.startswith("Hello!")


def test_a_command_of_a_package_that_is_kept_out_says_so(chat: Chat) -> None:
    pytest.importorskip("chat_ollama", reason="a package of its own")
    done = chat("ollama", "list", env={"CHAT_PLUGINS_BLOCK": "chat-ollama"})
    assert done.returncode == 2
    assert "kept out by CHAT_PLUGINS_BLOCK" in done.stderr


@pytest.mark.parametrize("words", ["models of the atom", "keys of the house", "doctor who"])
def test_a_question_that_begins_with_a_command_is_told_how_to_be_asked(chat: Chat, words: str) -> None:
    done = chat(*words.split())
    assert done.returncode == 2
    assert "A question that begins with the name of a command: chat ask WORDS" in done.stderr


def test_a_key_among_the_arguments_is_not_offered_as_a_question(chat: Chat) -> None:
    assert "chat ask" not in chat("keys", "set", "replay", "sk-secret").stderr


def test_a_model_without_a_provider_is_told_the_form(chat: Chat) -> None:
    done = chat("-m", ":", "hi")
    assert done.returncode == 3
    assert done.stderr == "Error: no provider is named: write provider:model\n"


def test_a_word_that_is_like_no_command_is_a_question(chat: Chat) -> None:
    assert chat("hello", env={"CHAT_MODEL": "replay:demo"}).stdout.startswith("Hello!")


def test_a_command_of_a_plugin_works(chat: Chat, plugins: dict[str, str]) -> None:
    assert chat("pull", env=plugins).stdout == "pulled\n"


def test_a_broken_plugin_is_its_own_trouble(chat: Chat, plugins: dict[str, str]) -> None:
    done = chat("spoilt", env=plugins)
    assert done.returncode == 3
    assert done.stderr.startswith("Error: chat-bad 1.0: importing mod_bad raised RuntimeError: spoilt. Fix: ")
    shown = chat("--help", env=plugins)
    assert shown.returncode == 0
    assert "pull        Fetch a model." in shown.stdout
    assert "spoilt      (broken: `chat plugins` says why)" in shown.stdout
    assert "recording" in chat("-m", "replay:demo", "Hello", env=plugins).stdout


def test_a_plugin_cannot_replace_a_command(chat: Chat, plugins: dict[str, str]) -> None:
    assert "recording" in chat("ask", "-m", "replay:demo", "Hello", env=plugins).stdout


def test_a_plugin_can_be_kept_out(chat: Chat, plugins: dict[str, str]) -> None:
    done = chat("pull", env={**plugins, "CHAT_PLUGINS_BLOCK": "chat-good", "CHAT_MODEL": "replay:demo"})
    assert "recording" in done.stdout


def test_a_command_that_two_packages_list_is_an_error_that_names_both(chat: Chat, tmp_path: Path) -> None:
    install(tmp_path, "chat-one", {"command.pull": "mod_one"}, mod_one=COMMAND)
    env = install(tmp_path, "chat-two", {"command.pull": "mod_two"}, mod_two=COMMAND)
    assert "claimed by chat-one 1.0 and chat-two 1.0" in chat("pull", env=env).stderr


def complete(words: str, **env: str) -> list[str]:
    count = len(words.split(" ")) - 1
    asked = {"_CHAT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count), **env}
    command = "from chat_cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command], env={**os.environ, **asked}, capture_output=True, text=True, check=False
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_the_shell_completes_commands_options_and_providers(plugins: dict[str, str]) -> None:
    assert complete("chat mo") == ["models"]
    assert complete("chat pu", **plugins) == ["pull"]
    assert "--schema" in complete("chat --sch")
    assert complete("chat -m rep") == ["replay:demo"]
    assert complete("chat -m replay:demo --retr") == ["--retries"]
    assert complete("chat keys se") == ["set"]


def test_the_shell_completes_providers_of_the_configuration_file(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text('[providers.mine]\nbase_url = "http://localhost:1/v1"\n')
    assert "mine:" in complete("chat -m mi")
    (home / "config.toml").write_text("[broken")
    assert complete("chat -m rep") == ["replay:demo"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("no bash here")
    command = [sys.executable, "-c", "from chat_cli.main import main; main()"]
    env = {**os.environ, "_CHAT_COMPLETE": f"{shell}_source"}
    assert "_CHAT_COMPLETE" in subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


def cpu_seconds(*arguments: str, **env: str) -> float:
    """Return the least CPU time of several runs: what others do at the time is not ours."""
    times: list[float] = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], env={**os.environ, **env}, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (("--version",), {}),
        (("--help",), {}),
        ((), {"_CHAT_COMPLETE": "bash_complete", "COMP_WORDS": "chat m", "COMP_CWORD": "1"}),
        ((), {"_CHAT_COMPLETE": "bash_complete", "COMP_WORDS": "chat -m r", "COMP_CWORD": "2"}),
    ],
    ids=["version", "help", "command", "model"],
)
def test_what_a_shell_waits_for_is_fast(arguments: tuple[str, ...], env: dict[str, str]) -> None:
    program = "from chat_cli.main import main; main()"
    assert cpu_seconds("-c", program, *arguments, **env) - cpu_seconds("-c", "pass") < BUDGET


def test_the_commands_load_neither_a_provider_nor_the_terminal_libraries() -> None:
    program = "import sys; import chat_cli.cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert not {"rich", "prompt_toolkit", "httpx", "pydantic_core", "chat_core.chat", "asyncio"} & set(loaded)


def test_every_command_says_what_it_is_for() -> None:
    assert all(command.short_help for command in cli.commands.values())
