"""The command line in a real terminal (tmux) against aimock: Ctrl-C, resize, approvals, kills, a full disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.proving.asking import BASES
from tests.proving.counterparts import Ground

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

SECONDS = 15.0
ENDED = "ended with 0"
DRIP = "a token every hundred milliseconds"
LONG = " ".join(["0123456789"] * 20)


class Terminal:
    """A terminal of its own server, so that nobody else's sessions are touched."""

    def __init__(self, folder: Path) -> None:
        self._tmux = ["tmux", "-S", str(folder / "tmux"), "-f", os.devnull]

    def start(self, command: list[str], env: dict[str, str], columns: int = 80) -> None:
        # the shell says how the program ended, and stays when it is interrupted
        script = f'trap : INT; "$@"; echo "{ENDED[:-1]}$?"; exec sleep 600'
        told = ["sh", "-c", script, "sh"]
        words = [*told, "env", *(f"{name}={value}" for name, value in env.items()), *command]
        self._run("new-session", "-d", "-x", str(columns), "-y", "40", *words, ";", "set", "remain-on-exit", "on")

    def type(self, text: str, *keys: str) -> None:
        if text:
            self._run("send-keys", "-l", text)
        if keys:
            self._run("send-keys", *keys)

    def say(self, text: str) -> None:
        self.type(text, "Enter")

    def resize(self, columns: int) -> None:
        self._run("resize-window", "-x", str(columns), "-y", "40")

    def screen(self, *options: str) -> str:
        return self._run("capture-pane", "-p", *options)

    def see(self, words: str, times: int = 1) -> str:
        """Wait until words are on the screen so many times and return the screen."""
        until = time.monotonic() + SECONDS
        while (shown := self.screen("-J", "-S", "-")).count(words) < times:
            assert time.monotonic() < until, f"{words!r} did not appear {times} times in:\n{shown}"
            time.sleep(0.05)
        return shown

    def prompt(self, times: int) -> str:
        """Wait for so many prompts."""
        until = time.monotonic() + SECONDS
        while prompts(shown := self.screen("-S", "-")) < times:
            assert time.monotonic() < until, f"no prompt number {times} in:\n{shown}"
            time.sleep(0.05)
        return shown

    def leave(self) -> str:
        """Type Ctrl-D until the program has ended well: what is typed while a prompt is being drawn can be lost."""
        until = time.monotonic() + SECONDS
        while ENDED not in (shown := self.screen("-J", "-S", "-")):
            assert time.monotonic() < until, f"the program has not ended:\n{shown}"
            self.type("", "C-d")
            time.sleep(0.5)
        return shown

    def ready(self) -> None:
        """Wait until the program waits for input: what is typed before may mean something else to it."""
        until = time.monotonic() + SECONDS
        while (shown := self.screen().split("\n"))[
            max(place for place, line in enumerate(shown) if line)
        ].strip() != ">":
            assert time.monotonic() < until, f"no empty prompt at the end of:\n{shown}"
            time.sleep(0.05)

    def kill(self) -> None:
        shell = int(self._run("display-message", "-p", "#{pane_pid}"))
        for child in Path(f"/proc/{shell}/task/{shell}/children").read_text(encoding="utf-8").split():
            os.kill(int(child), signal.SIGKILL)

    def close(self) -> None:
        self._run("kill-server")

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=True, timeout=SECONDS)
        return done.stdout


def prompts(shown: str) -> int:
    return sum(line.startswith(">") for line in shown.splitlines())


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    running = Terminal(tmp_path)
    yield running
    running.close()


TOOLS = """
import time
from pathlib import Path

from chat_core import tool

RAN = Path(__file__).with_name("ran")


def ran(name: str) -> None:
    with RAN.open("a") as file:
        file.write(name + "\\n")


@tool
def get_weather(city: str) -> str:
    ran(city)
    if city == "Rome":
        time.sleep(60)
    return f"21 degrees in {city}"


@tool
def get_time(zone: str) -> str:
    ran(zone)
    return "noon"
"""
"""Two tools, of which one takes long in Rome."""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    file = tmp_path / "tools.py"
    file.write_text(TOOLS)
    return file


def ran(tools: Path, lines: int) -> list[str]:
    """Wait for so many runs of tools, and say what ran."""
    file = tools.with_name("ran")
    until = time.monotonic() + SECONDS
    while len(found := file.read_text().splitlines() if file.exists() else []) < lines:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


def talk(terminal: Terminal, provider: str, server: str, home: Path, *more: str) -> None:
    """Begin a conversation."""
    given = {"-m": f"{provider}:m", "--base-url": server + BASES[provider], "--key": "k", "--retries": "0"}
    words = [*(word for pair in given.items() for word in pair), *more]
    env = {"CHAT_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    terminal.start([sys.executable, "-m", "chat_cli", *words], env)
    terminal.prompt(1)


def test_a_conversation_remembers_what_was_said(terminal: Terminal, provider: str, aimock: str, tmp_path: Path) -> None:
    talk(terminal, provider, aimock, tmp_path / "home")
    terminal.say("turn")
    terminal.see("first turn")
    terminal.prompt(2)
    terminal.say("turn")
    terminal.see("second turn")
    terminal.prompt(3)
    terminal.say("counted")
    terminal.see("Counted.")
    terminal.say("/usage")
    terminal.see("3 answers, tokens: ")
    assert "Traceback" not in terminal.leave()


def test_reasoning_and_lines_look_right(terminal: Terminal, aimock: str, tmp_path: Path) -> None:
    talk(terminal, "claude", aimock, tmp_path / "home")
    terminal.say("think hard")
    terminal.see("Decided.")
    shown = terminal.screen("-e")
    assert "\x1b[2mFirst I consider. Then I decide." in shown
    assert "\x1b[2mDecided" not in shown
    terminal.prompt(2)
    terminal.say("long answer")
    terminal.prompt(3)
    lines = [line for line in terminal.screen().splitlines() if line.startswith("0123")]
    assert " ".join(lines) == LONG
    assert {len(line) for line in lines[:-1]} == {76}  # seven words in eighty columns


def test_ctrl_c_cancels_the_answer_and_not_the_program(
    terminal: Terminal, provider: str, aimock: str, tmp_path: Path
) -> None:
    talk(terminal, provider, aimock, tmp_path / "home")
    terminal.say("fault:slow-drip")
    terminal.see("a token")
    terminal.type("", "C-c")
    shown = terminal.see("cancelled")
    assert DRIP not in shown
    terminal.prompt(2)
    terminal.say("hello")
    terminal.see("Hello from aimock.")
    terminal.say(f"/save {tmp_path / 'talk.json'}")
    terminal.see("saved 4 messages")


def test_a_resize_in_the_middle_garbles_and_repeats_nothing(
    terminal: Terminal, provider: str, aimock: str, tmp_path: Path
) -> None:
    talk(terminal, provider, aimock, tmp_path / "home")
    terminal.say("fault:slow-drip")
    terminal.see("a token")
    for columns in (30, 100, 25, 80):
        terminal.resize(columns)
        time.sleep(0.2)
    shown = " ".join(terminal.prompt(2).split())
    assert shown.count(DRIP) == 1
    assert shown.count("fault:slow-drip") == 1
    terminal.say("hello")
    terminal.see("Hello from aimock.")


def test_a_server_that_is_killed_in_the_middle_ends_the_turn_only(
    terminal: Terminal, aimock: str, tmp_path: Path
) -> None:
    with another(aimock, tmp_path / "server") as server:
        talk(terminal, "openai-chat", server, tmp_path / "home")
        terminal.say("hello")
        terminal.see("Hello from aimock.")
        terminal.prompt(2)
        terminal.say("fault:slow-drip")
        terminal.see("a token")
        kill(tmp_path / "server")
        terminal.see("Error: ")
    terminal.see("/retry asks it again")
    terminal.prompt(3)
    terminal.say("/retry")
    terminal.see("Error: ", 2)
    terminal.say("/usage")
    assert "Traceback" not in terminal.see("1 answer, ")


@contextmanager
def another(aimock: str, state: Path) -> Generator[str]:
    """Run a server beside the one of all tests, to be stopped alone."""
    ground = Ground(Path(os.environ["CHAT_PROVING"]), state)
    state.mkdir()
    ground.install("aimock")
    with ground.running("aimock") as url:
        assert url != aimock
        yield url


def kill(state: Path) -> None:
    """Kill the server that runs in a folder, without giving it the time to end what it says."""
    (file,) = state.rglob("pid")
    os.kill(int(file.read_text().split()[0]), signal.SIGKILL)


@contextmanager
def full_disk(folder: Path) -> Generator[Path]:
    """Give a folder on a disk of one page that is full; mounting takes rights that not everybody has."""
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not made or made.returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        (folder / "filler").write_bytes(b"x" * 4096)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_human_decides_about_calls(
    terminal: Terminal, provider: str, aimock: str, tmp_path: Path, tools: Path
) -> None:
    talk(terminal, provider, aimock, tmp_path / "home", "-T", str(tools), "--approve")
    terminal.say("weather in Paris")
    shown = terminal.see("[q]uit?")
    assert '"city": "Paris"' in shown
    assert not tools.with_name("ran").exists()
    terminal.resize(60)
    terminal.say("y")
    terminal.see("← 21 degrees in Paris")
    terminal.see("It is 21 degrees in Paris.")
    terminal.prompt(2)
    terminal.say("weather in Paris")
    terminal.see("[q]uit?", 2)
    terminal.type("", "C-c")
    terminal.see("calls wait")
    terminal.prompt(3)
    assert ran(tools, 1) == ["Paris"]
    terminal.ready()
    assert "Traceback" not in terminal.leave()


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Terminal]:
    """Give another terminal."""
    folder = tmp_path / "again"
    folder.mkdir()
    running = Terminal(folder)
    yield running
    running.close()


def test_a_conversation_goes_on_after_the_program_was_killed_and_no_tool_runs_twice(
    terminal: Terminal, again: Terminal, provider: str, aimock: str, tmp_path: Path, tools: Path
) -> None:
    talk(terminal, provider, aimock, tmp_path / "home", "-T", str(tools))
    terminal.say("hello")
    terminal.see("Hello from aimock.")
    terminal.prompt(2)
    terminal.say("two tools")
    terminal.see("← get_time: noon")
    assert sorted(ran(tools, 2)) == ["Europe/Rome", "Rome"]
    terminal.kill()
    talk(again, provider, aimock, tmp_path / "home", "-T", str(tools), "-c")
    again.see("goes on after 4 messages")
    again.say("hello")
    for number in (1, 2):
        again.see("[q]uit?", number)
        again.say("y")
    again.see("interrupted: the program was ended while this call ran")
    again.see("Both done.")
    again.see("Hello from aimock.")
    assert len(ran(tools, 2)) == 2


def test_a_full_disk_is_said_and_the_conversation_goes_on(terminal: Terminal, aimock: str, tmp_path: Path) -> None:
    with full_disk(tmp_path / "full") as home:
        talk(terminal, "claude", aimock, home)
        terminal.say("hello")
        terminal.see("what you type is not remembered")
        terminal.see("Hello from aimock.")
        terminal.prompt(2)
        terminal.say(f"/save {home / 'talk.json'}")
        terminal.see("Error: ")
        assert "No space left on device" in terminal.screen()
        terminal.say("turn")
        shown = terminal.see("turn", 2)
        assert shown.count("not remembered") == 1
        terminal.ready()
        terminal.leave()
