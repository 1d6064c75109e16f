"""The sample package of a third party keeps its contract, and the page about it shows its code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chat_core.codec.builder import ResponseBuilder

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "examples" / "provider"
PAGE = ROOT / "docs" / "plugins" / "write-a-provider.md"


def installed(folder: Path) -> dict[str, str]:
    """Put the sample's metadata where installed packages are found; return the environment that finds it."""
    info = folder / "chat_parrot-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: chat-parrot\nVersion: 0.1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[chat_core.plugins]\nparrot = chat_parrot.plugin\n", encoding="utf-8")
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(SAMPLE / "src")))}


def test_the_sample_keeps_its_contract(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(SAMPLE), str(SAMPLE)]
    done = subprocess.run(command, cwd=SAMPLE, env=installed(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.parametrize("path", ["src/chat_parrot/plugin.py", "src/chat_parrot/provider.py", "tests/test_contract.py"])
def test_the_page_shows_the_sample_as_it_is(path: str) -> None:
    assert (SAMPLE / path).read_text(encoding="utf-8") in PAGE.read_text(encoding="utf-8")


def test_the_page_names_every_method_of_the_builder() -> None:
    methods = {name for name, value in vars(ResponseBuilder).items() if callable(value) and not name.startswith("_")}
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)", row.split("|")[1])}
    assert methods - named == set()


def test_a_provider_that_is_like_the_sample_has_its_users_name(tmp_path: Path) -> None:
    program = (
        "from chat_core import add_provider; from chat_core.plugins.registry import registry\n"
        "from chat_core.plugins.spec import ProviderConfig\n"
        "add_provider('polly', like='parrot', base_url='https://polly.example')\n"
        "made = registry().provider('polly').load(ProviderConfig()); print(made.name, made.base_url)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=installed(tmp_path), capture_output=True, text=True, check=True)
    assert done.stdout == "polly https://polly.example\n"


def test_the_sample_is_as_small_as_the_page_says() -> None:
    source = (SAMPLE / "src" / "chat_parrot" / "provider.py").read_text(encoding="utf-8")
    code = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith(("#", '"""'))]
    assert len(code) < 130
