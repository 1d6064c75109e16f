"""Weights in safetensors files, and what is refused of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from tinyweights import write_safetensors

from chat_core.errors import ConfigurationError
from chat_local.convert.weights import Weights

W = np.arange(6, dtype=np.float32).reshape(2, 3)


def written(path: Path, head: object, data: bytes = b"\0" * 24) -> Path:
    table = json.dumps(head).encode()
    path.write_bytes(len(table).to_bytes(8, "little") + table + data)
    return path


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])
def test_a_tensor_is_read_as_floats(tmp_path: Path, kind: str) -> None:
    write_safetensors(tmp_path / "model.safetensors", {"w": W}, kind=kind)
    weights = Weights(tmp_path)
    assert np.array_equal(weights.take("w", 2, 3), W)
    assert weights.left == ()


def test_a_tensor_that_is_missing_or_of_another_shape_is_named(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model.safetensors", {"w": W})
    with pytest.raises(ConfigurationError, match=r"w is \[2, 3\], and the model's config wants \[3, 2\]"):
        Weights(tmp_path).take("w", 3, 2)
    with pytest.raises(ConfigurationError, match="the weights have no v"):
        Weights(tmp_path).take("v", 3, 2)


def test_a_file_that_breaks_off_anywhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    write_safetensors(path, {"w": W})
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ConfigurationError):
            Weights(tmp_path)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 25]},
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [-24, 0]},
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [24, 0]},
        {"dtype": "F32", "shape": [2, 4], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [-2, -3], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": ["2", 3], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [2, 3]},
        {"dtype": "F8_E4M3", "shape": [24], "data_offsets": [0, 24]},
        [],
    ],
)
def test_a_place_that_does_not_fit_is_refused(tmp_path: Path, entry: object) -> None:
    written(tmp_path / "model.safetensors", {"w": entry})
    with pytest.raises(ConfigurationError, match="w "):
        Weights(tmp_path)


def test_other_formats_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x02.")
    with pytest.raises(ConfigurationError, match="they can hold programs"):
        Weights(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"\x80\x02}q\x00." * 9)
    with pytest.raises(ConfigurationError, match="no safetensors file"):
        Weights(tmp_path)


def test_the_index_says_which_files_count(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "model-1.safetensors", {"w": W})
    write_safetensors(tmp_path / "consolidated.safetensors", {"w": W, "other": W})
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"w": "model-1.safetensors"}}), encoding="utf-8")
    assert Weights(tmp_path).left == ("w",)
    for name in ("absent.safetensors", "../model-1.safetensors", "model.bin"):
        index.write_text(json.dumps({"weight_map": {"w": name}}), encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"which model\.safetensors\.index\.json names"):
            Weights(tmp_path)
    index.unlink()
    with pytest.raises(ConfigurationError, match="both in"):
        Weights(tmp_path)
