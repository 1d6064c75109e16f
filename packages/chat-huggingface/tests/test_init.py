"""The package's names are there, and cost nothing before they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import chat_huggingface


@pytest.mark.parametrize("name", chat_huggingface.__all__)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(chat_huggingface, name) is not None
    assert name in dir(chat_huggingface)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'HugingFace'"):
        getattr(chat_huggingface, "HugingFace")  # noqa: B009 - a name that type checkers would refuse


def test_importing_the_package_loads_no_codec() -> None:
    code = "import sys, chat_huggingface; print(*sorted(name for name in sys.modules if name.startswith('chat_')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["chat_huggingface"]
