"""The kit is public by name, and nothing else of chat-core loads it or pytest."""

from __future__ import annotations

import subprocess
import sys

import pytest

import chat_core.testing

PROBE = """
import importlib, pkgutil, sys, chat_core
for found in pkgutil.walk_packages(chat_core.__path__, "chat_core."):
    if not found.name.startswith("chat_core.testing") and not found.name.endswith("__main__"):
        importlib.import_module(found.name)
strangers = ("pytest", "_pytest", "hypothesis")  # walking loads the package of the kit itself, which is empty
print(*[name for name in sys.modules if name.startswith("chat_core.testing.") or name in strangers])
"""


def test_nothing_else_of_the_package_loads_the_kit_or_pytest() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_hypothesis_is_loaded_when_a_law_needs_it() -> None:
    program = "import sys, chat_core.testing.contract; print('hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("name", chat_core.testing.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(chat_core.testing, name) is not None
    assert name in dir(chat_core.testing)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = chat_core.testing.Nothing
