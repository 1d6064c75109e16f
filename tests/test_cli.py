"""The command line with the providers of this workspace, and its page in the documentation."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from chat_cli.cli import cli
from chat_cli.events import error_as_json, turn_as_json
from chat_cli.exits import MEANINGS
from chat_cli.slash import COMMANDS
from chat_core.approval import Pending
from chat_core.errors import ProviderError
from chat_core.history import load
from chat_core.messages import assistant
from chat_core.options import Options
from chat_core.parts import ToolCall
from chat_core.response import Response
from chat_core.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

PAGE = (Path(__file__).parents[1] / "docs/how-to/command-line.md").read_text(encoding="utf-8")
OPENAI = {"model": "gpt", "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hi"}]}
CLAUDE = {
    "model": "c",
    "max_tokens": 9,
    "system": [{"type": "text", "text": "Be brief"}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
}
COMPLETION = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
MESSAGE = {
    "id": "m1",
    "type": "message",
    "role": "assistant",
    "model": "c",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 3, "output_tokens": 1},
}


class Service(ThreadingHTTPServer):
    """Answers by the path and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.status = status
        self.asked: list[tuple[str, dict[str, object]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service  # pyright: ignore[reportIncompatibleVariableOverride] - each server makes handlers of its own

    def do_GET(self) -> None:
        self._say({"object": "list", "data": [{"id": "gpt"}, {"id": "other"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, body))
        self._say(MESSAGE if self.path.endswith("/messages") else COMPLETION)

    def _say(self, answer: object) -> None:
        status = self.server.status
        words = answer if status == 200 else {"error": {"message": "no\x1b[2J", "type": "t", "code": "c"}}
        data = json.dumps(words).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(status: int = 200) -> Generator[Service]:
    with Service(status) as service:
        threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield service
        service.shutdown()


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def environ(home: Path) -> dict[str, str]:
    """Return the environment of a user who has set nothing."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "CHAT_HOME": str(home)}


def chat(home: Path, *arguments: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chat_cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environ(home) | env,
    )


@pytest.mark.parametrize(
    ("body", "path"), [(OPENAI, "/chat/completions"), (CLAUDE, "/v1/messages")], ids=["openai", "claude"]
)
def test_a_body_of_a_service_is_sent_as_it_is(service: Service, home: Path, body: dict[str, object], path: str) -> None:
    given = {"--base-url": service.url, "--key": "k", "--request-file": "-"}
    done = chat(home, *(word for pair in given.items() for word in pair), stdin=json.dumps(body))
    assert done.returncode == 0, done.stderr
    assert service.asked == [(path, body)]
    assert load(json.loads(done.stdout), Response).text == "Hello"


def test_a_body_of_one_service_goes_to_another(service: Service, home: Path) -> None:
    given = ["-m", "claude:c", "--base-url", service.url, "--key", "k", "--request-file", "-"]
    done = chat(home, *given, stdin=json.dumps(OPENAI | {"max_tokens": 9}))
    assert done.returncode == 0, done.stderr
    ((path, body),) = service.asked
    assert path == "/v1/messages"
    assert (body["system"], body["model"]) == ([{"type": "text", "text": "Be brief"}], "c")


def test_options_lie_over_those_of_the_request(service: Service, home: Path) -> None:
    given = ["--base-url", service.url, "--key", "k", "--request-file", "-", "-o", "temperature", "0.5"]
    assert chat(home, *given, stdin=json.dumps(OPENAI)).returncode == 0
    assert service.asked[0][1]["temperature"] == 0.5


def test_a_stream_that_the_body_asks_for_is_streamed(service: Service, home: Path) -> None:
    given = ["--base-url", service.url, "--key", "k", "--request-file", "-"]
    done = chat(home, *given, stdin=json.dumps(OPENAI | {"stream": True}))
    assert service.asked[0][1]["stream"] is True
    assert json.loads(done.stdout.splitlines()[0])["type"] == "response_start"


@pytest.mark.parametrize(("status", "code"), [(401, 3), (404, 4), (429, 4), (500, 4)])
def test_the_services_no_has_its_code_and_cannot_steer_the_terminal(home: Path, status: int, code: int) -> None:
    with serving(status) as service:
        given = ["-m", "openai-chat:gpt", "--base-url", service.url, "--key", "sk-secret", "--retries", "0"]
        done = chat(home, *given, "Hi")
    assert done.returncode == code
    assert f"HTTP {status}" in done.stderr
    assert "sk-secret" not in done.stderr
    assert done.stdout == ""


def test_a_service_that_is_not_there_is_the_networks_fault(home: Path) -> None:
    done = chat(home, "-m", "openai-chat:gpt", "--base-url", "http://127.0.0.1:9", "--key", "k", "--retries", "0", "Hi")
    assert done.returncode == 5
    assert done.stderr.startswith("Error: ")


@pytest.mark.parametrize("streams", ["--stream", "--no-stream"])
def test_an_interrupt_ends_the_waiting_for_an_answer(home: Path, streams: str) -> None:
    given = ["-m", "openai-chat:gpt", "--key", "k", "--timeout", "30", streams, "Hi"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "chat_cli", *given, "--base-url", url]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ(home)) as asked:
            connection, _ = silent.accept()
            connection.recv(1)
            asked.send_signal(signal.SIGINT)
            _, said = asked.communicate(timeout=20)
            connection.close()
    assert asked.returncode == 130
    assert said == b""


def test_a_missing_key_says_what_to_do_in_the_words_of_the_command_line(home: Path) -> None:
    done = chat(home, "-m", "openai-chat:gpt", "Hi")
    assert done.returncode == 3
    for words in ("OPENAI_API_KEY", "chat keys set openai-chat", "pass --key"):
        assert words in done.stderr


def test_a_kept_key_is_used_and_the_hint_names_its_provider(service: Service, home: Path) -> None:
    assert chat(home, "keys", "set", "openai-chat", stdin="k").returncode == 0
    assert chat(home, "-m", "openai-chat:gpt", "--base-url", service.url, "--no-stream", "Hi").stdout == "Hello\n"
    assert "There are keys for: openai-chat" in chat(home, "Hi").stderr


def test_models_that_cannot_be_listed_hide_no_others(service: Service, home: Path) -> None:
    env = {
        "OPENAI_API_KEY": "k",
        "OPENAI_BASE_URL": service.url,
        "GROQ_API_KEY": "k",
        "GROQ_BASE_URL": "http://127.0.0.1:9",
    }
    done = chat(home, "models", **env)
    assert done.returncode == 0
    assert {"openai-chat:gpt", "openai-chat:other", "replay:demo"} <= set(done.stdout.split())
    assert done.stderr.startswith("groq: ")


def test_the_page_lists_the_options_as_they_are() -> None:
    options = [option for option in cli.commands["ask"].params if isinstance(option, click.Option)]
    rows = [
        f"| {', '.join(f'`{name}`' for name in (*option.opts, *option.secondary_opts))} | {option.help} |"
        for option in options
    ]
    assert "\n".join(["| option | what it does |", "|---|---|", *rows, ""]) in PAGE
    assert [item.name for item in fields(Options) if item.name != "native" and f"`{item.name}`" not in PAGE] == []


def test_the_page_lists_the_commands_of_a_conversation_as_they_are() -> None:
    rows = [f"| `{f'/{name} {command.words}'.strip()}` | {command.help} |" for name, command in COMMANDS.items()]
    assert "\n".join(rows) in PAGE


def test_the_page_lists_the_exit_codes_as_they_are() -> None:
    rows = [f"| {code} | {meaning} |" for code, meaning in MEANINGS.items()]
    assert "\n".join(["| code | meaning |", "|---|---|", *rows, ""]) in PAGE


def test_the_page_names_every_member_of_what_is_printed() -> None:
    waits = Pending(call=ToolCall(id="1", name="f", arguments={}), why="approval")
    turn = Turn(messages=(), responses=(Response(message=assistant("Hi")),), pending=(waits,), output=None)
    answer = turn_as_json(turn, None)
    assert isinstance(answer["pending"], list)
    (call,) = answer["pending"]
    assert isinstance(call, dict)
    facts = {"status": 1, "code": "c", "param": "p", "request_id": "r", "retry_after": 1.0}
    error = error_as_json(ProviderError("no", **facts))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of facts
    assert [name for name in (*answer, *call, "state", *error) if f"`{name}`" not in PAGE] == []
