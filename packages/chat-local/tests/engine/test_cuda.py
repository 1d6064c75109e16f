"""What the driver says is told, and what it does not say is not."""

from __future__ import annotations

import ctypes
from functools import partial
from typing import Any

import pytest

from chat_local.engine import cuda

FREE = 5_000_000_000


class _Driver:
    """The driver's library, in which one call may fail; it notes what is held."""

    def __init__(self, fails: str = "") -> None:
        self._fails = fails
        self.held = 0
        self.pushed = 0

    def __getattr__(self, name: str) -> Any:
        return partial(self._does, name)

    def _does(self, name: str, *given: Any) -> int:
        if name == self._fails:
            return 100
        match name:
            case "cuDevicePrimaryCtxRetain":
                self.held += 1
            case "cuDevicePrimaryCtxRelease_v2":
                self.held -= 1
            case "cuCtxPushCurrent_v2":
                self.pushed += 1
            case "cuCtxPopCurrent_v2":
                self.pushed -= 1
            case "cuMemGetInfo_v2":
                given[0]._obj.value, given[1]._obj.value = FREE, 2 * FREE
            case _:
                assert name in {"cuInit", "cuDeviceGet"}
        return 0


def test_free_memory_is_that_of_the_driver() -> None:
    driver = _Driver()
    assert cuda.free(1, driver) == FREE
    assert (driver.held, driver.pushed) == (0, 0)


@pytest.mark.parametrize(
    "name", ["cuInit", "cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuCtxPushCurrent_v2", "cuMemGetInfo_v2"]
)
def test_a_driver_that_fails_says_nothing_and_holds_nothing(name: str) -> None:
    driver = _Driver(name)
    assert cuda.free(0, driver) is None
    assert (driver.held, driver.pushed) == (0, 0)


def test_without_a_driver_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert cuda.driver() is None
    assert cuda.free(0) is None


def test_missing_libraries_are_named_without_their_folders() -> None:
    said = (
        "Failed to load /env/lib/nvidia/cu13/lib/libcublas.so.13: libcublas.so.13: cannot open: /env: no such file\n"
        "Failed to load libcudnn.so.9: libcudnn.so.9: cannot open shared object file\n"
        "Failed to load C:\\env\\cudart64_13.dll: not found\n"
        "Failed to load libcudnn.so.9: again\n"
        "Please follow https://example.com/a/b: to install CUDA."
    )
    assert cuda.blamed(said).startswith("cudart64_13.dll, libcublas.so.13, libcudnn.so.9 cannot be loaded; pip install")
    assert cuda.blamed("Skip loading CUDA.").startswith("its libraries are missing or do not fit; pip install")
