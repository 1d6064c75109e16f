"""Plugins stay light: what a plugin module needs loads no machinery, and a provider comes when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "asyncio",
    "httpx",
    "importlib.metadata",
    "json",
    "logging",
    "pluggy",
    "pydantic",
    "pydantic_core",
    "socket",
    "ssl",
}


def loaded_by(statement: str) -> set[str]:
    program = f"import sys; sys.path[:] = {sys.path!r}\nbefore = set(sys.modules)\n{statement}\n"
    program += "print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import chat_core.plugins.hooks",
        "import chat_core.plugins.spec",
        "import chat_core.plugins.builtin",
        "from chat_core.plugins import builtin; list(builtin.chat_providers()), list(builtin.chat_transports())",
        "from chat_core.plugins import builtin; list(builtin.chat_stores())",
        "import chat_core.plugins.registry",
        "import chat_core.chat",
        "import chat_core.achat",
        "import chat_core.session",
        "import chat_core.asession",
    ],
)
def test_an_import_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) & HEAVY == set()


def test_asking_for_a_built_in_provider_loads_no_other_package_and_no_transport() -> None:
    loaded = loaded_by("from chat_core.plugins.registry import registry; registry().provider('replay')")
    assert "chat_core.plugins.builtin" in loaded
    assert not {"httpx", "asyncio", "pydantic", "chat_core.demo", "chat_claude", "chat_completions"} & loaded
