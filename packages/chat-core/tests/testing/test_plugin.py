"""The laws of plugins, on packages that are installed into a folder for the test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from installed import install

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent

CONTRACT = f"""
from pathlib import Path
from tiny import IGNORED
from chat_core.testing import ProviderContract

class TestContract(ProviderContract):
    spec = "tiny"
    fixtures = Path({str(FOLDER / "fixtures")!r})
    ignored = IGNORED
"""

PLUGIN = """
from chat_core.plugins.hooks import hookimpl

@hookimpl
def chat_providers():
    from chat_core.plugins.spec import ProviderSpec
    yield ProviderSpec(name={name!r}, load=_load, api=1)

def _load(config):
    from tiny import Tiny
    return {make}
"""


def plugin(name: str = "tiny", make: str = "Tiny()", before: str = "") -> str:
    return before + PLUGIN.format(name=name, make=make)


def failed(folder: Path, source: str) -> set[str]:
    """Install a plugin, run the contract of its provider, and return the laws that fail."""
    install(folder, "tiny-plugin", {"tiny": "tiny_plugin"}, tiny_plugin=source)
    (folder / "test_installed.py").write_text(CONTRACT, encoding="utf-8")
    paths = os.pathsep.join((str(folder), str(FOLDER.parent), os.environ.get("PYTHONPATH", "")))
    environ: Mapping[str, str] = {**os.environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-rf", "-k", "light or name"]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert "passed" in done.stdout or "failed" in done.stdout, done.stdout + done.stderr
    return {line.partition("[")[2].partition("]")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")}


def test_a_light_plugin_keeps_the_laws(tmp_path: Path) -> None:
    assert failed(tmp_path, plugin()) == set()


SLOW = """
import time
began = time.process_time()
while time.process_time() < began + 0.1:
    pass
"""


@pytest.mark.parametrize(
    "before",
    ["import tiny\n", "import asyncio\n", "import json\n", SLOW],
    ids=["the provider", "asyncio", "json", "too long"],
)
def test_a_plugin_that_loads_too_much_too_early_is_found(before: str, tmp_path: Path) -> None:
    assert failed(tmp_path, plugin(before=before)) == {"light"}


def test_a_provider_of_another_name_is_found(tmp_path: Path) -> None:
    assert failed(tmp_path, plugin(make="Tiny(name='other')")) == {"name"}


def test_a_provider_that_is_new_each_time_is_found(tmp_path: Path) -> None:
    new = "type('New', (Tiny,), {'__module__': 'elsewhere'})()"  # of a class of its own, so equal to none before
    assert failed(tmp_path, plugin(make=new)) == {"name"}
