"""Weights made into graphs by others' exporters, for kinds of models that are not converted here.

They need PyTorch: onnxruntime-genai's builder comes with the extra `export`, optimum's exporter with `optimum`. Law:
each runs in a process of its own, which is told to fetch nothing, and executes no code of a model.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.errors import ConfigurationError
from chat_local.convert.converting import BESIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_local.convert.graphs import Bits

Exporter: TypeAlias = Literal["genai", "optimum"]

PACKAGES: Mapping[Exporter, tuple[str, str]] = {
    "genai": ("onnxruntime-genai", "export"),
    "optimum": ("optimum-onnx", "optimum"),
}
"""The package of each exporter, and the extra that brings it."""

PRECISIONS: Mapping[int, str] = {4: "int4", 16: "fp16", 32: "fp32"}
"""What onnxruntime-genai calls weights of so many bits (source: its builder's `--precision`)."""

LIMIT = 6 * 3600
"""Seconds that an export may take."""


def export(source: Path, target: Path, *, exporter: Exporter, bits: Bits = 32, half: bool = False) -> Path:
    """Let an exporter make a graph.

    Args:
        source: the folder of the weights.
        target: the folder to be made, another one.
        exporter: whose it is.
        bits: of a weight: 32, or with `genai` also 16, for a GPU, and 4.
        half: with 4 bits: let the model count in 16 bits, for a GPU.

    Returns:
        The path of the graph.

    Raises:
        ConfigurationError: the exporter is not installed, cannot do this, or failed.
    """
    package, extra = PACKAGES[exporter]
    try:
        version(package)
    except PackageNotFoundError:
        raise ConfigurationError(f"{package} is not installed: pip install 'chat-local[{extra}]'") from None
    if target.exists() and any(target.iterdir()):
        raise ConfigurationError(f"{target} is not empty: name another folder with --to")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".exporting-") as place:
        made = Path(place) / "made"
        _run(_command(exporter, source, made, bits, half=half), Path(place))
        for name in BESIDE:
            if (source / name).is_file() and not (made / name).exists():
                shutil.copyfile(source / name, made / name)
        if target.exists():
            target.rmdir()
        made.rename(target)
    return target / "model.onnx"


def _command(exporter: Exporter, source: Path, made: Path, bits: Bits, *, half: bool) -> list[str]:
    """Return what runs an exporter."""
    if exporter == "optimum":
        if bits != 32:  # noqa: PLR2004 - of a weight
            raise ConfigurationError("optimum exports whole floats: choose --bits 32")
        task = ["--task", "text-generation-with-past"]
        return ["-m", "optimum.exporters.onnx", "--model", str(source), *task, str(made)]
    if bits not in PRECISIONS:
        raise ConfigurationError(f"onnxruntime-genai exports no weights of {bits} bits: choose --bits 4, 16 or 32")
    device = "cuda" if half or bits == 16 else "cpu"  # noqa: PLR2004 - of a weight
    told = ["-i", str(source), "-o", str(made), "-p", PRECISIONS[bits], "-e", device, "-c", str(made.parent / "cache")]
    return ["-m", "onnxruntime_genai.models.builder", *told, "--extra_options", "hf_remote=false"]


def _run(command: list[str], place: Path) -> None:
    """Run an exporter, whose words are told only when it fails."""
    quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "ORT_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(  # noqa: S603 - this interpreter, with arguments of our own and paths
        [sys.executable, *command],
        cwd=place,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ConfigurationError(f"{command[1]} failed: {lines[-1] if lines else done.returncode}")
