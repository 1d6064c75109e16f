"""The kit can fail: for every broken provider and every broken contract the test fails that has to."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from broken_contracts import FAILING

pytestmark = pytest.mark.endurance
FOLDER = Path(__file__).parents[1]


@cache
def failed() -> frozenset[str]:
    """Run the named tests of all broken contracts once, in a process of their own, which writes a line for each."""
    ids = [f"broken_contracts.py::Test{name}::{test}" for name, test in dict.fromkeys(FAILING)]
    options = ["-q", "-p", "no:cacheprovider", "--tb=no", "-rf", "--import-mode=importlib"]
    command = [sys.executable, "-m", "pytest", *options, *ids]
    environ = {name: value for name, value in os.environ.items() if name not in {"CI", "BUILD_NUMBER"}}
    done = subprocess.run(command, cwd=FOLDER, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert " error" not in done.stdout, done.stdout
    lines = [line.removeprefix("FAILED ") for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    return frozenset(line.partition("::Test")[2].partition(" - ")[0] for line in lines)


@pytest.mark.parametrize(("name", "test"), FAILING, ids=[f"{name}-{test}" for name, test in FAILING])
def test_a_broken_provider_or_contract_fails(name: str, test: str) -> None:
    assert f"{name}::{test}" in failed()
