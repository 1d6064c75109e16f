"""Which files of a repository on the hub are fetched.

Law: descriptions, graphs with their weights, and safetensors. Nothing that could hold a program is fetched, and no file
whose path leads out of the model's folder.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError
from chat_local.variants import graphs_among

if TYPE_CHECKING:
    from collections.abc import Iterable

DESCRIPTIONS = frozenset(
    {
        "chat_template.jinja",
        "config.json",
        "config_sentence_transformers.json",
        "genai_config.json",
        "generation_config.json",
        "modules.json",
        "sentence_bert_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
)
"""The files that describe a model."""

_MODULE = re.compile(r"\d+_[A-Za-z]+/(?:config\.json|model\.safetensors)")
"""The files of what stands behind the encoder in a model of sentences, such as `1_Pooling/config.json`."""

INDEX = "model.safetensors.index.json"
"""Which file holds which weight, where there are several."""


def safe(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths that stay within a folder, sorted."""
    return tuple(sorted(path for path in paths if is_inside(path)))


def is_inside(path: str) -> bool:
    """Tell whether a path stays within the folder that it is joined to, on every system."""
    parts = path.split("/")
    return "\\" not in path and ":" not in path and "\0" not in path and not {"", ".", ".."} & {*parts}


def is_module(path: str) -> bool:
    """Tell whether a file describes a module of a model of sentences, or holds its weights."""
    return _MODULE.fullmatch(path) is not None


def descriptions(paths: Iterable[str]) -> list[str]:
    """Return the files that describe a model."""
    return [path for path in paths if path in DESCRIPTIONS or is_module(path) or _is_template(path)]


def safetensors(place: object, paths: Iterable[str]) -> list[str]:
    """Return the weights from which a graph can be made, and their index.

    Raises:
        ConfigurationError: there are none.
    """
    own = [path for path in paths if "/" not in path]
    found = [path for path in own if path.startswith("model") and path.endswith(".safetensors")]
    if not found:
        raise ConfigurationError(f"{place} has no safetensors files, and others are not read: they can hold programs")
    return [*found, *(path for path in own if path == INDEX)]


def graphs(place: object, paths: Iterable[str]) -> dict[str, str]:
    """Return the graphs by the names of their variants.

    Raises:
        ConfigurationError: there are none; the message says what would help.
    """
    have = tuple(paths)
    if found := graphs_among(have):
        return found
    endings = {PurePosixPath(path).suffix for path in have}
    if ".safetensors" in endings:
        fix = f"has weights and no ONNX graph: chat local convert {place} makes one"
    elif ".gguf" in endings:
        fix = "has GGUF weights, which only llama.cpp and Ollama run: use the provider ollama"
    elif endings & {".bin", ".pt", ".pth", ".ckpt", ".pkl"}:
        fix = "has pickled weights, which are never loaded: choose a model with safetensors or ONNX files"
    else:
        fix = "has no ONNX graph: choose a model that has model.onnx or onnx/model.onnx"
    raise ConfigurationError(f"{place} {fix}")


def _is_template(path: str) -> bool:
    return path.startswith("additional_chat_templates/") and path.endswith(".jinja") and path.count("/") == 1
