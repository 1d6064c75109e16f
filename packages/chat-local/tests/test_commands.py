"""`chat local`, with a hub of our own on loopback: progress, lists, and what goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("chat_cli", reason="the command line is a package of its own")
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent / "convert"))
sys.path.insert(0, str(Path(__file__).parent / "encoders"))

from hub_here import Hub
from tinyencoders import write_sentence
from tinyweights import write_model

from chat_local import names

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "chat_cli", "local"]
FILES = {
    path.name: path.read_bytes() for path in names.PICO_FOLDER.iterdir() if path.suffix in {".json", ".jinja", ".onnx"}
}


@pytest.fixture
def server() -> Iterator[Hub]:
    with Hub({"org/tiny": FILES}) as made:
        yield made


def environment(server: Hub | None, home: Path) -> dict[str, str]:
    address = "http://127.0.0.1:9" if server is None else server.address
    return {**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(home / "hf"), "HF_TOKEN": "", "TERM": "xterm"}


def chat(server: Hub | None, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True, text=True, check=False, timeout=60, env=environment(server, home), cwd=home,
    )  # fmt: skip


def test_a_pull_tells_its_progress_in_lines_and_the_model_can_be_asked(server: Hub, tmp_path: Path) -> None:
    done = chat(server, tmp_path, "pull", "org/tiny")
    assert (done.returncode, done.stdout) == (0, "org/tiny is there\n")
    said = done.stderr.splitlines()
    assert said[0] == "fetching org/tiny"
    assert any(line.startswith("fetching model.onnx (") for line in said)
    assert said[-1] == "success"
    listed = json.loads(chat(None, tmp_path, "list", "--json").stdout)["models"]
    assert [model["id"] for model in listed] == ["pico", "org/tiny"]
    shown = json.loads(chat(None, tmp_path, "show", "org/tiny", "--device", "cpu", "--json").stdout)
    assert (shown["device"], shown["variant"], shown["architecture"]) == ("cpu", "(unnamed)", "LlamaForCausalLM")
    assert chat(None, tmp_path, "remove", "org/tiny").stdout.startswith("org/tiny is removed: ")
    assert chat(None, tmp_path, "list").stdout.startswith("pico")
    assert "org/tiny" not in chat(None, tmp_path, "list").stdout


def test_a_pull_draws_bars_on_a_terminal(server: Hub, tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    arguments = [*COMMAND[1:], "pull", "org/tiny"]
    terminal = pexpect.spawn(COMMAND[0], arguments, env=environment(server, tmp_path), encoding="utf-8", timeout=60)
    terminal.expect(pexpect.EOF)
    assert "model.onnx" in terminal.before
    assert "org/tiny is there" in terminal.before


def test_an_interrupted_pull_says_that_it_can_be_gone_on_with(server: Hub, tmp_path: Path) -> None:
    server.holds = "model.onnx"
    with subprocess.Popen(
        [*COMMAND, "pull", "org/tiny"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(server, tmp_path),
    ) as pulling:  # fmt: skip
        assert pulling.stderr is not None
        while "fetching model.onnx" not in pulling.stderr.readline():
            pass
        pulling.send_signal(signal.SIGINT)
        _, said = pulling.communicate(timeout=30)
    assert pulling.returncode == 130
    assert said.endswith("Interrupted. What was fetched is kept; the same command goes on with it.\n")
    server.holds = None
    assert chat(server, tmp_path, "pull", "org/tiny").returncode == 0


def test_errors_are_one_line_and_a_code(server: Hub, tmp_path: Path) -> None:
    absent = chat(server, tmp_path, "pull", "org/absent")
    assert absent.returncode != 0
    assert absent.stderr.startswith("Error: the hub has no model org/absent")
    assert len(absent.stderr.splitlines()) == 1
    server.lies.add("model.onnx")
    assert "Error: model.onnx was damaged on its way" in chat(server, tmp_path, "pull", "org/tiny").stderr
    assert "goes with it" in chat(server, tmp_path, "remove", "pico").stderr
    assert "a folder of yours" in chat(server, tmp_path, "remove", "./mine").stderr
    assert "chat local pull org/other" in chat(server, tmp_path, "show", "org/other").stderr


def test_a_device_that_is_not_there_is_said(tmp_path: Path) -> None:
    done = chat(None, tmp_path, "show", "pico", "--device", "cuda")
    if done.returncode == 0:
        pytest.skip("there is a GPU")
    assert "cuda cannot be used" in done.stderr


def test_weights_become_a_graph_that_can_be_shown(tmp_path: Path) -> None:
    write_model(tmp_path / "source", "llama")
    (tmp_path / "source" / "tokenizer.json").write_bytes(FILES["tokenizer.json"])
    done = chat(None, tmp_path, "convert", "./source", "--to", "made", "--bits", "4")
    assert done.stdout == "made/model_int4.onnx is there: chat -m local:./made\n"
    shown = chat(None, tmp_path, "show", "./made").stdout
    assert "variant\tint4" in shown
    assert "device\t" in shown


def test_a_folder_that_is_not_there_is_not_converted(tmp_path: Path) -> None:
    done = chat(None, tmp_path, "convert", "./nothing")
    assert done.returncode == 3
    assert done.stderr == "Error: there is no folder ./nothing\n"


def test_weights_of_an_encoder_become_a_graph_of_vectors(tmp_path: Path) -> None:
    write_sentence(tmp_path / "source", "mean-unit")
    done = chat(None, tmp_path, "convert", "./source", "--to", "made")
    assert done.stdout == "made/model.onnx is there: chat embed -m local:./made\n"
    assert chat(None, tmp_path, "convert", "./source", "--to", "made", "--dynamic").returncode == 0
    assert "variants\t(unnamed), int8" in chat(None, tmp_path, "show", "./made").stdout
    assert "no good in 4 bits" in chat(None, tmp_path, "convert", "./source", "--bits", "4").stderr


def test_weights_of_the_hub_are_fetched_and_become_a_graph(server: Hub, tmp_path: Path) -> None:
    write_model(tmp_path / "source", "qwen2")
    held = {path.name: path.read_bytes() for path in (tmp_path / "source").iterdir()}
    server.files["org/weights"] = {**held, "tokenizer.json": FILES["tokenizer.json"]}
    done = chat(server, tmp_path, "convert", "org/weights")
    assert done.stdout == "weights/model_int8.onnx is there: chat -m local:./weights\n"
    assert (tmp_path / "weights" / "model_int8.onnx").is_file()
