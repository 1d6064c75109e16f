"""Graphs that only copy: what lies on a device is copied there by a run, as onnxruntime offers no other way.

The files are written by hand (source: onnx's `onnx.proto`), as the package `onnx` is optional. Law: a copy takes the
same way on every device, so that it is proved where there is no GPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Operation: TypeAlias = Literal["Identity", "Pad"]

OPSET, FORMAT = 21, 10
"""The version of the operations, and of the file: as in `convert.onnxfiles`."""

_TYPES: Mapping[str, int] = {"float32": 1, "float16": 10, "int64": 7}
"""The numbers of types (source: onnx's `TensorProto.DataType`)."""


def copies(kind: str, count: int) -> bytes:
    """Return a graph that copies `x0` to `y0`, `x1` to `y1` and so on, `[numbers]` each."""
    names = [(f"x{number}", f"y{number}") for number in range(count)]
    return _model(
        [_node("Identity", [x], y) for x, y in names],
        [_port(x, kind, 1) for x, _ in names],
        [_port(y, kind, 1) for _, y in names],
    )


def padded(kind: str) -> bytes:
    """Return a graph that copies `x` to `y`, of four dimensions, with so many zeros around it as `pads` says."""
    ports = [_port("x", kind, 4), _port("pads", "int64", 1)]
    return _model([_node("Pad", ["x", "pads"], "y")], ports, [_port("y", kind, 4)])


def _model(nodes: list[bytes], inputs: list[bytes], outputs: list[bytes]) -> bytes:
    graph = b"".join(
        [
            *(_field(1, node) for node in nodes),
            _field(2, b"copies"),
            *(_field(11, each) for each in inputs),
            *(_field(12, each) for each in outputs),
        ]
    )
    return _field(1, FORMAT) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, OPSET))


def _node(operation: Operation, inputs: list[str], output: str) -> bytes:
    named = b"".join(_field(1, name.encode()) for name in inputs)
    return named + _field(2, output.encode()) + _field(4, operation.encode())


def _port(name: str, kind: str, dimensions: int) -> bytes:
    sizes = b"".join(_field(1, _field(2, f"{name}_{place}".encode())) for place in range(dimensions))
    tensor = _field(1, _TYPES[kind]) + _field(2, sizes)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _field(number: int, value: int | bytes) -> bytes:
    """Spell a field: a number, or bytes with their length."""
    if isinstance(value, int):
        return _number(number << 3) + _number(value)
    return _number(number << 3 | 2) + _number(len(value)) + value


def _number(value: int) -> bytes:
    """Spell a number, seven bits a byte, the lowest first."""
    spelled = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits
        spelled.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*spelled, value])
