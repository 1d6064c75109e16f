"""Graphs of encoders as others export them: what they take, what they give, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from chat_core.errors import UnsupportedContent
from chat_local.encoders.graph import Graph
from chat_local.encoders.openvino import Port
from chat_local.encoders.texts import Reading
from chat_local.engine import runtime
from chat_local.engine.runtime import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

READINGS = [
    Reading(np.array(ids, np.int64), np.array(kinds, np.int64), cut=False)
    for ids, kinds in (([5, 6, 7], [0, 0, 1]), ([8], [0]))
]


def graph(
    folder: Path, inputs: Sequence[str], output: str, rank: int, kind: str = "INT64", numbers: str = "FLOAT"
) -> Graph:
    """Return a graph that adds up its inputs, as it would be loaded: of every token, or of its text."""
    number = getattr(TensorProto, kind)
    ports = [helper.make_tensor_value_info(name, number, ["batch", "length"]) for name in inputs]
    total = helper.make_node("Sum", [f"{name}.float" for name in inputs], ["total"])
    wide = [helper.make_node("Cast", [name], [f"{name}.float"], to=getattr(TensorProto, numbers)) for name in inputs]
    axis = helper.make_tensor("axis", TensorProto.INT64, [1], [2])
    first = helper.make_tensor("first", TensorProto.INT64, [1], [1])
    ends = {
        1: helper.make_node("ReduceSum", ["total", "first"], [output], keepdims=0),
        2: helper.make_node("ReduceSum", ["total", "first"], [output], keepdims=1),
        3: helper.make_node("Unsqueeze", ["total", "axis"], [output]),
    }
    shapes: list[list[str | int | None]] = [["batch"], ["batch", 1], ["batch", "length", 1]]
    outs = [helper.make_tensor_value_info(output, getattr(TensorProto, numbers), shapes[rank - 1])]
    made = helper.make_graph([*wide, total, ends[rank]], "g", ports, outs, [axis, first])
    model: Any = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return Graph(runtime.load(folder / "model.onnx", Settings(device="cpu", threads=1)).session, pad=3)


ALL = ("input_ids", "attention_mask", "token_type_ids", "position_ids")


@pytest.mark.parametrize(
    ("output", "rank", "gives"),
    [
        ("last_hidden_state", 3, "tokens"),
        ("token_embeddings", 3, "tokens"),
        ("sentence_embedding", 2, "vectors"),
        ("logits", 2, "scores"),
    ],
)
def test_what_a_graph_gives_is_known_by_its_output(tmp_path: Path, output: str, rank: int, gives: str) -> None:
    assert graph(tmp_path, ["input_ids"], output, rank).gives == gives


def test_short_texts_are_filled_up_and_masked(tmp_path: Path) -> None:
    found = graph(tmp_path, ALL, "last_hidden_state", 3).run(READINGS)[..., 0]
    assert found.tolist() == [
        [5 + 1 + 0 + 0, 6 + 1 + 0 + 1, 7 + 1 + 1 + 2],
        [8 + 1 + 0 + 0, 3 + 0 + 0 + 1, 3 + 0 + 0 + 2],
    ]


def test_tokens_go_as_the_graph_wants_them_and_halves_come_back_whole(tmp_path: Path) -> None:
    found = graph(tmp_path, ["input_ids", "attention_mask"], "logits", 2, "INT32", "FLOAT16").run(READINGS)
    assert found.dtype == np.float32
    assert found.tolist() == [[21], [8 + 1 + 3 + 3]]


def test_how_wide_it_is_can_be_tried(tmp_path: Path) -> None:
    assert graph(tmp_path, ["input_ids"], "logits", 2).tried() == 1


@pytest.mark.parametrize(
    ("inputs", "output", "rank"),
    [
        (["input_ids", "pixel_values"], "logits", 2),
        (["tokens"], "logits", 2),
        (["input_ids"], "logits", 3),
        (["input_ids"], "pooler_output", 2),
        (["input_ids"], "last_hidden_state", 2),
    ],
)
def test_a_graph_of_another_kind_is_refused_by_name(tmp_path: Path, inputs: list[str], output: str, rank: int) -> None:
    with pytest.raises(UnsupportedContent, match=f"takes {', '.join(sorted(inputs))} and gives {output}"):
        graph(tmp_path, inputs, output, rank)


def test_tokens_of_another_type_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedContent, match=r"takes tokens as tensor\(float\)"):
        graph(tmp_path, ["input_ids"], "logits", 2, "FLOAT")


class Few:
    """Gives one row, whatever it is asked."""

    def get_inputs(self) -> Sequence[Port]:
        return [Port("input_ids", (None, None), "tensor(int64)")]

    def get_outputs(self) -> Sequence[Port]:
        return [Port("logits", (None, 1), "tensor(float)")]

    def run(self, names: Sequence[str], feed: object) -> list[NDArray[Any]]:  # noqa: ARG002 - as graphs have it
        return [np.zeros((1, 1), np.float32)]


def test_rows_that_are_not_the_texts_are_an_error() -> None:
    with pytest.raises(ValueError, match="gives 1 rows for 2 texts"):
        Graph(Few()).run(READINGS)
