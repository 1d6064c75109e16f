"""What local models find on this machine is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.plugins.registry import registry
from chat_core.survey import survey
from chat_local import condition
from chat_local.engine import builds, runtime

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def nothing(_: str) -> None:
    """Find no package."""


def test_a_runtime_that_is_missing_is_told_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "installed", dict)
    monkeypatch.setattr(condition, "find_spec", nothing)
    found = condition.condition()
    assert "pip install 'chat-local[cpu]'" in (found.missing or "")
    assert condition.ready_model() is None


def test_two_builds_in_one_place_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "installed", lambda: {"onnxruntime": "1.31", "onnxruntime-gpu": "1.31"})
    assert "only one of them works" in (condition.condition().missing or "")


def test_a_build_for_gpus_that_runs_on_the_cpu_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "installed", lambda: {"onnxruntime-gpu": "1.31"})
    monkeypatch.setattr(runtime, "why_no_cuda", lambda: "no NVIDIA driver was found on this machine")
    assert "it runs on the CPU, because no NVIDIA driver was found on this machine" in condition.condition().found


def test_a_gpu_whose_libraries_are_missing_is_told_with_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> None:
        return None

    def missing(number: int) -> str:
        return f"libcudnn.so.9 cannot be loaded on {number}"

    monkeypatch.setattr(builds, "installed", lambda: {"onnxruntime-gpu": "1.31"})
    monkeypatch.setattr(runtime, "why_no_cuda", found)
    monkeypatch.setattr(runtime, "unusable", missing)
    assert "it runs on the CPU, because libcudnn.so.9 cannot be loaded on 0" in condition.condition().found


def test_the_survey_tells_it(tmp_path: Path) -> None:
    found = survey(registry(), {"HOME": str(tmp_path)})
    (local,) = [provider for provider in found.providers if provider.name == "local"]
    assert local.ready
    assert any(words.startswith("onnxruntime") for words in local.found)
