"""Tensors on a device, and copies between them.

Law: onnxruntime for Python copies between the host and a device only. What stays on a device is copied by a run, which
takes the same way on the CPU, so that it is proved where there is no GPU.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from chat_local.engine import runtime
from chat_local.engine.copying import copies, padded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from chat_local.engine.runtime import Device
    from chat_local.engine.session import Binding, Memory, Session


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor, or some rows of one.

    Attributes:
        memory: what it is in, which lives as long as it.
        device: where that is.
        kind: the type of its numbers.
        shape: its shape.
        address: where it begins.
    """

    memory: Memory
    device: Device
    kind: type[np.generic]
    shape: tuple[int, ...]
    address: int

    @property
    def flat(self) -> Tensor:
        """The same numbers in a line."""
        return replace(self, shape=(prod(self.shape),))

    def rows(self, first: int, count: int) -> Tensor:
        """Return some of its rows."""
        size = prod(self.shape[1:]) * np.dtype(self.kind).itemsize
        return replace(self, shape=(count, *self.shape[1:]), address=self.address + first * size)

    def part(self, row: int) -> Tensor:
        """Return what is in one of its rows."""
        return replace(self.rows(row, 1), shape=self.shape[1:])

    def write(self, array: NDArray[Any]) -> None:
        """Copy an array of the same shape and type to a whole tensor."""
        self.memory.update_inplace(array)

    def bind(self, binding: Binding, name: str, *, out: bool = False) -> None:
        """Let a run find it as an input, or put an output there."""
        bind = binding.bind_output if out else binding.bind_input
        bind(name, self.device.kind, self.device.number, self.kind, self.shape, self.address)


class Padding:
    """Makes larger tensors of smaller ones, in memory of its own, which the device has back when all of it is gone."""

    def __init__(self, device: Device, kind: type[np.generic]) -> None:
        """Make them on a device, of numbers of a type."""
        self._device = device
        self._kind = kind
        self._session = runtime.session_of(padded(np.dtype(kind).name), device, runtime.Settings(threads=1))
        self._options = runtime.run_options(give_back=device)

    def grown(self, source: Tensor, shape: tuple[int, ...]) -> Tensor:
        """Return a tensor of four dimensions that begins with the smaller one, and has zeros in the rest.

        Raises:
            MemoryError: there is no room for it.
        """
        binding = self._session.io_binding()
        more = [after - before for before, after in zip(source.shape, shape, strict=True)]
        pads = np.asarray([*[0] * len(more), *more], np.int64)
        binding.bind_input("pads", "cpu", 0, np.int64, pads.shape, pads.ctypes.data)
        source.bind(binding, "x")
        binding.bind_output("y", self._device.kind, self._device.number)
        try:
            self._session.run_with_iobinding(binding, self._options)
        except Exception as error:  # noqa: BLE001 - onnxruntime's own: nothing but memory can be missing here
            raise MemoryError(f"{self._device} has no memory for a tensor of {list(shape)}: {error}") from None
        (memory,) = binding.get_outputs()
        return Tensor(memory, self._device, self._kind, shape, memory.data_ptr())


def empty(device: Device, shape: Sequence[int], kind: type[np.generic]) -> Tensor:
    """Make a tensor, in which anything may be.

    Raises:
        MemoryError: there is no room for it.
    """
    memory = runtime.memory_of(device, shape, kind)
    return Tensor(memory, device, kind, tuple(shape), memory.data_ptr())


def of(device: Device, array: NDArray[Any]) -> Tensor:
    """Make a tensor with the numbers of an array; raises as `empty`."""
    made = empty(device, array.shape, array.dtype.type)
    made.write(array)
    return made


def copy(sources: Sequence[Tensor], targets: Sequence[Tensor]) -> None:
    """Copy tensors to others of the same device, type and shape, all in one run."""
    session = _copies(sources[0].device, np.dtype(sources[0].kind).name, len(sources))
    binding = session.io_binding()
    for number, (source, target) in enumerate(zip(sources, targets, strict=True)):
        source.flat.bind(binding, f"x{number}")
        target.flat.bind(binding, f"y{number}", out=True)
    session.run_with_iobinding(binding)


def fetch(source: Tensor, target: NDArray[Any]) -> None:
    """Copy a tensor to an array of the same type and shape."""
    session = _copies(source.device, np.dtype(source.kind).name, 1)
    binding = session.io_binding()
    source.flat.bind(binding, "x0")
    binding.bind_output("y0", "cpu", 0, source.kind, source.flat.shape, target.ctypes.data)
    session.run_with_iobinding(binding)


@cache
def _copies(device: Device, kind: str, count: int) -> Session:
    return runtime.session_of(copies(kind, count), device, runtime.Settings(threads=1))
