from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from chat_cli.files import fields_of, set_only, written

if TYPE_CHECKING:
    from pathlib import Path


def test_a_further_field_is_json_or_else_text() -> None:
    given = [("n", "3"), ("on", "true"), ("list", "[1]"), ("word", "b64_json"), ("quoted", '"3"')]
    assert fields_of(given) == {"n": 3, "on": True, "list": [1], "word": "b64_json", "quoted": "3"}


def test_what_was_not_said_is_not_passed_on() -> None:
    assert set_only(a=None, b=(), c=False, d=0, e="", f=True) == {"d": 0, "e": "", "f": True}


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "a.bin"
    with written(str(place)) as file:
        file.write(b"first")
        assert not place.exists()
    assert place.read_bytes() == b"first"
    spoil = written(str(place))
    spoil.__enter__().write(b"second")
    assert not spoil.__exit__(RuntimeError, RuntimeError(), None)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"first"]


def test_a_file_has_the_rights_of_new_files(tmp_path: Path) -> None:
    usual, place = tmp_path / "usual", tmp_path / "made"
    usual.touch()
    with written(str(place)):
        pass
    assert place.stat().st_mode == usual.stat().st_mode


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="Is a directory"), written(str(tmp_path)):
        pass
