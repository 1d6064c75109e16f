"""ONNX files: the one module that knows the package `onnx`, which only conversion needs."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

TYPES = {"float32": 1, "int32": 6, "int64": 7, "float16": 10}
"""The numbers of types (source: onnx's `TensorProto.DataType`)."""

OPSET, FORMAT = 21, 10
"""The version of the operations, and of the file: what onnxruntime 1.24, the oldest that is supported, reads."""

MAKER = "by chat-local"
"""How the name of the maker ends that stands in the graphs."""

FIRST_WORDS = 256
"""Bytes of a file among which its maker is."""

IN_ONE_FILE = 1_000_000_000
"""Bytes of weights up to which they are in the graph's own file; the format ends at twice that."""


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], *, domain: str = "", **attributes: object) -> Any:  # noqa: ANN401 - onnx's own messages
    """Return an operation; an empty name is an input or output that is left out."""
    return _onnx().helper.make_node(kind, list(inputs), list(outputs), domain=domain, **attributes)


def constant(name: str, value: NDArray[Any]) -> Any:  # noqa: ANN401 - as above
    """Return an array as a part of the graph."""
    return _onnx().numpy_helper.from_array(value, name)


def port(name: str, kind: str, shape: Sequence[str | int]) -> Any:  # noqa: ANN401 - as above
    """Return an input or output."""
    return _onnx().helper.make_tensor_value_info(name, TYPES[kind], list(shape))


def model(
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    constants: Sequence[Any],
    maker: str,
    *,
    name: str = "decoder",
) -> Any:  # noqa: ANN401 - as above
    """Return a whole model."""
    helper = _onnx().helper
    graph = helper.make_graph(list(nodes), name, list(inputs), list(outputs), list(constants))
    versions = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=versions, ir_version=FORMAT, producer_name=maker)


def is_ours(path: Path) -> bool:
    """Tell whether a file is a graph that was made here: its maker is among its first words."""
    with path.open("rb") as file:
        return MAKER.encode() in file.read(FIRST_WORDS)


def save(made: Any, path: Path) -> None:  # noqa: ANN401 - as above
    """Write a model; large weights go into a file beside it."""
    large = sum(len(held.raw_data) for held in made.graph.initializer) > IN_ONE_FILE
    beside = {"save_as_external_data": True, "location": f"{path.name}.data", "size_threshold": 1024} if large else {}
    _onnx().save_model(made, str(path), **beside)


@cache
def _onnx() -> Any:  # noqa: ANN401 - a library whose messages are made at run time
    try:
        found = import_module("onnx")
        import_module("onnx.helper")
        import_module("onnx.numpy_helper")
    except ImportError:
        raise ConfigurationError("graphs are written by the package onnx: pip install 'chat-local[convert]'") from None
    return found
