"""Converting a folder: whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tinyweights import CONFIGS, tensors, write_model, write_safetensors

from chat_core.errors import ConfigurationError
from chat_local import layout
from chat_local.convert import converting
from chat_local.convert.converting import convert


def model(folder: Path, name: str = "llama") -> Path:
    write_model(folder, name)
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    return folder


def test_graphs_of_one_model_stand_beside_each_other(tmp_path: Path) -> None:
    source, made = model(tmp_path / "source"), tmp_path / "made"
    for bits in (32, 8, 4):
        convert(source, made, bits=bits)
    assert set(layout.read(made).variants) == {"", "int8", "int4"}
    assert sorted(path.name for path in made.iterdir()) == [
        "config.json", "model.onnx", "model_int4.onnx", "model_int8.onnx", "tokenizer.json",
    ]  # fmt: skip


def test_a_folder_may_be_converted_in_its_place(tmp_path: Path) -> None:
    source = model(tmp_path / "source")
    convert(source, source)
    assert layout.read(source).variant == "int8"


def test_large_weights_lie_beside_the_graph(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_local.convert.onnxfiles.IN_ONE_FILE", 1000)
    convert(model(tmp_path / "source"), tmp_path / "made", bits=32)
    assert [path.name for path in layout.read(tmp_path / "made").weights] == ["model.onnx.data"]


def test_a_graph_is_not_put_beside_those_of_another_model(tmp_path: Path) -> None:
    convert(model(tmp_path / "a"), tmp_path / "made")
    with pytest.raises(ConfigurationError, match="holds another model"):
        convert(model(tmp_path / "b", "qwen3"), tmp_path / "made")


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_made: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(converting, "save", fail)
    with pytest.raises(OSError, match="No space"):
        convert(model(tmp_path / "source"), tmp_path / "made")
    assert [*(tmp_path / "made").iterdir()] == []


def test_weights_that_the_graph_would_leave_out_are_refused(tmp_path: Path) -> None:
    source = model(tmp_path / "source")
    more = {**tensors(CONFIGS["llama"]), "model.layers.0.self_attn.q_norm.weight": np.ones(16, np.float32)}
    write_safetensors(source / "model.safetensors", more)
    with pytest.raises(ConfigurationError, match=r"a llama with model.layers.0.self_attn.q_norm.weight"):
        convert(source, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=r"has no config.json"):
        convert(tmp_path / "empty", tmp_path / "made")
    source = model(tmp_path / "source")
    (source / "tokenizer.json").unlink()
    with pytest.raises(ConfigurationError, match=r"has no tokenizer.json"):
        convert(source, tmp_path / "made")
    (source / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        convert(source, tmp_path / "made")


def test_a_graph_of_another_maker_is_not_replaced_and_one_made_here_is(tmp_path: Path) -> None:
    source = model(tmp_path / "source")
    theirs = source / "model_int8.onnx"
    theirs.write_bytes(b"\x08\x0a\x12\x07pytorch and weights")
    with pytest.raises(ConfigurationError, match=r"model_int8\.onnx is there already, and not made here: .*--to"):
        convert(source, source)
    assert theirs.read_bytes() == b"\x08\x0a\x12\x07pytorch and weights"
    theirs.rename(source / "model_int8.onnx.data")
    with pytest.raises(ConfigurationError, match=r"model_int8\.onnx\.data is there already"):
        convert(source, source)
    made = convert(source, tmp_path / "made")
    first = made.read_bytes()
    assert convert(source, tmp_path / "made").read_bytes() == first
