"""onnxruntime: the one module that imports it, and all that is known about its builds and devices.

Law: its telemetry is off before it is loaded. A session says where it really runs: a build for GPUs that cannot use one
falls back to the CPU without a word, and that is never passed on as a success.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import warnings
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, cast
from weakref import WeakSet

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import ModuleType
    from typing import Any

    from numpy.typing import NDArray

Kind: TypeAlias = Literal["cpu", "cuda"]

TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""The variable that keeps onnxruntime from sending and storing what it is used for (source: onnxruntime 1.29)."""

BUILDS = ("onnxruntime", "onnxruntime-gpu")
"""The distributions that hold the module `onnxruntime`; only one of them may be installed."""

INSTALL = "pip install 'chat-local[cpu]', or 'chat-local[cuda]' for an NVIDIA GPU"

LIBRARIES = "pip install 'chat-local[cuda]' brings CUDA 13 and cuDNN 9"

_QUIET = 4
"""onnxruntime's level for fatal errors only: what it logs otherwise goes to stderr, and comes as an error as well."""

_PROVIDERS: Mapping[Kind, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


@dataclass(frozen=True, slots=True)
class Device:
    """Where a model runs.

    Attributes:
        kind: the processor.
        number: which GPU.
    """

    kind: Kind
    number: int = 0

    def __str__(self) -> str:
        return self.kind if self.kind == "cpu" or self.number == 0 else f"{self.kind}:{self.number}"


class Value(Protocol):
    """An input or output of a graph."""

    @property
    def name(self) -> str: ...
    @property
    def shape(self) -> Sequence[int | str | None]: ...
    @property
    def type(self) -> str: ...


class Binding(Protocol):
    """Where a run finds its inputs and puts its outputs; addresses are those of buffers that outlive it."""

    def bind_input(
        self, name: str, device: str, number: int, kind: object, shape: Sequence[int], address: int
    ) -> None: ...
    def bind_output(
        self, name: str, device: str, number: int, kind: object, shape: Sequence[int], address: int
    ) -> None: ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How graphs are run.

    Attributes:
        device: `auto` = a GPU if there is one that works; `cpu`; `cuda`, or `cuda:1` for the second GPU.
        threads: of the CPU; `None` = as many as there are cores.
        low_memory: give memory back after large prompts, for about a tenth of the speed.
    """

    device: str = "auto"
    threads: int | None = None
    low_memory: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """A graph in memory, and where it runs."""

    session: Session
    device: Device


def device_of(word: str) -> Device | None:
    """Read a device; `None` for `auto`.

    Raises:
        ConfigurationError: there is none of that name.
    """
    kind, _, number = word.partition(":")
    match kind, number:
        case "auto", "":
            return None
        case "cpu", "":
            return Device("cpu")
        case "cuda", _ if number == "" or number.isdecimal():
            return Device("cuda", int(number or 0))
        case _:
            raise ConfigurationError(f"there is no device {word!r}: write auto, cpu, cuda or cuda:1")


def load(graph: Path, settings: Settings) -> Loaded:
    """Load a graph.

    Raises:
        ConfigurationError: onnxruntime is missing, or the asked device cannot be used.
        Exception: as onnxruntime raises it; `server.unloadable` says what it means.
    """
    asked = device_of(settings.device)
    wanted = asked if asked is not None else Device("cuda") if why_no_cuda() is None else Device("cpu")
    if wanted.kind == "cuda":
        if (reason := why_no_cuda()) is not None:
            raise ConfigurationError(f"{wanted} cannot be used: {reason}")
        _preload()
    session = _session(graph, wanted, settings)
    real = wanted if session.get_providers()[0] == _PROVIDERS[wanted.kind] else Device("cpu")
    if real != wanted and asked is not None:
        raise ConfigurationError(f"{wanted} cannot be used: its libraries are missing or do not fit; {LIBRARIES}")
    if real != wanted:
        warnings.warn(f"a GPU is there but cannot be used, so {graph.name} runs on the CPU", stacklevel=2)
    return Loaded(session, real)


def run_options() -> RunOptions:
    """Make the settings of one run, through which another thread can end it."""
    return cast("RunOptions", module().RunOptions())


def _session(graph: Path, device: Device, settings: Settings) -> Session:
    ort = module()
    options = ort.SessionOptions()
    options.log_severity_level = _QUIET
    if settings.threads is not None:
        options.intra_op_num_threads = settings.threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = not settings.low_memory
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other threads want the cores as well
    providers: list[object] = [_PROVIDERS["cpu"]]
    if device.kind == "cuda":
        providers.insert(0, (_PROVIDERS["cuda"], {"device_id": device.number}))
    session = ort.InferenceSession(str(graph), sess_options=options, providers=providers)
    _SESSIONS.add(session)
    return cast("Session", session)


_SESSIONS: WeakSet[object] = WeakSet()


def _keep_all() -> None:
    """Keep sessions for ever in a process that was forked off: to end one waits for threads that are not there."""
    for session in tuple(_SESSIONS):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_keep_all)


@cache
def module() -> ModuleType:
    """Import onnxruntime, with its telemetry off.

    Raises:
        ConfigurationError: it is not installed, or two builds of it have overwritten each other.
    """
    if "onnxruntime" in sys.modules and os.environ.get(TELEMETRY) != "1":
        warnings.warn(
            f"onnxruntime was imported before chat-local: its telemetry is on; set {TELEMETRY}=1", stacklevel=3
        )
    os.environ.setdefault(TELEMETRY, "1")
    try:
        found = import_module("onnxruntime")
    except ImportError as error:
        raise ConfigurationError(f"onnxruntime cannot be imported ({error}): {INSTALL}") from None
    if not hasattr(found, "InferenceSession"):  # one build was removed, and took the files of the other along
        raise ConfigurationError(f"onnxruntime is damaged: {both_installed() or 'it is empty'}; install it anew")
    found.set_default_logger_severity(_QUIET)
    return found


def builds() -> dict[str, str]:
    """Return the installed builds of onnxruntime with their versions; nothing is imported."""
    found: dict[str, str] = {}
    for name in BUILDS:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def both_installed() -> str | None:
    """Say what to do when two builds are installed, of which one has overwritten the other; `None` = all is well."""
    found = builds()
    if len(found) < len(BUILDS):
        return None
    return (
        "onnxruntime and onnxruntime-gpu are both installed, and only one of them works: "
        "pip uninstall onnxruntime onnxruntime-gpu, then install chat-local with one of its extras [cpu], [gpu], [cuda]"
    )


def why_no_cuda() -> str | None:
    """Say why no NVIDIA GPU can be used; `None` when nothing speaks against it, as far as is seen without trying."""
    if _PROVIDERS["cuda"] not in module().get_available_providers():
        return "this build of onnxruntime knows no GPU: pip install 'chat-local[cuda]' in place of [cpu]"
    if not _driver():
        return "no NVIDIA driver was found on this machine"
    return None


def _driver() -> bool:
    for name in ("libcuda.so.1", "nvcuda.dll"):
        with contextlib.suppress(OSError):
            ctypes.CDLL(name)
            return True
    return False


def _preload() -> None:
    """Load the CUDA libraries that came by pip; what is missing is printed, which nobody wants to see here."""
    preload = getattr(module(), "preload_dlls", None)
    if preload is not None:
        with contextlib.redirect_stdout(io.StringIO()):
            preload()
