"""Entry points as the folders of the path have them, read without `importlib.metadata`: loading that costs more.

Law: what is found is what `importlib.metadata` finds. Where it might look otherwise (archives, eggs, finders of others)
this says so and finds nothing.
"""

from __future__ import annotations

import os
import re
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Point: TypeAlias = tuple[str, str, str]
"""The name of an entry point, its value, and the folder of metadata that has it."""

_RUNS = re.compile(r"[-_.]+")
_ENDINGS = (".dist-info", ".egg-info")


def entry_points(group: str, path: Sequence[object], finders: Iterable[object]) -> tuple[Point, ...] | None:
    """Read the entry points of a group; `None` = look with `importlib.metadata`.

    Args:
        group: the name of the group.
        path: as `sys.path`.
        finders: as `sys.meta_path`.

    Raises:
        OSError, ValueError: a file cannot be read.
    """
    if any(finder is not PathFinder and hasattr(finder, "find_distributions") for finder in finders):
        return None
    folders = [_folder(place) for place in path]
    if None in folders:
        return None
    found = _distributions(folder for folder in folders if folder)
    return tuple(
        (name, value, folder) for folder in found for name, value in _points(group, f"{folder}/entry_points.txt")
    )


def _folder(place: object) -> str | None:
    """Return a place of the path that is a folder, nothing for one that is not there, `None` for anything else."""
    if not isinstance(place, str) or place.lower().endswith(".egg"):
        return None
    if os.path.isdir(place or "."):  # noqa: PTH112 - a hundred times faster, and this is all about speed
        return place or "."
    return None if os.path.exists(place) else ""  # noqa: PTH110 - as above


def _distributions(folders: Iterable[str]) -> Iterator[str]:
    """Find the folders of metadata; the first one of a distribution's name hides the others."""
    seen: set[str] = set()
    for folder in folders:
        try:
            names = os.listdir(folder)  # noqa: PTH208 - as above
        except OSError:  # a folder that is closed to this user has no packages for him
            continue
        for name in names:
            if name.lower().endswith(_ENDINGS) and (stem := _stem(name)) not in seen:
                seen.add(stem)
                yield f"{folder}/{name}"


def _stem(name: str) -> str:
    """Return the distribution's name out of the name of its folder."""
    return normalized(name.rpartition(".")[0].partition("-")[0])


def normalized(name: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return _RUNS.sub("-", name).lower()


def _points(group: str, file: str) -> Iterator[tuple[str, str]]:
    try:
        data = Path(file).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return
    if group.encode() not in data:
        return
    section = ""
    for line in map(str.strip, data.decode().splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif section == group and line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            if not equals:
                raise ValueError(f"{file} has a line without an equals sign")
            yield name.strip(), value.strip()
