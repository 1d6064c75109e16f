"""The installed builds of onnxruntime, told without importing one."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

BUILDS = ("onnxruntime", "onnxruntime-gpu")
"""The distributions that hold the module `onnxruntime`; only one of them may be installed."""


def installed() -> dict[str, str]:
    """Return the builds with their versions."""
    found: dict[str, str] = {}
    for name in BUILDS:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def both() -> str | None:
    """Say what to do when two builds are installed, of which one has overwritten the other; `None` = all is well."""
    if len(installed()) < len(BUILDS):
        return None
    return (
        "onnxruntime and onnxruntime-gpu are both installed, and only one of them works: "
        "pip uninstall onnxruntime onnxruntime-gpu, then install chat-local with one of its extras [cpu], [gpu], [cuda]"
    )
