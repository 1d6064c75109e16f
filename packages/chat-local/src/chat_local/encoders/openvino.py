"""OpenVINO's way to run an encoder's graph on a CPU: in 32-bit floats, or in bfloat16 where the processor has it.

Law: it is asked for by name, and nothing but the runs is its own. Vectors in bfloat16 are a little less exact, so it is
asked for as well, and refused where the processor would only imitate it. Its telemetry is off before it is loaded.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from numpy.typing import NDArray

    from chat_local.engine.runtime import Settings

Numbers: TypeAlias = Literal["f32", "bf16"]
"""What it counts in, in its own words."""

ENGINES: Mapping[str, Numbers] = {"openvino": "f32", "openvino:bf16": "bf16"}
"""The engines that a request can name, with what each counts in."""

INSTALL = "pip install 'chat-local[openvino]'"

TELLS = "openvino_telemetry"
"""The package that tells Intel; it comes along with OpenVINO."""

_KINDS: Mapping[str, str] = {"i64": "tensor(int64)", "i32": "tensor(int32)"}
"""onnxruntime's names of types, by OpenVINO's."""


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of a graph; implements `session.Value`."""

    name: str
    shape: tuple[int | None, ...]
    type: str


class OpenVINO:
    """Runs a graph by OpenVINO; implements `graph.Runs`. One thread at a time."""

    def __init__(self, graph: Path, settings: Settings) -> None:
        """Load a graph.

        Raises:
            ConfigurationError: OpenVINO is not installed, cannot load this graph, or cannot run it as asked.
        """
        numbers = ENGINES[settings.engine]
        _refuse(settings)
        core = _module().Core()
        if numbers == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise ConfigurationError(f"this processor has no bfloat16, so write 'openvino' and not {settings.engine!r}")
        threads = {} if settings.threads is None else {"INFERENCE_NUM_THREADS": settings.threads}
        how = {"INFERENCE_PRECISION_HINT": numbers, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False, **threads}
        try:
            model = core.read_model(str(graph))
            # before it is compiled: names of outputs may change by that, their order does not
            self._inputs, self._outputs = [[_port(port) for port in ports] for ports in (model.inputs, model.outputs)]
            self._request: Any = core.compile_model(model, "CPU", how).create_infer_request()
        except RuntimeError as error:
            first = next((line for line in str(error).splitlines() if line.strip()), "no reason is given")
            raise ConfigurationError(f"{graph.name} cannot be loaded by OpenVINO ({first}): leave engine out") from None
        self._places = {port.name: place for place, port in enumerate(self._outputs)}

    def get_inputs(self) -> Sequence[Port]:
        """Return what the graph takes."""
        return self._inputs

    def get_outputs(self) -> Sequence[Port]:
        """Return what the graph gives."""
        return self._outputs

    def run(self, names: Sequence[str], feed: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Run the graph once.

        Raises:
            RuntimeError: as OpenVINO raises it.
        """
        given = {name: np.ascontiguousarray(value) for name, value in feed.items()}
        found = self._request.infer(given, share_inputs=True, share_outputs=False)
        return [found[self._places[name]] for name in names]


def _refuse(settings: Settings) -> None:
    """Refuse what is said of onnxruntime alone."""
    if settings.device not in {"auto", "cpu"}:
        raise ConfigurationError(
            f"{settings.engine} runs on the CPU, and not on {settings.device}: leave one of them out"
        )
    if settings.low_memory:
        raise ConfigurationError(f"low_memory says nothing to {settings.engine}: leave one of them out")


def _port(port: Any) -> Port:  # noqa: ANN401 - OpenVINO's own class
    sizes = port.get_partial_shape()
    shape = tuple(None if size.is_dynamic else int(size.get_length()) for size in sizes)
    kind = str(port.get_element_type().get_type_name())
    return Port(str(port.get_any_name()), shape, _KINDS.get(kind, kind))


@cache
def _module() -> ModuleType:
    """Import OpenVINO.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        with _nothing_told():
            return import_module("openvino")
    except ImportError as error:
        raise ConfigurationError(f"OpenVINO cannot be imported ({error}): {INSTALL}") from None


@contextmanager
def _nothing_told() -> Generator[None]:
    """Keep what tells Intel of every import from being found (source: openvino 2026.4 has a stub in that case)."""
    before = sys.modules.get(TELLS)
    sys.modules[TELLS] = None  # type: ignore[assignment] # pyright: ignore[reportArgumentType] - None: "not there"
    try:
        yield
    finally:
        sys.modules.pop(TELLS, None)  # another thread may have been here
        if before is not None:
            sys.modules[TELLS] = before
