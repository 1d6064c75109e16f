"""No package has learnt the recordings by heart: nothing that names one of them occurs under `packages/`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.wire.corpus import VARIABLE, entries, folder, load

PACKAGES = Path(__file__).parents[1] / "packages"
SUFFIXES = {".py", ".md", ".toml", ".json", ".jsonl", ".sse", ".txt", ".yaml", ".yml"}
SHORTEST = 12
"""Shorter ids are words that anybody may use."""


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} names no folder of recorded exchanges")
def test_no_package_names_a_recorded_exchange() -> None:
    words = sources()
    known = {name for entry in entries(folder()) for name in names_of(entry.path.parent.name, entry.case)}
    for entry in entries(folder()):
        match load(entry).expect:
            case {"response_id": str(name)}:
                known.add(name)
            case _:
                pass
    assert not occurrences({name for name in known if len(name) >= SHORTEST}, words)


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "codec.py").write_text('CASES = {"invented.learnt.by.heart": "answer"}\n', encoding="utf-8")
    assert occurrences({"invented.learnt.by.heart"}, sources(tmp_path)) == [
        ("invented.learnt.by.heart", tmp_path / "codec.py")
    ]


def names_of(api: str, case: str) -> set[str]:
    return {case, f"{api}/{case}"}


def sources(folder: Path = PACKAGES) -> dict[Path, str]:
    paths = [path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    return {path: path.read_text(encoding="utf-8", errors="replace") for path in paths}


def occurrences(names: set[str], words: dict[Path, str]) -> list[tuple[str, Path]]:
    """Find names in texts: a text is gone through once, whatever the number of names."""
    begun: dict[str, list[str]] = {}
    for name in names:
        begun.setdefault(name[:SHORTEST], []).append(name)
    return [
        (name, path)
        for path, text in words.items()
        for at in range(len(text))
        for name in begun.get(text[at : at + SHORTEST], ())
        if text.startswith(name, at)
    ]
