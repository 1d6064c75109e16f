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
from chat_local.convert.encoder_graphs import EncoderGraph
from chat_local.convert.encoder_shape import encoder_of, is_encoder
from chat_local.convert.graphs import DecoderGraph
from chat_local.convert.onnxfiles import is_ours, save
from chat_local.convert.shape import decoder_of
from chat_local.convert.weights import Weights
from chat_local.repository import is_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from chat_core.jsonvalue import JSONObject
    from chat_local.convert.encoder_graphs import Precision
    from chat_local.convert.graphs import Bits

BESIDE = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
    "modules.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
)
"""What goes along as it is, beside the modules of a model of sentences, which have folders of their own."""

NAMES: dict[int, str] = {4: "model_int4.onnx", 8: "model_int8.onnx", 16: "model_fp16.onnx", 32: "model.onnx"}
"""The names of decoders' graphs by the bits of their weights."""

HALF = "model_q4f16.onnx"
"""The name of a decoder's graph that counts in 16 bits with weights of 4."""

ENCODERS: dict[Precision, str] = {
    "fp32": "model.onnx",
    "fp16": "model_fp16.onnx",
    "q8": "model_q8.onnx",
    "int8": "model_int8.onnx",
}
"""The names of encoders' graphs."""

PRECISIONS: dict[int, Precision] = {8: "q8", 16: "fp16", 32: "fp32"}
"""What encoders are made in, by the bits of their weights."""


def convert(source: Path, target: Path, *, bits: Bits | None = None, dynamic: bool = False, half: bool = False) -> Path:
    """Convert a folder of weights.

    Args:
        source: the folder with `config.json`, `tokenizer.json` and safetensors files.
        target: the folder to be made; one that is there gets a further graph if it is of the same model.
        bits: of a weight: 32 = as exact as it can be, 16 = for a GPU, 8, or 4; `None` = 8 for models that write, 32 for
            encoders.
        dynamic: let an encoder count in 8 bits as well: about twice as fast, and less exact.
        half: let a model that writes count in 16 bits with weights of 4, for a GPU.

    Returns:
        The path of the graph.

    Raises:
        ConfigurationError: something is missing or malformed, or the kind of model is not converted here.
    """
    if half and bits != 4:  # noqa: PLR2004 - of a weight
        raise ConfigurationError("to count in halves goes with weights of --bits 4; --bits 16 does so by itself")
    name, write = _graph(source, _config(source), bits, dynamic=dynamic, half=half)
    if not (source / "tokenizer.json").is_file():
        raise ConfigurationError(f"{source} has no tokenizer.json: it is a file of the model's repository")
    _same(source, target)
    _require_ours(target / name)
    made = write()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=".converting-") as place:
        folder = Path(place)
        save(made, folder / name)
        for beside in (*BESIDE, *_modules(source)):
            if (source / beside).is_file() and not (target / beside).exists():
                (folder / beside).parent.mkdir(exist_ok=True)
                shutil.copyfile(source / beside, folder / beside)
        for path in sorted(folder.rglob("*.*"), key=lambda found: found.suffix == ".onnx"):
            wanted = target / path.relative_to(folder)
            wanted.parent.mkdir(exist_ok=True)
            path.replace(wanted)  # the graph last: without it the folder is no model
    return target / name


def _graph(
    source: Path, config: JSONObject, bits: Bits | None, *, dynamic: bool, half: bool
) -> tuple[str, Callable[[], Any]]:
    """Return what the graph will be called, and what writes it."""
    if not is_encoder(config):
        if dynamic:
            raise ConfigurationError("a model that writes text counts in whole floats: convert it without --dynamic")
        shape, few = decoder_of(config), 8 if bits is None else bits
        return HALF if half else NAMES[few], lambda: DecoderGraph(shape, Weights(source), few, half=half).written()
    encoder = encoder_of(config)
    if bits == 4:  # noqa: PLR2004 - as above
        raise ConfigurationError("an encoder's vectors are no good in 4 bits: choose --bits 8, or --dynamic")
    precision: Precision = "int8" if dynamic else PRECISIONS[32 if bits is None else bits]
    return ENCODERS[precision], lambda: EncoderGraph(encoder, Weights(source), precision).written()


def _modules(source: Path) -> list[str]:
    """Return the files of the modules that stand behind the encoder in a model of sentences."""
    paths = (path.relative_to(source).as_posix() for path in sorted(source.glob("*/*")))
    return [path for path in paths if is_module(path)]


def _same(source: Path, target: Path) -> None:
    """Refuse to put a graph beside those of another model."""
    for name in ("config.json", "tokenizer.json"):
        there = target / name
        if there.is_file() and there.read_bytes() != (source / name).read_bytes():
            raise ConfigurationError(f"{target} holds another model: its {name} differs; choose another folder")


def _require_ours(graph: Path) -> None:
    """Refuse to put a graph in the place of one that was not made here."""
    beside = graph.with_name(f"{graph.name}.data")
    if not (graph.is_file() and is_ours(graph)) and (graph.exists() or beside.exists()):
        there = graph if graph.exists() else beside
        raise ConfigurationError(f"{there} is there already, and not made here: choose another folder with --to")


def _config(source: Path) -> JSONObject:
    path = source / "config.json"
    if not path.is_file():
        raise ConfigurationError(f"{source} has no config.json, so it is no model's folder")
    try:
        return parse_object(path.read_bytes())
    except DecodeError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
