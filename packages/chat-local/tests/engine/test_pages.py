"""Large pages: what is in memory stays as it is, wherever it can be done and wherever not."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import pytest

from chat_local.engine import pages

SIZE = 32 << 20


def in_large_pages() -> int:
    """Return how many bytes of this process are in large pages."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("AnonHugePages"))


def can_join() -> bool:
    """Tell whether this system does it when it is asked to."""
    probe = ctypes.create_string_buffer(b"x" * (4 * pages.LARGE))
    begin = -(-ctypes.addressof(probe) // pages.LARGE) * pages.LARGE
    advise = ctypes.CDLL(None).madvise
    return bool(advise(ctypes.c_void_p(begin), ctypes.c_size_t(pages.LARGE), pages.COLLAPSE) == 0)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux only")
def test_what_fills_memory_is_joined_and_stays_as_it_is() -> None:
    if not can_join():
        pytest.skip("this kernel joins no pages when it is asked to")
    held = ctypes.create_string_buffer(bytes(range(256)) * (SIZE // 256), SIZE)
    assert pages.enlarge() >= SIZE - 2 * pages.LARGE
    assert in_large_pages() >= SIZE - 2 * pages.LARGE
    assert held.raw == bytes(range(256)) * (SIZE // 256)


def test_what_is_not_in_memory_does_not_come_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = tmp_path / "smaps"
    monkeypatch.setattr(pages, "SMAPS", written)
    region = "7f0000000000-7f0002000000 rw-p 00000000 00:00 0 \nSize: 32768 kB\nRss: {} kB\n"
    written.write_text(region.format(16384) + region.format(32768).replace("00:00 0", "08:01 7  /a/file"))
    assert pages.enlarge() == 0


def test_a_system_that_does_not_say_what_is_where_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pages, "SMAPS", tmp_path / "missing")
    assert pages.enlarge() == 0
