from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import ConfigurationError
from chat_gemini.sources import Bytes, OnDisk, mime_of, opened, title

if TYPE_CHECKING:
    from pathlib import Path

PDF = b"%PDF-1.7 and more"


def test_bytes_and_files_tell_their_size(tmp_path: Path) -> None:
    path = tmp_path / "paper"
    path.write_bytes(PDF)
    assert opened(PDF) == Bytes(PDF)
    assert opened(str(path)) == OnDisk(path, len(PDF))
    assert (title(PDF), title(path)) == (None, "paper")


def test_the_first_bytes_say_what_a_file_is_and_then_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(PDF)
    assert mime_of(PDF) == mime_of(path) == "application/pdf"
    path.write_bytes(b"words")
    assert mime_of(path) == "text/plain"
    with pytest.raises(ConfigurationError, match="say mime="):
        mime_of(b"words")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        mime_of(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        opened(tmp_path)
