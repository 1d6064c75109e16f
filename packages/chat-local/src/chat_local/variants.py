"""Variants: the graphs of one model that differ in how exact their weights are, and which of them is meant.

Law: a variant is the end of a graph's file name, so that nothing has to be read to know it.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

GRAPHS = ("model", "decoder_model_merged", "model_quantized")
"""What the graph of a decoder is called, before the name of its variant; the first one that is there counts."""

VARIANTS = ("int4", "q4", "int8", "q8", "quantized", "", "fp32", "q4f16", "fp16", "bnb4")
"""Variants in the order in which they suit a CPU; the empty one has no name."""

GPU_VARIANTS = ("fp16", "q4f16", "", "fp32", "int4", "q4", "int8", "q8", "quantized", "bnb4")
"""The same for a GPU."""

EXACT_VARIANTS = ("", "fp32", "fp16", "q8", "int8", "quantized", "q4f16", "int4", "q4", "bnb4")
"""The same for models that only read, whose vectors and scores suffer from few bits, on a CPU."""

GRAPH_PLACES = ("", "onnx")
"""The folders of a model's folder in which graphs are."""


def graphs_among(paths: Iterable[str]) -> dict[str, str]:
    """Return the graphs of a decoder among the files of a folder.

    Args:
        paths: the files, with `/` between folders.

    Returns:
        The names of variants with their paths, the folder's own graphs first, each name once.
    """
    found: dict[str, str] = {}
    graphs = sorted(path for path in map(PurePosixPath, paths) if path.suffix == ".onnx")
    for place in GRAPH_PLACES:
        for path in graphs:
            known = next((stem for stem in GRAPHS if path.stem == stem or path.stem.startswith(f"{stem}_")), None)
            if known is not None and str(path.parent) == (place or "."):
                found.setdefault(path.stem.removeprefix(known).removeprefix("_"), str(path))
    return found


def chosen(place: object, found: Iterable[str], wanted: str | None, *, gpu: bool, exact: bool = False) -> str:
    """Return the variant that is meant: the one that is wanted, else the one that suits the device best.

    Args:
        place: where they are.
        found: the variants that are there.
        wanted: the one that is asked for.
        gpu: whether it will run on a GPU.
        exact: whether it has to count as exactly as it can, as models that only read do.

    Raises:
        ConfigurationError: there is none of that name.
    """
    have = list(found)
    if wanted is None:
        order = GPU_VARIANTS if gpu else EXACT_VARIANTS if exact else VARIANTS
        ranked = [variant for variant in order if variant in have]
        return (ranked or have)[0]
    if wanted not in have:
        names = ", ".join(variant or "(unnamed)" for variant in have)
        raise ConfigurationError(f"{place} has no variant {wanted!r}, only {names}")
    return wanted
