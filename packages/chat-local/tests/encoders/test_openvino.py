"""OpenVINO runs encoders as onnxruntime does, in whole floats and nearly so in bfloat16, and tells nobody of it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tinyencoders import LABELS, TEXTS, write_sentence, write_source

from chat_core.chat import Chat
from chat_core.errors import ConfigurationError
from chat_local.convert.converting import convert
from chat_local.encoders import openvino
from chat_local.engine.runtime import Settings

if TYPE_CHECKING:
    from pathlib import Path

needs_openvino = pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="openvino is not installed")


def options(engine: str, **more: Any) -> dict[str, Any]:
    return {"options": {"engine": engine, "threads": 1, **more}}


def vectors(folder: Path, engine: str) -> np.ndarray[Any, Any]:
    with Chat(f"local:{folder}") as chat:
        return np.array(chat.embed(TEXTS, extra=options(engine)).vectors)


def has_bfloat16() -> bool:
    core = openvino._module().Core()  # pyright: ignore[reportPrivateUsage] - imported here it would tell Intel
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@needs_openvino
@pytest.mark.parametrize("name", ["mean-unit", "cls", "prompts"])
def test_whole_floats_give_the_same_vectors(tmp_path: Path, name: str) -> None:
    convert(write_sentence(tmp_path / "source", name), tmp_path / "made")
    assert np.allclose(vectors(tmp_path / "made", "openvino"), vectors(tmp_path / "made", "own"), atol=1e-5)


@needs_openvino
@pytest.mark.parametrize("name", ["bert-nli", "roberta-nli", "mpnet-nli"])
def test_whole_floats_give_the_same_classes(tmp_path: Path, name: str) -> None:
    convert(write_source(tmp_path / "source", name), tmp_path / "made")
    with Chat(f"local:{tmp_path / 'made'}") as chat:
        own, theirs = (
            chat.classify(TEXTS, labels=LABELS, multi_label=True, extra=options(engine)).results
            for engine in ("own", "openvino")
        )
    for one, other in zip(own, theirs, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=1e-5)


@needs_openvino
def test_bfloat16_gives_nearly_the_same_vectors_or_is_refused(tmp_path: Path) -> None:
    convert(write_sentence(tmp_path / "source", "mean-unit"), tmp_path / "made")
    if not has_bfloat16():
        with pytest.raises(ConfigurationError, match="no bfloat16"):
            vectors(tmp_path / "made", "openvino:bf16")
        return
    own, theirs = vectors(tmp_path / "made", "own"), vectors(tmp_path / "made", "openvino:bf16")
    alike = (own * theirs).sum(1) / np.linalg.norm(own, axis=1) / np.linalg.norm(theirs, axis=1)
    assert 0 < (1 - alike).max() < 1e-3


def test_a_processor_without_bfloat16_is_not_made_to_imitate_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_property(_device: str, _name: str) -> list[str]:
        return ["FP32", "INT8"]

    core = SimpleNamespace(get_property=get_property)
    monkeypatch.setattr(openvino, "_module", lambda: SimpleNamespace(Core=lambda: core))
    with pytest.raises(ConfigurationError, match="no bfloat16, so write 'openvino'"):
        openvino.OpenVINO(tmp_path / "model.onnx", Settings(engine="openvino:bf16"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (Settings(engine="openvino", device="cuda:1"), "runs on the CPU, and not on cuda:1"),
        (Settings(engine="openvino", low_memory=True), "low_memory says nothing"),
    ],
)
def test_what_it_cannot_do_is_refused(tmp_path: Path, settings: Settings, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        openvino.OpenVINO(tmp_path / "model.onnx", settings)


@needs_openvino
def test_a_damaged_graph_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"\x08\x0a")
    with pytest.raises(ConfigurationError, match=r"model\.onnx cannot be loaded by OpenVINO .*leave engine out"):
        openvino.OpenVINO(tmp_path / "model.onnx", Settings(engine="openvino"))


def test_without_it_the_error_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    openvino._module.cache_clear()  # pyright: ignore[reportPrivateUsage] - what is imported is kept
    with pytest.raises(ConfigurationError, match=r"chat-local\[openvino\]"):
        openvino.OpenVINO(tmp_path / "model.onnx", Settings(engine="openvino"))


@needs_openvino
def test_intel_is_told_nothing(tmp_path: Path) -> None:
    convert(write_sentence(tmp_path / "source", "mean-unit"), tmp_path / "made")
    home = tmp_path / "home"
    home.mkdir()
    program = (
        "import sys; from chat_core import Chat\n"
        f"print(len(Chat('local:{tmp_path / 'made'}').embed('a', extra={options('openvino')!r}).vectors))\n"
        "print([name for name in sys.modules if name.startswith('openvino_telemetry')])"
    )
    environ = {name: value for name, value in os.environ.items() if name not in {"CI", "XDG_CACHE_HOME"}}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env={**environ, "HOME": str(home)}, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["1", "[]"], done.stderr
    assert [path for path in home.rglob("*") if "intel" in path.name.lower()] == []
