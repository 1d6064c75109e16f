"""A model that does not fit is refused before it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import ConfigurationError
from chat_local.engine import memory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("word", "size"),
    [("6GB", 6 * 10**9), ("512MiB", 512 * 2**20), ("1000000", 10**6), (" 1.5 gb ", 15 * 10**8), ("64k", 64_000)],
)
def test_sizes_are_read_as_people_write_them(word: str, size: int) -> None:
    assert memory.size_of(word) == size


@pytest.mark.parametrize("word", ["much", "GB", "1 XB", "inf", "nan", "1..2"])
def test_what_is_no_size_names_the_variable(word: str) -> None:
    with pytest.raises(ConfigurationError, match="CHAT_LOCAL_MAX_MEMORY"):
        memory.size_of(word)


def test_a_model_that_does_not_fit_beside_others_is_refused_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(memory.VARIABLE, "100MB")
    memory.require("this", 60 * 10**6, 40 * 10**6)
    with pytest.raises(MemoryError, match=r"this takes about 60 MB.* 50 MB are left: choose a smaller variant"):
        memory.require("this", 60 * 10**6, 50 * 10**6)


def test_without_a_limit_it_is_what_the_machine_has_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(memory.VARIABLE, raising=False)
    memory.require("this", 1, 10**15)
    with pytest.raises(MemoryError, match=r"GB are left"):
        memory.require("this", 2**62, 0)


def test_a_containers_limit_counts_without_files_that_nobody_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "limit").write_text("1000000\n")
    (tmp_path / "used").write_text("900000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 300000\nactive_file 7\n")
    monkeypatch.setattr(memory, "CGROUPS", [(str(tmp_path), "limit", "used", "inactive_file")])
    assert memory.free() == 400_000
    (tmp_path / "limit").write_text("max\n")
    assert memory.free() > 400_000


def test_an_estimate_is_made_of_the_files_sizes(tmp_path: Path) -> None:
    (tmp_path / "graph").write_bytes(b"x" * 1000)
    assert memory.estimate([tmp_path / "graph"], cache=7) == 1300 + memory.FIXED + 7
