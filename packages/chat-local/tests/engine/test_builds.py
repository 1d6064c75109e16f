"""Two builds side by side are seen before they harm anybody."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING

from chat_local.engine import builds

if TYPE_CHECKING:
    import pytest


def test_two_builds_side_by_side_are_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builds, "version", dict.fromkeys(builds.BUILDS, "1.31.1").__getitem__)
    assert builds.installed() == {"onnxruntime": "1.31.1", "onnxruntime-gpu": "1.31.1"}
    assert "pip uninstall onnxruntime onnxruntime-gpu" in (builds.both() or "")

    def one(name: str) -> str:
        if name == "onnxruntime-gpu":
            raise PackageNotFoundError(name)
        return "1.31.1"

    monkeypatch.setattr(builds, "version", one)
    assert builds.both() is None
