"""The driver of NVIDIA's GPUs: whether it is there, and how much memory it says is free.

Law: it is asked through its own library (source: CUDA's driver API, of which all calls return 0 when they worked), so
that no package has to be installed for it. What it does not say is not guessed.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
from typing import Any

from chat_local.engine.memory import allowed

DRIVERS = ("libcuda.so.1", "nvcuda.dll")
"""What the library is called on Linux and on Windows."""


_MISSING = re.compile(r"^Failed to load (?:\w:)?(?:[^:\n]*[/\\])?([^/\\:\s]+): ", re.MULTILINE)
"""What onnxruntime prints about a library, whose name it is without its folders (source: onnxruntime 1.32)."""


def options(number: int) -> dict[str, str]:
    """Return how onnxruntime is to use a GPU: floats are not rounded, and no more memory is taken than is asked for."""
    found = {"device_id": str(number), "use_tf32": "0", "arena_extend_strategy": "kSameAsRequested"}
    limit = allowed()
    return found if limit is None else {**found, "gpu_mem_limit": str(limit)}


def blamed(said: str) -> str:
    """Say which libraries are missing, by what `onnxruntime.preload_dlls` printed, and how to get them."""
    missing = sorted(set(_MISSING.findall(said)))
    what = f"{', '.join(missing)} cannot be loaded" if missing else "its libraries are missing or do not fit"
    return f"{what}; pip install 'chat-local[cuda]' brings CUDA 13 and cuDNN 9"


def driver() -> Any | None:  # noqa: ANN401 - a library: its functions have no types
    """Load the driver's library; `None` where there is none."""
    for name in DRIVERS:
        with contextlib.suppress(OSError):
            return ctypes.CDLL(name)
    return None


def free(number: int, library: Any | None = None) -> int | None:  # noqa: ANN401 - as above
    """Return how many bytes of a GPU are free; `None` = the driver does not say.

    Args:
        number: which GPU.
        library: the driver's library; `None` = the one of this machine.
    """
    library = driver() if library is None else library
    device, context = ctypes.c_int(), ctypes.c_void_p()
    if library is None or library.cuInit(0) or library.cuDeviceGet(ctypes.byref(device), number):
        return None
    if library.cuDevicePrimaryCtxRetain(ctypes.byref(context), device):
        return None
    try:
        return _free(library, context)
    finally:
        library.cuDevicePrimaryCtxRelease_v2(device)


def _free(library: Any, context: ctypes.c_void_p) -> int | None:  # noqa: ANN401 - as above
    left, whole = ctypes.c_size_t(), ctypes.c_size_t()
    if library.cuCtxPushCurrent_v2(context):
        return None
    try:
        failed = library.cuMemGetInfo_v2(ctypes.byref(left), ctypes.byref(whole))
    finally:
        library.cuCtxPopCurrent_v2(ctypes.byref(ctypes.c_void_p()))
    return None if failed else left.value
