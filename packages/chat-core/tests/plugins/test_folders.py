"""Entry points read from folders are those that `importlib.metadata` finds."""

from __future__ import annotations

import sys
import zipfile
from importlib import metadata
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

import pytest
from installed import install, provider

from chat_core.plugins.entries import GROUP
from chat_core.plugins.folders import entry_points

if TYPE_CHECKING:
    from pathlib import Path


def read(*places: object) -> list[tuple[str, str]] | None:
    found = entry_points(GROUP, places, [PathFinder])
    return None if found is None else sorted((name, value) for name, value, _ in found)


def test_what_is_installed_here_is_found_as_importlib_finds_it() -> None:
    found = entry_points(GROUP, sys.path, [PathFinder])
    assert found is not None
    assert {(name, value) for name, value, _ in found} == {
        (point.name, point.value) for point in metadata.entry_points(group=GROUP)
    }


def test_the_first_of_a_name_on_the_path_hides_the_others_also_when_it_has_no_entries(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in "abc")
    install(first, "chat-one", {"one": "new"}, "2.0", new=provider("one"))
    install(second, "Chat.One", {"one": "old"}, old=provider("one"))
    assert read(str(first), str(second)) == [("one", "new")]
    assert read(str(second), str(first)) == [("one", "old")]
    third.mkdir()
    (third / "chat__one-3.0.dist-info").mkdir()
    assert read(str(third), str(second)) == []


def test_of_one_distribution_in_a_folder_that_is_there_twice_one_counts(tmp_path: Path) -> None:
    install(tmp_path, "chat-one", {"one": "old"}, "1.0")
    install(tmp_path, "chat-one", {"one": "new"}, "2.0")
    found = read(str(tmp_path)) or []
    points = metadata.DistributionFinder.Context(path=[str(tmp_path)])
    first = next(iter(metadata.MetadataPathFinder.find_distributions(points)))
    assert found == [(point.name, point.value) for point in first.entry_points]


def test_a_file_is_read_as_metadata_is_written(tmp_path: Path) -> None:
    install(tmp_path, "chat-one", {"one": "mod:thing [extra]", "transport.two": "mod"})
    file = tmp_path / "chat_one-1.0.dist-info" / "entry_points.txt"
    file.write_text(f"[other]\nx = y\n\n# {GROUP}\n{file.read_text()}\n[console_scripts]\nz = w\n")
    assert read(str(tmp_path)) == [("one", "mod:thing [extra]"), ("transport.two", "mod")]
    (tmp_path / "egg-1.0.egg-info").write_text("one file, as old tools write it")
    assert len(read(str(tmp_path)) or ()) == 2


def test_a_line_that_is_none_is_an_error(tmp_path: Path) -> None:
    install(tmp_path, "chat-one", {})
    (tmp_path / "chat_one-1.0.dist-info" / "entry_points.txt").write_text(f"[{GROUP}]\nno sign\n")
    with pytest.raises(ValueError, match="without an equals sign"):
        read(str(tmp_path))


def test_places_that_are_not_there_have_nothing(tmp_path: Path) -> None:
    assert read(str(tmp_path / "nowhere")) == []


def test_whatever_is_no_folder_is_left_to_importlib(tmp_path: Path) -> None:
    archive = tmp_path / "packages.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("x", "")
    (tmp_path / "one.egg").mkdir()
    assert read(str(archive)) is None
    assert read(str(tmp_path / "one.egg")) is None
    assert read(tmp_path) is None


def test_finders_of_others_are_left_to_importlib() -> None:
    class Finder:
        def find_distributions(self) -> None: ...

    assert entry_points(GROUP, [], [PathFinder, Finder()]) is None
    assert entry_points(GROUP, [], [PathFinder, object()]) == ()
