"""The package's names are there, and cost nothing before they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import chat_local

HEAVY = ("onnxruntime", "numpy", "tokenizers", "jinja2", "huggingface_hub", "llguidance", "onnx")


@pytest.mark.parametrize("name", chat_local.__all__)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(chat_local, name) is not None
    assert name in dir(chat_local)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Lokal'"):
        getattr(chat_local, "Lokal")  # noqa: B009 - a name that type checkers would refuse


@pytest.mark.parametrize(
    "code",
    [
        "import chat_local.plugin as p; list(p.chat_providers()); list(p.chat_transports())",
        "from chat_core import Chat; Chat('local:pico')",
        "from chat_local import Local, LocalOptions, LocalTransport; LocalTransport(); Local().capabilities",
        "from chat_local.condition import ready_model; ready_model()",
    ],
)
def test_nothing_heavy_is_loaded_before_a_model_is_asked(code: str) -> None:
    found = f"import sys; {code}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", found], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
