"""`chat ollama`, with a real server on loopback: progress, lists, and what goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("chat_cli", reason="the command line is a package of its own")

from dataclasses import replace

from serving import lines, whole

from chat_core.testing.loopback import Answer, Loopback

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

LAYER: JSONObject = {"status": "pulling 7cd4", "digest": "sha256:7cd4", "total": 815310432, "completed": 9}
PULL = lines({"status": "pulling manifest"}, LAYER, {**LAYER, "completed": 815310432}, {"status": "success"})
COMMAND = [sys.executable, "-m", "chat_cli", "ollama"]


def chat(server: Loopback, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OLLAMA_HOST": server.address, "OLLAMA_BASE_URL": ""}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60, env=environment
    )


def test_a_pull_tells_its_progress_in_lines_where_no_terminal_is() -> None:
    with Loopback(PULL) as server:
        done = chat(server, "pull", "llama3.2")
    assert (done.returncode, done.stdout) == (0, "llama3.2 is there\n")
    assert done.stderr == "pulling manifest\npulling 7cd4 (815.3 MB)\nsuccess\n"
    assert json.loads(server.asked[0].body) == {"model": "llama3.2", "stream": True}


def test_a_pull_draws_bars_on_a_terminal() -> None:
    pexpect = pytest.importorskip("pexpect")
    with Loopback(PULL) as server:
        environment = {**os.environ, "OLLAMA_HOST": server.address, "OLLAMA_BASE_URL": "", "TERM": "xterm"}
        terminal = pexpect.spawn(COMMAND[0], [*COMMAND[1:], "pull", "m"], env=environment, encoding="utf-8", timeout=60)
        terminal.expect(pexpect.EOF)
    said = terminal.before
    assert "pulling 7cd4" in said
    assert "815.3/815.3 MB" in said
    assert "m is there" in said


def test_an_interrupted_pull_closes_its_connection_and_says_that_it_can_go_on() -> None:
    with Loopback(replace(lines({"status": "pulling manifest"}, LAYER), ending="silent")) as server:
        environment = {**os.environ, "OLLAMA_HOST": server.address, "OLLAMA_BASE_URL": ""}
        with subprocess.Popen(
            [*COMMAND, "pull", "m"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as pulling:
            assert pulling.stderr is not None
            while "pulling 7cd4" not in pulling.stderr.readline():
                pass
            pulling.send_signal(signal.SIGINT)
            _, said = pulling.communicate(timeout=30)
        assert server.left.wait(30)
    assert pulling.returncode == 130
    assert said == "Interrupted. What was fetched is kept; the same command goes on with it.\n"


def test_an_error_is_one_line_and_a_code() -> None:
    with Loopback(lines({"status": "pulling manifest"}, {"error": "no space left on device"})) as server:
        done = chat(server, "pull", "m")
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == "Error: no space left on device"


MODELS: JSONObject = {
    "models": [
        {"model": "llama3.2:3b", "size": 2019393189, "modified_at": "2026-06-19T17:15:40.188240254-07:00"},
        {"model": "qwen3\x1b[31m", "size": 7},
    ]
}


def test_models_are_listed_in_columns_of_tabs_or_as_json() -> None:
    with Loopback(whole(MODELS)) as server:
        plain, as_json = chat(server, "list"), chat(server, "list", "--json")
    assert plain.stdout.splitlines()[0] == "llama3.2:3b\t2.0 GB\t2026-06-19"
    assert "\x1b" not in plain.stdout
    assert json.loads(as_json.stdout)["models"][0] == {
        "model": "llama3.2:3b", "size": 2019393189, "modified_at": "2026-06-19T17:15:40.188240254-07:00",
    }  # fmt: skip


def test_a_server_without_models_lists_nothing() -> None:
    with Loopback(whole({"models": []})) as server:
        done = chat(server, "list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_model_is_shown() -> None:
    facts: JSONObject = {
        "capabilities": ["completion", "tools"],
        "details": {"family": "llama", "parameter_size": "3.2B"},
        "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
        "parameters": 'stop    "<|eot|>"\nnum_ctx    8',
    }
    with Loopback(whole(facts)) as server:
        plain, as_json = chat(server, "show", "m"), chat(server, "show", "m", "--json")
    assert plain.stdout.splitlines() == [
        "model\tm", "capabilities\tcompletion, tools", "context\t131072 tokens", "family\tllama",
        "parameter size\t3.2B", 'parameters\tstop "<|eot|>", num_ctx 8',
    ]  # fmt: skip
    assert json.loads(as_json.stdout)["model_info"]["llama.context_length"] == 131072


def test_models_that_are_loaded_are_listed() -> None:
    loaded: JSONObject = {"model": "m", "size": 7000, "expires_at": "2026-11-01T10:00:00Z"}
    with Loopback(whole({"models": [loaded]})) as server:
        plain, as_json = chat(server, "ps"), chat(server, "ps", "--json")
    assert plain.stdout.startswith("m\t7.0 kB\tuntil 2026-1")
    assert json.loads(as_json.stdout)["models"][0]["size"] == 7000


def test_models_are_copied_and_deleted() -> None:
    with Loopback(Answer()) as server:
        assert chat(server, "copy", "a", "b").returncode == 0
        assert chat(server, "delete", "a", "b").returncode == 0
    assert [(asked.path, json.loads(asked.body)) for asked in server.asked] == [
        ("/api/copy", {"source": "a", "destination": "b"}),
        ("/api/delete", {"model": "a"}),
        ("/api/delete", {"model": "b"}),
    ]


def test_another_server_can_be_named() -> None:
    with Loopback(whole({"models": []})) as server, Loopback(whole({"models": []})) as other:
        host = other.address.removeprefix("http://")
        assert chat(server, "list", "--host", host).returncode == 0
        assert len(other.asked) == 1


def test_a_server_that_does_not_run_is_named_with_what_starts_it() -> None:
    with Loopback(Answer()) as server:
        pass
    done = chat(server, "ps")
    assert done.returncode == 5
    assert "Start it: ollama serve" in done.stderr
