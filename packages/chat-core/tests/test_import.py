"""Importing is cheap: what is heavy or does I/O is loaded by whoever needs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import chat_core

HEAVY = {
    "asyncio", "email", "http.client", "httpx", "importlib.metadata", "json", "logging", "mimetypes",
    "pluggy", "pydantic", "pydantic_core", "socket", "ssl", "urllib.request", "websockets",
}  # fmt: skip
CODEC = ("builder", "capabilities", "decoder", "effects", "fold", "framers", "provider", "wire")


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement, site hooks left out."""
    program = f"import sys; before = set(sys.modules)\n{statement}\nprint(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-S", "-c", with_path(program)], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def with_path(program: str) -> str:
    return f"import sys; sys.path[:] = {sys.path!r}\n{program}"


@pytest.mark.parametrize(
    "statement",
    [
        "import chat_core",
        "from chat_core import *",
        "import chat_core.media",
        *(f"import chat_core.codec.{name}" for name in CODEC),
    ],
)
def test_an_import_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def test_the_package_alone_loads_none_of_its_modules() -> None:
    assert {name for name in loaded_by("import chat_core") if name.startswith("chat_core.")} == set()


def test_every_public_name_resolves() -> None:
    for name in chat_core.__all__:
        assert getattr(chat_core, name) is not None
    assert dir(chat_core) == sorted(chat_core.__all__)
    assert len(set(chat_core.__all__)) == len(chat_core.__all__)


@pytest.mark.parametrize("name", ["Smell", "__wrapped__", "_parts"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(chat_core, name)
