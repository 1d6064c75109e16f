"""Where the weights of a graph are, read without the package onnx."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest

from chat_core.errors import ConfigurationError
from chat_local.external import External, external

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def far(name: str, location: str, **more: int) -> onnx.TensorProto:
    made = onnx.TensorProto(name=name, data_type=1, dims=[4], data_location=onnx.TensorProto.EXTERNAL)
    for key, value in {"location": location, **more}.items():
        made.external_data.add(key=key, value=str(value))
    return made


def graph(path: Path, *, weights: Sequence[onnx.TensorProto] = (), nodes: Sequence[onnx.NodeProto] = ()) -> Path:
    made = onnx.helper.make_model(onnx.helper.make_graph(list(nodes), "g", [], [], list(weights)))
    path.write_bytes(made.SerializeToString())
    return path


def test_a_graph_that_holds_its_weights_needs_no_other_file(tmp_path: Path) -> None:
    held = onnx.numpy_helper.from_array(np.ones((300, 300), np.float32), "w")
    assert external(graph(tmp_path / "g.onnx", weights=[held])) == ()


def test_files_are_named_once_with_the_bytes_that_are_needed(tmp_path: Path) -> None:
    weights = [
        far("a", "m.data", offset=0, length=16), far("b", "m.data", offset=4096, length=16), far("c", "other"),
    ]  # fmt: skip
    assert external(graph(tmp_path / "g.onnx", weights=weights)) == (External("m.data", 4112), External("other", 0))


def test_weights_in_constants_and_in_branches_are_found(tmp_path: Path) -> None:
    inner = onnx.helper.make_graph([], "branch", [], [], [far("w", "branch.data")])
    nodes = [
        onnx.helper.make_node("Constant", [], ["c"], value=far("c", "constant.data")),
        onnx.helper.make_node("If", ["c"], ["x"], then_branch=inner, else_branch=inner),
    ]
    assert [found.location for found in external(graph(tmp_path / "g.onnx", nodes=nodes))] == [
        "branch.data", "constant.data",
    ]  # fmt: skip


def test_a_graph_that_breaks_off_anywhere_never_does_worse_than_an_error(tmp_path: Path) -> None:
    whole = graph(tmp_path / "g.onnx", weights=[far("a", "m.data", offset=1, length=16)]).read_bytes()
    refused = 0
    for length in range(len(whole)):
        (tmp_path / "cut.onnx").write_bytes(whole[:length])
        try:
            external(tmp_path / "cut.onnx")
        except ConfigurationError as error:
            refused += "fetch it again" in error.message
    assert refused > len(whole) * 0.8


@pytest.mark.parametrize("data", [b"", b"not a graph", b"\xff" * 100, b"PK\x03\x04", b"\x80\x02}q\x00."])
def test_what_is_no_graph_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "g.onnx").write_bytes(data)
    with pytest.raises(ConfigurationError, match="is no ONNX graph, damaged or incomplete"):
        external(tmp_path / "g.onnx")


def test_graphs_within_graphs_without_an_end_are_refused(tmp_path: Path) -> None:
    data = b""
    for _ in range(3000):
        for field in (6, 5, 1):  # graph within attribute within node within graph
            data = bytes([field << 3 | 2]) + varint(len(data)) + data
    (tmp_path / "g.onnx").write_bytes(bytes([7 << 3 | 2]) + varint(len(data)) + data)
    with pytest.raises(ConfigurationError, match="without an end"):
        external(tmp_path / "g.onnx")


def varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


@pytest.mark.parametrize("entry", [{"offset": -1}, {"length": 10**5000}])
def test_a_place_that_is_none_is_refused(tmp_path: Path, entry: dict[str, int]) -> None:
    path = tmp_path / "g.onnx"
    made = far("a", "m.data")
    for key, value in entry.items():
        made.external_data.add(key=key, value=str(value) if value < 0 else "9" * 4500)
    graph(path, weights=[made])
    with pytest.raises(ConfigurationError, match="damaged"):
        external(path)


@pytest.mark.endurance
def test_large_graphs_are_read_in_no_time(tmp_path: Path) -> None:
    held = onnx.numpy_helper.from_array(np.zeros((5000, 5000), np.float32), "w")
    path = graph(tmp_path / "g.onnx", weights=[held])
    began = time.process_time()
    external(path)
    assert time.process_time() - began < 0.1
