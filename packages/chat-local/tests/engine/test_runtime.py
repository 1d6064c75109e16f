"""Devices are what they are said to be, and nothing is sent or stored."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING

import pytest
from tinymodel import write_model

from chat_core.errors import ConfigurationError
from chat_local.engine import runtime
from chat_local.engine.runtime import Device, Settings, device_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("word", "device"),
    [("auto", None), ("cpu", Device("cpu")), ("cuda", Device("cuda")), ("cuda:1", Device("cuda", 1))],
)
def test_devices_are_read(word: str, device: Device | None) -> None:
    assert device_of(word) == device
    assert device is None or str(device) == word


@pytest.mark.parametrize("word", ["", "gpu", "cpu:1", "auto:0", "cuda:x", "cuda:-1", "CUDA"])
def test_a_word_that_is_no_device_is_refused(word: str) -> None:
    with pytest.raises(ConfigurationError, match="write auto, cpu, cuda or cuda:1"):
        device_of(word)


class _Module:
    """onnxruntime as a build for GPUs has it, whose sessions run where they are told."""

    def __init__(self, *, runs: str) -> None:
        self._real, self._runs = runtime.module(), runs

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def get_available_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def preload_dlls(self) -> None:
        print("Please install the CUDA libraries")  # noqa: T201 - as onnxruntime does

    def InferenceSession(self, path: str, **_: object) -> object:  # noqa: N802 - onnxruntime's name
        session = self._real.InferenceSession(path, providers=["CPUExecutionProvider"])
        session.get_providers = lambda: [self._runs]
        return session


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    return write_model(tmp_path) / "model.onnx"


def pretend(monkeypatch: pytest.MonkeyPatch, *, runs: str, driver: bool = True) -> None:
    made = _Module(runs=runs)
    monkeypatch.setattr(runtime, "module", lambda: made)
    monkeypatch.setattr(runtime, "_driver", lambda: driver)


def test_a_gpu_that_works_is_used(
    graph: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pretend(monkeypatch, runs="CUDAExecutionProvider")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert runtime.load(graph, Settings()).device == Device("cuda")
        assert runtime.load(graph, Settings(device="cpu")).device == Device("cpu")
    assert capfd.readouterr() == ("", "")


def test_falling_back_to_the_cpu_is_said_once_asked_for_it_is_an_error(
    graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, runs="CPUExecutionProvider")
    with pytest.warns(UserWarning, match="runs on the CPU"):
        assert runtime.load(graph, Settings()).device == Device("cpu")
    with pytest.raises(ConfigurationError, match=r"cuda:1 cannot be used: .*chat-local\[cuda\]"):
        runtime.load(graph, Settings(device="cuda:1"))


def test_without_a_driver_the_cpu_is_chosen_without_a_word(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, runs="CPUExecutionProvider", driver=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert runtime.load(graph, Settings()).device == Device("cpu")
    with pytest.raises(ConfigurationError, match="no NVIDIA driver"):
        runtime.load(graph, Settings(device="cuda"))


def test_two_builds_side_by_side_are_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "version", dict.fromkeys(runtime.BUILDS, "1.31.1").__getitem__)
    assert runtime.builds() == {"onnxruntime": "1.31.1", "onnxruntime-gpu": "1.31.1"}
    assert "pip uninstall onnxruntime onnxruntime-gpu" in (runtime.both_installed() or "")

    def one(name: str) -> str:
        if name == "onnxruntime-gpu":
            raise PackageNotFoundError(name)
        return "1.31.1"

    monkeypatch.setattr(runtime, "version", one)
    assert runtime.both_installed() is None


def test_a_runtime_that_is_missing_or_damaged_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(runtime, "import_module", missing)
    with pytest.raises(ConfigurationError, match=r"chat-local\[cpu\]"):
        runtime.module.__wrapped__()
    monkeypatch.setattr(runtime, "import_module", {"onnxruntime": os}.__getitem__)
    with pytest.raises(ConfigurationError, match="damaged"):
        runtime.module.__wrapped__()


PROGRAM = """
import sys, time
from pathlib import Path
from chat_local.engine import runtime
runtime.load(Path(sys.argv[1]), runtime.Settings(device="cpu"))
time.sleep(0.3)
"""


def test_nothing_is_stored_and_nothing_is_said(tmp_path: Path) -> None:
    graph = write_model(tmp_path / "model") / "model.onnx"
    home = tmp_path / "home"
    home.mkdir()
    names = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "TMPDIR")
    environment = {name: value for name, value in os.environ.items() if name != runtime.TELEMETRY}
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, str(graph)],
        env={**environment, **dict.fromkeys(names, str(home))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path for path in home.rglob("*") if path.is_file()] == []
