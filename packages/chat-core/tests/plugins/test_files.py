from __future__ import annotations

import os
from pathlib import Path

import pytest

from chat_core.errors import ConfigurationError
from chat_core.plugins.files import MAX_BYTES, content, opened, stamp


def read(path: Path) -> bytes:
    file = opened(path)
    try:
        return content(file, path)
    finally:
        os.close(file)


def test_an_absent_file_has_no_stamp(tmp_path: Path) -> None:
    assert stamp(tmp_path / "absent", named=True) is None
    assert stamp(tmp_path / "absent" / "deeper", named=True) is None


def test_a_stamp_changes_with_the_content_and_with_the_mode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"one")
    first = stamp(file, named=True)
    assert stamp(file, named=True) == first
    file.chmod(0o604)
    second = stamp(file, named=True)
    assert second != first
    file.write_bytes(b"other")
    assert stamp(file, named=True) != second


def test_a_place_below_a_file_is_an_error_only_where_the_user_chose_it(tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")
    place = tmp_path / "home" / "chat" / "config.toml"
    assert stamp(place, named=False) is None
    with pytest.raises(ConfigurationError, match=r"cannot be read \(Not a directory\)"):
        stamp(place, named=True)


def test_a_closed_folder_is_an_error_only_where_the_user_chose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: Path) -> os.stat_result:  # root may look into every folder
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", closed)
    assert stamp(tmp_path / "config.toml", named=False) is None
    with pytest.raises(ConfigurationError, match="Permission denied"):
        stamp(tmp_path / "config.toml", named=True)


def test_a_name_that_no_file_can_have_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        stamp(Path("a\0b"), named=True)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 200_000)
    assert read(file) == b"x" * 200_000


def test_a_file_beyond_the_bound_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(ConfigurationError, match="is larger than"):
        read(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read(tmp_path / "pipe") == b""
