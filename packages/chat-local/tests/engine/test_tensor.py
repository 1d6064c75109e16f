"""What lies on a device is copied there, and comes to the host only when it is fetched."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from chat_local.engine import tensor
from chat_local.engine.copying import copies, padded
from chat_local.engine.runtime import Device

CPU = Device("cpu")
KINDS = [np.float32, np.float16]


def numbers(kind: type[np.floating], *shape: int) -> np.ndarray:
    return np.random.default_rng(1).normal(size=shape).astype(kind)


@pytest.mark.parametrize("graph", [copies("float32", 3), copies("float16", 1), padded("float16")])
def test_the_graphs_that_copy_are_valid(graph: bytes) -> None:
    onnx.checker.check_model(onnx.load_from_string(graph), full_check=True)  # pyright: ignore[reportUnknownMemberType] - onnx's own signature


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_copied_to_rows(kind: type[np.floating]) -> None:
    first, second = numbers(kind, 3, 2, 5), numbers(kind, 3, 2, 5)[::-1].copy()
    one, other = tensor.of(CPU, first), tensor.of(CPU, second)
    tensor.copy([one.rows(0, 1), other.rows(2, 1)], [one.rows(2, 1), other.rows(1, 1)])
    assert np.array_equal(one.memory.numpy(), first[[0, 1, 0]])
    assert np.array_equal(other.memory.numpy(), second[[0, 2, 2]])


@pytest.mark.parametrize("kind", KINDS)
def test_a_larger_tensor_begins_with_the_smaller_one_and_goes_on_with_zeros(kind: type[np.floating]) -> None:
    small = numbers(kind, 2, 3, 4, 5)
    grown = tensor.Padding(CPU, kind).grown(tensor.of(CPU, small), (4, 3, 8, 5)).memory.numpy()
    assert np.array_equal(grown[:2, :, :4], small)
    assert not grown[2:].any()
    assert not grown[:, :, 4:].any()


def test_a_part_is_fetched_alone() -> None:
    whole = numbers(np.float32, 3, 4, 5)
    target = np.zeros((1, 5), np.float32)
    tensor.fetch(tensor.of(CPU, whole).part(1).rows(2, 1), target)
    assert np.array_equal(target[0], whole[1, 2])


def test_what_there_is_no_memory_for_is_an_error_of_memory() -> None:
    with pytest.raises(MemoryError, match="cpu has no memory"):
        tensor.empty(CPU, (1 << 30, 1 << 30), np.float32)
    with pytest.raises(MemoryError, match="cpu has no memory"):
        tensor.Padding(CPU, np.float32).grown(tensor.of(CPU, numbers(np.float32, 1, 1, 1, 1)), (1, 1, 1 << 30, 1 << 30))
