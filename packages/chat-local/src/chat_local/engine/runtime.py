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
from typing import TYPE_CHECKING, Literal, TypeAlias, cast
from weakref import WeakSet

from chat_core.errors import ConfigurationError
from chat_local.engine import builds, cuda, pages
from chat_local.engine.copying import copies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    import numpy as np

    from chat_local.engine.session import Memory, RunOptions, Session

Kind: TypeAlias = Literal["cpu", "cuda"]

TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""The variable that keeps onnxruntime from sending and storing what it is used for (source: onnxruntime 1.29)."""

INSTALL = "pip install 'chat-local[cpu]', or 'chat-local[cuda]' for an NVIDIA GPU"
_QUIET = 4
"""onnxruntime's level for fatal errors only: what it logs otherwise goes to stderr, and comes as an error as well."""

PROVIDERS: Mapping[Kind, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


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


CPU = Device("cpu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How graphs are run.

    Attributes:
        device: `auto` = a GPU if there is one that works; `cpu`; `cuda`, or `cuda:1` for the second GPU.
        threads: of the CPU; `None` = as many as there are cores.
        low_memory: give memory back after large prompts, for about a tenth of the speed.
        engine: who runs them: `own`, or `optimum` to compare with.
    """

    device: str = "auto"
    threads: int | None = None
    low_memory: bool = False
    engine: str = "own"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A graph in memory, and where it runs.

    Attributes:
        session: the graph.
        device: where it runs.
        recorded: whether runs of one form can be recorded, and played again as one.
    """

    session: Session
    device: Device
    recorded: bool = False


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
            return CPU
        case "cuda", _ if number == "" or number.isdecimal():
            return Device("cuda", int(number or 0))
        case _:
            raise ConfigurationError(f"there is no device {word!r}: write auto, cpu, cuda or cuda:1")


def expected(settings: Settings) -> Device:
    """Return where `load` runs graphs: where it was asked for, else on a GPU if one works, else on the CPU.

    Raises:
        ConfigurationError: there is no such device.
    """
    asked = device_of(settings.device)
    return best() if asked is None else asked


@cache
def best() -> Device:
    """Return the device of those who ask for none; that a GPU which is there does not work is said once."""
    if cuda.driver() is None or why_no_cuda() is not None:
        return CPU
    if (reason := unusable(0)) is None:
        return Device("cuda")
    warnings.warn(f"a GPU is there but cannot be used ({reason}), so models run on the CPU", stacklevel=3)
    return CPU


def usable(settings: Settings) -> Device:
    """Return the device as `expected` does, when it can be used.

    Raises:
        ConfigurationError: it cannot.
    """
    wanted = expected(settings)
    if wanted.kind == "cuda" and (reason := why_no_cuda() or unusable(wanted.number)) is not None:
        raise ConfigurationError(f"{wanted} cannot be used: {reason}")
    return wanted


def load(graph: Path, settings: Settings, *, steps: bool = False) -> Loaded:
    """Load a graph.

    Args:
        graph: its file.
        settings: how it is run.
        steps: whether most of its runs have one of a few forms, which a GPU can record.

    Raises:
        ConfigurationError: onnxruntime is missing, or the asked device cannot be used.
        Exception: as onnxruntime raises it; `server.unloadable` says what it means.
    """
    wanted = usable(settings)
    if wanted.kind == "cuda" and steps and (session := _recorded(graph, wanted, settings)) is not None:
        return Loaded(session, wanted, recorded=True)
    session = session_of(graph, wanted, settings)
    if wanted.kind == "cpu":
        pages.enlarge()
    if wanted.kind == "cpu" or session.get_providers()[0] == PROVIDERS["cuda"]:
        return Loaded(session, wanted)
    if settings.device != "auto":
        raise ConfigurationError(f"{wanted} cannot be used for {graph.name}, only for others; run it on the CPU")
    warnings.warn(f"a GPU is there but cannot be used for {graph.name}, so it runs on the CPU", stacklevel=2)
    return Loaded(session, CPU)


def _recorded(graph: Path, device: Device, settings: Settings) -> Session | None:
    """Load a graph to be recorded; `None` = it has an operation that runs on the CPU, or there is another fault."""
    try:
        session = session_of(graph, device, settings, {"enable_cuda_graph": "1"})
    except Exception:  # noqa: BLE001 - onnxruntime's own; what is wrong with the graph itself is said by the next try
        return None
    return session if session.get_providers()[0] == PROVIDERS[device.kind] else None


def run_options(record: int = -1, *, give_back: Device | None = None) -> RunOptions:
    """Make the settings of one run, through which another thread can end it.

    Args:
        record: the form that a GPU records, or plays if it has done so; -1 = none (onnxruntime's `gpu_graph_id`).
        give_back: the device whose memory that is free afterwards is given back; nothing is done for the CPU.
    """
    options = module().RunOptions()
    options.add_run_config_entry("gpu_graph_id", str(record))
    if give_back is not None and give_back.kind == "cuda":
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", f"gpu:{give_back.number}")
    return cast("RunOptions", options)


def memory_of(device: Device, shape: Sequence[int], kind: type[np.generic]) -> Memory:
    """Take memory on a device; what is in it is not defined.

    Raises:
        MemoryError: there is not as much.
    """
    try:
        made = module().OrtValue.ortvalue_from_shape_and_type(list(shape), kind, device.kind, device.number)
    except Exception as error:  # noqa: BLE001 - onnxruntime's own, whose text alone says that it is about memory
        raise MemoryError(f"{device} has no memory for a tensor of {list(shape)}: {error}") from None
    return cast("Memory", made)


def session_of(
    graph: Path | bytes, device: Device, settings: Settings, options: Mapping[str, str] | None = None
) -> Session:
    """Load a graph without a look at where it runs; the options are the GPU's."""
    ort = module()
    how = ort.SessionOptions()
    how.log_severity_level = _QUIET
    if settings.threads is not None:
        how.intra_op_num_threads = settings.threads
    how.inter_op_num_threads = 1
    how.enable_cpu_mem_arena = not settings.low_memory
    how.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other threads want the cores as well
    providers: list[object] = [PROVIDERS["cpu"]]
    if device.kind == "cuda":
        providers.insert(0, (PROVIDERS["cuda"], {**cuda.options(device.number), **(options or {})}))
    source = graph if isinstance(graph, bytes) else str(graph)
    # what cannot be made where it is asked for is an error; else the CPU takes its place, and that is printed
    session = ort.InferenceSession(source, sess_options=how, providers=providers, enable_fallback=0)
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
        raise ConfigurationError(f"onnxruntime is damaged: {builds.both() or 'it is empty'}; install it anew")
    found.set_default_logger_severity(_QUIET)
    return found


def why_no_cuda() -> str | None:
    """Say why no NVIDIA GPU can be used; `None` when nothing speaks against it, as far as is seen without trying."""
    if PROVIDERS["cuda"] not in module().get_available_providers():
        return "this build of onnxruntime knows no GPU: pip install 'chat-local[cuda]' in place of [cpu]"
    if cuda.driver() is None:
        return "no NVIDIA driver was found on this machine"
    return None


@cache
def unusable(number: int) -> str | None:
    """Say why a GPU that seems to be there cannot be used, which is found by trying; `None` = it works."""
    said = _preload()
    try:
        session = session_of(copies("float32", 1), Device("cuda", number), Settings())
    except Exception as error:  # noqa: BLE001 - onnxruntime's own: there is no such GPU, for one
        return str(error).partition("\n")[0]
    return None if session.get_providers()[0] == PROVIDERS["cuda"] else cuda.blamed(said)


def _preload() -> str:
    """Load the CUDA libraries that came by pip; return what is said about it, which would be printed otherwise."""
    preload, said = getattr(module(), "preload_dlls", None), io.StringIO()
    if preload is not None:
        with contextlib.redirect_stdout(said):
            preload()
    return said.getvalue()
