from __future__ import annotations

import subprocess
import sys

import pytest

import chat_completions


def test_public_names_load_when_they_are_used() -> None:
    for name in dir(chat_completions):
        assert getattr(chat_completions, name) is not None
    with pytest.raises(AttributeError):
        _ = chat_completions.nothing


def test_the_package_imports_nothing_heavy() -> None:
    probe = (
        "import sys, chat_completions; print('pydantic_core' in sys.modules, 'chat_completions.stream' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
