"""Converts a model's folder: weights in, a folder with a graph out that `layout` reads.

Law: a folder is written whole or not at all. What is not converted is refused before anything is written.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError, DecodeError
from chat_core.jsonvalue import parse_object
from chat_local.convert.graphs import DecoderGraph
from chat_local.convert.onnxfiles import save
from chat_local.convert.shape import decoder_of
from chat_local.convert.weights import Weights

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject
    from chat_local.convert.graphs import Bits

BESIDE = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
)
"""What goes along as it is."""

NAMES: dict[int, str] = {4: "model_int4.onnx", 8: "model_int8.onnx", 32: "model.onnx"}
"""The names of graphs by the bits of their weights."""


def convert(source: Path, target: Path, *, bits: Bits = 8) -> Path:
    """Convert a folder of weights.

    Args:
        source: the folder with `config.json`, `tokenizer.json` and safetensors files.
        target: the folder to be made; one that is there gets a further graph if it is of the same model.
        bits: of a weight: 32 = as exact as it can be, 8, or 4.

    Returns:
        The path of the graph.

    Raises:
        ConfigurationError: something is missing or malformed, or the kind of model is not converted here.
    """
    shape = decoder_of(_config(source))
    if not (source / "tokenizer.json").is_file():
        raise ConfigurationError(f"{source} has no tokenizer.json: it is a file of the model's repository")
    _same(source, target)
    made = DecoderGraph(shape, Weights(source), bits).written()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".converting-") as name:
        folder = Path(name)
        save(made, folder / NAMES[bits])
        for beside in BESIDE:
            if (source / beside).is_file() and not (target / beside).exists():
                shutil.copyfile(source / beside, folder / beside)
        for path in sorted(folder.iterdir(), key=lambda found: found.suffix == ".onnx"):
            path.replace(target / path.name)  # the graph last: without it the folder is no model
    return target / NAMES[bits]


def _same(source: Path, target: Path) -> None:
    """Refuse to put a graph beside those of another model."""
    for name in ("config.json", "tokenizer.json"):
        there = target / name
        if there.is_file() and there.read_bytes() != (source / name).read_bytes():
            raise ConfigurationError(f"{target} holds another model: its {name} differs; choose another folder")


def _config(source: Path) -> JSONObject:
    path = source / "config.json"
    if not path.is_file():
        raise ConfigurationError(f"{source} has no config.json, so it is no model's folder")
    try:
        return parse_object(path.read_bytes())
    except DecodeError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
