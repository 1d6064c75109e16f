"""What is used of onnxruntime's own classes, as types: nothing is imported for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray


class Value(Protocol):
    """An input or output of a graph."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> Sequence[int | str | None]: ...
    @property
    def type(self) -> str: ...


class Binding(Protocol):
    """Where a run finds its inputs and puts its outputs: in buffers that outlive it, or in memory that it takes."""

    def bind_input(
        self, name: str, device: str, number: int, kind: object, shape: Sequence[int], address: int
    ) -> None: ...
    def bind_output(
        self,
        name: str,
        device: str,
        number: int,
        kind: object | None = None,
        shape: Sequence[int] | None = None,
        address: int | None = None,
    ) -> None: ...
    def get_outputs(self) -> Sequence[Memory]: ...


class Memory(Protocol):
    """A tensor that onnxruntime holds on a device: `onnxruntime.OrtValue` as far as it is used here."""

    def data_ptr(self) -> int: ...
    def numpy(self) -> NDArray[Any]: ...
    def update_inplace(self, data: NDArray[Any]) -> None: ...


class RunOptions(Protocol):
    """Settings of one run; `terminate` ends it from another thread."""

    terminate: bool


class Session(Protocol):
    """A loaded graph: `onnxruntime.InferenceSession` as far as it is used here."""

    def get_inputs(self) -> Sequence[Value]: ...
    def get_outputs(self) -> Sequence[Value]: ...
    def get_providers(self) -> Sequence[str]: ...
    def io_binding(self) -> Binding: ...
    def run(
        self, names: Sequence[str] | None, feed: Mapping[str, NDArray[Any]], options: RunOptions | None = None
    ) -> list[NDArray[Any]]: ...
    def run_with_iobinding(self, binding: Binding, options: RunOptions | None = None) -> None: ...
