"""Others' exporters, where they are installed, make graphs that answer as those of this package do."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import pytest
from tinytokens import write_tokens
from tinyweights import CONFIGS, PROMPTS, tensors, write_safetensors

from chat_core.errors import ConfigurationError
from chat_local import layout
from chat_local.convert import exporting
from chat_local.convert.converting import convert
from chat_local.convert.exporting import PACKAGES, Exporter, export
from chat_local.engine import runtime
from chat_local.engine.graph import runner
from chat_local.engine.runtime import Settings

if TYPE_CHECKING:
    from pathlib import Path


def installed(exporter: Exporter) -> bool:
    try:
        return bool(version(PACKAGES[exporter][0]))
    except PackageNotFoundError:
        return False


CONFIG = {**CONFIGS["llama"], "intermediate_size": 80}
"""Its inner width is not the vocabulary's: what gives as many numbers is the last layer, to onnxruntime-genai."""


def source(folder: Path) -> Path:
    made = folder / "source"
    made.mkdir()
    (made / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    write_safetensors(made / "model.safetensors", tensors(CONFIG))
    write_tokens(made / "tokenizer.json")
    return made


def answers(folder: Path) -> list[list[int]]:
    """Return what a model answers, the likeliest token each time."""
    files = layout.read(folder)
    loaded = runtime.load(files.graph, Settings(device="cpu", threads=1))
    run = runner(loaded, rows=4, longest=files.context, head=files.head)
    made: list[list[int]] = []
    for prompt in PROMPTS:
        ids = list(prompt)
        logits = run.read(0, ids, 0, runtime.run_options())
        while len(ids) < len(prompt) + 64:
            ids.append(int(logits.argmax()))
            logits = run.step([ids[-1]], [len(ids) - 1])[0]
        made.append(ids[len(prompt) :])
    return made


@pytest.mark.parametrize("exporter", PACKAGES)
def test_an_exported_graph_answers_as_a_converted_one(tmp_path: Path, exporter: Exporter) -> None:
    if not installed(exporter):
        pytest.skip(f"{PACKAGES[exporter][0]} is not installed")
    here = source(tmp_path)
    assert export(here, tmp_path / "theirs", exporter=exporter) == layout.read(tmp_path / "theirs").graph
    convert(here, tmp_path / "ours", bits=32)
    assert answers(tmp_path / "theirs") == answers(tmp_path / "ours")


@pytest.mark.parametrize(("exporter", "extra"), [("genai", "export"), ("optimum", "optimum")])
def test_an_exporter_that_is_missing_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exporter: Exporter, extra: str
) -> None:
    def missing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(exporting, "version", missing)
    with pytest.raises(ConfigurationError, match=rf"pip install 'chat-local\[{extra}\]'"):
        export(source(tmp_path), tmp_path / "made", exporter=exporter)


def test_what_an_exporter_cannot_do_and_where_it_failed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "version", {"onnxruntime-genai": "1", "optimum-onnx": "1"}.__getitem__)
    here = source(tmp_path)
    with pytest.raises(ConfigurationError, match="optimum exports whole floats: choose --bits 32"):
        export(here, tmp_path / "made", exporter="optimum", bits=8)
    with pytest.raises(ConfigurationError, match="no weights of 8 bits: choose --bits 4, 16 or 32"):
        export(here, tmp_path / "made", exporter="genai", bits=8)
    with pytest.raises(ConfigurationError, match="is not empty"):
        export(here, here, exporter="genai")

    def failing(*_: object, **__: object) -> list[str]:
        return ["-c", "raise SystemExit('no such kind of model')"]

    monkeypatch.setattr(exporting, "_command", failing)
    with pytest.raises(ConfigurationError, match="failed: no such kind of model"):
        export(here, tmp_path / "made", exporter="genai")
    assert not (tmp_path / "made").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
