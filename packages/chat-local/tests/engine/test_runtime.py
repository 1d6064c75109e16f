"""Devices are what they are said to be, and nothing is sent or stored."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING

import pytest
from tinymodel import write_model

from chat_core.errors import ConfigurationError
from chat_local.engine import cuda, runtime
from chat_local.engine.runtime import Device, Settings, device_of

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        self.asked: list[list[object]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def get_available_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def preload_dlls(self) -> None:
        print("Failed to load /lib/libcublas.so.13: no such file\nPlease read")  # noqa: T201 - as onnxruntime does

    def InferenceSession(self, path: str | bytes, providers: list[object], **_: object) -> object:  # noqa: N802 - onnxruntime's name
        self.asked.append(providers)
        session = self._real.InferenceSession(path, providers=["CPUExecutionProvider"])
        session.get_providers = lambda: [self._runs]
        return session


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    return write_model(tmp_path) / "model.onnx"


@pytest.fixture(autouse=True)
def nothing_tried() -> Iterator[None]:
    """Let no test know what another one found."""
    yield
    for tried in (runtime.best, runtime.unusable):
        tried.cache_clear()


def pretend(monkeypatch: pytest.MonkeyPatch, *, runs: str, driver: bool = True) -> _Module:
    made = _Module(runs=runs)
    monkeypatch.setattr(runtime, "module", lambda: made)
    monkeypatch.setattr(cuda, "driver", lambda: made if driver else None)
    for tried in (runtime.best, runtime.unusable):
        tried.cache_clear()
    return made


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
    with pytest.warns(UserWarning, match="models run on the CPU") as told:
        assert [runtime.load(graph, Settings()).device for _ in range(3)] == [Device("cpu")] * 3
    assert len(told) == 1
    with pytest.raises(
        ConfigurationError, match=r"cuda:1 cannot be used: libcublas.so.13 cannot be loaded; .*chat-local\[cuda\]"
    ):
        runtime.load(graph, Settings(device="cuda:1"))


def test_without_a_driver_the_cpu_is_chosen_without_a_word(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, runs="CPUExecutionProvider", driver=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert runtime.load(graph, Settings()).device == Device("cpu")
    with pytest.raises(ConfigurationError, match="no NVIDIA driver"):
        runtime.load(graph, Settings(device="cuda"))


def test_a_gpu_is_asked_for_exact_floats_and_no_more_memory_than_is_allowed(
    graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pretend(monkeypatch, runs="CUDAExecutionProvider")
    monkeypatch.setenv("CHAT_LOCAL_MAX_MEMORY", "6GB")
    assert runtime.load(graph, Settings(device="cuda:1"), steps=True).recorded
    how = {
        "device_id": "1",
        "use_tf32": "0",
        "arena_extend_strategy": "kSameAsRequested",
        "gpu_mem_limit": "6000000000",
    }
    cpu = "CPUExecutionProvider"
    assert made.asked == [
        [("CUDAExecutionProvider", how), cpu],  # tried before, with a graph that copies
        [("CUDAExecutionProvider", {**how, "enable_cuda_graph": "1"}), cpu],
    ]


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
from chat_local.engine import cuda, runtime
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
